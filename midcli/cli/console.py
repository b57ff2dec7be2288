"""The two consoles: results go to stdout, everything else to stderr."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


@cache
def stdout() -> "Console":
    from rich.console import Console

    return Console(highlight=False)


@cache
def stderr() -> "Console":
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def print_error(error: Exception) -> None:
    """One line on stderr that says what is wrong."""
    from midcli.output import printable

    print_line("error", printable(str(error)), "bold red")


def print_warning(message: str) -> None:
    from midcli.output import printable

    print_line("warning", printable(message), "yellow")


def print_line(label: str, message: str, style: str) -> None:
    """`label: message` on stderr, the message as it is: no markup, no wrapping."""
    from rich.text import Text

    stderr().print(Text.assemble((f"{label}: ", style), message), soft_wrap=True)


def discard_stdout() -> None:
    """Let what is still to be flushed go nowhere: it could not be written."""
    import os
    import sys

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
