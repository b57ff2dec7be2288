"""Pictures of a library and of what is found in it, from music that is made for them."""

import asyncio
import contextlib
import re
import tempfile
from functools import cache
from pathlib import Path

from rich.console import Console

from tools.made_music import write_library

QUERY = "sad, not dissonant"
FIND = ["find", "library.jsonl", QUERY, "--top", "6", "--why"]
BROWSE_SIZE = (100, 28)
BROWSE_KEYS = [
    "right",
    "right",
    "right",
    "s",
    "slash",
    *"tense",
    "enter",
    "j",
    "space",
    "j",
    "j",
    "space",
    "j",
]
_MAP_WIDTH, _MAP_HEIGHT = 720, 460


@cache
def made_library() -> Path:
    """A folder with `library.jsonl`: the made music as `predict` hears it. It goes with the process."""
    folder = Path(_temporary().name)
    write_library(folder / "Music")
    with contextlib.chdir(folder):
        run(["predict", "Music", "--output", "library.jsonl", "--jobs", "1"])
    return folder


@cache
def _temporary() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory()


def run(arguments: list[str]) -> None:
    """What the command line does."""
    from midcli.cli.main import app

    app(arguments, standalone_mode=False)


def find_map() -> str:
    """Where the hits lie, as on the page, in its light colours."""
    from midcli.views.page.styles import LIGHT, text_of

    with contextlib.chdir(made_library()):
        run([*FIND, "--save", "hits.html", "--overwrite"])
        page = Path("hits.html").read_text(encoding="utf-8")
    drawn = re.search(r"<svg(.*?</title>)(.*?</svg>)", page, re.DOTALL)
    assert drawn is not None
    rules = re.findall(r"^\.map [^{]*\{[^}]*\}", text_of("hits.css"), re.MULTILINE)
    style = re.sub(r"var\(--(\w+)\)", lambda found: LIGHT[found[1]], "\n".join(rules))
    size = f'width="{_MAP_WIDTH}" height="{_MAP_HEIGHT}"'
    marks = re.sub(r'<a href="[^"]*"(.*?)</a>', r"<g\1</g>", drawn[2], flags=re.DOTALL)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif"{drawn[1]}'
        f'<style>{style}</style><rect {size} fill="{LIGHT["paper"]}"/>{marks}\n'
    )


def draw_browse(console: Console) -> None:
    """What `browse` shows after some keys, line by line."""
    from rich.segment import Segment, Segments

    from midcli.library.index import open_library
    from midcli.views.browse.app import Browser

    async def lines() -> list[list[Segment]]:
        app = Browser(open_library(made_library() / "library.jsonl", None))
        async with app.run_test(size=BROWSE_SIZE) as pilot:
            await pilot.press(*BROWSE_KEYS)
            await pilot.pause(0.5)
            return [list(strip) for strip in app.screen._compositor.render_strips()]

    for line in asyncio.run(lines()):
        console.print(Segments([*line, Segment.line()]), end="")
