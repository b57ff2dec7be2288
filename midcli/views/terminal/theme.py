"""The colours and weights of everything that midcli prints.

Orange is more than average or pushes up, blue is less or holds back. The two have the same lightness, stay
apart for colour-blind people, and have a contrast of at least 3.8 against black and against white. A sign
or a word always says the same.
"""

from rich.console import Console

UP = "color(166)"
DOWN = "color(32)"
NEUTRAL = "none"
QUIET = "dim"
TITLE = "bold"
NOTE = "bold"

LEAST_WIDTH = 40
GREATEST_WIDTH = 120


def shows_colours(console: Console) -> bool:
    """Whether there are any; with NO_COLOR a console still has a colour system."""
    return bool(console.color_system) and not console.no_color


def direction(difference: float) -> str:
    """The colour of a difference by its sign."""
    if difference > 0:
        return UP
    if difference < 0:
        return DOWN
    return NEUTRAL


def card_width(available: int) -> int:
    """Columns that a card takes of those available: long lines are hard to follow."""
    return max(LEAST_WIDTH, min(available, GREATEST_WIDTH))
