"""Emotions and qualities of many files, in memory or in a library that later runs go on from."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midcli.audio.limits import MAX_DURATION_S
from midcli.errors import UsageError
from midcli.explanation.records import Failure, Prediction, Record
from midcli.library.batch import Batch, Runner, local_runner, model_sha256, single_runner
from midcli.library.finding import find_files
from midcli.library.journal import Journal
from midcli.library.tables import flat

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class Predictions:
    """What became of many files: a sequence of predictions, and the failures beside them."""

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
) -> Predictions:
    """Predict the files, folders and patterns in `paths`; one that cannot be read does not stop the others.

    With `output` (JSON lines), results are kept there as they come; files that are in it and have not changed
    are not analysed again. `jobs` more than 1 work in processes, so the program must be importable (guard its
    entry with `if __name__ == "__main__"`). `on_record` hears of each result. Raises UsageError, ModelError,
    OutputError.

    >>> import midcli
    >>> [round(piece.duration_s) for piece in midcli.predict("song.ogg")]
    [3]
    """
    named = [paths] if isinstance(paths, str | Path) else paths
    files, problems = find_files([str(path) for path in named])
    name = None if model is None else str(model)
    sha256 = model_sha256(name)
    with ExitStack() as stack:
        journal = stack.enter_context(open_journal(Path(output), sha256)) if output else None
        batch = Batch(files, problems, journal)
        fresh = []
        for record in batch.records(_runner(name, sha256, jobs)):
            fresh.append(record)
            if on_record:
                on_record(record)
        if journal:
            journal.tidy()
        return _gathered(journal.records() if journal else fresh)


def open_journal(path: Path, sha256: str) -> Journal:
    """The journal of a run with the model of that hash. Raises UsageError if another model has written it."""
    journal = Journal(path)
    if journal.model and journal.model.sha256 != sha256:
        journal.close()
        made_by = f"{journal.model.name} {journal.model.version}"
        raise UsageError(f"{path}: holds results of another model ({made_by}); choose another output")
    return journal


def _runner(model: str | None, sha256: str, jobs: int) -> Runner:
    if jobs == 1:
        return single_runner(model, sha256, MAX_DURATION_S)
    return local_runner(model, sha256, jobs)


def _gathered(records: Iterable[Record]) -> Predictions:
    everything = sorted(records, key=lambda record: record.file)
    return Predictions(
        tuple(record for record in everything if isinstance(record, Prediction)),
        tuple(record for record in everything if isinstance(record, Failure)),
    )
