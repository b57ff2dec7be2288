"""The colours of pages and pictures, in light and in dark, and the style sheets that use them.

Orange is more than average or pushes up, blue is less or holds back, as in the terminal. All text has a
contrast of at least 4.5 against what it stands on.
"""

import re
from collections.abc import Mapping
from importlib.resources import files

LIGHT: Mapping[str, str] = {
    "paper": "#fbfaf7",
    "card": "#ffffff",
    "ink": "#1f1f1d",
    "quiet": "#5f5d57",
    "line": "#e2dfd6",
    "track": "#c9c5ba",
    "up": "#a8430a",
    "down": "#0b609f",
    "level": "#6b6962",
}
DARK: Mapping[str, str] = {
    "paper": "#141518",
    "card": "#1b1d21",
    "ink": "#ecece8",
    "quiet": "#a9a8a1",
    "line": "#303238",
    "track": "#4c4f57",
    "up": "#f19a5f",
    "down": "#74b8ef",
    "level": "#a3a29b",
}

_DARK_SCREEN = "@media screen and (prefers-color-scheme: dark)"


def page_style(kind: str = "page") -> str:
    """The style sheet of a kind of page: dark where the reader's screen is, light on paper."""
    own = "" if kind == "page" else text_of(f"{kind}.css")
    sheets = f"{text_of('charts.css')}{text_of('page.css')}{own}"
    return f"{_root(LIGHT)}{_DARK_SCREEN} {{{_root(DARK)}}}\n{sheets}"


def picture_style(dark: bool) -> str:
    """The style sheet of a picture, without variables, which few programs but browsers know.

    `dark`: with dark colours too, for browsers whose readers prefer them.
    """
    style = text_of("charts.css") + text_of("picture.css")
    light = _resolved(style, LIGHT)
    return f"{light}{_DARK_SCREEN} {{{_resolved(style, DARK)}}}\n" if dark else light


def text_of(name: str) -> str:
    """A file of this package."""
    return files("midcli.views.page").joinpath(name).read_text(encoding="utf-8")


def _root(palette: Mapping[str, str]) -> str:
    return ":root {" + "".join(f"--{name}: {colour};" for name, colour in palette.items()) + "}\n"


def _resolved(style: str, palette: Mapping[str, str]) -> str:
    return re.sub(r"var\(--(\w+)\)", lambda found: palette[found[1]], style)
