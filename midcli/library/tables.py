"""Records of `predict` to tables: one file a line, one number a column."""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any

from midcli.errors import ExtraError, MidcliError, OutputError
from midcli.explanation.records import Prediction, Record, Value
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.util.files import replacing
from midcli.util.text import json_text, printable, rounded

_STATISTICS = ("average", "percentile", "low", "high")
_LABELS = (*EMOTION_NAMES, *QUALITY_NAMES)
COLUMNS: dict[str, type] = {
    "file": str,
    "duration_s": float,
    "heard_s": float,
    **dict.fromkeys(_LABELS, float),
    "novelty": float,
    "novelty_flagged": bool,
    "warnings": str,
    "error_kind": str,
    "error_message": str,
    **{f"{name}_{statistic}": float for name in _LABELS for statistic in _STATISTICS},
    "model": str,
    "model_version": str,
    "model_sha256": str,
    "sha256": str,
    "bytes": int,
}
"""Columns of a table and what is in them; any but the file may be missing. Values are in rating points."""

_ROWS_PER_GROUP = 5000
_FORMULA_STARTS = tuple("=+-@＝＋－＠")


def flat(record: Record) -> dict[str, Any]:
    """The columns of a record; those that it lacks are None."""
    values: dict[str, Any] = dict.fromkeys(COLUMNS)
    values["file"] = json_text(record.file)
    if record.source:
        values |= {"sha256": record.source.sha256, "bytes": record.source.bytes}
    if not isinstance(record, Prediction):
        return values | {"error_kind": record.kind, "error_message": record.message}
    for name, value in (*record.emotions.items(), *record.midlevel.items()):
        values |= _label_columns(name, value)
    if record.novelty:
        values |= {"novelty": rounded(record.novelty.score), "novelty_flagged": record.flagged}
    model = record.model
    return values | {
        "duration_s": rounded(record.duration_s),
        "heard_s": None if record.heard_s is None else rounded(record.heard_s),
        "warnings": "; ".join(record.warnings),
        "model": model.name,
        "model_version": model.version,
        "model_sha256": model.sha256,
    }


def _label_columns(name: str, value: Value) -> dict[str, float]:
    return {
        name if statistic == "value" else f"{name}_{statistic}": number
        for statistic, number in value.to_dict().items()
    }


def csv_header() -> str:
    """The first line of a CSV table."""
    return _csv_line(COLUMNS)


def csv_line(record: Record) -> str:
    """A record as a line of CSV, its text without control characters and never a formula."""
    return _csv_line(
        harmless_cell(value) if isinstance(value, str) else value for value in flat(record).values()
    )


def write_table(records: Iterable[Record], path: Path, table_format: str) -> None:
    """Write the records as `csv` or `parquet`, replacing the file at once when all is written.

    Raises OutputError if it cannot be written.
    """
    write = {"csv": _write_csv, "parquet": _write_parquet}[table_format]
    try:
        with replacing(path) as file:
            write(records, file)
    except MidcliError:
        raise
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error


def require_parquet() -> None:
    """Raises ExtraError without the library."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        raise ExtraError("Parquet", "parquet") from error


def _write_csv(records: Iterable[Record], file: IO[bytes]) -> None:
    file.write(csv_header().encode())
    file.writelines(csv_line(record).encode() for record in records)


def _write_parquet(records: Iterable[Record], file: IO[bytes]) -> None:
    import pyarrow
    import pyarrow.parquet

    types = {str: pyarrow.string(), float: pyarrow.float64(), int: pyarrow.int64(), bool: pyarrow.bool_()}
    schema = pyarrow.schema([(name, types[kind]) for name, kind in COLUMNS.items()])
    with pyarrow.parquet.ParquetWriter(file, schema) as writer:
        for group in _groups(map(flat, records)):
            writer.write_table(pyarrow.Table.from_pylist(group, schema))


def _groups(values: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while group := list(islice(values, _ROWS_PER_GROUP)):
        yield group


def _csv_line(values: Iterable[Any]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(values)
    return line.getvalue()


def harmless_cell(text: str) -> str:
    """The name of a file as no spreadsheet takes it for a formula, and no terminal for a command."""
    text = text if text.isprintable() else printable(text)  # few need the slow way
    # "./" leaves the name of a file what it is, and a spreadsheet takes it for text
    return f"./{text}" if text.startswith(_FORMULA_STARTS) else text
