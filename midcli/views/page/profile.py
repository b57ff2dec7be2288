"""What a piece sounds like and what it is made of, a value a row."""

from collections.abc import Iterable, Sequence

from midcli.explanation.words.certainty import BEYOND, open_end
from midcli.explanation.words.numbers import decimal
from midcli.labels import QUALITY_RANGE
from midcli.views.page import charts
from midcli.views.page.markup import Markup, element, joined
from midcli.views.page.parts import Outline, data
from midcli.views.panels.values import ValueRow
from midcli.views.piece import Piece


def values(piece: Piece, outline: Outline) -> Markup:
    """All emotions and qualities on their scales, with the legend of the drawings."""
    profile = piece.profile
    sounds = value_table(
        "Emotion", ["Value"], "Among others", piece.analysis.scale, map(_row, profile.emotions)
    )
    made_of = value_table("Quality", ["Value"], "Among others", QUALITY_RANGE, map(_row, profile.qualities))
    legend = [key("average", "the average"), key("dot", "the value")]
    if profile.interval:
        legend.insert(1, key("band", profile.interval))
    legend.append(key("up", "more than average"))
    legend.append(key("down", "less than average"))
    if profile.leaves_scale:
        legend.append(element("span", BEYOND))
    return joined(
        [
            outline.panel("sounds", piece.analysis.heading, sounds),
            outline.panel("made-of", "Made of", made_of, element("p", *legend, class_="legend")),
        ]
    )


def _row(row: ValueRow) -> Markup:
    value, leaning = row.value, charts.direction(row.leaning)
    ends = f"; {row.likely}" if row.likely else ""
    chart = element(
        "svg",
        element(
            "title",
            f"{row.noun}: {decimal(value.value)} from {value.scale[0]:g} to {value.scale[1]:g}; "
            f"average {decimal(value.average)}{ends}",
        ),
        charts.scale_chart(row),
        class_="chart",
        height=charts.SCALE_HEIGHT,
        role="img",
    )
    low, high = Markup(), Markup()
    if row.poles:
        low = element("span", row.poles[0], class_="pole low" + (" leans down" if leaning == "down" else ""))
        high = element("span", row.poles[1], class_="pole high" + (" leans up" if leaning == "up" else ""))
    remarks = [element("span", data(value.percentile, row.standing), class_=f"standing {leaning}")]
    if value.low is not None and value.high is not None:
        lowest, highest = data(value.low, decimal(value.low)), data(value.high, decimal(value.high))
        said: dict[str | None, tuple[Markup | str, ...]] = {
            "low": ("probably below ", highest),
            "high": ("probably above ", lowest),
            None: ("probably ", lowest, " to ", highest),
        }
        remarks.append(element("span", *said[open_end(value)], class_="likely"))
    return element(
        "tr",
        element("th", row.noun, scope="row", role="rowheader"),
        element("td", data(value.value, decimal(value.value)), class_="number", role="cell"),
        element("td", low, chart, high, class_="scale", role="cell"),
        element("td", *remarks, class_="remark", role="cell"),
        role="row",
        data_name=value.name,
    )


def value_table(
    head: str,
    numbers: Sequence[str],
    remark: str,
    scale: tuple[float, float],
    rows: Iterable[Markup],
    class_: str = "values",
) -> Markup:
    """Rows under their axis; beside a single number, the other headings are only for those who hear it."""
    seen = "hidden" if len(numbers) == 1 else "quiet"
    low, high = scale
    middle, place = charts.middle_of(scale), 100 * charts.middle_place(scale)
    axis = element(
        "svg",
        *(
            element("text", f"{number:g}", x=f"{x:.1f}%", y=12, text_anchor=anchor)
            for number, x, anchor in ((low, 0, "start"), (middle, place, "middle"), (high, 100, "end"))
        ),
        class_="chart axis",
        height=16,
        aria_hidden="true",
    )
    heads = element(
        "tr",
        element("th", element("span", head, class_="hidden"), scope="col", role="columnheader"),
        *(
            element("th", element("span", name, class_=seen), scope="col", role="columnheader")
            for name in numbers
        ),
        element(
            "th",
            element("span", f"On the scale from {low:g} to {high:g}", class_="hidden"),
            axis,
            scope="col",
            role="columnheader",
            class_="scale",
        ),
        element(
            "th",
            element("span", remark, class_=seen),
            scope="col",
            role="columnheader",
            class_="difference",
        ),
        role="row",
    )
    return element(
        "table",
        element("thead", heads, role="rowgroup"),
        element("tbody", *rows, role="rowgroup"),
        class_=class_,
        role="table",
    )


def key(class_: str, text: str) -> Markup:
    """An entry of a legend."""
    return element("span", element("span", class_=f"key {class_}", aria_hidden="true"), text)
