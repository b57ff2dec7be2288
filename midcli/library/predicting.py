"""Emotions and qualities of many files: in memory, as a stream, or in a library that later runs extend."""

import logging
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from midcli.errors import MidcliError, OutputError, UsageError
from midcli.explanation.records import Failure, Prediction, Record, short
from midcli.labels import EMOTION_NAMES
from midcli.library.batch import (
    Batch,
    Runner,
    cluster_runner,
    local_runner,
    model_sha256,
    single_runner,
)
from midcli.library.finding import find_files, take_shard
from midcli.library.journal import Journal
from midcli.library.spreadsheets import Sheet, require_xlsx, without_constants, write_csv, write_xlsx
from midcli.library.tables import flat, require_parquet, write_parquet
from midcli.library.tasks import USUAL, Hearing
from midcli.model.bundled import bundled_models, find_model
from midcli.model.vocabularies import has_own_emotions
from midcli.util.files import exists, isdir, isfile, replacing, write_all
from midcli.util.text import json_line

if TYPE_CHECKING:
    import pandas

_log = logging.getLogger(__name__)


WORKER_BYTES = 300 << 20
"""Memory of a process with an hour of music."""


class Format(StrEnum):
    """How records are written: as JSON lines, from which a later run goes on, or as a table made of them."""

    jsonl = "jsonl"
    csv = "csv"
    xlsx = "xlsx"
    parquet = "parquet"


_SUFFIXES = {
    ".jsonl": Format.jsonl,
    ".json": Format.jsonl,
    ".ndjson": Format.jsonl,
    ".csv": Format.csv,
    ".xlsx": Format.xlsx,
    ".parquet": Format.parquet,
}


def format_of(output: Path) -> Format | None:
    """The format that the ending of a file's name says, if it says one."""
    return _SUFFIXES.get(output.suffix.lower())


@dataclass(frozen=True)
class Workers:
    """Who analyses, and within which limits."""

    processes: int = 0
    """Of this machine; 0: this process itself, as for a single file."""
    cluster: str | None = None
    """Address of a Dask cluster that works instead."""
    limit_s: float | None = None
    """Time for a file, in processes of this machine."""
    hearing: Hearing = USUAL

    def runner(self, model: str | None, sha256: str, files: int) -> Runner:
        """What analyses so many files."""
        if self.cluster:
            return cluster_runner(self.cluster, model, sha256, self.hearing)
        if files == 1 or not self.processes:
            return single_runner(model, sha256, self.hearing)
        return local_runner(model, sha256, self.processes, self.limit_s, self.hearing)


class Run:
    """Files, folders and patterns on their way to records, and these to an output, if there is one.

    A regular file as `output` is gone on from: JSON lines directly, a table by way of the lines beside it.
    A pipe or a device gets each record as soon as it is there. `reference` is what averages and percentiles
    refer to instead of the model's corpus; `shard` is a part of the files, such as 1/4; `vocabulary` is that
    of the emotions; `sheet` is how a table for people looks. Raises UsageError, ModelError, DataError,
    OutputError, ExtraError.
    """

    def __init__(
        self,
        paths: Iterable[str],
        model: str | None = None,
        output: Path | None = None,
        form: Format | None = None,
        reference: Path | None = None,
        shard: str | None = None,
        workers: Workers = Workers(),
        vocabulary: str | None = None,
        sheet: Sheet = Sheet(),
    ) -> None:
        self.output = output
        self.sheet = sheet
        """How a table for people looks."""
        self._form = form or (_named_format(output) if output else Format.jsonl)
        resumable = output is not None and _can_be_resumed(output)
        _check(self._form, output, resumable, reference or vocabulary)
        self._model = model
        self._workers = workers
        if workers.cluster:
            paths = [os.path.abspath(path) if path else path for path in paths]  # noqa: PTH100
        files, problems = find_files(paths)
        if shard is not None:
            files = take_shard(files, shard)
        if workers.hearing.facts:
            from midcli.explanation.facts import require_librosa

            require_librosa()
            self.sheet = sheet.with_facts()
        self._sha256 = model_sha256(model)
        self.meaning = ""
        """What the values of another vocabulary than the model's own are."""
        self._compared = self._comparison(reference, vocabulary)
        self._stack = ExitStack()
        self._journal: Journal | None = None
        self._put: Callable[[str], object] | None = None
        if output and resumable:
            self._journal = self._stack.enter_context(
                _journal(output, self._form, self._sha256, workers.hearing)
            )
        elif output:
            self._put = self._stack.enter_context(_Stream(output)).put
        self.batch = Batch(files, problems, self._journal)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def records(self) -> Generator[Record, None, None]:
        """Records of what is to do, each written before it comes out; at the end the output is made whole."""
        if self._put:
            self._put(first_line(self._form, self.sheet))
        runner = self._workers.runner(self._model, self._sha256, self.batch.total)
        with closing(self.batch.records(runner)) as records:
            for record in map(self._compared, records):
                if self._put:
                    self._put(line_of(record, self._form, self.sheet))
                yield record
        if self._journal:
            self._journal.tidy()
            if self.output and self._form is not Format.jsonl:
                self._write_table(self.output)

    def _write_table(self, path: Path) -> None:
        sheet = replace(self.sheet, results=self._journal.path if self._journal else None)
        if sheet.is_whole and self._form is not Format.parquet:
            sheet = without_constants(sheet, self.kept())
        write_table(self.kept(), path, self._form, sheet)

    def _comparison(self, reference: Path | None, vocabulary: str | None) -> Callable[[Record], Record]:
        """What gives a record the averages of a reference and the emotions of a vocabulary, if asked for."""
        asked = reference is not None or vocabulary is not None
        own = _has_own_emotions(self._model)
        if not asked and not own:
            return lambda record: record
        from midcli.analyser import Analyser
        from midcli.explanation.reference import Comparison

        context = Analyser(self._model, reference=reference, vocabulary=vocabulary).context
        self.meaning = context.head.meaning
        if self.meaning:
            self.sheet = self.sheet.in_emotions(context.head.names)
        if not asked:
            return lambda record: record
        return Comparison(context).of

    @property
    def repair(self) -> str:
        """What of the output was lost in a crash, if anything was."""
        return (
            f"{self._journal.path}: {self._journal.repair}" if self._journal and self._journal.repair else ""
        )

    def kept(self) -> Iterator[Record]:
        """All records of the output, also those of earlier runs."""
        return map(self._compared, self._journal.records()) if self._journal else iter(())


def emotion_names(model: str | None, vocabulary: str | None = None) -> tuple[str, ...]:
    """The emotions that results of a model are in. Raises ModelError, and UsageError for the vocabulary."""
    if vocabulary is None and not _has_own_emotions(model):
        return EMOTION_NAMES
    from midcli.analyser import Analyser

    return Analyser(model, vocabulary=vocabulary).context.head.names


def first_line(form: Format, sheet: Sheet = Sheet()) -> str:
    """What stands above the records of a stream."""
    return sheet.header() if form is Format.csv else ""


def line_of(record: Record, form: Format, sheet: Sheet = Sheet()) -> str:
    """A record in a stream."""
    return sheet.line(record) if form is Format.csv else json_line(record.to_dict()) + "\n"


def write_table(records: Iterable[Record], path: Path, form: Format, sheet: Sheet = Sheet()) -> None:
    """Write the records as a table, replacing the file at once when all is written.

    Raises OutputError if it cannot be written.
    """
    try:
        with replacing(path) as file:
            if form is Format.parquet:
                write_parquet(records, file, sheet.emotions)
            else:
                (write_xlsx if form is Format.xlsx else write_csv)(records, file, sheet)
    except MidcliError:
        raise
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error


def kept_in(output: Path, form: Format) -> Path:
    """The JSON lines that a run goes on from."""
    return output if form is Format.jsonl else output.with_name(f"{output.name}.jsonl")


@dataclass(frozen=True)
class Predictions:
    """What became of many files: a sequence of predictions, and the failures beside them.

    >>> import midcli
    >>> library = midcli.predict(["song.ogg", "other.ogg"], output="library.jsonl")
    >>> len(library), library.failures
    (2, ())
    >>> sorted(library.to_dicts()[0])[:3]
    ['anger', 'anger_average', 'anger_high']
    """

    pieces: tuple[Prediction, ...]
    failures: tuple[Failure, ...]

    def __len__(self) -> int:
        return len(self.pieces)

    def __iter__(self) -> Iterator[Prediction]:
        return iter(self.pieces)

    def __getitem__(self, index: int) -> Prediction:
        return self.pieces[index]

    def to_dicts(self) -> list[dict[str, Any]]:
        """Pieces as flat rows: file, duration_s, a column a label and its statistics, warnings, model."""
        return [flat(piece) for piece in self.pieces]

    def to_pandas(self) -> "pandas.DataFrame":
        """The same as a table with the file as index; pandas must be installed."""
        import pandas

        return pandas.DataFrame(self.to_dicts()).set_index("file").dropna(axis="columns", how="all")


def predict(
    paths: str | Path | Sequence[str | Path],
    output: str | Path | None = None,
    model: str | Path | None = None,
    jobs: int = 1,
    on_record: Callable[[Record], object] | None = None,
    reference: str | Path | None = None,
    vocabulary: str | None = None,
    quick: bool = False,
    facts: bool = False,
) -> Predictions:
    """Predict the files, folders and patterns in `paths`; one that cannot be read does not stop the others.

    With `output` (.jsonl, .csv, .xlsx, .parquet), results are kept there as they come; files that are in it
    and have not changed are not analysed again. `jobs` more than 1 work in processes of their own.
    `on_record` hears of each result. `reference` is a file of predictions in JSON lines that averages and
    percentiles refer to instead of the model's corpus; `vocabulary` gives the emotions of another of the
    model's heads (what is kept in JSON lines has the model's first, from which the others follow). `quick`
    hears one to two minutes of each long piece; whole results replace quick ones, never the reverse. `facts`
    measures tempo, key, loudness ... of each piece too. Raises UsageError, ModelError, DataError,
    OutputError, ExtraError.

    >>> import midcli
    >>> [round(piece.duration_s) for piece in midcli.predict("song.ogg")]
    [3]
    """
    named = [paths] if isinstance(paths, str | Path) else paths
    fresh = []
    with Run(
        [str(path) for path in named],
        None if model is None else str(model),
        None if output is None else Path(output),
        reference=None if reference is None else Path(reference),
        workers=Workers(0 if jobs == 1 else jobs, hearing=Hearing(quick=quick, facts=facts)),
        vocabulary=vocabulary,
    ) as run:
        if run.repair:
            _log.warning("%s", run.repair)
        for record in run.records():
            fresh.append(record)
            if on_record:
                on_record(record)
        return _gathered(run.kept() if output else fresh)


def open_journal(path: Path, sha256: str, hearing: Hearing = USUAL) -> Journal:
    """The journal of a run with the model of that hash. Raises UsageError if another model has written it."""
    journal = Journal(path, hearing.quick, hearing.facts, hearing.track)
    if journal.model and journal.model.sha256 != sha256:
        journal.close()
        raise UsageError(
            f"{path}: holds results of another model ({journal.model.build}) than the one in use "
            f"({short(sha256)}); choose another output, or use that model"
        )
    return journal


def _gathered(records: Iterable[Record]) -> Predictions:
    everything = sorted(records, key=lambda record: record.file)
    return Predictions(
        tuple(record for record in everything if isinstance(record, Prediction)),
        tuple(record for record in everything if isinstance(record, Failure)),
    )


def _has_own_emotions(model: str | None) -> bool:
    begins_with_eight = model in (None, *bundled_models())
    return not begins_with_eight and has_own_emotions(find_model(model))


def _named_format(output: Path) -> Format:
    form = format_of(output)
    if form is None:
        raise UsageError(f"{output}: the name must end in .jsonl, .csv, .xlsx or .parquet")
    return form


def _check(form: Format, output: Path | None, resumable: bool, compared: object) -> None:
    if compared and output and form is Format.jsonl:
        raise UsageError(
            "predictions in JSON lines stay those of the model's first emotions and its own corpus; leave "
            "reference and vocabulary out"
        )
    if form in (Format.parquet, Format.xlsx):
        if not resumable:
            raise UsageError(f"{form} cannot be streamed; name a file")
        (require_parquet if form is Format.parquet else require_xlsx)()


def _can_be_resumed(output: Path) -> bool:
    """Whether it is, or would become, a regular file: no pipe, no device."""
    return isfile(output) or not exists(output) or isdir(output)


def _journal(output: Path, form: Format, sha256: str, hearing: Hearing) -> Journal:
    path = kept_in(output, form)
    if exists(output) and not exists(path):
        raise UsageError(f"{output}: exists, and not from a run that can go on; choose another output")
    return open_journal(path, sha256, hearing)


class _Stream:
    """A pipe or a device that gets text as it comes. Raises OutputError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = path.open("wb", buffering=0)
        except OSError as error:
            raise self._cannot(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def put(self, text: str) -> None:
        try:
            write_all(self._file, text.encode())
        except BrokenPipeError:
            raise
        except OSError as error:
            raise self._cannot(error) from error

    def _cannot(self, error: OSError) -> OutputError:
        return OutputError(f"{self._path}: cannot be written: {error.strerror}")
