"""Rows of `predict` as a table: one file a line, the eight emotions beside each other."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Group
from rich.table import Table
from rich.text import Text

from midcli.display import theme
from midcli.labels import EMOTION_NAMES, EMOTION_RANGE
from midcli.output import printable
from midcli.rows import Row
from midcli.words import decimal

_HIGH_PERCENTILE = 80
_LOW_PERCENTILE = 20
_SHORTEST_NAME = 12
_DOUBT = "? "
_FILE_HEADER = "file"


def predictions_table(rows: Sequence[Row], width: int | None, coloured: bool = True) -> Group:
    """Emotions of the rows that have them; names are cut at the left to fit the width (None: whole names).

    Colour marks what is among the highest or lowest fifth of the reference.
    """
    low, high = EMOTION_RANGE
    names = [f"{_DOUBT if _flagged(row) else ''}{printable(row['file'])}" for row in rows]
    if width is not None:
        room = max(_SHORTEST_NAME, width - sum(len(name) + 1 for name in EMOTION_NAMES))
        names = [_cut(name, room) for name in names]
    table = Table(
        box=None,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        header_style=theme.QUIET,
    )
    table.add_column(_FILE_HEADER, no_wrap=True, overflow="ellipsis")
    for name in EMOTION_NAMES:
        table.add_column(name, justify="right", no_wrap=True, min_width=len(name))
    for name, row in zip(names, rows, strict=True):
        if "emotions" in row:
            table.add_row(
                Text(name, style=theme.QUIET if _flagged(row) else ""),
                *(_cell(row["emotions"][emotion]) for emotion in EMOTION_NAMES),
            )
    legend = [f"ratings: {low:g} to {high:g}"]
    if coloured:
        legend[0] += "; coloured: among the highest or lowest fifth of the reference"
    halves = _interval_halves(rows)
    if len(halves) == len(EMOTION_NAMES):
        half = sum(halves) / len(halves)
        legend.append(f"four ratings of five lie within about {decimal(half)} of the value")
    if any(map(_flagged, rows)):
        legend.append(f"{_DOUBT.strip()} does not sound like music: take its values as guesses")
    return Group(table, *(Text(line, style=theme.QUIET) for line in legend))


def _cut(name: str, room: int) -> str:
    """The end of a name that fits into that many columns of a terminal."""
    if cell_len(name) <= room:
        return name
    while cell_len(name) >= room:
        name = name[1:]
    return f"…{name}"


def _interval_halves(rows: Sequence[Row]) -> list[float]:
    """Half of an interval of each emotion that no end of the scale cuts short in some row."""
    lowest, highest = EMOTION_RANGE
    halves = {
        name: (value["high"] - value["low"]) / 2
        for row in rows
        for name, value in row.get("emotions", {}).items()
        if "low" in value and lowest < value["low"] < value["value"] < value["high"] < highest
    }
    return list(halves.values())


def _flagged(row: Row) -> bool:
    return bool(row.get("novelty", {}).get("flagged"))


def _cell(value: dict[str, float]) -> Text:
    if value["percentile"] >= _HIGH_PERCENTILE:
        style = theme.UP
    elif value["percentile"] <= _LOW_PERCENTILE:
        style = theme.DOWN
    else:
        style = theme.NEUTRAL
    return Text(decimal(value["value"]), style=style)
