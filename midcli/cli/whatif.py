"""`midcli whatif`: what the model would say of other qualities."""

from pathlib import Path
from typing import Annotated

import typer

from midcli.audio.limits import MAX_HOURS
from midcli.cli.completion import complete_emotion_target, complete_quality_change
from midcli.cli.options import AsJson, MaxHours, Model, Reference, Vocabulary
from midcli.labels import EMOTION_RANGE, EMOTIONS

Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="QUALITY=NUMBER",
        autocompletion=complete_quality_change,
        help="Change a quality: by an amount with a sign (dissonance=-2), to a value without one"
        " (minorness=4.0). May be given several times.",
    ),
]
Targets = Annotated[
    list[str] | None,
    typer.Option(
        "--target",
        metavar="EMOTION=NUMBER",
        autocompletion=complete_emotion_target,
        help="Find the smallest plausible change that gives this. May be given several times.",
    ),
]


def whatif(
    file: Annotated[Path, typer.Argument(help="An audio file.", show_default=False)],
    changes: Changes = None,
    targets: Targets = None,
    model: Model = None,
    vocabulary: Vocabulary = None,
    max_hours: MaxHours = MAX_HOURS,
    reference: Reference = None,
    as_json: AsJson = False,
) -> None:
    """Change the qualities of a piece and see its emotions change: the model's arithmetic, not advice.

    Example: midcli whatif song.mp3 --set dissonance=-2 --set minorness=4.0

    Example: midcli whatif song.mp3 --target happy=6

    Without either it says what a point more of each quality would do; with both, what is set stays as it is
    set while the rest reaches the target.

    The smallest change is the shortest in the covariance of the reference corpus, within the scales.
    """
    from midcli.analyser import Analyser
    from midcli.cli.assignments import parse_changes, parse_targets
    from midcli.cli.console import print_json, print_warnings, stdout
    from midcli.explanation.json import search_object, set_object, steps_object
    from midcli.views.terminal.whatif import search_card, set_card, steps_card

    wanted_changes = parse_changes(changes or [])
    if not (model or vocabulary):
        parse_targets(targets or [], EMOTIONS, EMOTION_RANGE)
    analyser = Analyser(model, max_duration_s=max_hours * 3600, reference=reference, vocabulary=vocabulary)
    head = analyser.context.head
    wanted = parse_targets(targets or [], head.labels, head.scale)
    analysis = analyser.analyse(file)
    piece = analysis.what_if()
    prediction, width = analysis.prediction(), stdout().width
    if wanted:
        search = piece.reach(wanted, wanted_changes)
        described = search_object(prediction, wanted, search, piece, wanted_changes)
        closer = piece.closer(search.outcome.distance) if search.outcome else 0.0
        card = search_card(analysis, wanted, search, closer, width)
    elif wanted_changes:
        outcome = piece.set(wanted_changes)
        described = set_object(prediction, wanted_changes, outcome, piece)
        card = set_card(analysis, outcome, piece.closer(outcome.distance), width)
    else:
        steps = piece.steps()
        described, card = steps_object(prediction, steps), steps_card(analysis, steps, width)
    if as_json:
        print_json(described)
        return
    print_warnings(analysis)
    stdout().print(card)
