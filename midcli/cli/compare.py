"""`midcli compare`: why two pieces sound different."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from midcli.audio.limits import MAX_HOURS
from midcli.cli.options import (
    AsJson,
    Emotions,
    Every,
    Facts,
    MaxHours,
    Model,
    Overwrite,
    Reference,
    Vocabulary,
)

if TYPE_CHECKING:
    from midcli.analyser import Analyser
    from midcli.explanation.analysis import Analysis
    from midcli.explanation.mixes import ComparedFacts


def compare(
    a: Annotated[Path, typer.Argument(help="An audio file.", show_default=False)],
    b: Annotated[Path, typer.Argument(help="The audio file to compare it with.", show_default=False)],
    emotion: Emotions = None,
    every: Every = False,
    model: Model = None,
    vocabulary: Vocabulary = None,
    reference: Reference = None,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write a page that holds all of it.")
    ] = None,
    overwrite: Overwrite = False,
    facts: Facts = False,
    max_hours: MaxHours = MAX_HOURS,
    as_json: AsJson = False,
) -> None:
    """Split the difference between two pieces exactly into what listeners hear.

    Example: midcli compare slow.mp3 fast.mp3 --emotion energy
    """
    from midcli.analyser import Analyser
    from midcli.cli.console import print_json, print_warnings, stdout
    from midcli.cli.extras import require
    from midcli.cli.names import check_emotions, chosen_emotions
    from midcli.cli.saving import check_page, save_page
    from midcli.explanation.analysis import comparison_dict
    from midcli.explanation.comparison import compare as split
    from midcli.views.panels.difference import difference
    from midcli.views.terminal.comparison import comparison_card

    require(*[("--facts", "facts")] * facts)
    check_emotions(emotion or [], every, only_eight=not (model or vocabulary))
    if save:
        check_page(save, [Path(file) for file in (a, b, model, reference) if file], overwrite)
    analyser = Analyser(model, max_duration_s=max_hours * 3600, reference=reference, vocabulary=vocabulary)
    emotions = chosen_emotions(emotion or [], every, analyser.context.head)
    first, second = analyser.analyse(a), analyser.analyse(b)
    differences = split(first, second)
    if save:
        save_page(first, second, save, emotions)
    measured = _measured(analyser, first, second) if facts else None
    if as_json:
        print_json(comparison_dict(first, second, differences) | (measured.to_dict() if measured else {}))
        return
    print_warnings(first, second)
    stdout().print(comparison_card(difference(first, second, differences, emotions), stdout().width))
    if measured:
        from midcli.views.terminal.compared_facts import compared_facts

        stdout().print()
        stdout().print(compared_facts(measured.a, measured.b, measured.same, stdout().width))


def _measured(analyser: "Analyser", a: "Analysis", b: "Analysis") -> "ComparedFacts":
    from midcli.cli.console import measuring
    from midcli.explanation.mixes import ComparedFacts

    with measuring():
        return ComparedFacts.of(a, b, analyser.facts(a)[0], analyser.facts(b)[0])
