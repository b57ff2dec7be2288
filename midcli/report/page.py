"""Pieces to one self-contained page: it loads nothing, and runs one small script of its own."""

import base64
import hashlib
from collections.abc import Sequence
from string import Template

from midcli.output import json_line, printable
from midcli.report.markup import Markup, element, joined
from midcli.report.measured import measured
from midcli.report.over_time import listening, over_time
from midcli.report.parts import Outline
from midcli.report.piece import Piece
from midcli.report.profile import values
from midcli.report.styles import page_style, text_of
from midcli.report.where import where
from midcli.report.whys import whys


def page(sections: Sequence["Section"], failures: Sequence[tuple[str, str]] = ()) -> bytes:
    """The page of one or several pieces (UTF-8), the same for the same pieces.

    `failures` are names of files that could not be read, and why.
    """
    from midcli import __version__

    content = [section.markup for section in sections]
    title = sections[0].name if len(sections) == 1 else f"{len(sections)} pieces"
    if len(sections) > 1 or failures:
        content.insert(0, _index(sections, failures))
    style, script = page_style(), text_of("page.js")
    text = Template(text_of("page.html")).substitute(
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        version=__version__,
        title=joined([f"{title} · midcli"]),
        content=joined(content),
        footer=_footer(),
    )
    return text.encode()


class Section:
    """One piece as a part of the page, numbered from 1; `alone`: the page is about nothing else."""

    def __init__(self, piece: Piece, number: int = 1, alone: bool = True) -> None:
        self.name = piece.name
        self.about = " · ".join(filter(None, (piece.length, piece.folder)))
        self.summary = piece.summary
        self.id = f"piece-{number}"
        outline = Outline(self.id, 1 if alone else 2)
        self.markup = element(
            "article",
            _header(piece, outline),
            listening(piece),
            values(piece, outline),
            whys(piece, outline),
            over_time(piece, outline),
            where(piece, outline),
            measured(piece, outline),
            element("script", _script_json(piece.described), type="application/json", class_="numbers"),
            id=self.id,
            aria_labelledby=f"{self.id}-title",
            data_duration=repr(piece.described["duration_s"]),
        )


def _header(piece: Piece, outline: Outline) -> Markup:
    analysis = piece.analysis
    about = [piece.length, piece.model, f"among {printable(analysis.reference)}"]
    parts = [
        outline.title(0, piece.name, id_=f"{outline.id}-title"),
        element("p", " · ".join(about), class_="meta"),
        *(
            element("p", element("strong", "Warning: "), f"{printable(warning)}.", class_="note")
            for warning in analysis.warnings
        ),
        element("p", piece.summary, class_="summary flagged" if piece.doubtful else "summary"),
    ]
    return element("header", *parts)


def _index(sections: Sequence[Section], failures: Sequence[tuple[str, str]]) -> Markup:
    items = [
        element(
            "li",
            element("a", section.name, href=f"#{section.id}"),
            element("span", f" · {section.about}", class_="quiet"),
            element("p", section.summary),
        )
        for section in sections
    ]
    parts = [element("ol", *items)]
    if failures:
        unread = [
            element("li", element("strong", printable(name)), f": {printable(why)}") for name, why in failures
        ]
        parts.append(element("div", "Could not be read:", element("ul", *unread), class_="note"))
    heading = "1 piece" if len(sections) == 1 else f"{len(sections)} pieces"
    return element("nav", element("h1", heading), *parts, class_="index", aria_label="Pieces")


def _footer() -> Markup:
    return element(
        "p",
        "Values are rating points as listeners gave them: emotions 1 to 9, qualities 1 to 10. Every emotion "
        "is an average plus the effects of seven qualities, and every quality is the mean of its map: the "
        "sums are exact. Made by ",
        element("code", "midcli explain --save"),
        "; what the words mean: ",
        element("code", "midcli glossary"),
        ".",
    )


def _script_json(value: dict[str, object]) -> Markup:
    """JSON that cannot end the element it stands in."""
    return Markup(json_line(value).replace("<", "\\u003c"))


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
