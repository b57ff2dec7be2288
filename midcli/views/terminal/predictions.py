"""Rows of `predict` as a table: one file a line, the eight emotions beside each other."""

from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from rich.console import Group
from rich.table import Table
from rich.text import Text

from midcli.explanation.words.certainty import OUTER_FIFTHS
from midcli.explanation.words.numbers import decimal
from midcli.labels import EMOTION_NAMES, EMOTION_RANGE
from midcli.library.tasks import Row
from midcli.util.text import printable
from midcli.views.terminal import theme

_SHORTEST_NAME = 11
_DOUBT = "? "
_FILE_HEADER = "file"


def predictions_table(rows: Sequence[Row], width: int | None, coloured: bool = True) -> Group:
    """Emotions of the rows that have them; names are cut at the left to fit the width (None: whole names).

    Where the emotions do not all fit beside the names, the others follow in further tables.
    Colour marks what is among the highest or lowest fifth of the reference.
    """
    low, high = EMOTION_RANGE
    shown = [row for row in rows if "emotions" in row]
    cells = {name: [_cell(row["emotions"][name]) for row in shown] for name in EMOTION_NAMES}
    blocks, room = _blocks(cells, width)
    names = [Text(_name(row, room), style=theme.QUIET if _flagged(row) else "") for row in shown]
    tables = [_table(names, {emotion: cells[emotion] for emotion in block}) for block in blocks]
    legend = [f"ratings: {low:g} to {high:g}"]
    if coloured:
        legend[0] += "; coloured: among the highest or lowest fifth of the reference"
    halves = _interval_halves(rows)
    if len(halves) == len(EMOTION_NAMES):
        half = sum(halves) / len(halves)
        legend.append(f"four ratings of five lie within about {decimal(half)} of the value")
    if any(map(_flagged, rows)):
        legend.append(f"{_DOUBT.strip()} does not sound like music: take its values as guesses")
    return Group(*tables, *(Text(line, style=theme.QUIET) for line in legend))


def _blocks(
    cells: Mapping[str, Sequence[Text]], width: int | None
) -> tuple[Sequence[Sequence[str]], int | None]:
    """The emotions in as few parts as fit beside names that can be told apart, and the room for the names."""
    if width is None:
        return [EMOTION_NAMES], None
    taken = {name: 1 + max([len(name), *(cell.cell_len for cell in cells[name])]) for name in EMOTION_NAMES}
    for size in (8, 4, 3, 2, 1):
        blocks = [EMOTION_NAMES[start : start + size] for start in range(0, len(EMOTION_NAMES), size)]
        room = width - max(sum(taken[name] for name in block) for block in blocks)
        if room >= _SHORTEST_NAME:
            break
    return blocks, max(_SHORTEST_NAME, room)


def _table(names: Sequence[Text], cells: Mapping[str, Sequence[Text]]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style=theme.QUIET)
    table.add_column(_FILE_HEADER, no_wrap=True, overflow="ellipsis")
    for emotion in cells:
        table.add_column(emotion, justify="right", no_wrap=True)
    for row in zip(names, *cells.values(), strict=True):
        table.add_row(*row)
    return table


def _name(row: Row, room: int | None) -> str:
    mark = _DOUBT if _flagged(row) else ""
    name = printable(row["file"])
    return mark + (name if room is None else _cut(name, room - len(mark)))


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
    low, high = OUTER_FIFTHS
    if value["percentile"] >= high:
        style = theme.UP
    elif value["percentile"] <= low:
        style = theme.DOWN
    else:
        style = theme.NEUTRAL
    return Text(decimal(value["value"]), style=style)
