"""The user's own reference: predictions of a library, as averages and percentiles compare with them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from midcli.errors import DataError
from midcli.explanation.context import Context
from midcli.explanation.effects import percentile
from midcli.explanation.records import (
    EXPLAIN_SCHEMA,
    PREDICT_SCHEMA,
    Prediction,
    Record,
    Value,
    read_record,
    short,
)
from midcli.labels import QUALITY_NAMES
from midcli.model.file import Reference
from midcli.util.documents import ContentError, document_lines, from_json

_SCHEMAS = (PREDICT_SCHEMA, EXPLAIN_SCHEMA)
_FEWEST = 2
_RECIPE = "`midcli predict` with an output in JSON lines"


def read_reference(path: str | Path, model_sha256: str) -> Reference:
    """Read what `midcli predict --format jsonl` or `explain --json` wrote; rows of failed files are skipped.

    Raises DataError if the file cannot be read, a line is not such a prediction or was made by another model.
    """
    pieces: dict[str, Prediction] = {}
    try:
        for number, line in enumerate(document_lines(Path(path)), start=1):
            if line.strip() and (line.endswith("\n") or not _is_torn(line)):
                _take(f"{path}, line {number}", line, model_sha256, pieces)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    except ContentError as error:
        raise DataError(f"{path}: {error}; a reference is made by {_RECIPE}") from error
    if len(pieces) < _FEWEST:
        raise DataError(f"{path}: predictions in it: {len(pieces)}; a reference needs at least {_FEWEST}")
    return Reference(
        f"{len(pieces)} of {Path(path).name}",
        tuple(piece.file for piece in pieces.values()),
        np.array([[piece.midlevel[name].value for name in QUALITY_NAMES] for piece in pieces.values()]),
    )


class Comparison:
    """Predictions as another reference or vocabulary sees them."""

    def __init__(self, context: Context) -> None:
        self._context = context
        midlevel, head = context.reference.midlevel, context.head
        values = np.hstack([midlevel, head.emotions(midlevel)])
        self._points = dict(zip((*QUALITY_NAMES, *head.names), values.T, strict=True))

    def of(self, record: Record) -> Record:
        """The record with averages and percentiles of the reference, and the emotions of the vocabulary."""
        if not isinstance(record, Prediction):
            return record
        return replace(
            record,
            reference=self._context.reference.name,
            vocabulary=self._context.head.name,
            scale=self._context.head.scale,
            midlevel={name: self._value(name, value) for name, value in record.midlevel.items()},
            emotions=self._emotions(record),
        )

    def _emotions(self, piece: Prediction) -> Mapping[str, Value]:
        if piece.emotions.keys() == set(self._context.head.names):
            return {name: self._value(name, value) for name, value in piece.emotions.items()}
        midlevel = np.array([piece.midlevel[name].value for name in QUALITY_NAMES])
        explanation = self._context.explain(midlevel)
        return {name: Value.of(value) for name, value in explanation.emotions.items()}

    def _value(self, name: str, value: Value) -> Value:
        points = self._points[name]
        return replace(value, average=float(points.mean()), percentile=percentile(value.value, points))


def _take(place: str, line: str, model_sha256: str, pieces: dict[str, Prediction]) -> None:
    """Add the piece of a line; a later row of a file replaces an earlier one."""
    row = _row(place, line)
    try:
        record = read_record(row)
    except ValueError as error:
        raise DataError(f"{place}: its values are incomplete or malformed; predict again") from error
    if not isinstance(record, Prediction):
        return
    if record.model.sha256 != model_sha256:
        raise DataError(
            f"{place}: made by another model ({record.model.build}) than the one in use "
            f"({short(model_sha256)}); predict again with this model"
        )
    pieces[record.key] = record


def _is_torn(last: str) -> bool:
    """Whether the last line is a row that is still being written, or that a crash left incomplete."""
    try:
        from_json(last)
    except ContentError:
        return last.startswith('{"schema": "')
    return False


def _row(place: str, line: str) -> dict[str, Any]:
    try:
        row = from_json(line)
    except ContentError as error:
        raise DataError(f"{place}: {error}; a reference is made by {_RECIPE}") from error
    if not isinstance(row, dict) or row.get("schema") not in _SCHEMAS:
        raise DataError(f"{place}: not a prediction; a reference is made by {_RECIPE}")
    return row
