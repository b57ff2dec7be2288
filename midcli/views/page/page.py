"""Pieces to one self-contained page: it loads nothing, and runs one small script of its own."""

from collections.abc import Sequence

from midcli.explanation.words.numbers import pieces
from midcli.util.text import printable, rounded
from midcli.views.page.document import document, footer, numbers_script
from midcli.views.page.markup import Markup, element
from midcli.views.page.measured import measured
from midcli.views.page.over_time import listening, over_time
from midcli.views.page.parts import Outline
from midcli.views.page.profile import values
from midcli.views.page.where import where
from midcli.views.page.whys import whys
from midcli.views.piece import Piece

_SUMS = (
    "Every emotion is the {origin} plus the effects of seven qualities, and every quality is the average "
    "plus the mean of its map: the sums are exact."
)


def page(sections: Sequence["Section"], failures: Sequence[tuple[str, str]] = ()) -> bytes:
    """The page of one or several pieces (UTF-8), the same for the same pieces.

    `failures` are names of files that could not be read, and why.
    """
    content = [section.markup for section in sections]
    title = sections[0].name if len(sections) == 1 else f"{len(sections)} pieces"
    if len(sections) > 1 or failures:
        content.insert(0, _index(sections, failures))
    sums = _SUMS.format(origin="average" if all(one.relative for one in sections) else "intercept")
    return document(title, content, footer(sums, "midcli explain", sections[0].head))


class Section:
    """One piece as a part of the page, numbered from 1; `alone`: the page is about nothing else."""

    def __init__(self, piece: Piece, number: int = 1, alone: bool = True) -> None:
        self.name = piece.name
        self.about = " · ".join(filter(None, (piece.length, piece.folder)))
        self.summary = piece.analysis.summary
        self.relative = piece.relative
        self.head = piece.analysis.context.head
        self.id = f"piece-{number}"
        outline = Outline(self.id, 1 if alone else 2)
        self.markup = element(
            "article",
            _header(piece, outline),
            listening(piece),
            values(piece, outline),
            whys(outline, "Why", piece.whys, piece.other_whys),
            over_time(piece, outline),
            where(piece, outline),
            measured(piece, outline),
            numbers_script(piece.to_dict()),
            id=self.id,
            aria_labelledby=f"{self.id}-title",
            data_duration=repr(rounded(piece.analysis.duration_s)),
        )


def _header(piece: Piece, outline: Outline) -> Markup:
    analysis = piece.analysis
    about = [piece.length, piece.model, piece.among]
    parts = [
        outline.title(0, piece.name, id_=f"{outline.id}-title"),
        element("p", " · ".join(about), class_="meta"),
        *(
            element("p", element("strong", "Warning: "), f"{printable(warning)}.", class_="note")
            for warning in analysis.warnings
        ),
        element("p", analysis.summary, class_="summary flagged" if analysis.doubtful else "summary"),
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
    return element("nav", element("h1", pieces(len(sections))), *parts, class_="index", aria_label="Pieces")
