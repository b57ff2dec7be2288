"""Measured facts of two pieces side by side, and what two mixes of one performance differ in."""

from rich.console import Group
from rich.text import Text

from midcli.explanation.facts import Facts
from midcli.explanation.mixes import SameMoments
from midcli.explanation.words.facts import NOTHING, fact_rows, same_moments_words
from midcli.views.terminal import theme
from midcli.views.terminal.bars import Cell, row
from midcli.views.terminal.facts import fact_lines
from midcli.views.terminal.paragraph import paragraph

_NAME_WIDTH = 14


def compared_facts(a: Facts, b: Facts, same: SameMoments | None, available: int) -> Group:
    """One line a fact, or one for each piece where that is too narrow; below, where both have the same music,
    the difference at the same moments.
    """
    width = theme.card_width(available)
    column = (width - _NAME_WIDTH - 4) // 2
    nothing = Text(NOTHING, style=theme.QUIET)
    shown = [
        (label, Text(mine) if mine else nothing, Text(theirs) if theirs else nothing)
        for (label, mine, _), (_, theirs, _) in zip(fact_rows(a), fact_rows(b), strict=True)
    ]
    if max(one.cell_len for _, *both in shown for one in both) <= column:
        lines = [
            row(
                Cell(Text("Measured", style=theme.TITLE), _NAME_WIDTH),
                Cell(Text("A", style=theme.TITLE), column),
                Cell(Text("B", style=theme.TITLE), column),
            )
        ]
        lines += [
            row(Cell(label, _NAME_WIDTH), Cell(mine, column), Cell(theirs, column))
            for label, mine, theirs in shown
        ]
    else:
        lines = [Text(" Measured", style=theme.TITLE)]
        for label, mine, theirs in shown:
            lines += fact_lines([Cell(label, _NAME_WIDTH), Cell("A", 1)], mine, width)
            lines += fact_lines([Cell("", _NAME_WIDTH), Cell("B", 1)], theirs, width)
    if same:
        lines.append(Text(""))
        lines.append(paragraph(same_moments_words(same), width))
    return Group(*lines)
