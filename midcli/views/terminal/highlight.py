"""The half minute that a piece is heard for."""

from rich.text import Text

from midcli.explanation.analysis import Analysis
from midcli.explanation.highlight import highlight
from midcli.views.terminal import theme
from midcli.views.terminal.paragraph import paragraph


def highlight_line(analysis: Analysis, available: int) -> Text:
    """Where it is, what is heard there and why."""
    found = highlight(analysis)
    width = theme.card_width(available)
    return Text("\n").join([Text(" Highlight", style=theme.TITLE), paragraph(found.words, width)])
