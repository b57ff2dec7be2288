"""Records of `predict` as a table: one file a line, the emotions beside each other."""

from collections.abc import Mapping, Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from midcli.explanation.records import Prediction, Value
from midcli.explanation.words.certainty import OUTER_FIFTHS, beyond_scale, outside
from midcli.explanation.words.numbers import decimal
from midcli.model.head import EIGHT
from midcli.util.text import printable
from midcli.views.terminal import theme
from midcli.views.terminal.names import cut_names

_SHORTEST_NAME = 11
_DOUBT = "? "
_FILE_HEADER = "file"
_MEASURED = {
    "BPM": ("tempo_bpm", 0),
    "key": ("key", 0),
    "LUFS": ("loudness_lufs", 1),
    "peak dBTP": ("true_peak_dbtp", 1),
    "range dB": ("dynamic_range_db", 0),
    "bright Hz": ("brightness_hz", 0),
}
"""What is measured beside the model, as a column: where it is kept, and how many decimals."""


def predictions_table(
    shown: Sequence[Prediction], width: int | None, coloured: bool = True, meaning: str = ""
) -> Group:
    """Emotions of the pieces; names are cut in the middle to fit the width (None: whole names).

    Where the emotions do not all fit beside the names, the others follow in further tables.
    Colour marks what is among the highest or lowest fifth of the reference; `meaning` says what the values
    are, unless they are ratings.
    """
    cells = {name: [_cell(piece.emotions[name]) for piece in shown] for name in shown[0].emotions}
    tables = _tables(shown, cells, width)
    if any(piece.facts for piece in shown):
        tables += _tables(shown, {name: [_fact(piece, name) for piece in shown] for name in _MEASURED}, width)
    legend = _legend(shown, coloured, meaning)
    return Group(*tables, *(Text(line, style=theme.QUIET) for line in legend))


def _legend(shown: Sequence[Prediction], coloured: bool, meaning: str) -> list[str]:
    low, high = shown[0].scale
    values = "ratings" if shown[0].vocabulary == EIGHT else shown[0].vocabulary
    legend = [meaning or f"{values}: {low:g} to {high:g}"]
    if coloured:
        legend[0] += "; coloured: among the highest or lowest fifth of the reference"
    halves = _interval_halves(shown)
    if len(halves) == len(shown[0].emotions):
        half = decimal(sum(halves) / len(halves))
        answers = values if values == "ratings" else "answers"
        legend.append(f"four {answers} of five lie within about {half} of the value")
    if any(beyond_scale(value.value, (low, high)) for piece in shown for value in piece.emotions.values()):
        legend.append(outside((low, high)))
    if excerpts := sum(piece.heard_s is not None for piece in shown):
        legend.append(f"{excerpts} of {len(shown)} heard in excerpts, not whole")
    if any(piece.flagged for piece in shown):
        legend.append(f"{_DOUBT.strip()} does not sound like music: take its values as guesses")
    return legend


def _tables(
    shown: Sequence[Prediction], cells: Mapping[str, Sequence[Text]], width: int | None
) -> list[Table]:
    """As many tables as it takes for all columns to fit beside the names."""
    blocks, room = _blocks(cells, width)
    styles = [theme.QUIET if piece.flagged else "" for piece in shown]
    names = [Text(name, style=style) for name, style in zip(_names(shown, room), styles, strict=True)]
    return [_table(names, {column: cells[column] for column in block}) for block in blocks]


def _fact(piece: Prediction, name: str) -> Text:
    column, decimals = _MEASURED[name]
    value = (piece.facts or {}).get(column)
    if value is None:
        return Text("–", style=theme.QUIET)
    return Text(value if isinstance(value, str) else decimal(value, decimals))


def _blocks(
    cells: Mapping[str, Sequence[Text]], width: int | None
) -> tuple[Sequence[Sequence[str]], int | None]:
    """The emotions in as few parts as fit beside names that can be told apart, and the room for the names."""
    names = tuple(cells)
    if width is None:
        return [names], None
    taken = {name: 1 + max([len(name), *(cell.cell_len for cell in cells[name])]) for name in names}
    for size in (len(names), *(size for size in (8, 4, 3, 2, 1) if size < len(names))):
        blocks = [names[start : start + size] for start in range(0, len(names), size)]
        room = width - max(sum(taken[name] for name in block) for block in blocks)
        if room >= _SHORTEST_NAME:
            break
    return blocks, max(_SHORTEST_NAME, room)


def _table(names: Sequence[Text], cells: Mapping[str, Sequence[Text]]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style=theme.QUIET)
    table.add_column(_FILE_HEADER, no_wrap=True, overflow="ellipsis")
    for emotion in cells:
        table.add_column(emotion.replace("_", " "), justify="right", no_wrap=True)
    for row in zip(names, *cells.values(), strict=True):
        table.add_row(*row)
    return table


def _names(pieces: Sequence[Prediction], room: int | None) -> list[str]:
    marks = [_DOUBT if piece.flagged else "" for piece in pieces]
    names = [printable(piece.file) for piece in pieces]
    if room is not None:
        names = cut_names(names, room - max(map(len, marks)))
    return [mark + name for mark, name in zip(marks, names, strict=True)]


def _interval_halves(pieces: Sequence[Prediction]) -> list[float]:
    """Half of an interval of each emotion that no end of the scale cuts short in some piece."""
    lowest, highest = pieces[0].scale
    halves = {
        name: (value.high - value.low) / 2
        for piece in pieces
        for name, value in piece.emotions.items()
        if value.low is not None
        and value.high is not None
        and lowest < value.low < value.value < value.high < highest
    }
    return list(halves.values())


def _cell(value: Value) -> Text:
    low, high = OUTER_FIFTHS
    if value.percentile >= high:
        style = theme.UP
    elif value.percentile <= low:
        style = theme.DOWN
    else:
        style = theme.NEUTRAL
    return Text(decimal(value.value), style=style)
