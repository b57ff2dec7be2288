"""Regenerates the README's pictures from real output: python -m tools.pictures"""

import contextlib
import re
from io import StringIO
from pathlib import Path
from unittest.mock import patch

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import MONOKAI

from midcli.cli.main import app

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "tests" / "examples"
PICTURES = {
    "explain": ["explain", "baba-yaga.ogg"],
    "over-time": ["explain", "can-can.ogg", "--emotion", "happy", "--where", "minorness", "--over-time"],
    "compare": ["compare", "can-can.ogg", "prelude-e-minor.ogg"],
}
"""Name of the picture to the command that it shows."""
COLUMNS = 80
WITHOUT_FETCHED_FONTS = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


def picture(name: str) -> str:
    """What a command prints about the examples, as SVG."""
    console = Console(
        record=True, width=COLUMNS, file=StringIO(), force_terminal=True, color_system="truecolor"
    )
    with contextlib.chdir(EXAMPLES), patch("midcli.cli.console.stdout", lambda: console):
        app(PICTURES[name], standalone_mode=False)
    return console.export_svg(
        title=f"midcli {' '.join(PICTURES[name])}",
        theme=MONOKAI,
        unique_id=name,
        code_format=WITHOUT_FETCHED_FONTS,
    )


if __name__ == "__main__":
    (ROOT / "docs").mkdir(exist_ok=True)
    for name in PICTURES:
        (ROOT / "docs" / f"{name}.svg").write_text(picture(name), encoding="utf-8")
