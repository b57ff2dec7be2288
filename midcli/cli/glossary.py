"""`midcli glossary`: what the words mean."""

from typing import Annotated

import typer

from midcli.cli.completion import complete_word


def glossary(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...", autocompletion=complete_word, help="Qualities or emotions; all without any."
        ),
    ] = None,
) -> None:
    """Say what each quality and emotion means, and what listeners were asked.

    Example: midcli glossary dissonance
    """
    from midcli.cli.console import stdout
    from midcli.explanation.words.names import known_name
    from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
    from midcli.views.terminal.glossary import Glossary

    stdout().print(Glossary([known_name(name, (*QUALITY_NAMES, *EMOTION_NAMES)) for name in names or []]))
