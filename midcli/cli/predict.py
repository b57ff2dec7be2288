"""`midcli predict`: emotions and qualities of many files."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from midcli.audio.limits import MAX_HOURS
from midcli.cli.completion import complete_model
from midcli.cli.options import MaxHours, a_number
from midcli.cli.settings import LEAST_LIMIT, TIME_LIMIT_S
from midcli.cli.targets import check_not_the_log
from midcli.errors import EXIT_SOME_FAILED, InputError, MidcliError, OutputError, UsageError
from midcli.util.files import exists, isdir, isfile

if TYPE_CHECKING:
    from midcli.explanation.records import Record
    from midcli.library.batch import Batch, Runner
    from midcli.library.journal import Journal

_NAMED = 20  # failures and warnings at the end, where all are in the results
_UNLIMITED = 10_000  # columns where there is no terminal


class Format(StrEnum):
    """How results are written."""

    table = "table"
    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"


_SUFFIXES = {
    ".jsonl": Format.jsonl,
    ".json": Format.jsonl,
    ".ndjson": Format.jsonl,
    ".csv": Format.csv,
    ".parquet": Format.parquet,
}


def predict(
    context: typer.Context,
    paths: Annotated[
        list[str],
        typer.Argument(help="Audio files, folders, playlists (M3U), patterns, or `-` for a list on stdin."),
    ],
    model: Annotated[
        str | None,
        typer.Option(help="A bundled model's name or an .onnx file.", autocompletion=complete_model),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file, or go on with it.")
    ] = None,
    table_format: Annotated[
        Format | None,
        typer.Option("--format", help="Without it, as the name of the output says, else a table."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Short for --format jsonl.")] = False,
    reference: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Compare with your own music: what `predict --format jsonl` wrote."
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, help="Worker processes.", show_default="all cores")
    ] = None,
    shard: Annotated[
        str | None, typer.Option(metavar="I/N", help="Do part I of N only, to share work between machines.")
    ] = None,
    time_limit: Annotated[
        float,
        typer.Option(
            "--time-limit",
            metavar="SECONDS",
            min=LEAST_LIMIT,
            callback=a_number,
            help="Give a file up that takes a worker process of this machine longer.",
        ),
    ] = TIME_LIMIT_S,
    max_hours: MaxHours = MAX_HOURS,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Work on a Dask cluster: tcp://scheduler:8786.")
    ] = None,
) -> None:
    """Predict emotions and mid-level qualities of many files.

    Example: midcli predict ~/Music --output library.jsonl

    Every result is written as soon as it is there. Run the same command again and only new, changed and
    failed files are analysed; moved and renamed ones are recognised by their content. For csv and parquet,
    results are kept in OUTPUT.jsonl and the table is written from it at the end. Results of files that
    are gone stay in the output. Leaves with 5 if some of several files failed.
    """
    from midcli.library.batch import Batch, model_sha256
    from midcli.library.finding import find_files, take_shard

    chosen = _choose_format(table_format, as_json, output)
    if reference and output and chosen is Format.jsonl:
        raise UsageError(
            "predictions in a file stay comparable with the model's corpus; leave out --reference"
        )
    if cluster:
        _check_for_cluster(context)
    if output:
        check_not_the_log([output, _kept_in(output, chosen)])
    named = _with_stdin(paths)
    if cluster:
        named = [os.path.abspath(path) for path in named]  # noqa: PTH100 (pathlib cannot)
    files, problems = find_files(named)
    if shard:
        files = take_shard(files, shard)
    sha256 = model_sha256(model)
    compared = _comparison(model, reference)
    rows: list[Record] = []
    take: Callable[[Record], object] = rows.append
    with ExitStack() as stack:
        journal = None
        if output and _can_be_resumed(output):
            journal = stack.enter_context(_open_journal(output, chosen, sha256))
            take = _leave
        elif chosen is not Format.table:
            take = stack.enter_context(_line_writer(output, chosen))
        batch = Batch(files, problems, journal)
        run = _runner(batch, model, sha256, jobs, cluster, max_hours * 3600, time_limit)
        try:
            _work(
                batch,
                run,
                lambda record: take(compared(record)),
                bar=bool(output) or chosen is Format.table or not sys.stdout.isatty(),
            )
        except (KeyboardInterrupt, MidcliError):
            _print_stop(batch)
            raise
        finally:
            _print_table(rows)
        if journal:
            journal.tidy()
        if output and journal and chosen is not Format.jsonl:
            from midcli.library.tables import write_table

            write_table(map(compared, journal.records()), output, chosen)
    _print_summary(batch, output, _NAMED if output or chosen is not Format.table else None)
    if batch.failures:
        raise typer.Exit(EXIT_SOME_FAILED if batch.total > 1 else InputError.exit_code)


def _check_for_cluster(context: typer.Context) -> None:
    """Raises UsageError for options on the command line that are for the workers of this machine."""
    for option, why in (
        ("jobs", "a cluster has its own number of workers"),
        ("time_limit", "a cluster has none"),
    ):
        source = context.get_parameter_source(option)
        if source is not None and source.name == "COMMANDLINE":
            raise UsageError(f"--{option.replace('_', '-')} is for this machine; {why}")


def _comparison(model: str | None, reference: Path | None) -> "Callable[[Record], Record]":
    """What gives a row the averages and percentiles of the user's own reference, if there is one."""
    if reference is None:
        return lambda record: record
    from midcli.analyser import Analyser
    from midcli.explanation.reference import Comparison

    analyser = Analyser(model, reference=reference)
    return Comparison(analyser.reference, analyser.model.head).of


def _leave(record: "Record") -> None:
    """The journal has it already."""


def _choose_format(chosen: Format | None, as_json: bool, output: Path | None) -> Format:
    if as_json and chosen not in (None, Format.jsonl):
        raise UsageError(f"--json and --format {chosen} exclude each other")
    if as_json:
        chosen = Format.jsonl
    if chosen is None and output:
        chosen = _SUFFIXES.get(output.suffix.lower())
        if chosen is None:
            raise UsageError(f"{output}: its ending names no format; add --format jsonl, csv or parquet")
    if chosen is Format.table and output:
        raise UsageError("a table is for reading; --output needs --format jsonl, csv or parquet")
    if chosen is Format.parquet:
        from midcli.library.tables import require_parquet

        if not (output and _can_be_resumed(output)):
            raise UsageError("parquet cannot be streamed; name an --output file")
        require_parquet()
    return chosen or Format.table


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


def _can_be_resumed(output: Path) -> bool:
    """Whether it is, or would become, a regular file: no pipe, no device."""
    return isfile(output) or not exists(output) or isdir(output)


def _kept_in(output: Path, chosen: Format) -> Path:
    """The JSON lines that a run goes on from."""
    return output if chosen is Format.jsonl else output.with_name(f"{output.name}.jsonl")


def _open_journal(output: Path, chosen: Format, sha256: str) -> "Journal":
    from midcli.library.journal import Journal

    path = _kept_in(output, chosen)
    if exists(output) and not exists(path):
        raise UsageError(f"{output}: exists, and not from a run that can go on; choose another --output")
    journal = Journal(path)
    if journal.model and journal.model.sha256 != sha256:
        journal.close()
        name, version = journal.model.name, journal.model.version
        raise UsageError(
            f"{path}: holds results of another model ({name} {version}); choose another --output"
        )
    return journal


@contextmanager
def _line_writer(output: Path | None, chosen: Format) -> "Iterator[Callable[[Record], object]]":
    """Writes rows to stdout, a pipe or a device, each as soon as it is there."""
    from midcli.cli.console import discard_stdout, print_data
    from midcli.library.tables import csv_header, csv_line
    from midcli.util.text import json_line

    def write(text: str) -> None:
        try:
            put(text)
        except BrokenPipeError:
            raise
        except OSError as error:
            if not output:
                discard_stdout()
            raise OutputError(f"{output or 'stdout'}: cannot be written: {error.strerror}") from error

    with ExitStack() as stack:
        put = print_data
        if output:
            try:
                file = stack.enter_context(output.open("wb", buffering=0))
            except OSError as error:
                raise OutputError(f"{output}: cannot be written: {error.strerror}") from error

            def put(text: str) -> None:
                file.write(text.encode())

        if chosen is Format.csv:
            write(csv_header())
        yield lambda record: write(
            csv_line(record) if chosen is Format.csv else json_line(record.to_dict()) + "\n"
        )


def _runner(
    batch: "Batch",
    model: str | None,
    sha256: str,
    jobs: int | None,
    cluster: str | None,
    max_duration_s: float,
    limit_s: float,
) -> "Runner":
    from midcli.library.batch import cluster_runner, local_runner, single_runner

    if cluster:
        return cluster_runner(cluster, model, sha256, max_duration_s)
    if batch.total == 1:
        return single_runner(model, sha256, max_duration_s)
    from midcli.util.processes import usable_cores

    return local_runner(model, sha256, jobs or usable_cores(), max_duration_s, limit_s)


def _work(batch: "Batch", run: "Runner", take: "Callable[[Record], object]", bar: bool) -> None:
    from midcli.cli.console import stderr

    with _one_interrupt(), closing(batch.records(run)) as records:
        if not (bar and stderr().is_terminal):
            for record in records:
                take(record)
            return
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        columns = (BarColumn(), MofNCompleteColumn(), "files, left", TimeRemainingColumn())
        with Progress(*columns, console=stderr(), transient=True) as progress:
            task = progress.add_task("", total=len(batch.to_do) + len(batch.problems))
            for record in records:
                take(record)
                progress.advance(task)


@contextmanager
def _one_interrupt() -> "Iterator[None]":
    """After the first Ctrl-C, further ones do not disturb what is still to be done."""

    def interrupt(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise KeyboardInterrupt

    usual = signal.getsignal(signal.SIGINT)
    if not callable(usual):  # a shell lets its background jobs ignore interrupts
        yield
        return
    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGINT) is interrupt:
            signal.signal(signal.SIGINT, usual)


def _print_table(records: "list[Record]") -> None:
    from midcli.cli.console import stdout
    from midcli.explanation.records import Prediction
    from midcli.views.terminal.predictions import predictions_table
    from midcli.views.terminal.theme import shows_colours

    rows = sorted((r for r in records if isinstance(r, Prediction)), key=lambda piece: piece.file)
    if not rows:
        return
    if stdout().is_terminal:
        stdout().print(predictions_table(rows, stdout().width, shows_colours(stdout())))
    else:
        stdout().width = _UNLIMITED
        stdout().print(predictions_table(rows, None, coloured=False))


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
    from midcli.util.text import printable

    for file, warning in batch.warnings[:named]:
        print_warning(f"{file}: {warning}")
    if named is not None and len(batch.warnings) > named:
        print_warning(f"{len(batch.warnings) - named} more warnings are in the results")
    for failure in batch.failures[:named]:
        print_line("failed", printable(f"{failure.file}: {failure.message}"), "bold red")
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
