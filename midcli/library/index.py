"""What `predict` wrote as columns: the qualities of 100 000 pieces at once, from an index beside the file.

The index is made anew whenever the file has another size or time of change; where nobody may write beside the
file, it is kept in the user's cache folder, and where that fails too it is done without.
"""

import hashlib
import json
import logging
import os
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from midcli.errors import DataError, InputError, ModelError
from midcli.explanation.records import Failure, ModelInfo, Prediction, read_record
from midcli.explanation.sections import Contrast
from midcli.explanation.words.names import known_name
from midcli.explanation.words.vocabulary import QUALITY_WORDS, QualityWords, emotion_words
from midcli.labels import EMOTIONS, QUALITY_NAMES, EmotionWords
from midcli.model.head import EIGHT, Array, Head, Interval, head_object, read_head
from midcli.util.documents import MAX_LINE_CHARACTERS
from midcli.util.files import exists, isdir, isfile, replacing
from midcli.util.stopwatch import Stopwatch

_log = logging.getLogger(__name__)

_FORMAT = 2
_BLANK = b"\0 \t\r\n"  # NULs are what a power cut may leave at the end
WORTH_AN_INDEX_BYTES = 2_000_000  # what is smaller is read in a quarter of a second
_MALFORMED = (
    OSError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    MemoryError,
    RuntimeError,  # of nesting, encryption, ways to compress
    zipfile.BadZipFile,
)
_NUMBERS_OF_CONTRAST = ("low", "high", "low_from_s", "high_from_s")
_ROW = np.dtype(
    [
        ("offset", "<i8"),
        ("duration_s", "<f8"),
        ("midlevel", "<f8", len(QUALITY_NAMES)),
        ("flagged", "?"),
        ("sha256", "V32"),
        ("heard_whole", "?"),
        ("contrast", [("emotion", "<i2"), *((name, "<f8") for name in _NUMBERS_OF_CONTRAST)]),
    ]
)
_NO_CONTRAST: tuple[float, ...] = (-1, 0.0, 0.0, 0.0, 0.0)
_NO_HASH = bytes(32)
_GREATEST = 1e30  # as of rows


@dataclass(frozen=True)
class Library:
    """The pieces of a file that `predict` wrote, in rating points; failures are only counted.

    >>> from midcli.library.index import open_library
    >>> library = open_library("library.jsonl")
    >>> len(library), library.values.shape
    (2, (2, 15))
    """

    path: Path
    model: ModelInfo
    heads: Mapping[str, Head]
    """The vocabularies of the model, by name."""
    vocabulary: str
    """The one that emotions are named in."""
    midlevel_interval: Interval | None
    files: tuple[str, ...]
    """Names as they were given to `predict`."""
    rows: npt.NDArray[Any]
    """(pieces,): offset in the file, duration_s, midlevel, flagged, sha256, heard_whole, contrast."""
    failures: int
    contrast_names: tuple[str, ...] = ()
    """The emotions that pieces change in, as their rows number them; -1 is a piece that does not change."""

    def __len__(self) -> int:
        return len(self.files)

    @property
    def head(self) -> Head:
        return self.heads[self.vocabulary]

    def in_words_of(self, vocabulary: str) -> "Library":
        """The same pieces with the emotions of another vocabulary. Raises UsageError if there is none."""
        return replace(self, vocabulary=known_name(vocabulary, tuple(self.heads)))

    @property
    def emotion_names(self) -> tuple[str, ...]:
        return self.head.names

    def words_of(self, name: str) -> EmotionWords | QualityWords:
        """How one speaks of an emotion of the vocabulary, or of a quality."""
        if name in QUALITY_WORDS:
            return QUALITY_WORDS[name]
        return emotion_words(self.head.labels[self.emotion_names.index(name)])

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of `values`: emotions, then qualities."""
        return (*self.emotion_names, *QUALITY_NAMES)

    @property
    def midlevel(self) -> Array:
        """(pieces, 7)"""
        midlevel: Array = self.rows["midlevel"]
        return midlevel

    @cached_property
    def values(self) -> Array:
        """(pieces, emotions + 7)"""
        return self.all_values(self.midlevel)

    def all_values(self, midlevel: Array) -> Array:
        """Emotions and qualities (..., emotions + 7) of qualities (..., 7)."""
        return np.concatenate([self.head.emotions(midlevel), midlevel], axis=-1)

    @cached_property
    def reach(self) -> tuple[Array, Array]:
        """How far below and above a value its 80 % interval goes, (emotions + 7,) each; infinite where the
        model gives none.
        """
        down, up = [], []
        for interval, count in (
            (self.head.interval, len(self.emotion_names)),
            (self.midlevel_interval, len(QUALITY_NAMES)),
        ):
            down.append(np.full(count, np.inf) if interval is None else -interval.low)
            up.append(np.full(count, np.inf) if interval is None else interval.high)
        return np.concatenate(down), np.concatenate(up)

    @cached_property
    def is_music(self) -> npt.NDArray[np.bool_]:
        """(pieces,): what is not flagged."""
        return ~self.rows["flagged"]

    def contrast(self, row: int) -> Contrast | None:
        """The emotion that differs most between two sections of a piece; None if it does not change."""
        emotion, *numbers = self.rows["contrast"][row].item()
        return None if emotion < 0 else Contrast(self.contrast_names[emotion], *numbers)

    def locate(self, row: int) -> Path:
        """Where the file of a piece is: seen from here, else from the folder of the library."""
        file = Path(self.files[row])
        beside = self.path.parent / file
        return beside if not exists(file) and exists(beside) else file

    def record(self, row: int) -> Prediction:
        """All that was kept of a piece. Raises DataError if the file has changed since it was opened."""
        try:
            with self.path.open("rb") as file:
                file.seek(int(self.rows["offset"][row]))
                record = read_record(json.loads(file.readline()))
        except (OSError, ValueError, RecursionError) as error:
            raise DataError(f"{self.path}: has changed since it was opened; run again") from error
        if not isinstance(record, Prediction) or record.file != self.files[row]:
            raise DataError(f"{self.path}: has changed since it was opened; run again")
        return record

    def row_of(self, path: str | Path) -> int | None:
        """The piece that a file is, by its place or its content; None for one that is not in the library."""
        wanted = os.path.realpath(path)
        for row, file in enumerate(self.files):
            if os.path.basename(file) == os.path.basename(str(path)) and (  # noqa: PTH119
                os.path.realpath(self.locate(row)) == wanted
            ):
                return row
        try:
            with Path(path).open("rb") as opened:
                digest = hashlib.file_digest(opened, "sha256").digest()
        except OSError:
            return None
        same = np.flatnonzero(self.rows["sha256"] == np.void(digest))
        return int(same[0]) if len(same) else None


def open_library(path: str | Path, model: str | Path | None = None) -> Library:
    """Open what `predict` wrote as JSON lines; `model` names the model file where it is not a bundled one.

    The emotions are those of the model's own vocabulary.

    Raises InputError if the file cannot be read, DataError if it is something else or holds no piece,
    ModelError if its model is not there.

    >>> from midcli.library.index import open_library
    >>> open_library("library.jsonl").files  # which predict(..., output="library.jsonl") wrote
    ('song.ogg', 'other.ogg')
    """
    path = Path(path)
    watch = Stopwatch(_log)
    try:
        with path.open("rb") as file:
            state = os.fstat(file.fileno())
    except OSError as error:
        what = "is a folder" if isdir(path) else f"cannot be read: {error.strerror}"
        raise InputError(path, what) from error
    stamp = [_FORMAT, state.st_size, state.st_mtime_ns]
    if state.st_size < WORTH_AN_INDEX_BYTES:
        return _assembled(path, read_lines(path), model)
    for place in filter(isfile, index_places(path)):
        kept = None
        with suppress(*_MALFORMED):
            kept = _load(place, path, stamp)
        if kept is not None:
            if model:
                model_of(path, kept.model, model)
            watch.lap("%s: %d pieces from %s", path, len(kept), place)
            return kept
    library = _assembled(path, read_lines(path), model)
    _keep(library, stamp)
    watch.lap("%s: %d pieces read", path, len(library))
    return library


@dataclass(frozen=True)
class Lines:
    """What stands in a file of predictions."""

    model: ModelInfo
    files: tuple[str, ...]
    rows: npt.NDArray[Any]
    failures: int
    contrast_names: tuple[str, ...]


def read_lines(path: Path) -> Lines:
    """The latest row of every file. Raises DataError if the file is something else or of several models."""
    latest: dict[str, tuple[str, tuple[Any, ...] | None]] = {}
    codes: dict[str, int] = {}
    model: ModelInfo | None = None
    for offset, record in _records(path):
        latest.pop(record.key, None)
        if isinstance(record, Failure):
            latest[record.key] = record.file, None
            continue
        model = model or record.model
        if record.model.sha256 != model.sha256:
            raise DataError(f"{path}: holds results of several models; predict again with one")
        latest[record.key] = record.file, _row(offset, record, codes)
    kept = [(file, row) for file, row in latest.values() if row is not None]
    if model is None or not kept:
        failed = f", only {len(latest)} that could not be analysed" if latest else ""
        raise DataError(f"{path}: holds no analysed piece{failed}")
    rows = np.array([row for _, row in kept], _ROW)
    files = tuple(file for file, _ in kept)
    return Lines(model, files, rows, len(latest) - len(kept), tuple(codes))


def _records(path: Path) -> Iterator[tuple[int, Prediction | Failure]]:
    offset = 0
    with path.open("rb") as lines:
        for number, line in enumerate(iter(lambda: lines.readline(MAX_LINE_CHARACTERS), b""), 1):
            if line.strip(_BLANK):
                try:
                    yield offset, read_record(json.loads(line.rstrip(_BLANK)))
                except (ValueError, RecursionError) as error:
                    if not line.endswith(b"\n") and line.startswith(b'{"schema": "'):
                        return  # a row that is still being written, or that a crash left incomplete
                    raise _no_result(path, number) from error
            elif len(line) == MAX_LINE_CHARACTERS:
                raise _no_result(path, number)
            offset += len(line)


def _no_result(path: Path, number: int) -> DataError:
    """Of a table that `predict` wrote, it says where the results are that it was made from."""
    kept = path.with_name(f"{path.name}.jsonl")
    hint = f"; this table was made from {kept}" if exists(kept) else ""
    return DataError(f"{path}: line {number} is no result of a prediction{hint}")


def _row(offset: int, record: Prediction, codes: dict[str, int]) -> tuple[Any, ...]:
    sha256 = _NO_HASH
    if record.source:
        with suppress(ValueError):
            sha256 = bytes.fromhex(record.source.sha256).ljust(32, b"\0")[:32]
    midlevel = [record.midlevel[name].value for name in QUALITY_NAMES]
    contrast = _NO_CONTRAST
    if record.contrast:
        emotion, *numbers = record.contrast
        contrast = codes.setdefault(emotion, len(codes)), *numbers
    whole = record.heard_s is None
    return offset, record.duration_s, midlevel, record.flagged, sha256, whole, contrast


def _assembled(path: Path, lines: Lines, model: str | Path | None) -> Library:
    from midcli.audio.spectrogram import FRONTEND
    from midcli.model.file import Model

    made_by = Model(model_of(path, lines.model, model), FRONTEND, threads=1)
    return Library(
        path,
        lines.model,
        made_by.heads,
        made_by.vocabulary,
        made_by.midlevel_interval,
        lines.files,
        lines.rows,
        lines.failures,
        lines.contrast_names,
    )


def model_of(path: Path, info: ModelInfo, named: str | Path | None = None) -> Path:
    """The file of the model that made the rows of a library: the named one, or a bundled one.

    Raises ModelError if it is not that one, or not there.
    """
    from midcli.model.bundled import bundled_models, find_model
    from midcli.model.file import read_model

    candidates = [find_model(named)] if named else list(bundled_models().values())
    for candidate in candidates:
        if hashlib.sha256(read_model(candidate)).hexdigest() == info.sha256:
            return candidate
    made_by = f"{info.name} {info.version}"
    if named:
        raise ModelError(f"{path}: was made by another model ({made_by}) than {named}")
    raise ModelError(
        f"{path}: was made by a model ({made_by}) that does not come with this midcli; "
        "name its file, or predict again"
    )


def index_places(path: Path) -> tuple[Path, Path]:
    """Where the index of a library may be: beside it, else in the cache."""
    from platformdirs import user_cache_path

    real = Path(os.path.realpath(path))
    digest = hashlib.sha256(os.fsencode(real)).hexdigest()[:16]
    cache = user_cache_path("midcli", appauthor=False)
    return real.with_name(f"{real.name}.index"), cache / "libraries" / f"{real.stem}-{digest}.index"


def _keep(library: Library, stamp: list[int]) -> None:
    """Write the index where that is possible; a reader never sees half of one."""
    beside, cached = index_places(library.path)
    for place in (beside, cached):
        try:
            if place == cached:
                place.parent.mkdir(parents=True, exist_ok=True)
            if exists(place) and not _is_index(place):
                continue  # a file of the user's that happens to have this name
            with replacing(place) as file:
                np.savez(
                    file,
                    rows=library.rows,
                    files=np.frombuffer("\0".join(library.files).encode(), np.uint8),
                    about=np.frombuffer(json.dumps(_about(library, stamp)).encode(), np.uint8),
                )
        except OSError as error:
            _log.info("%s: cannot be written: %s", place, error)
        else:
            return


def _is_index(place: Path) -> bool:
    if not isfile(place):  # a pipe would never be opened
        return False
    try:
        with np.load(place, allow_pickle=False) as index:
            return set(index.files) == {"rows", "files", "about"}
    except _MALFORMED:
        return False


def _about(library: Library, stamp: list[int]) -> dict[str, Any]:
    return {
        "stamp": stamp,
        "model": library.model._asdict(),
        "failures": library.failures,
        "heads": {name: head_object(head, "") for name, head in library.heads.items()},
        "vocabulary": library.vocabulary,
        "midlevel_interval": _ends(library.midlevel_interval),
        "contrast_names": library.contrast_names,
    }


def _load(place: Path, path: Path, stamp: list[int]) -> Library:
    """Raises one of _MALFORMED unless there is an index of the file as it is now."""
    with np.load(place, allow_pickle=False) as index:
        about = json.loads(index["about"].tobytes())
        if about["stamp"] != stamp:
            raise ValueError("the file has changed")
        if any(part.compress_type != zipfile.ZIP_STORED for part in index.zip.infolist()):
            raise ValueError("compressed, to who knows what size")
        rows, files = index["rows"], index["files"].tobytes().decode().split("\0")
    _check(rows, files, about)
    heads = {name: read_head(name, stored) for name, stored in about["heads"].items()}
    if EIGHT in heads:
        heads[EIGHT] = replace(heads[EIGHT], labels=EMOTIONS)
    return Library(
        path,
        ModelInfo(**about["model"]),
        heads,
        about["vocabulary"],
        _interval(about["midlevel_interval"]),
        tuple(files),
        rows,
        about["failures"],
        tuple(about["contrast_names"]),
    )


def _check(rows: npt.NDArray[Any], files: Sequence[str], about: Mapping[str, Any]) -> None:
    """Raises ValueError for what no library holds."""
    kinds = [about["failures"], about["vocabulary"], *about["model"].values(), *about["contrast_names"]]
    if (
        rows.dtype != _ROW
        or rows.shape != (len(files),)
        or [*map(type, kinds)] != [int] + [str] * len(kinds[1:])
    ):
        raise ValueError("an index of another kind")
    emotions = rows["contrast"]["emotion"]
    numbers = [
        rows["midlevel"],
        rows["duration_s"],
        *(rows["contrast"][name] for name in _NUMBERS_OF_CONTRAST),
    ]
    if (
        about["vocabulary"] not in about["heads"]
        or not all((np.abs(values) < _GREATEST).all() for values in numbers)
        or not ((emotions >= -1) & (emotions < len(about["contrast_names"]))).all()
        or "" in files
    ):
        raise ValueError("values that no piece has")


def _ends(interval: Interval | None) -> list[list[float]] | None:
    return None if interval is None else [interval.low.tolist(), interval.high.tolist()]


def _interval(ends: list[list[float]] | None) -> Interval | None:
    return None if ends is None else Interval(*map(np.array, ends))
