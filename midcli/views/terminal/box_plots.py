"""Box plots of one line each, drawn with characters (Tukey, Exploratory Data Analysis, 1977)."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from rich.text import Text

from midcli.views.terminal import theme

Array = npt.NDArray[np.float64]

MARKS = "●■▲◆★"
"""Of the pieces marked in a plot, in order."""
LEGEND = "├ ┤ the farthest within 1.5 box lengths, █ the middle half, ┃ median, ┊ zero"


def box_plot(values: Array, marked: Sequence[float], ends: tuple[float, float], width: int) -> Text:
    """The plot of `values` with a mark for each of `marked`, all of them between the `ends` of the scale."""
    low, lower, median, upper, high = (_place(value, ends, width) for value in box_numbers(values))
    line = [" "] * width
    if ends[0] <= 0 <= ends[1]:
        line[_place(0.0, ends, width)] = "┊"
    line[low : high + 1] = "─" * (high + 1 - low)
    line[low], line[high] = "├", "┤"
    line[lower : upper + 1] = "█" * (upper + 1 - lower)
    line[median] = "┃"
    text = Text("".join(line), style=theme.QUIET)
    for mark, value in zip(MARKS, marked, strict=False):
        place = _place(value, ends, width)
        text = Text.assemble(text[:place], (mark, theme.direction(value)), text[place + 1 :])
    return text


def box_numbers(values: Array) -> tuple[float, float, float, float, float]:
    """Lower whisker, quartile, median, quartile, upper whisker."""
    quarter, median, three_quarters = np.percentile(values, [25, 50, 75])
    reach = 1.5 * (three_quarters - quarter)
    low = values[values >= quarter - reach].min()
    high = values[values <= three_quarters + reach].max()
    return float(low), float(quarter), float(median), float(three_quarters), float(high)


def _place(value: float, ends: tuple[float, float], width: int) -> int:
    low, high = ends
    return round((value - low) / (high - low) * (width - 1)) if high > low else 0
