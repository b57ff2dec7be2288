"""Measured facts as a table, each beside the quality that it bears on, and where the two disagree."""

from collections.abc import Sequence

from rich.console import Console, Group
from rich.text import Text

from midcli.explanation.analysis import Analysis
from midcli.explanation.facts import Disagreement, Facts
from midcli.explanation.words.facts import NOTHING, disagreement_sentence, fact_rows, heard, part_note
from midcli.views.terminal import theme
from midcli.views.terminal.bars import Cell, row
from midcli.views.terminal.paragraph import paragraph

_NAME_WIDTH = 14
_FACT_WIDTH = 21


def facts_table(
    facts: Facts, disagreements: Sequence[Disagreement], analysis: Analysis, available: int
) -> Group:
    """One line a fact; on the right what the model says of the quality."""
    width = theme.card_width(available)
    room = max(0, width - _NAME_WIDTH - _FACT_WIDTH - 4)
    heading = Text("beside what the model hears", style=theme.QUIET)
    shown = [
        (label, measured, _beside(analysis, quality) if quality else Text())
        for label, measured, quality in fact_rows(facts)
    ]
    fits = max(beside.cell_len for *_, beside in shown) <= room
    lines = [
        row(
            Cell(Text("Measured", style=theme.TITLE), _NAME_WIDTH + 1 + _FACT_WIDTH),
            Cell(heading if fits else "", room),
        )
    ]
    for label, measured, beside in shown:
        fact = Text(measured) if measured else Text(NOTHING, style=theme.QUIET)
        if beside and fits:
            lines.append(row(Cell(label, _NAME_WIDTH), Cell(fact, _FACT_WIDTH), Cell(beside, room)))
            continue
        lines += fact_lines([Cell(label, _NAME_WIDTH)], fact, width)
        if beside:
            lines += [row(Cell("", 1), Cell(line, width - 4)) for line in beside.wrap(Console(), width - 4)]
    lines += [
        paragraph(disagreement_sentence(disagreement, facts.key), width, theme.NOTE)
        for disagreement in disagreements
    ]
    if note := part_note(facts, analysis.duration_s):
        lines.append(paragraph(note, width, theme.QUIET))
    return Group(*lines)


def fact_lines(before: Sequence[Cell], fact: Text, width: int) -> list[Text]:
    """A fact behind its label, in as many lines as it needs."""
    taken = 1 + sum(cell.width + 1 for cell in before)
    first, *others = fact.wrap(Console(), width - taken - 1)
    lines = [row(*before, Cell(first, width - taken))]
    return lines + [row(Cell(other, width - taken), indent=taken) for other in others]


def _beside(analysis: Analysis, quality: str) -> Text:
    value, place = heard(analysis.midlevel[quality])
    return Text(value).append(f", {place}", style=theme.QUIET)
