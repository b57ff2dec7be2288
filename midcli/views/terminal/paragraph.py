"""Running text below bars: wrapped at the card's width, one blank in from the left."""

from rich.console import Console
from rich.text import Text


def paragraph(text: str, width: int, style: str = "") -> Text:
    """Lines of at most that many columns."""
    return Text("\n".join(f" {line}" for line in wrapped(text, width - 1)), style=style)


def wrapped(text: str, width: int) -> list[str]:
    """The lines of a text in that many columns, without blanks at their ends."""
    return [line.plain.rstrip() for line in Text(text).wrap(Console(), width)]
