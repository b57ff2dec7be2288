"""Hits of a search: a line each, with the values that matter for it, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Group
from rich.text import Text

from midcli.explanation.words.certainty import beyond_scale, outside
from midcli.explanation.words.numbers import decimal, duration
from midcli.labels import INTERVAL_COVERAGE
from midcli.library.hits import Hit
from midcli.library.query import noun_of
from midcli.model.head import Head
from midcli.util.text import printable
from midcli.views.terminal import theme
from midcli.views.terminal.bars import Cell, row
from midcli.views.terminal.names import cut_names
from midcli.views.terminal.paragraph import paragraph

_SHORTEST_NAME = 20
_LONGEST_NAME = 40  # where there is no terminal: one long title would move the values of all away
_LEAST_REASON = 20
_PIECE = "piece"
_PERHAPS = "perhaps"
_GONE = "gone"
_DOUBT = "? "
_OUTER_FIFTHS = (20.0, 80.0)


def hits_table(
    hits: Sequence[Hit], names: Sequence[str], head: Head, width: int | None, with_reasons: bool
) -> Group:
    """Hits with the values of some names, as many as fit the width (None: all, and long titles still cut).

    `head`: whose emotions they are.
    """
    grid = _grid(hits, names, width)
    titles = grid.line("", "score", Text(_PIECE), "", [Text(_head(name)) for name in grid.names], "")
    titles.stylize(theme.QUIET)
    lines = [titles]
    for hit, title in zip(hits, _titles(hits, grid.title), strict=True):
        values = [_value(hit, name) for name in grid.names]
        length = duration(hit.duration_s)
        lines.append(grid.line(str(hit.rank), f"{hit.score:.0f}", title, length, values, _mark(hit)))
        if with_reasons:
            lines += _reason(hit, grid.rank + len("score") + 2, width)
    legend = _legend(hits, len(grid.names) < len(names))
    shown = [hit.values[name] for name in grid.names if name in head.names for hit in hits]
    if any(beyond_scale(value, head.scale) for value in shown):
        legend.append(outside(head.scale))
    return Group(*lines, *(Text(text, style=theme.QUIET) for text in legend))


@dataclass(frozen=True)
class _Grid:
    """Widths of the columns, in columns of a terminal."""

    rank: int
    title: int
    length: int
    values: dict[str, int]
    mark: int

    @property
    def names(self) -> list[str]:
        return list(self.values)

    def line(
        self, rank: str, score: str, title: Text, length: str, values: Sequence[Text], mark: str
    ) -> Text:
        cells = [Cell(rank, self.rank, "right"), Cell(score, len("score"), "right"), Cell(title, self.title)]
        cells.append(Cell(length, self.length, "right"))
        widths = self.values.values()
        cells += [Cell(value, width, "right") for value, width in zip(values, widths, strict=True)]
        if self.mark:
            cells.append(Cell(Text(mark, style=theme.QUIET), self.mark))
        return row(*cells)


def _grid(hits: Sequence[Hit], names: Sequence[str], width: int | None) -> _Grid:
    """Columns are left out from the last where titles would have too little room."""
    rank = len(str(len(hits)))
    length = max(len(duration(hit.duration_s)) for hit in hits)
    mark = max(len(_mark(hit)) for hit in hits)
    title = max(len(_PIECE), *(cell_len(_name(hit)) for hit in hits))
    values = {name: max(len(_head(name)), *(_value(hit, name).cell_len for hit in hits)) for name in names}
    if width is None:
        title = min(title, _LONGEST_NAME)
    else:
        left = width - rank - len("score") - length - 4 - (mark + 1 if mark else 0)
        while len(values) > 1 and left - _taken(values) < min(_SHORTEST_NAME, title):
            values.popitem()
        title = max(len(_PIECE), min(title, left - _taken(values)))
    return _Grid(rank, title, length, values, mark)


def _reason(hit: Hit, indent: int, width: int | None) -> list[Text]:
    if width is None:
        return [Text(" " * (indent + 1) + hit.why.words)]
    wrapped = paragraph(hit.why.words, max(_LEAST_REASON, width - indent), theme.QUIET)
    return [Text.assemble(" " * indent, line) for line in wrapped.split("\n")]


def _taken(widths: Mapping[str, int]) -> int:
    return sum(widths.values()) + len(widths)


def _head(name: str) -> str:
    return noun_of(name)


def _name(hit: Hit) -> str:
    return (_DOUBT if hit.flagged else "") + printable(hit.named)


def _titles(hits: Sequence[Hit], room: int) -> list[Text]:
    """Titles that fit, of which no two that differ look alike."""
    titles = [printable(hit.named) for hit in hits]
    if any(cell_len(_name(hit)) > room for hit in hits):
        titles = cut_names(titles, room - (len(_DOUBT) if any(hit.flagged for hit in hits) else 0))
    return [
        Text(
            (_DOUBT if hit.flagged else "") + title,
            style=theme.QUIET if hit.flagged or hit.gone else "",
        )
        for hit, title in zip(hits, titles, strict=True)
    ]


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
        lines.append(f"{_GONE}: no file is there, seen from here or from the folder of the library")
    if any(hit.flagged for hit in hits):
        lines.append(f"{_DOUBT.strip()} does not sound like music: take its values as guesses")
    if cut:
        lines.append("not all columns fit; a wider terminal, JSON and CSV have them")
    return lines
