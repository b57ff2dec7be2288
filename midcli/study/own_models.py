"""A model of one's own emotions: the network of a finished model with another head, in a file of its own."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from midcli.corpora.labelled import read_labelled
from midcli.errors import DataError, UsageError
from midcli.explanation.records import Prediction, Record
from midcli.labels import QUALITY_NAMES
from midcli.library.predicting import predict
from midcli.model.bundled import find_model
from midcli.model.file import METADATA_PREFIX, Model, read_model
from midcli.model.head import EIGHT, Head, head_object
from midcli.model.properties import with_properties
from midcli.study.heads import LearnedLabel, fit_head
from midcli.util.files import write_bytes


@dataclass(frozen=True)
class OwnModel:
    """What was learned, and from how much."""

    head: Head
    labels: tuple[LearnedLabel, ...]
    """All that were asked for."""
    songs: int
    groups: int


def make_own_model(
    table: Path,
    columns: Sequence[str],
    out: Path,
    base: str | Path | None = None,
    name: str | None = None,
    jobs: int = 1,
    keep_all: bool = False,
    on_song: Callable[[int], object] | None = None,
) -> OwnModel:
    """Fit a head to the labels in the columns of a table and write a model file that explains them.

    The songs' qualities are kept in the user's cache folder, so a second fit takes seconds. `on_song` hears
    how many songs there are still to do. Labels that unseen songs do not bear out are left out, unless
    `keep_all`. Raises DataError if the table or its songs do not do, ModelError if the base does not,
    UsageError if it would be called like the eight emotions.
    """
    path = find_model(base)
    if (name or out.stem) == EIGHT:
        raise UsageError(f"a model of one's own emotions cannot be called {EIGHT}, as the eight are")
    labelled = read_labelled(table, columns)
    qualities = _qualities(labelled.paths, path, jobs, on_song)
    head, labels = fit_head(name or out.stem, labelled, qualities, keep_all)
    write_bytes(out, _content(path, head, table))
    return OwnModel(head, tuple(labels), len(labelled.paths), len(set(labelled.groups)))


def _qualities(
    paths: Sequence[Path], model: Path, jobs: int, on_song: Callable[[int], object] | None
) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    """(songs, 7) in rating points. Raises DataError if a song cannot be analysed."""
    from platformdirs import user_cache_path

    folder = user_cache_path("midcli", appauthor=False) / "qualities"
    folder.mkdir(parents=True, exist_ok=True)
    remaining = len(paths)

    def count(_: Record) -> None:
        nonlocal remaining
        remaining -= 1
        if on_song:
            on_song(remaining)

    kept = folder / f"{_digest(model)}.jsonl"
    wanted = [str(path.resolve()) for path in paths]
    found = predict(wanted, kept, model, jobs, count)
    pieces = {piece.file: piece for piece in found}
    problems = [f"{failure.file}: {failure.message}" for failure in found.failures if failure.file in wanted]
    if problems:
        more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
        raise DataError(f"{problems[0]}{more}; leave such songs out of the table")
    return np.array([_values(pieces[file]) for file in wanted])


def _values(piece: Prediction) -> list[float]:
    return [piece.midlevel[name].value for name in QUALITY_NAMES]


def _digest(model: Path) -> str:
    import hashlib

    return hashlib.sha256(read_model(model)).hexdigest()[:16]


def _content(path: Path, head: Head, table: Path) -> bytes:
    """The base model with the head as its first vocabulary, and a card that says so."""
    from midcli.audio.spectrogram import FRONTEND

    base = Model(path, FRONTEND, 1)
    fitted = f"ridge regression on the qualities of {base.name} {base.version}; {head.about}"
    heads = {name: other for name, other in base.heads.items() if not other.main}
    others = {name: head_object(other, "see the card") for name, other in heads.items()}
    card = base.card | {
        "name": head.name,
        "version": "1.0",
        "made_from": f"{base.name} {base.version}",
        "vocabulary": {"name": head.name, "table": table.name, "r": dict(head.scores), "fitted": fitted},
        "date": datetime.now(UTC).date().isoformat(),
    }
    changes = {
        "heads": others | {head.name: head_object(head, fitted)},
        "vocabulary": head.name,
        "card": card,
    }
    return with_properties(
        read_model(path),
        {f"{METADATA_PREFIX}{key}": json.dumps(value, ensure_ascii=False) for key, value in changes.items()},
    )
