"""Records of `predict` to tables: one file a line, one number a column."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import IO, Any

from midcli.errors import ExtraError
from midcli.explanation.records import Prediction, Record, Value
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.util.text import json_text, printable, rounded

STATISTICS = ("average", "percentile", "low", "high")
_LABELS = (*EMOTION_NAMES, *QUALITY_NAMES)
FACTS: dict[str, type] = {
    "tempo_bpm": float,
    "steadiness": float,
    "pulse_clarity": float,
    "onsets_per_second": float,
    "staccato_db_per_s": float,
    "key": str,
    "key_clarity": float,
    "minor_lead": float,
    "roughness": float,
    "level_dbfs": float,
    "loudness_lufs": float,
    "true_peak_dbtp": float,
    "dynamic_range_db": float,
    "brightness_hz": float,
    "measured_s": float,
}
"""Columns of what was measured beside the model."""
COLUMNS: dict[str, type] = {
    "file": str,
    "duration_s": float,
    "heard_s": float,
    **dict.fromkeys(_LABELS, float),
    "novelty": float,
    "novelty_flagged": bool,
    **FACTS,
    "warnings": str,
    "error_kind": str,
    "error_message": str,
    **{f"{name}_{statistic}": float for name in _LABELS for statistic in STATISTICS},
    "model": str,
    "model_version": str,
    "model_sha256": str,
    "sha256": str,
    "bytes": int,
}
"""Columns of a table and what is in them; any but the file may be missing. Values are in rating points."""

_OF_THE_EIGHT = {name for name in COLUMNS if name.startswith(EMOTION_NAMES)}
_ROWS_PER_GROUP = 5000
_FORMULA_STARTS = tuple("=+-@＝＋－＠")


def in_emotions(columns: Iterable[str], names: Sequence[str]) -> tuple[str, ...]:
    """Columns with emotions of these names in place of the eight."""
    renamed: list[str] = []
    for column in columns:
        if column == EMOTION_NAMES[0]:
            renamed += names
        elif column == f"{EMOTION_NAMES[0]}_{STATISTICS[0]}":
            renamed += [f"{name}_{statistic}" for name in names for statistic in STATISTICS]
        elif column not in _OF_THE_EIGHT:
            renamed.append(column)
    return tuple(renamed)


def columns_in(emotions: Sequence[str]) -> dict[str, type]:
    """COLUMNS with these emotions in place of the eight."""
    if tuple(emotions) == EMOTION_NAMES:
        return COLUMNS
    return {column: COLUMNS.get(column, float) for column in in_emotions(COLUMNS, emotions)}


def flat(record: Record) -> dict[str, Any]:
    """The columns of a record; those that it lacks are None."""
    emotions = tuple(record.emotions) if isinstance(record, Prediction) else EMOTION_NAMES
    values: dict[str, Any] = dict.fromkeys(columns_in(emotions))
    values["file"] = json_text(record.file)
    if record.source:
        values |= {"sha256": record.source.sha256, "bytes": record.source.bytes}
    if not isinstance(record, Prediction):
        return values | {"error_kind": record.kind, "error_message": record.message}
    for name, value in (*record.emotions.items(), *record.midlevel.items()):
        values |= _label_columns(name, value)
    if record.novelty:
        values |= {"novelty": rounded(record.novelty.score), "novelty_flagged": record.flagged}
    if record.facts:
        values |= {name: record.facts.get(name) for name in FACTS}
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


def require_parquet() -> None:
    """Raises ExtraError without the library."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        raise ExtraError("Parquet", "parquet") from error


def write_parquet(
    records: Iterable[Record], file: IO[bytes], emotions: Sequence[str] = EMOTION_NAMES
) -> None:
    """The records with all columns; an empty table has them too."""
    import pyarrow
    import pyarrow.parquet

    types = {str: pyarrow.string(), float: pyarrow.float64(), int: pyarrow.int64(), bool: pyarrow.bool_()}
    schema = pyarrow.schema([(name, types[kind]) for name, kind in columns_in(emotions).items()])
    with pyarrow.parquet.ParquetWriter(file, schema) as writer:
        for group in _groups(map(flat, records)):
            writer.write_table(pyarrow.Table.from_pylist(group, schema))


def _groups(values: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while group := list(islice(values, _ROWS_PER_GROUP)):
        yield group


def harmless_cell(text: str) -> str:
    """The name of a file as no spreadsheet takes it for a formula, and no terminal for a command."""
    text = text if text.isprintable() else printable(text)  # few need the slow way
    # "./" leaves the name of a file what it is, and a spreadsheet takes it for text
    return f"./{text}" if text.startswith(_FORMULA_STARTS) else text
