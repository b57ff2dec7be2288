"""Bars, axes and aligned rows, drawn with characters at half a cell's resolution."""

from collections.abc import Sequence
from itertools import groupby
from typing import Literal, NamedTuple

from rich.text import Text

from midcli.explanation.words.certainty import ABOVE, BELOW, beyond_scale
from midcli.explanation.words.vocabulary import QUALITY_WORDS
from midcli.views.scales import LEAST_REACH
from midcli.views.terminal import theme

QUALITY_WIDTH = max(len(quality.noun) for quality in QUALITY_WORDS.values())
"""Columns of the longest name of a quality."""

_HALVES = 2
_TRACK = "·"


class Cell(NamedTuple):
    """One column of a row; the last one of a row is not padded."""

    text: str | Text
    width: int
    align: Literal["left", "right", "center"] = "left"


def row(*cells: Cell, gap: int = 1, indent: int = 1) -> Text:
    """One line of cells at fixed widths, cut where they do not fit; no blanks at its end."""
    line = Text(" " * indent, no_wrap=True, overflow="crop", end="")
    for number, cell in enumerate(cells):
        text = Text(cell.text) if isinstance(cell.text, str) else cell.text.copy()
        text.truncate(cell.width, overflow="ellipsis")
        text.align(cell.align, cell.width)
        if number:
            line.append(" " * gap)
        line.append_text(text)
    line.rstrip()
    line.end = "\n"
    return line


def scale_axis(ends: tuple[float, float], width: int) -> Text:
    """The ends and the middle of a scale above bars of that width: `1 ······ 5 ······ 9`."""
    if not width:
        return Text()
    low, high = ends
    middle = (low + high) / 2
    if middle != int(middle):
        middle = int(middle)
    line = [_TRACK] * width
    for number in (low, middle, high):
        label = f"{number:g}"
        start = min(_position(number, ends, width), width - len(label))
        for place in range(start - 1, start + len(label) + 1):
            if 0 <= place < width:
                line[place] = " "
        line[start : start + len(label)] = label
    return Text("".join(line), style=theme.QUIET)


def scale_bar(
    value: float,
    ends: tuple[float, float],
    width: int,
    average: float,
    interval: tuple[float, float] | None = None,
    style: str = theme.NEUTRAL,
) -> Text:
    """A bar from the low end of a scale to a value, with a tick at the average.

    The bar is solid up to the low end of the interval, dashed from there to the value, and thin from the
    value to the high end. Values beyond the scale are drawn at its end, with an arrow there.
    """
    stop = _halves(value, ends, width)
    solid_stop, thin_stop = (stop, stop)
    if interval:
        solid_stop = min(stop, _halves(interval[0], ends, width))
        thin_stop = max(stop, _halves(interval[1], ends, width))
    tick = _position(average, ends, width)
    cells = [_cell(cell * _HALVES, stop, solid_stop, thin_stop, cell == tick, style) for cell in range(width)]
    if width and (beyond := beyond_scale(value, ends)):
        end, arrow = (0, BELOW) if beyond < 0 else (-1, ABOVE)
        cells[end] = (arrow, style) if end % width != tick else cells[end]
    bar = Text()
    for run_style, run in groupby(cells, key=lambda cell: cell[1]):
        bar.append("".join(character for character, _ in run), style=run_style)
    return bar


def _cell(
    start: int, stop: int, solid_stop: int, thin_stop: int, is_tick: bool, style: str
) -> tuple[str, str]:
    """Character and style of the cell that begins at a half."""
    filled = max(0, min(_HALVES, stop - start))
    thin = start < thin_stop
    if is_tick:
        return ("┿" if filled else "┼" if thin else "│"), theme.TITLE
    if filled == _HALVES:
        return ("━" if start < solid_stop else "╍"), style
    if filled:
        return ("╾" if thin_stop > start + 1 else "╸"), style
    return ("─", style) if thin else (_TRACK, theme.QUIET)


def effect_axis(effects: Sequence[float], width: int) -> int:
    """Column of zero in bars of that width, so that the largest effects of both signs fit."""
    up, down = _reach(effects)
    if up + down == 0:
        return width // 2
    return min(width - 2, max(1, round((width - 1) * down / (up + down))))


def effect_bar(effect: float, effects: Sequence[float], width: int) -> Text:
    """A bar that starts at zero and points right for a push up, left for a push down.

    `effects` are all those of the chart; they set its scale, but small ones do not fill it.
    """
    axis = effect_axis(effects, width)
    up, down = _reach(effects)
    lengths = [room * abs(effect) / reach for room, reach in ((width - 1 - axis, up), (axis, down)) if reach]
    halves = round(min(1.0, (up + down) / LEAST_REACH) * min(lengths, default=0) * _HALVES)
    full, half = divmod(halves, _HALVES)
    style = theme.direction(effect)
    left, right = Text(" " * axis), Text()
    if effect < 0:
        left = Text(("╺" if half else "") + "━" * full, style=style)
        left.align("right", axis)
    elif effect > 0:
        right = Text("━" * full + ("╸" if half else ""), style=style)
    bar = Text()
    bar.append_text(left)
    bar.append("│", style=theme.QUIET)
    bar.append_text(right)
    return bar


def _reach(effects: Sequence[float]) -> tuple[float, float]:
    return max(0.0, *effects), max(0.0, *(-effect for effect in effects))


def _halves(value: float, ends: tuple[float, float], width: int) -> int:
    low, high = ends
    share = (value - low) / (high - low)
    return round(max(0.0, min(1.0, share)) * width * _HALVES)


def _position(value: float, ends: tuple[float, float], width: int) -> int:
    return min(width - 1, _halves(value, ends, width) // _HALVES)
