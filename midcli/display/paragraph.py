"""Running text below bars: wrapped at the card's width, one blank in from the left."""

from textwrap import wrap

from rich.text import Text


def paragraph(text: str, width: int, style: str = "") -> Text:
    """Lines of at most that many columns."""
    lines = wrap(text, width - 1, break_long_words=False, break_on_hyphens=False)
    return Text("\n".join(f" {line}" for line in lines), style=style)
