"""What `midcli explain` prints of each piece: the whole card, five lines, JSON, or nothing."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from midcli.cli.console import print_json, stdout

if TYPE_CHECKING:
    from rich.console import RenderableType

    from midcli.views.piece import Piece

Show = Callable[["Piece"], None]


def json_printer(curved: bool) -> Show:
    """Prints an object a piece; `curved`: with its curves."""
    return lambda piece: print_json(piece.to_dict(curved))


def chosen_printer(quiet: bool, short: bool) -> Show:
    """What shows a piece as it was asked for."""
    if quiet:
        return _silence
    return _brief_printer() if short else _card_printer()


def _silence(_: "Piece") -> None:
    """What --quiet prints."""


def _brief_printer() -> Show:
    from midcli.views.terminal.brief import brief

    parts = _Parts()
    return lambda piece: parts.print(brief(piece, stdout().width))


def _card_printer() -> Show:
    """Where a piece is higher than the window, its headline is said again at its end."""
    from midcli.views.terminal.explanation import explanation
    from midcli.views.terminal.paragraph import paragraph
    from midcli.views.terminal.theme import TITLE, shows_colours

    parts = _Parts()

    def show(piece: "Piece") -> None:
        parts.lines = 0
        for part in explanation(piece, stdout().width, shows_colours(stdout())):
            parts.print(part)
        if parts.lines > stdout().height:
            parts.print(paragraph(piece.analysis.summary, stdout().width, TITLE))

    return show


class _Parts:
    """Prints with a blank line before all parts but the first, and counts lines in a terminal."""

    def __init__(self) -> None:
        self._printed = False
        self.lines = 0

    def print(self, part: "RenderableType") -> None:
        if self._printed:
            stdout().print()
        stdout().print(part)
        self._printed = True
        if stdout().is_terminal:
            self.lines += 1 + len(stdout().render_lines(part))
