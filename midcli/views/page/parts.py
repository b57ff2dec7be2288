"""What the sections of a page share: headings, numbers, places in the piece, tables."""

from collections.abc import Sequence
from dataclasses import dataclass

from midcli.explanation.words.numbers import duration
from midcli.util.text import rounded
from midcli.views.page.markup import Markup, element
from midcli.views.piece import Piece


@dataclass(frozen=True)
class Outline:
    """Where on the page a piece stands: the prefix of its ids, and the level of its heading."""

    id: str
    level: int

    def title(self, depth: int, *children: str, id_: str | None = None, class_: str | None = None) -> Markup:
        """A heading so many levels below that of the piece."""
        return element(f"h{self.level + depth}", *children, id=id_, class_=class_)

    def panel(self, name: str, title: str, *children: str) -> Markup:
        """A section with a heading."""
        heading = f"{self.id}-{name}"
        return element(
            "section",
            self.title(1, title, id_=heading),
            *children,
            class_=f"panel {name}",
            aria_labelledby=heading,
        )


def data(exact: float, shown: str) -> Markup:
    """A number as it is shown, with the number that the JSON has behind it."""
    return element("data", shown, value=repr(rounded(exact)))


def jump(time_s: float) -> Markup:
    """A place in the piece: a button that goes there, where the script runs."""
    text = duration(time_s)
    return element("button", text, type="button", class_="jump", data_time=repr(rounded(time_s)))


def time_axis(piece: Piece) -> Markup:
    ends = (element("span", duration(0)), element("span", piece.length))
    return element("div", *ends, class_="time-axis", aria_hidden="true")


def number_table(
    title: str, corner: str, heads: Sequence[str], rows: Sequence[tuple[Markup, Sequence[Markup]]]
) -> Markup:
    """A table folded away below its title; it scrolls by itself where it is too wide."""
    head = element("tr", *(element("th", text, scope="col") for text in (corner, *heads)))
    body = [
        element("tr", element("th", time, scope="row"), *(element("td", cell) for cell in cells))
        for time, cells in rows
    ]
    table = element("table", element("thead", head), element("tbody", *body), class_="numbers-table")
    return element(
        "details",
        element("summary", title),
        element("div", table, class_="scroll", tabindex=0, role="region", aria_label=title),
    )
