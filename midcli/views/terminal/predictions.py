"""Records of `predict` as a table: one file a line, the emotions beside each other."""

from collections.abc import Iterator, Mapping, Sequence

from rich.cells import cell_len
from rich.console import Group
from rich.table import Table
from rich.text import Text

from midcli.explanation.records import Prediction, Value
from midcli.explanation.words.certainty import OUTER_FIFTHS
from midcli.explanation.words.numbers import decimal
from midcli.model.head import EIGHT
from midcli.util.text import printable
from midcli.views.terminal import theme

_SHORTEST_NAME = 11
_DOUBT = "? "
_FILE_HEADER = "file"


def predictions_table(
    shown: Sequence[Prediction], width: int | None, coloured: bool = True, meaning: str = ""
) -> Group:
    """Emotions of the pieces; names are cut at the left to fit the width (None: whole names).

    Where the emotions do not all fit beside the names, the others follow in further tables.
    Colour marks what is among the highest or lowest fifth of the reference; `meaning` says what the values
    are, unless they are ratings.
    """
    cells = {name: [_cell(piece.emotions[name]) for piece in shown] for name in shown[0].emotions}
    blocks, room = _blocks(cells, width)
    names = [Text(_name(piece, room), style=theme.QUIET if piece.flagged else "") for piece in shown]
    tables = [_table(names, {emotion: cells[emotion] for emotion in block}) for block in blocks]
    return Group(*tables, *(Text(line, style=theme.QUIET) for line in _legend(shown, coloured, meaning)))


def _legend(shown: Sequence[Prediction], coloured: bool, meaning: str) -> Iterator[str]:
    (low, high), vocabulary = shown[0].scale, shown[0].vocabulary
    answers = "ratings" if vocabulary == EIGHT else "answers"
    values = meaning or f"{'ratings' if vocabulary == EIGHT else vocabulary}: {low:g} to {high:g}"
    colours = "; coloured: among the highest or lowest fifth of the reference" if coloured else ""
    yield f"{values}{colours}"
    halves = _interval_halves(shown)
    if len(halves) == len(shown[0].emotions):
        half = decimal(sum(halves) / len(halves))
        yield f"four {answers} of five lie within about {half} of the value"
    if any(piece.flagged for piece in shown):
        yield f"{_DOUBT.strip()} does not sound like music: take its values as guesses"


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


def _name(piece: Prediction, room: int | None) -> str:
    mark = _DOUBT if piece.flagged else ""
    name = printable(piece.file)
    return mark + (name if room is None else _cut(name, room - len(mark)))


def _cut(name: str, room: int) -> str:
    """The end of a name that fits into that many columns of a terminal."""
    if cell_len(name) <= room:
        return name
    while cell_len(name) >= room:
        name = name[1:]
    return f"…{name}"


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
