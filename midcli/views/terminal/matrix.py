"""Emotions by qualities as a heat map of numbers."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from rich.cells import cell_len
from rich.console import Group
from rich.text import Text

from midcli.explanation.words.numbers import signed
from midcli.explanation.words.vocabulary import QUALITY_WORDS
from midcli.labels import QUALITY_NAMES
from midcli.views.terminal import theme
from midcli.views.terminal.bars import QUALITY_WIDTH, Cell, row
from midcli.views.terminal.paragraph import paragraph

Array = npt.NDArray[np.float64]

WEIGHTS_NOTE = "How many points of an emotion one point of a quality adds."

_HEAT = ("", "░", "▒", "▓", "█")
_NARROW, _WIDE = 4, 9
_SHORT = {
    "valence": "val.",
    "energy": "en.",
    "tension": "ten.",
    "anger": "ang.",
    "happy": "hap.",
    "tender": "tend",
}


def _head(name: str, column: int) -> str:
    return name if cell_len(name) <= column else _SHORT.get(name, f"{name[: column - 1].strip()}.")


def matrix(title: str, names: Sequence[str], values: Array, note: str, available: int) -> Group:
    """Numbers of emotions by qualities (names, 7) as a heat map, qualities down, under a title."""
    width = theme.card_width(available)
    column = max(_NARROW, min(_WIDE, (width - 1 - QUALITY_WIDTH) // len(names) - 1))
    widest = float(np.abs(values).max())
    heads = [_head(name.replace("_", " "), column) for name in names]
    lines = [
        row(
            Cell(Text(title, style=theme.TITLE), QUALITY_WIDTH),
            *(Cell(Text(head, style=theme.QUIET), column, "right") for head in heads),
        )
    ]
    for j, quality in enumerate(QUALITY_NAMES):
        cells = []
        for value in values[:, j].tolist():
            level = round(abs(value) / widest * (len(_HEAT) - 1)) if widest else 0
            number = signed(value, 2)
            if len(number) > column:
                number = number.replace("0.", ".", 1) if abs(value) < 1 else signed(value, 1)
            shade = _HEAT[level] * max(0, column - len(number))
            cells.append(Cell(Text(f"{shade}{number}", style=theme.direction(value)), column, "right"))
        lines.append(row(Cell(QUALITY_WORDS[quality].noun, QUALITY_WIDTH), *cells))
    return Group(*lines, paragraph(note, width, theme.QUIET))
