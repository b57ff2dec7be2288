"""Where in the audio the qualities come from: a strip over time and registers, or the map of one quality."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from rich.console import Group
from rich.text import Text

from midcli.explanation.effects import QualityValue
from midcli.explanation.evidence import EvidenceMap
from midcli.explanation.words.numbers import (
    decimal,
    duration,
    percent,
    rounded_to_sum,
    shown_difference,
    signed,
    spaced,
)
from midcli.explanation.words.sentences import draws_on
from midcli.explanation.words.vocabulary import QUALITY_WORDS
from midcli.views.scales import map_rows
from midcli.views.terminal import theme
from midcli.views.terminal.bars import QUALITY_WIDTH, Cell, row
from midcli.views.terminal.paragraph import paragraph

Array = npt.NDArray[np.float64]

MOST_SEGMENTS = 60

_DIFFERENCE_WIDTH = 5
_REGISTER_WIDTH = 6
_WIDTH_WITH_REGISTERS = 58
_LEVELS = "▁▂▃▄▅▆▇█"
_LESS = "-=≡"
_MORE = "░▒▓█"
_HZ_WIDTH = 7


def evidence_strip(evidence: EvidenceMap, qualities: Iterable[QualityValue], available: int) -> Group:
    """One line a quality: its distance from the average, when, and in which register."""
    shown = list(qualities)
    width = theme.card_width(available)
    registers = evidence.registers if width >= _WIDTH_WITH_REGISTERS else ()
    taken = 1 + QUALITY_WIDTH + 1 + _DIFFERENCE_WIDTH + 2 + (1 + _REGISTER_WIDTH) * len(registers)
    marks = min(width - taken, MOST_SEGMENTS)
    rates = {quality.name: _rates(evidence, quality.name, marks) for quality in shown}
    scale = max(float(np.abs(rate).max()) for rate in rates.values())
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
    for quality in shown:
        difference = shown_difference(quality.value, quality.average)
        parts = [part.relative for part in evidence.by_register(quality.name).values()]
        lines.append(
            row(
                Cell(QUALITY_WORDS[quality.name].noun, QUALITY_WIDTH),
                Cell(Text(signed(difference), style=theme.direction(difference)), _DIFFERENCE_WIDTH, "right"),
                Cell(_sparkline(_widened(rates[quality.name], marks), scale), marks),
                *(
                    Cell(Text(signed(part), style=theme.direction(part)), _REGISTER_WIDTH, "right")
                    for part in rounded_to_sum(parts, difference)[: len(registers)]
                ),
            )
        )
    note = f"Tall marks are above the average, small ones below. Each {draws_on(evidence)}."
    if len(registers) > 1:
        low, high = hertz(registers[0].high_hz), hertz(registers[-1].low_hz)
        note += f" Registers: low to {low}, high from {high}."
    return Group(*lines, paragraph(note, width, theme.QUIET))


def evidence_picture(evidence: EvidenceMap, quality: QualityValue, available: int) -> Group:
    """The map of one quality, time to the right and register upwards, relative to the average piece."""
    width = theme.card_width(available)
    columns = width - (1 + _HZ_WIDTH + 1 + 1 + _REGISTER_WIDTH)
    points = evidence.relative_points[list(QUALITY_WORDS).index(quality.name)]
    drawn = map_rows(points)
    shown = np.stack([_widened(points[:, rows].mean(axis=1), columns) for rows in drawn])
    scale = float(np.abs(shown).max())
    difference = shown_difference(quality.value, quality.average, decimals=2)
    amounts = [float(points[:, rows].sum() / points.size) for rows in drawn]
    added = rounded_to_sum(amounts, difference, decimals=2)
    lines: list[Text] = [
        Text.assemble(
            (f" Where the {QUALITY_WORDS[quality.name].noun} comes from", theme.TITLE),
            f"  {decimal(quality.value, 2)} = average {decimal(quality.average, 2)} ",
            (spaced(difference, 2), theme.direction(difference)),
        ),
    ]
    for number in reversed(range(len(shown))):
        edges_hz = evidence.row_edges_hz[drawn[number].start], evidence.row_edges_hz[drawn[number].stop]
        centre_hz = float(np.sqrt(edges_hz[0] * edges_hz[1]))
        lines.append(
            row(
                Cell(Text(hertz(centre_hz), style=theme.QUIET), _HZ_WIDTH, "right"),
                Cell(_shades(shown[number], scale), columns),
                Cell(
                    Text(signed(added[number], 2), style=theme.direction(added[number])),
                    _REGISTER_WIDTH,
                    "right",
                ),
            )
        )
    axis = time_axis(evidence.duration_s, columns)
    lines.append(row(Cell("", _HZ_WIDTH), Cell(axis, columns), Cell("", _REGISTER_WIDTH)))
    strongest = evidence.strongest(quality.name)
    share = (strongest.end_s - strongest.start_s) / evidence.duration_s
    most = (
        f"Highest from {duration(strongest.start_s)} to {duration(strongest.end_s)}: this "
        f"{percent(share)} % of the time contributes {signed(strongest.contribution.relative, 2).strip()} "
        f"to the total of {signed(difference, 2).strip()}."
    )
    note = (
        f"{_MORE} above the average piece, {_LESS} below, blank about the same; on the right what each "
        f"row adds. Each {draws_on(evidence)}."
    )
    return Group(*lines, paragraph(most, width), paragraph(note, width, theme.QUIET))


def time_axis(duration_s: float, width: int) -> Text:
    """`0:00 ······ 3:07` in that many columns."""
    start, end = duration(0), duration(duration_s)
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
