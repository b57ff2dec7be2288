"""What `midcli explain` prints of each piece: the whole card, five lines, JSON, or nothing."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from midcli.cli import console

if TYPE_CHECKING:
    from rich.console import RenderableType

    from midcli.views.piece import Piece

Show = Callable[["Piece"], None]


def chosen_printer(as_json: bool, curved: bool, quiet: bool, short: bool) -> Show:
    """What shows a piece as it was asked for; `curved`: with its curves, as JSON."""
    if as_json:
        return lambda piece: console.print_json(piece.to_dict(curved))
    if quiet:
        return _silence
    return _brief_printer() if short else _card_printer()


def _silence(_: "Piece") -> None:
    """What --quiet prints."""


def _brief_printer() -> Show:
    from midcli.views.terminal.explanation import in_brief
    from midcli.views.terminal.theme import shows_colours

    parts = _Parts()

    def show(piece: "Piece") -> None:
        for part in in_brief(piece, console.stdout().width, shows_colours(console.stdout())):
            parts.print(part)

    return show


def _card_printer() -> Show:
    """Where a piece is higher than the window, its headline is said again at its end."""
    from midcli.views.terminal.explanation import explanation
    from midcli.views.terminal.paragraph import paragraph
    from midcli.views.terminal.theme import TITLE, shows_colours

    parts = _Parts()

    def show(piece: "Piece") -> None:
        parts.lines = 0
        for part in explanation(piece, console.stdout().width, shows_colours(console.stdout())):
            parts.print(part)
        if parts.lines > console.stdout().height:
            parts.print(paragraph(piece.analysis.summary, console.stdout().width, TITLE))

    return show


class _Parts:
    """Prints with a blank line before all parts but the first, and counts lines in a terminal."""

    def __init__(self) -> None:
        self._printed = False
        self.lines = 0

    def print(self, part: "RenderableType") -> None:
        if self._printed:
            console.stdout().print()
        console.stdout().print(part)
        self._printed = True
        if console.stdout().is_terminal:
            self.lines += 1 + len(console.stdout().render_lines(part))
