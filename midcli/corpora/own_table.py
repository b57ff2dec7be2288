"""The rows of a user's own table of files, checked for what would be read wrongly without a word."""

import os
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from midcli.corpora.corpus import LONGEST_SHOWN, Row, read_csv, some
from midcli.errors import DataError
from midcli.labels import EMOTIONS, QUALITIES
from midcli.util.files import isfile

_KNOWN = {
    "file",
    "group",
    *(name for label in (*QUALITIES, *EMOTIONS) for name in (label.name, label.column)),
}


def own_rows(table: Path, columns: Sequence[str] = ()) -> list[Row]:
    """Rows of a CSV with a column `file`, paths beside it, and these columns.

    Headers that midcli knows may be in any case. Raises DataError if a column or file is
    missing, a file is there twice, however it is written, or a row has more cells than the header.
    """
    rows = [_in_known_case(row, columns) for row in read_csv(table)]
    if not rows:
        raise DataError(f"{table}: has no rows")
    for column in ("file", *columns):
        if column not in rows[0].cells:
            raise DataError(
                f"{table}: has no column `{column}`; it has {some(list(rows[0].cells))}"
                f"{_if_not_commas(rows[0])}"
            )
    lines: dict[str, int] = {}
    for row in rows:
        if row.spills:
            raise DataError(
                f"{row.where}: has more cells than the header; a cell with a comma in it needs quotes"
            )
        name = row.cells["file"]
        path = audio_path(row)
        if not isfile(path):
            raise DataError(f"{row.where}: {name[:LONGEST_SHOWN]}: no such file beside the table")
        first = lines.setdefault(os.path.realpath(path), row.line)
        if first != row.line:
            raise DataError(f"{row.where}: {name[:LONGEST_SHOWN]} is named twice, first in line {first}")
    return rows


def audio_path(row: Row) -> Path:
    """Where the audio of a row is; accents may be written in either of the ways that file systems have."""
    composed = row.table.parent / row.cells["file"]
    decomposed = row.table.parent / unicodedata.normalize("NFD", row.cells["file"])
    return decomposed if not isfile(composed) and isfile(decomposed) else composed


def group_of(row: Row) -> str:
    """What the piece belongs to; itself where the table does not say."""
    return row.cells.get("group") or row.cells["file"]


def _in_known_case(row: Row, columns: Sequence[str]) -> Row:
    cells = dict(row.cells)
    for header in row.cells:
        known = header.lower()
        if known in _KNOWN and known not in cells and header not in columns:
            cells[known] = cells.pop(header)
    return replace(row, cells=cells)


def _if_not_commas(row: Row) -> str:
    headers = "".join(row.cells)
    apart = len(row.cells) == 1 and (";" in headers or "\t" in headers)
    return "; cells are separated by commas" if apart else ""
