"""`midcli compare`: why two pieces sound different."""

from pathlib import Path
from typing import Annotated

import typer

from midcli.audio.limits import MAX_HOURS
from midcli.cli.options import AsJson, Emotions, Every, MaxHours, Model, Overwrite, Reference, Vocabulary


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
    max_hours: MaxHours = MAX_HOURS,
    as_json: AsJson = False,
) -> None:
    """Split the difference between two pieces exactly into what listeners hear.

    Example: midcli compare slow.mp3 fast.mp3 --emotion energy
    """
    from midcli.analyser import Analyser
    from midcli.cli.console import print_json, print_warnings, stdout
    from midcli.cli.names import check_emotions, chosen_emotions
    from midcli.cli.saving import check_page, save_page
    from midcli.explanation.analysis import comparison_dict
    from midcli.explanation.comparison import compare as split
    from midcli.views.panels import difference
    from midcli.views.terminal.comparison import comparison_card

    check_emotions(emotion or [], every, only_eight=not (model or vocabulary))
    if save:
        check_page(save, [Path(file) for file in (a, b, model, reference) if file], overwrite)
    analyser = Analyser(model, max_duration_s=max_hours * 3600, reference=reference, vocabulary=vocabulary)
    emotions = chosen_emotions(emotion or [], every, analyser.context.head)
    first, second = analyser.analyse(a), analyser.analyse(b)
    differences = split(first, second)
    if save:
        save_page(first, second, save, emotions)
    if as_json:
        print_json(comparison_dict(first, second, differences))
        return
    print_warnings(first, second)
    stdout().print(comparison_card(difference(first, second, differences, emotions), stdout().width))
