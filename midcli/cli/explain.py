"""`midcli explain`: why a file sounds the way it does."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from midcli.audio.limits import MAX_HOURS
from midcli.cli.completion import complete_quality
from midcli.cli.options import (
    AsJson,
    Emotions,
    Every,
    MaxHours,
    Model,
    Overwrite,
    Reference,
    Relative,
    Vocabulary,
)
from midcli.errors import InputError
from midcli.labels import QUALITY_NAMES

if TYPE_CHECKING:
    from midcli.views.files import Report
    from midcli.views.piece import Piece

Where = Annotated[
    list[str] | None,
    typer.Option(
        metavar="QUALITY",
        autocompletion=complete_quality,
        help="Map where in time and register it comes from; repeatable.",
    ),
]
Clip = Annotated[
    tuple[str, Path] | None,
    typer.Option(metavar="QUALITY FILE", help="Save the five seconds that add most to a quality."),
]
OverTime = Annotated[
    bool, typer.Option("--over-time", help="Draw the emotions through the piece, with turning points.")
]
Labels = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Write the turning points as .txt (Audacity), .csv (Reaper), .wav (a copy with cue points).",
    ),
]
Highlight = Annotated[
    bool,
    typer.Option("--highlight", help="Find the 30 seconds that carry the leading emotion most, and why."),
]
Csv = Annotated[Path | None, typer.Option(help="Write the curves through the piece as a table.")]
Save = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE",
        help="Write a page (.html), also of several pieces, or a picture (.svg, .png) of values and "
        "effects; repeatable.",
    ),
]
EmbedAudio = Annotated[bool, typer.Option("--embed-audio", help="Put a player with the music into the page.")]
Facts = Annotated[
    bool,
    typer.Option("--facts", help="Measure tempo, key, roughness ... to compare; needs the extra facts."),
]


def explain(
    files: Annotated[list[Path], typer.Argument(help="Audio files.", show_default=False)],
    emotion: Emotions = None,
    every: Every = False,
    relative: Relative = True,
    where: Where = None,
    clip: Clip = None,
    over_time: OverTime = False,
    labels: Labels = None,
    highlight: Highlight = False,
    csv: Csv = None,
    save: Save = None,
    embed_audio: EmbedAudio = False,
    overwrite: Overwrite = False,
    facts: Facts = False,
    reference: Reference = None,
    model: Model = None,
    vocabulary: Vocabulary = None,
    max_hours: MaxHours = MAX_HOURS,
    as_json: AsJson = False,
) -> None:
    """Explain why music sounds tense, happy or tender.

    Example: midcli explain song.mp3 --emotion tension

    What the qualities and the emotions mean, and what listeners were asked: midcli glossary
    """
    from midcli.cli.console import waiting
    from midcli.cli.inputs import each_input
    from midcli.cli.levels import Levels
    from midcli.cli.names import check_emotions, chosen_emotions, known_names
    from midcli.cli.saving import open_report, write_report

    _require_extras(facts, save or ())
    check_emotions(emotion or [], every, only_eight=not (model or vocabulary))
    mapped = known_names("--where", where or [], QUALITY_NAMES)
    levels = Levels(over_time, clip, labels, csv, save or ())
    report = open_report(levels.save, len(files), embed_audio)
    levels.check(files, [Path(file) for file in (model, reference) if file], overwrite)
    from midcli.analyser import Analyser

    analyser = Analyser(
        model, max_duration_s=max_hours * 3600, reference=reference, first=files[0], vocabulary=vocabulary
    )
    emotions = chosen_emotions(emotion or [], every, analyser.context.head)
    show = _json_printer(mapped, levels.curved, highlight) if as_json else _printer(over_time, highlight)
    from midcli.views.piece import Piece  # here, while the first file is still being read

    def work(file: Path) -> None:
        with waiting(str(file)):
            analysis = analyser.analyse(file)
            measured = analyser.facts(analysis) if facts else None
            piece = Piece(analysis, emotions, relative, mapped, measured)
            if report:
                report.add(piece)
        levels.write(analysis, analyser.max_duration_s)
        show(piece)

    each_input(files, work, partial(_failed, report, as_json), partial(write_report, report))


def _require_extras(facts: bool, save: Sequence[Path]) -> None:
    from midcli.cli.extras import require

    require(
        *[("--facts", "facts")] * facts,
        *[("--save NAME.png", "pictures")] * any(path.suffix.lower() == ".png" for path in save),
    )


def _json_printer(mapped: Sequence[str], curved: bool, highlighted: bool) -> "Callable[[Piece], None]":
    from midcli.cli.console import print_json
    from midcli.explanation.highlight import highlight

    def show(piece: "Piece") -> None:
        described = piece.analysis.to_dict(mapped, curved, piece.facts)
        if highlighted:
            described["highlight"] = highlight(piece.analysis).to_dict()
        print_json(described)

    return show


def _printer(over_time: bool, highlighted: bool) -> "Callable[[Piece], None]":
    """Prints pieces with a blank line before all parts but the first."""
    from midcli.cli.console import stdout
    from midcli.views.terminal.explanation import explanation
    from midcli.views.terminal.highlight import highlight_line
    from midcli.views.terminal.theme import shows_colours

    printed = 0

    def show(piece: "Piece") -> None:
        nonlocal printed
        through = (piece.emotions or tuple(piece.analysis.emotions)) if over_time else ()
        for part in explanation(piece, through, stdout().width, shows_colours(stdout())):
            if printed:
                stdout().print()
            stdout().print(part)
            printed += 1
        if highlighted:
            stdout().print()
            stdout().print(highlight_line(piece.analysis, stdout().width))

    return show


def _failed(report: "Report | None", as_json: bool, file: Path, error: InputError) -> None:
    if report:
        report.failed(error)
    if as_json:
        from midcli.cli.console import print_json
        from midcli.explanation.json import error_object
        from midcli.explanation.records import EXPLAIN_SCHEMA

        print_json(error_object(EXPLAIN_SCHEMA, str(file), error))
