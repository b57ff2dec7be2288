"""Sections of a piece: when each begins, what sets it apart, and its emotions."""

from rich.console import Group
from rich.text import Text

from midcli.explanation.words.numbers import decimal, duration
from midcli.views.panels.sections import SectionRow, Sections
from midcli.views.panels.values import ValueRow
from midcli.views.terminal import theme
from midcli.views.terminal.bars import Cell, row
from midcli.views.terminal.paragraph import paragraph

_GAP = 1


def sections_table(panel: Sections, available: int) -> Group:
    """A line a section: its time, its word, its emotions in points, coloured where probably not average."""
    width = theme.card_width(available)
    spans = max(len(_span(one)) for one in panel.rows)
    words = max(len("Sections"), *(len(one.word) for one in panel.rows))
    columns = {noun: max(len(noun), 4) for noun in panel.emotions}
    needed = 1 + spans + 2 + words + sum(_GAP + wide for wide in columns.values())
    if needed > width:
        return Group(*_in_sentences(panel, width))
    head = row(
        Cell(Text("Sections", style=theme.TITLE), spans + 2 + words),
        *(Cell(Text(noun, style=theme.QUIET), wide, "right") for noun, wide in columns.items()),
    )
    return Group(head, *(_line(one, spans, words, list(columns.values())) for one in panel.rows))


def _line(one: SectionRow, spans: int, words: int, columns: list[int]) -> Text:
    return row(
        Cell(_span(one), spans),
        Cell(Text(f" {one.word}"), words + 1),
        *(
            Cell("" if one.silent else _value(shown), wide, "right")
            for shown, wide in zip(one.values, columns, strict=True)
        ),
    )


def _value(shown: ValueRow) -> Text:
    return Text(decimal(shown.value.value), style=theme.direction(shown.leaning))


def _span(one: SectionRow) -> str:
    return f"{duration(one.start_s)}–{duration(one.end_s)}"


def _in_sentences(panel: Sections, width: int) -> list[Text]:
    spans = max(len(one.span) for one in panel.rows)
    lines = [Text(" Sections", style=theme.TITLE)]
    for one in panel.rows:
        said = paragraph(one.summary, width - spans - 1)
        first, *others = said.plain.split("\n")
        lines.append(Text(f" {one.span}{first}"))
        lines += [Text(f"{' ' * (spans + 1)}{other}") for other in others]
    return lines
