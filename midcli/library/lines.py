"""The lines that `predict` wrote to rows: what a library has of each piece."""

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from midcli.errors import DataError
from midcli.explanation.records import Failure, ModelInfo, Prediction, of_several_models, read_record
from midcli.labels import QUALITY_NAMES
from midcli.util.documents import MAX_LINE_CHARACTERS
from midcli.util.files import exists

_BLANK = b"\0 \t\r\n"  # NULs are what a power cut may leave at the end
NUMBERS_OF_CONTRAST = ("low", "high", "low_from_s", "high_from_s")
ROW = np.dtype(
    [
        ("offset", "<i8"),
        ("duration_s", "<f8"),
        ("midlevel", "<f8", len(QUALITY_NAMES)),
        ("flagged", "?"),
        ("sha256", "V32"),
        ("heard_whole", "?"),
        ("contrast", [("emotion", "<i2"), *((name, "<f8") for name in NUMBERS_OF_CONTRAST)]),
    ]
)
"""What a library has of a piece."""
_NO_CONTRAST: tuple[float, ...] = (-1, 0.0, 0.0, 0.0, 0.0)
_NO_HASH = bytes(32)


class NoLibraryError(DataError):
    """What is read as a library is none."""


class Lines(NamedTuple):
    """What stands in a file of predictions."""

    model: ModelInfo
    files: tuple[str, ...]
    rows: npt.NDArray[Any]
    failures: int
    contrast_names: tuple[str, ...]
    origins: tuple[str, ...]


def read_lines(path: Path) -> Lines:
    """The latest row of every file. Raises DataError if the file is something else or of several models."""
    latest: dict[str, tuple[str, str, tuple[Any, ...] | None]] = {}
    codes: dict[str, int] = {}
    model: ModelInfo | None = None
    for offset, record in _records(path):
        latest.pop(record.key, None)
        origin = sys.intern((record.source and record.source.folder) or "")
        if isinstance(record, Failure):
            latest[record.key] = record.file, origin, None
            continue
        model = model or record.model
        if record.model.sha256 != model.sha256:
            raise DataError(f"{path}: {of_several_models(model, record)}; predict again with one")
        latest[record.key] = record.file, origin, _row(offset, record, codes)
    kept = [(file, origin, row) for file, origin, row in latest.values() if row is not None]
    if model is None or not kept:
        failed = f", only {len(latest)} that could not be analysed" if latest else ""
        raise DataError(f"{path}: holds no analysed piece{failed}")
    files, origins, rows = zip(*kept, strict=True)
    return Lines(model, files, np.array(list(rows), ROW), len(latest) - len(kept), tuple(codes), origins)


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
    problem = f"{path}: line {number} is no result of a prediction"
    if exists(kept):
        return DataError(f"{problem}; this table was made from {kept}")
    return NoLibraryError(problem)


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
