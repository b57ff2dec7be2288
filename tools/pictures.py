"""Regenerates the pictures of the README and of the pages from real output: python -m tools.pictures"""

import contextlib
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from unittest.mock import patch

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import MONOKAI

from tools.library_pictures import BROWSE_SIZE, FIND, draw_browse, find_map, made_library, run

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "tests" / "examples"
CARDS = {
    "explain": ["explain", "baba-yaga.ogg"],
    "over-time": ["explain", "can-can.ogg", "--emotion", "happy", "--where", "minorness", "--over-time"],
    "compare": ["compare", "can-can.ogg", "prelude-e-minor.ogg"],
}
"""Name of a picture in the README to the command that it shows."""
COLUMNS = 80
WITHOUT_FETCHED_FONTS = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


def picture(name: str) -> str:
    """A picture, as SVG."""
    return PICTURES[name](name)


def card(name: str) -> str:
    """What a command prints about the examples."""
    return _printed(name, CARDS[name], EXAMPLES)


def find(name: str) -> str:
    """What `find` prints about a library."""
    return _printed(name, FIND, made_library())


def browse(name: str) -> str:
    """The full-screen view of a library."""
    console = _recorder(BROWSE_SIZE[0])
    draw_browse(console)
    return _as_svg(console, name, "midcli browse library.jsonl")


def _printed(name: str, command: list[str], folder: Path) -> str:
    console = _recorder(COLUMNS)
    with contextlib.chdir(folder), patch("midcli.cli.console.stdout", lambda: console):
        run(command)
    return _as_svg(
        console, name, " ".join(["midcli", *(f'"{one}"' if " " in one else one for one in command)])
    )


def _recorder(columns: int) -> Console:
    return Console(record=True, width=columns, file=StringIO(), force_terminal=True, color_system="truecolor")


def _as_svg(console: Console, name: str, title: str) -> str:
    return console.export_svg(title=title, theme=MONOKAI, unique_id=name, code_format=WITHOUT_FETCHED_FONTS)


PICTURES: dict[str, Callable[[str], str]] = {
    **dict.fromkeys(CARDS, card),
    "find": find,
    "find-map": lambda _: find_map(),
    "browse": browse,
}
"""Name to what makes it."""


if __name__ == "__main__":
    (ROOT / "docs").mkdir(exist_ok=True)
    for name in PICTURES:
        (ROOT / "docs" / f"{name}.svg").write_text(picture(name), encoding="utf-8")
