"""`midcli predict`: emotions and qualities of many files."""

import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from midcli.audio.limits import MAX_HOURS
from midcli.cli.options import (
    LEAST_LIMIT,
    Facts,
    MaxHours,
    Model,
    Reference,
    Track,
    Vocabulary,
    a_number,
    is_named,
)
from midcli.cli.targets import check_not_in_use
from midcli.errors import EXIT_SOME_FAILED, InputError, LimitError, MidcliError, UsageError
from midcli.labels import EMOTION_NAMES

if TYPE_CHECKING:
    from midcli.explanation.records import Record
    from midcli.library.batch import Batch
    from midcli.library.predicting import Format as Written
    from midcli.library.predicting import Run
    from midcli.library.spreadsheets import Sheet

TIME_LIMIT_S = 1800.0
_NAMED = 20  # failures and warnings at the end, where all are in the results


class Format(StrEnum):
    """How results are shown or written."""

    table = "table"
    jsonl = "jsonl"
    csv = "csv"
    xlsx = "xlsx"
    parquet = "parquet"


Paths = Annotated[
    list[str],
    typer.Argument(help="Audio files, folders, playlists (M3U), patterns, or `-` for a list on stdin."),
]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file, or go on with it.")]
TableFormat = Annotated[
    Format | None,
    typer.Option("--format", help="Without it, as the name of the output says, else a table."),
]
Short = Annotated[bool, typer.Option("--json", help="Short for --format jsonl.")]
Jobs = Annotated[
    int | None, typer.Option("--jobs", "-j", min=1, help="Worker processes.", show_default="all cores")
]
Shard = Annotated[
    str | None, typer.Option(metavar="I/N", help="Do part I of N only, to share work between machines.")
]
TimeLimit = Annotated[
    float,
    typer.Option(
        metavar="SECONDS",
        min=LEAST_LIMIT,
        callback=a_number,
        help="Give a file up that takes a worker process of this machine longer.",
    ),
]
Columns = Annotated[
    str | None,
    typer.Option(metavar="NAMES", help="Columns of csv and xlsx, separated by commas, or `all`."),
]
Decimals = Annotated[int, typer.Option(min=0, max=6, help="Decimals of csv and xlsx.")]
Quick = Annotated[
    bool,
    typer.Option("--quick", help="Hear 1 to 2 minutes of each long piece, spread over it; rows say so."),
]
Cluster = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="Work on a Dask cluster: tcp://scheduler:8786.")
]


def predict(
    context: typer.Context,
    paths: Paths,
    model: Model = None,
    output: Output = None,
    table_format: TableFormat = None,
    as_json: Short = False,
    columns: Columns = None,
    decimals: Decimals = 2,
    reference: Reference = None,
    vocabulary: Vocabulary = None,
    jobs: Jobs = None,
    shard: Shard = None,
    time_limit: TimeLimit = TIME_LIMIT_S,
    max_hours: MaxHours = MAX_HOURS,
    quick: Quick = False,
    facts: Facts = False,
    track: Track = None,
    cluster: Cluster = None,
) -> None:
    """Predict emotions and mid-level qualities of many files.

    Example: midcli predict ~/Music --output library.jsonl

    Every result is written as soon as it is there. Run the same command again and only new, changed and
    failed files are analysed; moved and renamed ones are recognised by their content. For csv, xlsx
    and parquet, results are kept in OUTPUT.jsonl and the table is written from it at the end. Results of
    files that are gone stay in the output. Leaves with 5 if some of several files failed.
    """
    from midcli.cli.console import print_warning
    from midcli.cli.names import of_option
    from midcli.library.finding import check_shard
    from midcli.library.predicting import WORKER_BYTES, Run, Workers, emotion_names
    from midcli.library.spreadsheets import sheet_of
    from midcli.library.tasks import Hearing
    from midcli.util.containers import usable_cores

    form = _choose_format(table_format, as_json, output)
    inputs = [Path(file) for file in (*paths, model, reference) if file]
    _check(context, form, output, reference or vocabulary, inputs)
    _check_extras(form, cluster, facts, quick)
    if shard is not None:
        with of_option("--shard"):
            check_shard(shard)
    emotions = emotion_names(model, vocabulary) if columns else EMOTION_NAMES
    with of_option("--columns"):
        sheet = sheet_of(columns, decimals, emotions)
    hearing = Hearing(max_hours * 3600, quick, track, facts)
    workers = Workers(jobs or usable_cores(WORKER_BYTES), cluster, time_limit, hearing)
    with Run(_with_stdin(paths), model, output, form, reference, shard, workers, vocabulary, sheet) as run:
        if run.repair:
            print_warning(run.repair)
        _work(run, form)
    _print_summary(run.batch, output, _NAMED if output or form is None else None)
    if run.batch.failures:
        raise typer.Exit(EXIT_SOME_FAILED if run.batch.total > 1 else InputError.exit_code)


def _work(run: "Run", form: "Written | None") -> None:
    """Records to where they are wanted: the run's output, stdout, or a table at the end."""
    from midcli.cli.progress import listened_to

    rows: list[Record] = []
    take = rows.append if form is None else _nothing if run.output else _line_printer(form, run.sheet)
    bar = bool(run.output) or form is None or not sys.stdout.isatty()
    try:
        with listened_to(run, bar) as records:
            for record in records:
                take(record)
    except (KeyboardInterrupt, MidcliError):
        _print_stop(run.batch)
        raise
    finally:
        _print_table(rows, run)


def _nothing(_: "Record") -> None:
    """The run writes it."""


def _line_printer(form: "Written", sheet: "Sheet") -> "Callable[[Record], None]":
    """Writes records to stdout, each as soon as it is there."""
    from midcli.cli.console import print_data, stdout_failure
    from midcli.library.predicting import first_line, line_of

    def put(text: str) -> None:
        try:
            print_data(text)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise stdout_failure(error) from error

    put(first_line(form, sheet))
    return lambda record: put(line_of(record, form, sheet))


def _check(
    context: typer.Context,
    form: "Written | None",
    output: Path | None,
    compared: object,
    inputs: Sequence[Path],
) -> None:
    """Raises UsageError for options that do not go together or an output that is in use."""
    from midcli.library.predicting import Format as Written
    from midcli.library.predicting import kept_in

    if compared and output and form is Written.jsonl:
        raise UsageError(
            "predictions in a file stay those of the model's first emotions and its own corpus; leave out "
            "--reference and --vocabulary, which find, CSV and tables take"
        )
    if form in (Written.parquet, Written.xlsx) and not output:
        raise UsageError(f"{form} cannot be streamed; name an --output file")
    if form not in (Written.csv, Written.xlsx):
        for option in ("columns", "decimals"):
            if is_named(context, option):
                raise UsageError(f"--{option} is for csv and xlsx; name such an --output, or --format csv")
    if context.params["cluster"]:
        _check_for_cluster(context)
    if output and form:
        check_not_in_use([output, kept_in(output, form)], inputs)


def _check_extras(form: "Written | None", cluster: str | None, facts: bool, quick: bool) -> None:
    """Raises ExtraError, and UsageError for what is asked for and cannot be measured."""
    from midcli.cli.console import tell_of_compiling
    from midcli.cli.extras import require
    from midcli.library.predicting import Format as Written

    if facts and quick:
        raise UsageError("--quick hears excerpts only, which --facts cannot be measured of; leave one out")
    require(
        *[("parquet", "parquet")] * (form is Written.parquet),
        *[("--cluster", "cluster")] * bool(cluster),
        *[("--facts", "facts")] * facts,
    )
    if facts:
        tell_of_compiling()


def _check_for_cluster(context: typer.Context) -> None:
    """Raises UsageError for options on the command line that are for the workers of this machine."""
    for option, why in (
        ("jobs", "a cluster has its own number of workers"),
        ("time_limit", "a cluster has none"),
    ):
        if is_named(context, option):
            raise UsageError(f"--{option.replace('_', '-')} is for this machine; {why}")


def _choose_format(chosen: Format | None, as_json: bool, output: Path | None) -> "Written | None":
    """How records are written; None: they are shown as a table. Raises UsageError."""
    from midcli.library.predicting import Format as Written
    from midcli.library.predicting import format_of

    if as_json and chosen not in (None, Format.jsonl):
        raise UsageError(f"--json and --format {chosen} exclude each other")
    if as_json:
        return Written.jsonl
    if chosen is Format.table and output:
        raise UsageError("a table is for reading; --output needs --format jsonl, csv, xlsx or parquet")
    if chosen is None and output:
        form = format_of(output)
        if form is None:
            raise UsageError(
                f"{output}: its ending names no format; add --format jsonl, csv, xlsx or parquet"
            )
        return form
    return None if chosen in (None, Format.table) else Written(chosen)


def _with_stdin(paths: list[str]) -> list[str]:
    """The paths, with those that stdin lists in place of `-`."""
    from midcli.library.lists import listed_paths

    named: list[str] = []
    for path in paths:
        if path == "-":
            named += listed_paths(_read_stdin())
        else:
            named.append(path)
    return named


def _read_stdin() -> bytes:
    if sys.stdin is None:
        raise UsageError("-: stdin is closed; it must list paths")
    try:
        return sys.stdin.buffer.read()
    except OSError as error:
        raise UsageError(f"-: stdin cannot be read: {error.strerror}") from error


def _print_table(records: "list[Record]", run: "Run") -> None:
    from midcli.cli.console import stdout, table_width
    from midcli.explanation.records import Prediction
    from midcli.views.terminal.predictions import predictions_table
    from midcli.views.terminal.theme import shows_colours

    rows = sorted((r for r in records if isinstance(r, Prediction)), key=lambda piece: piece.file)
    if not rows:
        return
    width = table_width()
    coloured = width is not None and shows_colours(stdout())
    stdout().print(predictions_table(rows, width, coloured, run.meaning))


def _print_stop(batch: "Batch") -> None:
    from midcli.cli.console import print_line
    from midcli.util.text import printable

    done = f"{batch.finished} of {batch.total} {'file is' if batch.total == 1 else 'files are'} done"
    if batch.journal and not batch.journal.is_empty:
        done += f" and in {printable(str(batch.journal.path))}; run the same command again to go on"
    print_line("stopped", done, "yellow")


def _print_summary(batch: "Batch", output: Path | None, named: int | None) -> None:
    """What went wrong, of `named` files at most (None: all, where results say nothing of it), and counts."""
    from midcli.cli.console import print_line, print_warning
    from midcli.cli.hints import LIMITS_HINT
    from midcli.util.text import printable

    for file, warning in batch.warnings[:named]:
        print_warning(f"{file}: {warning}")
    if named is not None and len(batch.warnings) > named:
        print_warning(f"{len(batch.warnings) - named} more warnings are in the results")
    for failure in batch.failures[:named]:
        print_line("failed", printable(f"{failure.file}: {failure.message}"), "bold red")
    if any(failure.kind == LimitError.kind for failure in batch.failures):
        print_line("hint", LIMITS_HINT, "bold")
    if named is not None and len(batch.failures) > named:
        print_line("failed", f"{len(batch.failures) - named} more files; see the results", "bold red")
    if batch.total != 1 or output:
        counts = {
            "analysed": batch.analysed,
            "unchanged": batch.unchanged,
            "copy" if batch.copies == 1 else "copies": batch.copies,
            "failed": len(batch.failures),
        }
        listed = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        where = f"; results in {printable(str(output))}" if output else ""
        noun = "file" if batch.total == 1 else "files"
        print_line("done", f"{batch.total} {noun}: {listed or 'nothing to do'}{where}", "bold")
