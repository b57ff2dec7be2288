"""`midcli explain`: why a file sounds the way it does."""

from collections.abc import Sequence
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
    Facts,
    MaxHours,
    Model,
    Overwrite,
    Reference,
    Relative,
    Track,
    Vocabulary,
)
from midcli.errors import InputError, UsageError
from midcli.labels import QUALITY_NAMES

if TYPE_CHECKING:
    from midcli.analyser import Analyser
    from midcli.explanation.analysis import Analysis
    from midcli.explanation.facts import Disagreement
    from midcli.explanation.facts import Facts as MeasuredFacts
    from midcli.views.files import Report

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
Sections = Annotated[
    bool, typer.Option("--sections", help="Show the stretches between which the piece changes.")
]
Brief = Annotated[
    bool | None,
    typer.Option(
        "--brief/--full",
        help="Headline, reasons and intervals only, or the whole card; of several files the former.",
        show_default=False,
    ),
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print no card: only write what --save, --labels ... name.")
]
Labels = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE",
        help="Write sections and turning points as .txt (Audacity), .csv (Reaper), .wav (a copy with cues); "
        "repeatable.",
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


def explain(
    files: Annotated[list[Path], typer.Argument(help="Audio files.", show_default=False)],
    emotion: Emotions = None,
    every: Every = False,
    relative: Relative = True,
    where: Where = None,
    clip: Clip = None,
    over_time: OverTime = False,
    sections: Sections = False,
    brief: Brief = None,
    quiet: Quiet = False,
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
    track: Track = None,
    max_hours: MaxHours = MAX_HOURS,
    as_json: AsJson = False,
) -> None:
    """Explain why music sounds tense, happy or tender.

    Example: midcli explain song.mp3 --emotion tension

    What the qualities and the emotions mean, and what listeners were asked: midcli glossary
    """
    from midcli.cli.cards import chosen_printer
    from midcli.cli.inputs import each_input
    from midcli.cli.levels import Levels
    from midcli.cli.names import check_emotions, chosen_emotions, known_names
    from midcli.cli.saving import open_report, write_report

    _require_extras(facts, save or ())
    check_emotions(emotion or [], every, only_eight=not (model or vocabulary))
    mapped = known_names("--where", where or [], QUALITY_NAMES)
    levels = Levels(over_time, clip, labels or (), csv, save or ())
    check_quiet(quiet, as_json, [*levels.save, *levels.labels, *filter(None, (csv, clip))])
    report = open_report(levels.save, len(files), embed_audio)
    levels.check(files, [Path(file) for file in (model, reference) if file], overwrite)
    analyser = _loaded(model, reference, vocabulary, files[0], track, max_hours)
    emotions = chosen_emotions(emotion or [], every, analyser.context.head)
    show = chosen_printer(as_json, levels.curved, quiet, len(files) > 1 if brief is None else brief)
    from midcli.views.piece import Piece  # here, while the first file is still being read

    def work(file: Path) -> None:
        analysis = _analysed(analyser, file)
        measured = _measured(analyser, analysis) if facts else None
        piece = Piece(analysis, emotions, relative, mapped, measured, over_time, sections, highlight)
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


def _loaded(
    model: str | None,
    reference: Path | None,
    vocabulary: str | None,
    first: Path,
    track: int | None,
    max_hours: float,
) -> "Analyser":
    from midcli.analyser import Analyser

    limit_s = max_hours * 3600
    return Analyser(
        model, max_duration_s=limit_s, reference=reference, first=first, vocabulary=vocabulary, track=track
    )


def _analysed(analyser: "Analyser", file: Path) -> "Analysis":
    from midcli.cli.console import waiting

    with waiting(str(file)):
        return analyser.analyse(file)


def _measured(analyser: "Analyser", analysis: "Analysis") -> "tuple[MeasuredFacts, list[Disagreement]]":
    from midcli.cli.console import measuring

    with measuring():
        return analyser.facts(analysis)


def check_quiet(quiet: bool, as_json: bool, written: Sequence[object]) -> None:
    """Raises UsageError if nothing would come of it."""
    if quiet and as_json:
        raise UsageError("--quiet and --json exclude each other")
    if quiet and not written:
        raise UsageError("--quiet prints no card; name a file with --save, --labels, --csv or --clip")


def _failed(report: "Report | None", as_json: bool, file: Path, error: InputError) -> None:
    if report:
        report.failed(error)
    if as_json:
        from midcli.cli.console import print_json
        from midcli.explanation.json import error_object
        from midcli.explanation.records import EXPLAIN_SCHEMA

        print_json(error_object(EXPLAIN_SCHEMA, str(file), error))
