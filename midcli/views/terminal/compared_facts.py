"""Measured facts of two pieces side by side, and what two mixes of one performance differ in."""

from rich.console import Group
from rich.text import Text

from midcli.explanation.facts import Facts
from midcli.explanation.mixes import SameMoments
from midcli.explanation.words.facts import NOTHING, fact_rows, same_moments_words
from midcli.views.terminal import theme
from midcli.views.terminal.bars import Cell, row
from midcli.views.terminal.paragraph import paragraph

_NAME_WIDTH = 14


def compared_facts(a: Facts, b: Facts, same: SameMoments | None, available: int) -> Group:
    """One line a fact; below, where both have the same music, the difference at the same moments."""
    width = theme.card_width(available)
    column = (width - _NAME_WIDTH - 4) // 2
    lines = [
        row(
            Cell(Text("Measured", style=theme.TITLE), _NAME_WIDTH),
            Cell(Text("A", style=theme.TITLE), column),
            Cell(Text("B", style=theme.TITLE), column),
        )
    ]
    for (label, mine, _), (_, theirs, _) in zip(fact_rows(a), fact_rows(b), strict=True):
        cells = (Cell(one or Text(NOTHING, style=theme.QUIET), column) for one in (mine, theirs))
        lines.append(row(Cell(label, _NAME_WIDTH), *cells))
    if same:
        lines.append(Text(""))
        lines.append(paragraph(same_moments_words(same), width))
    return Group(*lines)
