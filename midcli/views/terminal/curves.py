"""Emotions through a piece: a curve each, drawn with dots, and the turning points."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from rich.cells import cell_len
from rich.console import Group
from rich.text import Text

from midcli.explanation.words.numbers import decimal, duration, signed, tick
from midcli.views.panels.over_time import Curve, OverTime, Turn
from midcli.views.terminal import theme
from midcli.views.terminal.bars import Cell, row
from midcli.views.terminal.evidence import time_axis
from midcli.views.terminal.paragraph import paragraph, wrapped

Array = npt.NDArray[np.float64]

_LEAST_NAME = 11
_NUMBER_WIDTH = 4
_FEW = 3
_TIME_WIDTH = 7
_LEAST_CAUSES = 20
_ROWS, _ROWS_OF_FEW = 3, 5
_RISE, _FALL = "▲", "▼"
_DOTS_DOWN = 4
_DOTS_ACROSS = 2
_DOT_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BRAILLE = 0x2800


def emotion_curves(panel: OverTime, available: int, coloured: bool) -> Group:
    """Curves on one axis, and the largest turning points."""
    width = theme.card_width(available)
    names = max(_LEAST_NAME, *(cell_len(label) for curve in panel.curves for label in _labels(curve)))
    columns = width - (1 + names + 1 + _NUMBER_WIDTH + 1)
    duration_s = panel.through.duration_s
    lines = [
        row(
            Cell(Text("Over time", style=theme.TITLE), names + 1 + _NUMBER_WIDTH),
            Cell(time_axis(duration_s, columns), columns),
        )
    ]
    rows = _ROWS_OF_FEW if len(panel.curves) <= _FEW else _ROWS
    for curve in panel.curves:
        lines += _curve_lines(curve, duration_s, names, columns, rows)
    note = f"{panel.note} {_RISE} rises, {_FALL} falls"
    note += "; orange: above the average, blue: below." if coloured else "."
    return Group(*lines, paragraph(note, width, theme.QUIET), Text(""), *_turning_lines(panel, width))


def _labels(curve: Curve) -> tuple[str, str]:
    return curve.emotion.replace("_", " "), f"average {decimal(curve.average)}"


def _curve_lines(curve: Curve, duration_s: float, names: int, columns: int, rows: int) -> Iterator[Text]:
    dots = _dotted(curve.values, curve.low, curve.high, columns, rows)
    emotion, average = _labels(curve)
    labels = [Text(emotion), Text(average, style=theme.QUIET), *[Text()] * (rows - 2)]
    numbers = [tick(curve.high), *[""] * (rows - 2), tick(curve.low)]
    marks = {
        min(columns - 1, int(point.time_s / duration_s * columns)): _RISE if point.change > 0 else _FALL
        for point in curve.changes
    }
    marked = [_marked(line, number, dots, marks) for number, line in enumerate(dots)]
    for label, number, line in zip(labels, numbers, marked, strict=True):
        yield row(
            Cell(label, names),
            Cell(Text(number, style=theme.QUIET), _NUMBER_WIDTH, "right"),
            Cell(_coloured(line, curve), columns),
        )


def _marked(line: str, number: int, lines: Sequence[str], marks: Mapping[int, str]) -> str:
    """The marks take the place of dots, in the highest row that has any there."""
    shown = list(line)
    for column, mark in marks.items():
        if number == next(place for place, one in enumerate(lines) if one[column] != " "):
            shown[column] = mark
    return "".join(shown)


def _turning_lines(panel: OverTime, width: int) -> list[Text]:
    if not panel.turns:
        return [paragraph(panel.heading, width)]
    lines = [Text(f" {panel.heading}", style=theme.TITLE)]
    names = max(cell_len(turn.words) for turn in panel.turns)
    changes = max(len(signed(turn.point.change)) for turn in panel.turns)
    room = width - names - changes - 12
    said = ""
    for turn in panel.turns:
        time, change = duration(turn.point.time_s), turn.point.change
        style = theme.direction(change)
        told = (
            Cell(time if time != said else "", _TIME_WIDTH, "right"),
            Cell(Text(turn.words, style=style), names),
            Cell(Text(signed(change), style=style), changes),
        )
        if room >= _LEAST_CAUSES:
            first, *others = wrapped(_causes(turn, room), room)
            lines.append(row(*told, Cell(first, room)))
            lines += [row(Cell(other, room), indent=width - 1 - room) for other in others]
        else:
            indent = 1 + _TIME_WIDTH + 1
            lines.append(row(*told))
            lines += [row(Cell(one, width), indent=indent) for one in wrapped(turn.causes, width - indent)]
        said = time
    return lines


def _causes(turn: Turn, room: int) -> str:
    """What the music does, with its effects where there is room."""
    both = f"{turn.causes} ({turn.effects})"
    return both if len(both) <= room else turn.causes


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


def _coloured(line: str, curve: Curve) -> Text:
    """Orange where the emotion is above the average, blue where it is below."""
    text = Text()
    places = np.linspace(0, len(curve.values) - 1, len(line))
    leanings = np.interp(places, np.arange(len(curve.values)), curve.values) - curve.average
    for character, leaning in zip(line, leanings.tolist(), strict=True):
        text.append(character, style=theme.direction(leaning))
    return text
