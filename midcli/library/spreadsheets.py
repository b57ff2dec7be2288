"""Records as people look at them in a spreadsheet: few columns, few decimals, in CSV or xlsx.

Programs have JSON lines and Parquet, with everything in them.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from midcli.errors import ExtraError, UsageError
from midcli.explanation.records import Prediction, Record
from midcli.explanation.words.names import known_name
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.library.places import located
from midcli.library.tables import COLUMNS, flat, harmless_cell, in_emotions
from midcli.library.tags import read_titles

SHORT = ("file", "title", "artist", "duration_s", *EMOTION_NAMES, *QUALITY_NAMES, "flag")
"""The columns that a spreadsheet has unless others are asked for."""
ALL = ("file", "title", "artist", "flag", *(name for name in COLUMNS if name != "file"))

_SHORT_FACTS = ("tempo_bpm", "key", "loudness_lufs", "true_peak_dbtp", "dynamic_range_db", "brightness_hz")
_MARK = "\ufeff"  # of byte order, by which Excel knows UTF-8
_OWN = frozenset({"title", "artist", "flag"})
_WIDEST = 60  # characters of a column in xlsx


@dataclass(frozen=True)
class Sheet:
    """Which columns there are, and how many decimals."""

    columns: tuple[str, ...] = SHORT
    decimals: int = 2
    emotions: tuple[str, ...] = EMOTION_NAMES
    results: Path | None = None
    """The file that the records were kept in, from which the names of their files count; None: from here."""

    @property
    def is_whole(self) -> bool:
        """Whether it has all columns."""
        return self.columns == in_emotions(ALL, self.emotions)

    def with_facts(self) -> "Sheet":
        """The same with what was measured, unless columns were chosen."""
        if self.columns != SHORT:
            return self
        return replace(self, columns=(*self.columns[:-1], *_SHORT_FACTS, self.columns[-1]))

    def in_emotions(self, names: Sequence[str]) -> "Sheet":
        """The same with the emotions of another vocabulary in place of the eight, unless it has them."""
        if self.emotions == tuple(names):
            return self
        return replace(self, columns=in_emotions(self.columns, names), emotions=tuple(names))

    def cells(self, record: Record) -> list[str | float | None]:
        """A value a column; None for what the record lacks."""
        values = flat(record)
        if _OWN.intersection(self.columns):
            titles = read_titles(self._place(record))
            values |= {"title": titles.title, "artist": titles.artist, "flag": flag(record)}
        return [self._cell(values.get(name)) for name in self.columns]

    def header(self) -> str:
        """The first line of CSV."""
        return _line(self.columns)

    def line(self, record: Record) -> str:
        """A record as a line of CSV; text without control characters and never a formula."""
        return _line(
            f"{cell:.{self.decimals}f}" if isinstance(cell, float) else cell for cell in self.cells(record)
        )

    def _place(self, record: Record) -> str | Path:
        """Where the file of a record is."""
        if self.results is None:
            return record.file
        return located(record.file, (record.source and record.source.folder) or "", self.results)

    def _cell(self, value: Any) -> str | float | None:
        if isinstance(value, str):
            return harmless_cell(value)
        if isinstance(value, bool):
            return "yes" if value else ""
        return round(value, self.decimals) + 0.0 if isinstance(value, float) else value


def sheet_of(columns: str | None, decimals: int = 2, emotions: Sequence[str] = EMOTION_NAMES) -> Sheet:
    """The sheet with the columns that a text lists, separated by commas; `all`: with all of them.

    `emotions` are those that records are in. Raises UsageError for a column that does not exist.
    """
    if columns is None:
        return Sheet(decimals=decimals).in_emotions(emotions)
    every = in_emotions(ALL, emotions)
    if columns.strip() == "all":
        return Sheet(every, decimals, tuple(emotions))
    named = columns.split(",")
    if not all(map(str.strip, named)):
        raise UsageError(f"{columns}: expected names with commas between them, such as file,tension, or all")
    chosen = tuple(dict.fromkeys(known_name(name, every) for name in named))
    return Sheet(chosen, decimals, tuple(emotions))


def without_constants(sheet: Sheet, records: Iterable[Record]) -> Sheet:
    """The sheet without columns that are the same in all of several records; the file always stays."""
    first: list[Any] = []
    varying: set[int] = set()
    for count, record in enumerate(records):
        cells = sheet.cells(record)
        if not count:
            first = cells
        varying.update(place for place, cell in enumerate(cells) if cell != first[place])
    kept = (name for place, name in enumerate(sheet.columns) if place in varying or name == "file")
    return replace(sheet, columns=tuple(kept)) if varying else sheet


def flag(record: Record) -> str:
    """What to know before one believes a row: nothing of most."""
    if not isinstance(record, Prediction):
        return f"failed: {record.message}"
    parts = [f"not music: {record.novelty.resembles}"] if record.flagged and record.novelty else []
    if record.heard_s is not None:
        parts.append(f"{record.heard_s:.0f} s heard")
    return "; ".join(parts)


def write_csv(records: Iterable[Record], file: IO[bytes], sheet: Sheet) -> None:
    """The records as CSV with a byte-order mark."""
    file.write(f"{_MARK}{sheet.header()}".encode())
    file.writelines(sheet.line(record).encode() for record in records)


def require_xlsx() -> None:
    """Raises ExtraError without the library."""
    try:
        import xlsxwriter  # noqa: F401
    except ImportError as error:
        raise ExtraError("xlsx", "xlsx") from error


def write_xlsx(records: Iterable[Record], file: IO[bytes], sheet: Sheet) -> None:
    """The records as a workbook of one sheet, whose head stays in view and filters. Raises OSError."""
    import xlsxwriter

    # of a full disk it would tell in its own way, and once more as Python ends
    content = io.BytesIO()
    texts = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, {**texts, "in_memory": True}) as book:
        page = book.add_worksheet("midcli")
        bold = book.add_format({"bold": True})
        points = book.add_format({"num_format": f"0.{'0' * sheet.decimals}" if sheet.decimals else "0"})
        page.write_row(0, 0, sheet.columns, bold)
        widths = list(map(len, sheet.columns))
        number = 0
        for number, cells in enumerate(map(sheet.cells, records), 1):
            for place, cell in enumerate(cells):
                page.write(number, place, cell, points if isinstance(cell, float) else None)
                if isinstance(cell, str):
                    widths[place] = max(widths[place], len(cell))
        page.freeze_panes(1, 1)
        page.autofilter(0, 0, number, len(sheet.columns) - 1)
        for place, width in enumerate(widths):
            page.set_column(place, place, min(width + 2, _WIDEST))
    file.write(content.getbuffer())


def _line(values: Iterable[Any]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(values)
    return line.getvalue()
