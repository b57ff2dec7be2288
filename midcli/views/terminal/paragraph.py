"""Running text below bars: wrapped at the card's width, one blank in from the left."""

from rich.console import Console
from rich.text import Text


def paragraph(text: str, width: int, style: str = "") -> Text:
    """Lines of at most that many columns."""
    lines = Text(text).wrap(Console(), width - 1)
    return Text("\n".join(f" {line.plain.rstrip()}" for line in lines), style=style)
