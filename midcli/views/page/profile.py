"""What a piece sounds like and what it is made of, a value a row."""

from collections.abc import Sequence

from midcli.explanation.effects import EmotionValue, QualityValue
from midcli.explanation.words import certainty, numbers
from midcli.explanation.words.numbers import decimal
from midcli.explanation.words.vocabulary import EMOTION_WORDS, QUALITY_WORDS
from midcli.labels import EMOTION_RANGE, QUALITY_RANGE
from midcli.views.page import charts
from midcli.views.page.markup import Markup, element, joined
from midcli.views.page.parts import Outline, data
from midcli.views.page.piece import Piece


def values(piece: Piece, outline: Outline) -> Markup:
    """All emotions and qualities on their scales, with the legend of the drawings."""
    analysis = piece.analysis
    sounds = value_table(
        "Emotion",
        ["Value"],
        "Among others",
        EMOTION_RANGE,
        [_emotion_row(piece, name, value) for name, value in analysis.emotions.items()],
    )
    made_of = value_table(
        "Quality",
        ["Value"],
        "Among others",
        QUALITY_RANGE,
        [_quality_row(piece, name, value) for name, value in analysis.midlevel.items()],
    )
    legend = [key("average", "the average"), key("dot", "the value")]
    if any(value.low is not None for value in analysis.emotions.values()):
        legend.insert(1, key("band", certainty.INTERVAL))
    legend.append(key("up", "more than average"))
    legend.append(key("down", "less than average"))
    return joined(
        [
            outline.panel("sounds", "Sounds", sounds),
            outline.panel("made-of", "Made of", made_of, element("p", *legend, class_="legend")),
        ]
    )


def _emotion_row(piece: Piece, name: str, value: EmotionValue) -> Markup:
    return _value_row(piece, "emotions", name, EMOTION_WORDS[name].noun, value, EMOTION_RANGE)


def _quality_row(piece: Piece, name: str, value: QualityValue) -> Markup:
    said = QUALITY_WORDS[name]
    poles = (said.low, said.high)
    return _value_row(piece, "midlevel", name, said.noun, value, QUALITY_RANGE, poles)


def _value_row(
    piece: Piece,
    group: str,
    name: str,
    noun: str,
    value: EmotionValue | QualityValue,
    scale: tuple[float, float],
    poles: tuple[str, str] | None = None,
) -> Markup:
    exact = piece.described[group][name]
    leaning = piece.leaning(value)
    standing = numbers.standing(value.percentile)
    likely = certainty.likely_range(value)
    ends = "" if likely is None else f"; {likely}"
    chart = element(
        "svg",
        element(
            "title",
            f"{noun}: {decimal(value.value)} from {scale[0]:g} to {scale[1]:g}; "
            f"average {decimal(value.average)}{ends}",
        ),
        charts.scale_chart(value, scale, leaning),
        class_="chart",
        height=charts.SCALE_HEIGHT,
        role="img",
    )
    low, high = Markup(), Markup()
    if poles:
        low = element("span", poles[0], class_="pole low" + (" leans down" if leaning == "down" else ""))
        high = element("span", poles[1], class_="pole high" + (" leans up" if leaning == "up" else ""))
    remarks = [element("span", data(exact["percentile"], standing), class_=f"standing {leaning}")]
    if value.low is not None and value.high is not None:
        lowest, highest = data(exact["low"], decimal(value.low)), data(exact["high"], decimal(value.high))
        said: dict[str | None, tuple[Markup | str, ...]] = {
            "low": ("probably below ", highest),
            "high": ("probably above ", lowest),
            None: ("probably ", lowest, " to ", highest),
        }
        remarks.append(element("span", *said[certainty.open_end(value)], class_="likely"))
    return element(
        "tr",
        element("th", noun, scope="row", role="rowheader"),
        element("td", data(exact["value"], decimal(value.value)), class_="number", role="cell"),
        element("td", low, chart, high, class_="scale", role="cell"),
        element("td", *remarks, class_="remark", role="cell"),
        role="row",
        data_name=name,
    )


def value_table(
    head: str,
    numbers: Sequence[str],
    remark: str,
    scale: tuple[float, float],
    rows: Sequence[Markup],
    class_: str = "values",
) -> Markup:
    """Rows under their axis; beside a single number, the other headings are only for those who hear it."""
    seen = "hidden" if len(numbers) == 1 else "quiet"
    low, high = scale
    middle = int((low + high) / 2)
    place = 100 * (middle - low) / (high - low)
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
