"""An explanation in a terminal: the card or five lines, and below them what else is asked for."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from midcli.views.terminal.brief import brief
from midcli.views.terminal.card import Card
from midcli.views.terminal.evidence import evidence_picture, evidence_strip

if TYPE_CHECKING:
    from rich.console import RenderableType

    from midcli.views.piece import Piece

MOST_TURNING_POINTS = 10


def explanation(piece: "Piece", width: int, coloured: bool) -> "Iterator[RenderableType]":
    """The parts from top to bottom: the card, and what else is asked for."""
    yield Card(piece)
    yield evidence_strip(piece.places(piece.matter), width)
    yield from _asked(piece, width, coloured)


def in_brief(piece: "Piece", width: int, coloured: bool) -> "Iterator[RenderableType]":
    """Five lines, and what else is asked for."""
    yield brief(piece, width)
    yield from _asked(piece, width, coloured)


def _asked(piece: "Piece", width: int, coloured: bool) -> "Iterator[RenderableType]":
    if piece.sectioned:
        from midcli.views.terminal.sections import sections_table

        yield sections_table(piece.sections, width)
    asked = piece.places([piece.analysis.midlevel[name] for name in piece.where])
    for place in asked.places:
        yield evidence_picture(asked, place, width)
    if piece.over_time:
        from midcli.views.panels.over_time import over_time
        from midcli.views.terminal.curves import emotion_curves

        through = piece.emotions or tuple(piece.analysis.emotions)
        panel = over_time(piece.analysis, through, MOST_TURNING_POINTS)
        yield emotion_curves(panel, width, coloured)
    if piece.highlighted:
        from midcli.views.terminal.highlight import highlight_line

        yield highlight_line(piece.highlight, width)
    if piece.facts:
        from midcli.views.terminal.facts import facts_table

        yield facts_table(*piece.facts, piece.analysis, width)
