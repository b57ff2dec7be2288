"""Where in the audio the qualities come from: a strip over time and registers, or the map of one quality."""

import numpy as np
import numpy.typing as npt
from rich.console import Group
from rich.text import Text

from midcli.explanation.evidence import EvidenceMap
from midcli.explanation.words.numbers import decimal, duration, signed, spaced
from midcli.views.panels.where import SEGMENTS, Place, Where
from midcli.views.terminal import theme
from midcli.views.terminal.bars import QUALITY_WIDTH, Cell, row
from midcli.views.terminal.paragraph import paragraph

Array = npt.NDArray[np.float64]

_DIFFERENCE_WIDTH = 5
_REGISTER_WIDTH = 6
_WIDTH_WITH_REGISTERS = 58
_LEVELS = "▁▂▃▄▅▆▇█"
_LESS = "-=≡"
_MORE = "░▒▓█"
_HZ_WIDTH = 7


def evidence_strip(panel: Where, available: int) -> Group:
    """One line a quality: its distance from the average, when, and in which register."""
    evidence = panel.evidence
    width = theme.card_width(available)
    registers = evidence.registers if width >= _WIDTH_WITH_REGISTERS else ()
    taken = 1 + QUALITY_WIDTH + 1 + _DIFFERENCE_WIDTH + 2 + (1 + _REGISTER_WIDTH) * len(registers)
    marks = min(width - taken, SEGMENTS)
    rates = [_rates(evidence, place.quality.name, marks) for place in panel.places]
    scale = max(float(np.abs(rate).max()) for rate in rates)
    lines = [
        row(
            Cell(Text("Where", style=theme.TITLE), QUALITY_WIDTH + 1 + _DIFFERENCE_WIDTH),
            Cell(time_axis(evidence.duration_s, marks), marks),
            *(
                Cell(Text(register.name, style=theme.QUIET), _REGISTER_WIDTH, "right")
                for register in registers
            ),
        )
    ]
    for place, rate in zip(panel.places, rates, strict=True):
        lines.append(
            row(
                Cell(place.noun, QUALITY_WIDTH),
                _signed(place.difference, _DIFFERENCE_WIDTH),
                Cell(_sparkline(_widened(rate, marks), scale), marks),
                *(_signed(one.shown, _REGISTER_WIDTH) for one in place.registers[: len(registers)]),
            )
        )
    note = f"Tall marks are above the average, small ones below. Each {panel.draws_on}."
    if len(registers) > 1:
        low, high = hertz(registers[0].high_hz), hertz(registers[-1].low_hz)
        note += f" Registers: low to {low}, high from {high}."
    return Group(*lines, paragraph(note, width, theme.QUIET))


def evidence_picture(panel: Where, place: Place, available: int) -> Group:
    """The map of one quality, time to the right and register upwards, relative to the average piece."""
    evidence = panel.evidence
    width = theme.card_width(available)
    columns = width - (1 + _HZ_WIDTH + 1 + 1 + _REGISTER_WIDTH)
    rows = place.rows(evidence.row_edges_hz)
    shown = [_widened(one.cells, columns) for one in rows]
    scale = float(np.abs(shown).max())
    lines = _heading(place, width)
    for one, cells in zip(reversed(rows), reversed(shown), strict=True):
        centre_hz = float(np.sqrt(one.low_hz * one.high_hz))
        lines.append(
            row(
                Cell(Text(hertz(centre_hz), style=theme.QUIET), _HZ_WIDTH, "right"),
                Cell(_shades(cells, scale), columns),
                _signed(one.shown, _REGISTER_WIDTH, decimals=2),
            )
        )
    axis = time_axis(evidence.duration_s, columns)
    lines.append(row(Cell("", _HZ_WIDTH), Cell(axis, columns), Cell("", _REGISTER_WIDTH)))
    note = (
        f"{_MORE} above the average piece, {_LESS} below, blank about the same; on the right what each "
        f"row adds. Each {panel.draws_on}."
    )
    return Group(*lines, *_most(place, width), paragraph(note, width, theme.QUIET))


def _heading(place: Place, width: int) -> list[Text]:
    """In one line, or in two where that is too narrow."""
    title = Text(f" Where the {place.noun} comes from", style=theme.TITLE)
    total = Text.assemble(
        f" {decimal(place.quality.value, 2)} = average {decimal(place.quality.average, 2)} ",
        (spaced(place.finely, 2), theme.direction(place.finely)),
    )
    if len(title) + 1 + len(total) > width:
        return [title, total]
    return [Text.assemble(title, " ", total)]


def _most(place: Place, width: int) -> list[Text]:
    """Where there is most of a quality, unless its strongest stretch is all of the piece."""
    if place.share == 1:
        return []
    strongest = place.strongest
    most = (
        f"{place.noun[0].upper()}{place.noun[1:]} is highest from {duration(strongest.start_s)} to "
        f"{duration(strongest.end_s)}: {decimal(place.highest)} there, "
        f"{decimal(place.quality.value)} in the whole piece."
    )
    return [paragraph(most, width)]


def _signed(number: float, width: int, decimals: int = 1) -> Cell:
    return Cell(Text(signed(number, decimals), style=theme.direction(number)), width, "right")


def time_axis(duration_s: float, width: int) -> Text:
    """`0:00 ······ 3:07` in that many columns; only the end where both do not fit."""
    start, end = duration(0), duration(duration_s)
    if len(start) + 2 + len(end) > width:
        return Text(end.rjust(width), style=theme.QUIET)
    return Text(f"{start} {'·' * (width - len(start) - len(end) - 2)} {end}", style=theme.QUIET)


def hertz(frequency_hz: float) -> str:
    """`190 Hz`, `2.0 kHz`, to two digits."""
    if frequency_hz >= 950:
        return f"{frequency_hz / 1000:.2g} kHz" if frequency_hz >= 9500 else f"{frequency_hz / 1000:.1f} kHz"
    return f"{float(f'{frequency_hz:.2g}'):.0f} Hz"


def _rates(evidence: EvidenceMap, quality: str, marks: int) -> Array:
    """For each segment the distance from the average that the piece would have if it were all like it."""
    return np.array(
        [
            segment.contribution.relative * evidence.duration_s / (segment.end_s - segment.start_s)
            for segment in evidence.over_time(quality, marks)
        ]
    )


def _widened(values: Array, width: int) -> Array:
    """Values on that many columns: repeated, or averaged over the cells that a column touches."""
    starts = np.arange(width) * len(values) // width
    stops = np.maximum(starts + 1, -(-np.arange(1, width + 1) * len(values) // width))
    sums = np.concatenate([[0.0], np.cumsum(values)])
    means: Array = (sums[stops] - sums[starts]) / (stops - starts)
    return means


def _sparkline(rates: Array, scale: float) -> Text:
    line = Text()
    middle = (len(_LEVELS) - 1) / 2
    for rate in rates.tolist():
        share = rate / scale if scale else 0.0
        line.append(_LEVELS[round(middle + share * middle)], style=theme.direction(rate))
    return line


def _shades(values: Array, scale: float) -> Text:
    line = Text()
    for value in values.tolist():
        glyphs = _MORE if value > 0 else _LESS
        level = round(abs(value) / scale * len(glyphs)) if scale else 0
        line.append(glyphs[level - 1] if level else " ", style=theme.direction(value))
    return line
