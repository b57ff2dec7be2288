"""Regenerates the README's pictures from real output: python -m tests.pictures"""

import contextlib
import re
from io import StringIO
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import MONOKAI

from midcli.display.card import Card
from midcli.pipeline import Analyser
from midcli.words import to_explain

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "tests" / "examples"
PICTURES = {"explain": "baba-yaga", "explain-happy": "can-can"}
COLUMNS = 80
WITHOUT_FETCHED_FONTS = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


def picture(example: str, analyser: Analyser) -> str:
    """The card of an example as SVG."""
    with contextlib.chdir(EXAMPLES):
        analysis = analyser.analyse(f"{example}.ogg")
    console = Console(
        record=True, width=COLUMNS, file=StringIO(), force_terminal=True, color_system="truecolor"
    )
    console.print(Card(analysis, to_explain(analysis.explanation)))
    return console.export_svg(
        title=f"midcli explain {example}.ogg",
        theme=MONOKAI,
        unique_id=example,
        code_format=WITHOUT_FETCHED_FONTS,
    )


if __name__ == "__main__":
    loaded = Analyser()
    (ROOT / "docs").mkdir(exist_ok=True)
    for name, example in PICTURES.items():
        (ROOT / "docs" / f"{name}.svg").write_text(picture(example, loaded), encoding="utf-8")
