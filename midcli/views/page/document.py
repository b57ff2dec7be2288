"""The shell of every page: head, styles, script, and a policy that allows nothing else."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from string import Template
from typing import Any

from midcli.labels import QUALITY_RANGE
from midcli.model.head import Head
from midcli.util.text import json_line
from midcli.views.page.markup import Markup, element, joined
from midcli.views.page.styles import page_style, text_of


def document(
    title: str, content: Sequence[Markup], footer: Markup, kind: str = "page", media: str = "data:"
) -> bytes:
    """A whole page (UTF-8) with the script of its kind; `media` is where players may take music from."""
    from midcli import __version__

    style, script = page_style(kind), text_of(f"{kind}.js")
    text = Template(text_of("page.html")).substitute(
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        version=__version__,
        media=media,
        title=joined([f"{title} · midcli"]),
        content=joined(list(content)),
        footer=footer,
    )
    return text.encode()


def numbers_script(value: Mapping[str, Any]) -> Markup:
    """The JSON that a part of the page shows; it cannot end the element it stands in."""
    text = Markup(json_line(dict(value)).replace("<", "\\u003c"))
    return element("script", text, type="application/json", class_="numbers")


def footer(sums: str, command: str, head: Head) -> Markup:
    """What the numbers are, which sums are exact, and what made the page."""
    rated = "rating points as listeners gave them"
    emotions, qualities = (f"{low:g} to {high:g}" for low, high in (head.scale, QUALITY_RANGE))
    values = f"Values are {rated}: emotions {emotions}, qualities {qualities}. "
    if head.meaning:
        values = f"{head.meaning}. Qualities are {rated}, {qualities}. "
    return element(
        "p",
        values,
        f"{sums} Made by ",
        element("code", command),
        "; what the words mean: ",
        element("code", "midcli glossary"),
        ".",
    )


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
