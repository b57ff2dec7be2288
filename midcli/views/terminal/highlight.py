"""The half minute that a piece is heard for."""

from rich.text import Text

from midcli.explanation.highlight import Highlight
from midcli.views.terminal import theme
from midcli.views.terminal.paragraph import paragraph


def highlight_line(found: Highlight, available: int) -> Text:
    """Where it is, what is heard there and why."""
    width = theme.card_width(available)
    return Text("\n").join([Text(" Highlight", style=theme.TITLE), paragraph(found.words, width)])
