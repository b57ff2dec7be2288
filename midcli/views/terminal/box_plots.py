"""Box plots of one line each, drawn with characters."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from rich.console import Group
from rich.text import Text

from midcli.explanation.effects import Explanation
from midcli.explanation.words.numbers import decimal
from midcli.explanation.words.vocabulary import QUALITY_WORDS
from midcli.labels import QUALITY_NAMES
from midcli.study.figures import Box, box_of
from midcli.util.text import printable
from midcli.views.terminal import theme
from midcli.views.terminal.bars import QUALITY_WIDTH, Cell, row
from midcli.views.terminal.paragraph import paragraph

Array = npt.NDArray[np.float64]

MARKS = "●■▲◆★"
"""Of the pieces marked in a plot, in order."""
LEGEND = "├ ┤ the farthest within 1.5 box lengths, █ the middle half, ┃ median, ┊ zero"


def box_plot(box: Box, marked: Sequence[float], ends: tuple[float, float], width: int) -> Text:
    """The plot of a box with a mark for each of `marked`, all of them between the `ends` of the scale."""
    low, lower, median, upper, high = (
        _place(value, ends, width) for value in (box.low, box.lower, box.median, box.upper, box.high)
    )
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


def effects_plots(
    effects: Array,
    names: Sequence[str],
    emotions: Sequence[str],
    songs: Mapping[str, Array],
    reference: str,
    relative: bool,
    available: int,
) -> Group:
    """Box plots of the effects (pieces, names, 7) of every quality on some of the emotions.

    The songs' own effects (names, 7) are marked.
    """
    width = theme.card_width(available)
    plot_width = width - 1 - QUALITY_WIDTH - 2
    lines = []
    for emotion in emotions:
        k = names.index(emotion)
        marked = [song[k] for song in songs.values()]
        shown = np.concatenate([effects[:, k].ravel(), *marked])
        ends = (float(shown.min()), float(shown.max()))
        left, right = decimal(ends[0]), decimal(ends[1])
        scale = f"{left} {'·' * max(0, plot_width - len(left) - len(right) - 2)} {right}"
        title = Text(f"Effects on {emotion.replace('_', ' ')}", style=theme.TITLE)
        if title.cell_len > QUALITY_WIDTH:
            lines.append(row(Cell(title, width - 2)))
            title = Text()
        lines.append(row(Cell(title, QUALITY_WIDTH), Cell(Text(scale, style=theme.QUIET), plot_width)))
        for j, quality in enumerate(QUALITY_NAMES):
            plot = box_plot(box_of(effects[:, k, j]), [own[j] for own in marked], ends, plot_width)
            lines.append(row(Cell(QUALITY_WORDS[quality].noun, QUALITY_WIDTH), Cell(plot, plot_width)))
        lines.append(Text(""))
    compared = "relative to the average piece" if relative else "weight times value"
    legend = f"Over {printable(reference)}: {LEGEND}. Effects in points, {compared}."
    lines.append(paragraph(legend, width, theme.QUIET))
    lines += [
        row(Cell(mark, 1), Cell(printable(name), width - 4)) for mark, name in zip(MARKS, songs, strict=False)
    ]
    return Group(*lines)


def song_effects(explanation: Explanation, relative: bool) -> Array:
    """The effects (8, 7) of a piece, relative to the average if wanted."""
    kinds = (one.relative_effects if relative else one.effects for one in explanation.emotions.values())
    return np.array([list(effects.values()) for effects in kinds])


def _place(value: float, ends: tuple[float, float], width: int) -> int:
    low, high = ends
    return round((value - low) / (high - low) * (width - 1)) if high > low else 0
