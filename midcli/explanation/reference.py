"""The user's own reference: predictions of a library, as averages and percentiles compare with them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from midcli.errors import DataError
from midcli.explanation.effects import percentile
from midcli.explanation.json import EXPLAIN_SCHEMA, PREDICT_SCHEMA
from midcli.labels import QUALITY_NAMES, RATING_SCALE
from midcli.library.journal import row_key
from midcli.util.text import rounded

Array = npt.NDArray[np.float64]

_SCHEMAS = (PREDICT_SCHEMA, EXPLAIN_SCHEMA)
_FEWEST = 2
_RECIPE = "`midcli predict --format jsonl`"


@dataclass(frozen=True)
class OwnReference:
    """Qualities of the pieces in a file of predictions."""

    name: str
    ids: tuple[str, ...]
    midlevel: Array
    """(pieces, 7), x 0.1 scale."""


def read_reference(path: str | Path, model_sha256: str) -> OwnReference:
    """Read what `midcli predict --format jsonl` or `explain --json` wrote; rows of failed files are skipped.

    Raises DataError if the file cannot be read, a line is not such a prediction or was made by another model.
    """
    try:
        lines = Path(path).read_text("utf-8").split("\n")  # str.splitlines splits at U+2028 too
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise DataError(f"{path}: not a text file; a reference is made by {_RECIPE}") from error
    pieces: dict[str, tuple[str, list[float]]] = {}
    for number, line in enumerate(lines[:-1], start=1):
        if line.strip():
            _take(f"{path}, line {number}", line, model_sha256, pieces)
    if lines[-1].strip() and not _is_torn(lines[-1]):
        _take(f"{path}, line {len(lines)}", lines[-1], model_sha256, pieces)
    if len(pieces) < _FEWEST:
        raise DataError(f"{path}: predictions in it: {len(pieces)}; a reference needs at least {_FEWEST}")
    ids, rows = zip(*pieces.values(), strict=True)
    return OwnReference(f"{len(rows)} of {Path(path).name}", ids, np.array(rows) * RATING_SCALE)


def compare_row(row: dict[str, Any], name: str, points: dict[str, Array]) -> dict[str, Any]:
    """A row of `predict` with averages and percentiles of another reference.

    `points` are its qualities and emotions by name, in rating points (pieces,).
    """
    if "error" in row:
        return row
    return (
        row
        | {"reference": name}
        | {
            part: {
                label: value
                | {
                    "average": rounded(float(points[label].mean())),
                    "percentile": rounded(percentile(value["value"], points[label])),
                }
                for label, value in row[part].items()
            }
            for part in ("midlevel", "emotions")
        }
    )


def _take(place: str, line: str, model_sha256: str, pieces: dict[str, tuple[str, list[float]]]) -> None:
    """Add the piece of a line; a later row of a file replaces an earlier one."""
    row = _row(place, line)
    if "error" not in row:
        values = _midlevel(place, row, model_sha256)
        try:
            pieces[row_key(row)] = str(row.get("file")), values
        except (AttributeError, TypeError) as error:
            raise DataError(f"{place}: its source is malformed; predict again") from error


def _is_torn(last: str) -> bool:
    """Whether the last line is a row that is still being written, or that a crash left incomplete."""
    try:
        json.loads(last)
    except (ValueError, RecursionError):
        return last.startswith('{"schema": "')
    return False


def _row(place: str, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{place}: not JSON; a reference is made by {_RECIPE}") from error
    if not isinstance(row, dict) or row.get("schema") not in _SCHEMAS:
        raise DataError(f"{place}: not a prediction; a reference is made by {_RECIPE}")
    return row


def _midlevel(place: str, row: dict[str, Any], model_sha256: str) -> list[float]:
    try:
        made_by = row["model"]["sha256"]
        values = [float(row["midlevel"][name]["value"]) for name in QUALITY_NAMES]
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise DataError(f"{place}: its qualities are incomplete or malformed; predict again") from error
    if not np.isfinite(values).all():
        raise DataError(f"{place}: a quality is not a finite number; predict again")
    if made_by != model_sha256:
        raise DataError(f"{place}: made by another model than the one in use; predict again with this model")
    return values
