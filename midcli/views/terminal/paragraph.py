"""Running text below bars: wrapped at the card's width, one blank in from the left."""

from rich.console import Console
from rich.text import Text

_STAND_IN = "\ue000"  # for a blank at which no line ends; rich breaks at no-break spaces too


def paragraph(text: str, width: int, style: str = "") -> Text:
    """Lines of at most that many columns."""
    return Text("\n".join(f" {line}" for line in wrapped(text, width - 1)), style=style)


def wrapped(text: str, width: int) -> list[str]:
    """The lines of a text in that many columns, without blanks at their ends; none begins with `%`."""
    lines = Text(text.replace(" %", f"{_STAND_IN}%")).wrap(Console(), width)
    return [line.plain.rstrip().replace(_STAND_IN, " ") for line in lines]
