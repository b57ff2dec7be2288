"""Regenerates the command reference in docs/commands.md from the help texts, by typer's own generator.

python -m tools.command_reference
"""

import html
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from midcli.cli.settings import CONFIG_VARIABLE

DOCUMENT = Path(__file__).parent.parent / "docs" / "commands.md"
BEGIN = "<!-- commands: begin (python -m tools.command_reference) -->"
END = "<!-- commands: end -->"
MADE_WITH = f"<!-- typer {version('typer').rpartition('.')[0]} -->"
"""Other versions of typer word it differently."""


def reference() -> str:
    """What the document shows between its markers."""
    done = subprocess.run(
        [sys.executable, "-m", "typer", "midcli.cli.main", "utils", "docs", "--name", "midcli"],
        env=os.environ | {CONFIG_VARIABLE: os.devnull, "TERM": "dumb", "COLUMNS": "100"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    text = html.unescape(done.stdout).partition("\n")[2].strip()  # without its title
    text = re.sub(r"\*\*Commands\*\*:\n\n(\* .*\n)+\n", "", text)  # cut short there; they follow anyway
    text = re.sub(r"^##+ ", "### ", text, flags=re.MULTILINE)
    text = re.sub(r"^Example: (.*)$", r"Example: `\1`", text, flags=re.MULTILINE)
    text = re.sub(r"^\*\*Usage\*\*:\n\n```console\n\$ (.*)\n```$", r"Usage: `\1`", text, flags=re.MULTILINE)
    text = re.sub(r"\*\*(Arguments|Options)\*\*:\n\n", "", text)
    text = re.sub(r"\* `--help`: .*(\n|$)", "", text)
    return "\n\n".join([BEGIN, MADE_WITH, re.sub(r"\n{3,}", "\n\n", text).strip(), END])


def with_reference(document: str, commands: str) -> str:
    """The document with another reference between its markers."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{DOCUMENT}: lacks the lines {BEGIN!r} and {END!r} around its command reference")
    return before + commands + after


if __name__ == "__main__":
    DOCUMENT.write_text(with_reference(DOCUMENT.read_text("utf-8"), reference()), encoding="utf-8")
