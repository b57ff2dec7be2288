"""`midcli glossary`: what the words mean."""

from typing import TYPE_CHECKING, Annotated

import typer

from midcli.cli.completion import complete_vocabulary, complete_word
from midcli.cli.options import Model

if TYPE_CHECKING:
    from midcli.model.head import Head


def glossary(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...", autocompletion=complete_word, help="Qualities or emotions; all without any."
        ),
    ] = None,
    vocabulary: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", autocompletion=complete_vocabulary, help="Only the emotions of this vocabulary."
        ),
    ] = None,
    model: Model = None,
) -> None:
    """Say what each quality and emotion means, and what listeners were asked.

    Example: midcli glossary dissonance
    """
    from midcli.cli.console import stdout
    from midcli.cli.names import known_name
    from midcli.model.head import EIGHT
    from midcli.views.terminal.glossary import Glossary, entries

    further = _further(model)
    if vocabulary:
        vocabulary = known_name("--vocabulary", vocabulary, (EIGHT, *further))
    stdout().print(Glossary(entries(names or [], further, vocabulary), further, vocabulary))


def _further(model: str | None) -> "dict[str, Head]":
    """The vocabularies of a model besides the eight emotions. Raises ModelError."""
    from midcli.model.vocabularies import further_vocabularies

    if model is None:
        return further_vocabularies()
    from midcli.audio.spectrogram import FRONTEND
    from midcli.model.bundled import find_model
    from midcli.model.file import Model as Loaded
    from midcli.model.head import EIGHT

    heads = Loaded(find_model(model), FRONTEND).heads
    return {name: head for name, head in heads.items() if name != EIGHT}
