"""A piece in five lines: what it sounds like, why, how surely."""

from collections.abc import Iterator

from rich.console import Group
from rich.text import Text

from midcli.util.text import printable
from midcli.views.piece import Piece
from midcli.views.terminal import theme
from midcli.views.terminal.bars import Cell, row
from midcli.views.terminal.names import cut_name
from midcli.views.terminal.paragraph import paragraph


def brief(piece: Piece, available: int) -> Group:
    """Name and headline, three reasons, intervals, and what is odd."""
    return Group(*_lines(piece, theme.card_width(available)))


def _lines(piece: Piece, width: int) -> Iterator[Text]:
    length = f" · {piece.length}"
    name = Text(cut_name(printable(piece.analysis.file), width - 2 - len(length)), style=theme.TITLE)
    yield row(Cell(Text.assemble(name, (length, "not bold")), width - 1))
    yield paragraph(piece.analysis.summary, width, theme.NOTE if piece.analysis.doubtful else "")
    if not piece.analysis.doubtful:
        yield paragraph(piece.short_reasons, width)
    yield paragraph(piece.intervals, width, theme.QUIET)
    for warning in piece.analysis.warnings:
        yield paragraph(f"Warning: {printable(warning)}.", width, theme.NOTE)
