"""Two pieces to one page: both profiles on the same scales, and why they differ."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midcli.explanation.words.certainty import BEYOND
from midcli.explanation.words.numbers import decimal, duration, signed
from midcli.labels import QUALITY_RANGE
from midcli.util.text import printable, rounded
from midcli.views.page import charts
from midcli.views.page.document import document, footer, numbers_script
from midcli.views.page.markup import Markup, element
from midcli.views.page.parts import Outline, data
from midcli.views.page.profile import key, value_table
from midcli.views.page.whys import whys
from midcli.views.panels.difference import Difference, Pair

if TYPE_CHECKING:
    from midcli.explanation.analysis import Analysis

_OUTLINE = Outline("comparison", 1)
_SUMS = "The difference of an emotion is exactly the sum of what the seven qualities contribute."


def comparison_page(difference: Difference, described: Mapping[str, Any]) -> bytes:
    """The page (UTF-8); `described` is the object of `compare --json`, which the page keeps for programs."""
    names = [printable(Path(analysis.file).name) for analysis in (difference.a, difference.b)]
    legend = (
        key("dot", "A"),
        key("ring", "B"),
        key("up", "A has probably more"),
        key("down", "A has probably less"),
        *([element("span", BEYOND)] if difference.leaves_scale else []),
    )
    made_of = _table("Quality", QUALITY_RANGE, difference.qualities)
    content = [
        element(
            "header",
            _OUTLINE.title(0, f"{names[0]} and {names[1]}"),
            _about("A", names[0], difference.a),
            _about("B", names[1], difference.b),
            class_="top",
        ),
        _OUTLINE.panel(
            "sounds", difference.a.heading, _table("Emotion", difference.a.scale, difference.emotions)
        ),
        _OUTLINE.panel("made-of", "Made of", made_of, element("p", *legend, class_="legend")),
        whys(_OUTLINE, "Why they differ", difference.explained, difference.others),
        numbers_script(described),
    ]
    made_by = footer(_SUMS, "midcli compare", difference.a.context.head)
    return document(f"{names[0]} and {names[1]}", content, made_by)


def _about(label: str, name: str, analysis: "Analysis") -> Markup:
    return element(
        "div",
        element(
            "p",
            element("strong", f"{label}: {name}"),
            element("span", f" · {duration(analysis.duration_s)}", class_="quiet"),
        ),
        *(
            element("p", element("strong", "Warning: "), f"{printable(warning)}.", class_="note")
            for warning in analysis.warnings
        ),
        element("p", analysis.summary, class_="note" if analysis.doubtful else None),
        class_="about",
    )


def _table(head: str, scale: tuple[float, float], pairs: Iterable[Pair]) -> Markup:
    return value_table(head, ("A", "B"), "A − B", scale, map(_row, pairs), "values pairs")


def _row(pair: Pair) -> Markup:
    values = [pair.a.value, pair.b.value]
    leaning = charts.direction(pair.leaning)
    low, high = pair.a.scale
    chart = element(
        "svg",
        element(
            "title",
            f"{pair.noun}: A {decimal(values[0])}, B {decimal(values[1])}, from {low:g} to {high:g}",
        ),
        charts.pair_chart(pair),
        class_="chart",
        height=charts.SCALE_HEIGHT,
        role="img",
    )
    difference = data(rounded(values[0]) - rounded(values[1]), signed(pair.difference).strip())
    return element(
        "tr",
        element("th", pair.noun, scope="row", role="rowheader"),
        *(element("td", data(one, decimal(one)), class_="number", role="cell") for one in values),
        element("td", chart, class_="scale", role="cell"),
        element("td", difference, class_=f"difference number {leaning}", role="cell"),
        role="row",
        data_name=pair.a.name,
    )
