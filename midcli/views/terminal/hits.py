"""Hits of a search: a line each, with the values that matter for it, and why."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Group
from rich.text import Text

from midcli.explanation.words.numbers import decimal, duration
from midcli.labels import INTERVAL_COVERAGE
from midcli.library.hits import Hit
from midcli.library.query import noun_of
from midcli.util.text import printable
from midcli.views.terminal import theme
from midcli.views.terminal.bars import Cell, row
from midcli.views.terminal.names import cut_names
from midcli.views.terminal.paragraph import paragraph

_SHORTEST_NAME = 20
_PERHAPS = "perhaps"
_GONE = "gone"
_DOUBT = "? "
_OUTER_FIFTHS = (20.0, 80.0)


def hits_table(hits: Sequence[Hit], names: Sequence[str], width: int | None, with_reasons: bool) -> Group:
    """Hits with the values of some names, as many as fit the width (None: all, and whole titles)."""
    columns = {name: [_value(hit, name) for hit in hits] for name in names}
    widths = {
        name: max(len(_head(name)), *(cell.cell_len for cell in cells)) for name, cells in columns.items()
    }
    ranks, lengths = len(str(len(hits))), max(len(duration(hit.duration_s)) for hit in hits)
    marks = [_mark(hit) for hit in hits]
    marks_width = max(map(len, marks))
    longest = max(cell_len(_name(hit)) for hit in hits)
    fixed = ranks + 1 + len("score") + 1 + 1 + lengths + (1 + marks_width if marks_width else 0) + 1
    shown = list(names)
    room = longest
    if width is not None:
        while len(shown) > 1 and width - fixed - _taken(widths, shown) < min(_SHORTEST_NAME, longest):
            shown.pop()
        room = max(_SHORTEST_NAME, min(longest, width - fixed - _taken(widths, shown)))

    def line(rank: str, score: str, name: Text, length: str, values: Sequence[Text], mark: str) -> Text:
        cells = [Cell(rank, ranks, "right"), Cell(score, len("score"), "right"), Cell(name, room)]
        cells.append(Cell(length, lengths, "right"))
        cells += [Cell(value, widths[key], "right") for key, value in zip(shown, values, strict=True)]
        if marks_width:
            cells.append(Cell(Text(mark, style=theme.QUIET), marks_width))
        return row(*cells)

    head = line("", "score", Text("piece"), "", [Text(_head(name)) for name in shown], "")
    head.stylize(theme.QUIET)
    lines = [head]
    titles = _titles(hits, room)
    for place, hit in enumerate(hits):
        values = [columns[name][place] for name in shown]
        name = Text(titles[place], style=theme.QUIET if hit.flagged or hit.gone else "")
        lines.append(
            line(str(hit.rank), f"{hit.score:.0f}", name, duration(hit.duration_s), values, marks[place])
        )
        if with_reasons:
            indent = ranks + len("score") + 2
            lines += _reason(hit, indent, width)
    legend = _legend(hits, len(shown) < len(names))
    return Group(*lines, *(Text(text, style=theme.QUIET) for text in legend))


def _reason(hit: Hit, indent: int, width: int | None) -> list[Text]:
    if width is None:
        return [Text(" " * (indent + 1) + hit.why.words)]
    wrapped = paragraph(hit.why.words, max(theme.LEAST_WIDTH, width - indent), theme.QUIET)
    return [Text.assemble(" " * indent, line) for line in wrapped.split("\n")]


def _taken(widths: dict[str, int], names: Sequence[str]) -> int:
    return sum(widths[name] + 1 for name in names)


def _head(name: str) -> str:
    return noun_of(name)


def _name(hit: Hit) -> str:
    return (_DOUBT if hit.flagged else "") + printable(hit.named)


def _titles(hits: Sequence[Hit], room: int) -> list[str]:
    """Names that fit, of which no two that differ look alike."""
    doubt = len(_DOUBT) if any(hit.flagged for hit in hits) else 0
    if all(cell_len(_name(hit)) <= room for hit in hits):
        return [_name(hit) for hit in hits]
    cut = cut_names([printable(hit.named) for hit in hits], room - doubt)
    return [(_DOUBT if hit.flagged else "") + name for hit, name in zip(hits, cut, strict=True)]


def _mark(hit: Hit) -> str:
    return _GONE if hit.gone else _PERHAPS if hit.perhaps else ""


def _value(hit: Hit, name: str) -> Text:
    low, high = _OUTER_FIFTHS
    difference = hit.why.differences.get(name)
    place = 50.0 if difference is None else difference.standing
    style = theme.UP if place >= high else theme.DOWN if place <= low else theme.NEUTRAL
    return Text(decimal(hit.values[name]), style=style)


def _legend(hits: Sequence[Hit], cut: bool) -> list[str]:
    lines = []
    if any(hit.perhaps for hit in hits):
        sure = f"{100 * INTERVAL_COVERAGE:.0f} %"
        lines.append(f"{_PERHAPS}: an interval ({sure} sure) reaches back to what was not asked for")
    if any(hit.gone for hit in hits):
        lines.append(f"{_GONE}: no file is there any more")
    if any(hit.flagged for hit in hits):
        lines.append(f"{_DOUBT.strip()} does not sound like music: take its values as guesses")
    if cut:
        lines.append("not all columns fit; a wider terminal, JSON and CSV have them")
    return lines
