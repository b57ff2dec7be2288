"""Emotions through a piece: a curve each, drawn with dots, and the turning points."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from rich.console import Group
from rich.text import Text

from midcli.explanation.curves import TurningPoint
from midcli.explanation.words.numbers import decimal, duration, signed
from midcli.views.panels import Curve, OverTime, Turn
from midcli.views.terminal import theme
from midcli.views.terminal.bars import Cell, row
from midcli.views.terminal.evidence import time_axis
from midcli.views.terminal.paragraph import paragraph

Array = npt.NDArray[np.float64]

_NAME_WIDTH = 11
_NUMBER_WIDTH = 4
_FEW = 3
_ROWS, _ROWS_OF_FEW = 2, 4
_DOTS_DOWN = 4
_DOTS_ACROSS = 2
_DOT_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BRAILLE = 0x2800


def emotion_curves(panel: OverTime, available: int, coloured: bool) -> Group:
    """Curves on boxes of equal height in points, and the largest turning points."""
    width = theme.card_width(available)
    columns = width - (1 + _NAME_WIDTH + 1 + _NUMBER_WIDTH + 1)
    duration_s = panel.through.duration_s
    lines = [
        row(
            Cell(Text("Over time", style=theme.TITLE), _NAME_WIDTH + 1 + _NUMBER_WIDTH),
            Cell(time_axis(duration_s, columns), columns),
        )
    ]
    rows = _ROWS_OF_FEW if len(panel.curves) <= _FEW else _ROWS
    for curve in panel.curves:
        lines += _curve_lines(curve, duration_s, columns, rows)
    note = panel.note + (" Coloured: rises and falls." if coloured else "")
    return Group(*lines, paragraph(note, width, theme.QUIET), Text(""), *_turning_lines(panel, width))


def _curve_lines(curve: Curve, duration_s: float, columns: int, rows: int) -> Iterator[Text]:
    dots = _dotted(curve.values, curve.low, curve.high, columns, rows)
    labels = [curve.emotion, *[""] * (rows - 1)]
    numbers = [decimal(curve.high), *[""] * (rows - 2), decimal(curve.low)]
    for label, number, line in zip(labels, numbers, dots, strict=True):
        yield row(
            Cell(label, _NAME_WIDTH),
            Cell(Text(number, style=theme.QUIET), _NUMBER_WIDTH, "right"),
            Cell(_coloured(line, curve.changes, duration_s), columns),
        )


def _turning_lines(panel: OverTime, width: int) -> list[Text]:
    if not panel.turns:
        return [paragraph(panel.heading, width)]
    lines = [Text(f" {panel.heading}", style=theme.TITLE)]
    names = max(len(turn.words) for turn in panel.turns)
    room = width - names - 16
    said = ""
    for turn in panel.turns:
        time, change = duration(turn.point.time_s), turn.point.change
        style = theme.direction(change)
        lines.append(
            row(
                Cell(time if time != said else "", 7, "right"),
                Cell(Text(turn.words, style=style), names),
                Cell(Text(signed(change), style=style), 4),
                Cell(_reasons(turn, room), room),
            )
        )
        said = time
    return lines


def _reasons(turn: Turn, room: int) -> str:
    """As many of the reasons as there is room for."""
    said = [f"{noun} {signed(amount)}" for noun, amount in turn.reasons]
    while len(said) > 1 and len(", ".join(said)) > room:
        said.pop()
    return ", ".join(said)


def _dotted(curve: Array, low: float, high: float, columns: int, rows: int) -> list[str]:
    """The curve as a line of braille dots, top row first."""
    across, down = columns * _DOTS_ACROSS, rows * _DOTS_DOWN
    places = np.linspace(0, len(curve) - 1, across)
    heights = np.interp(places, np.arange(len(curve)), curve)
    exact = (high - heights) / (high - low) * (down - 1)
    # a level line halfway between two dots must not jump with the last bits
    levels = np.clip(np.floor(exact + 0.5 + 1e-6), 0, down - 1).astype(int)
    cells = np.zeros((rows, columns), int)
    previous = levels[0]
    for x, level in enumerate(levels):
        # a steep line goes halfway in the column before it, so that it stays connected
        step = np.sign(previous - level)
        for y in {level, *range(level, previous, step or 1)}:
            cells[y // _DOTS_DOWN, x // _DOTS_ACROSS] |= _DOT_BITS[y % _DOTS_DOWN][x % _DOTS_ACROSS]
        previous = level
    return ["".join(chr(_BRAILLE + bits) if bits else " " for bits in line) for line in cells.tolist()]


def _coloured(line: str, turning_points: Sequence[TurningPoint], duration_s: float) -> Text:
    text = Text(line)
    for point in turning_points:
        first = int(point.start_s / duration_s * len(line))
        last = int(point.end_s / duration_s * len(line))
        text.stylize(theme.direction(point.change), first, last + 1)
    return text
