"""Two pieces to one page: both profiles on the same scales, and why they differ."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from midcli.explanation.comparison import EmotionDifference
from midcli.explanation.words.differences import Gap, comparison_heading, comparison_sentence, gap
from midcli.explanation.words.numbers import decimal, duration, shown_difference, shown_effects, signed
from midcli.explanation.words.sentences import opening
from midcli.explanation.words.vocabulary import EMOTION_WORDS, QUALITY_WORDS
from midcli.labels import EMOTION_RANGE, QUALITY_RANGE
from midcli.util.text import printable, rounded
from midcli.views.page import charts
from midcli.views.page.document import document, footer, numbers_script
from midcli.views.page.markup import Markup, element
from midcli.views.page.parts import Outline, data
from midcli.views.page.profile import key, value_table
from midcli.views.page.whys import Push, effect_card

if TYPE_CHECKING:
    from midcli.explanation.analysis import Analysis

_OUTLINE = Outline("comparison", 1)
_SUMS = "The difference of an emotion is exactly the sum of what the seven qualities contribute."


def comparison_page(
    a: "Analysis",
    b: "Analysis",
    differences: Mapping[str, EmotionDifference],
    explained: Sequence[EmotionDifference],
    described: Mapping[str, Any],
) -> bytes:
    """The page (UTF-8) of the object `described` by `compare --json`; contributions to all emotions.

    Those to the `explained` ones come first, the others folded away.
    """
    names = [printable(Path(analysis.file).name) for analysis in (a, b)]
    nouns = {name: words.noun for name, words in EMOTION_WORDS.items()}
    nouns |= {name: words.noun for name, words in QUALITY_WORDS.items()}
    sounds = value_table(
        "Emotion",
        ("A", "B"),
        "A − B",
        EMOTION_RANGE,
        _rows("emotions", a, b, nouns, EMOTION_RANGE, described),
        "values pairs",
    )
    made_of = value_table(
        "Quality",
        ("A", "B"),
        "A − B",
        QUALITY_RANGE,
        _rows("midlevel", a, b, nouns, QUALITY_RANGE, described),
        "values pairs",
    )
    first = {difference.name: difference for difference in explained}
    cards = [_card(difference, a, b, described) for difference in first.values()]
    others = [_card(item, a, b, described) for name, item in differences.items() if name not in first]
    whys = [element("div", *cards, class_="cards")]
    if others:
        folded = element("div", *others, class_="cards")
        whys.append(element("details", element("summary", "The other emotions"), folded))
    legend = (
        key("dot", "A"),
        key("ring", "B"),
        key("up", "A has probably more"),
        key("down", "A has probably less"),
    )
    content = [
        element(
            "header",
            _OUTLINE.title(0, f"{names[0]} and {names[1]}"),
            _about("A", names[0], a),
            _about("B", names[1], b),
            class_="top",
        ),
        _OUTLINE.panel("sounds", "Sounds", sounds),
        _OUTLINE.panel("made-of", "Made of", made_of, element("p", *legend, class_="legend")),
        _OUTLINE.panel("why", "Why they differ", *whys),
        numbers_script(described),
    ]
    return document(f"{names[0]} and {names[1]}", content, footer(_SUMS, "midcli compare --save"))


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
        element(
            "p",
            opening(analysis.explanation, analysis.doubtful),
            class_="note" if analysis.doubtful else None,
        ),
        class_="about",
    )


def _rows(
    group: Literal["emotions", "midlevel"],
    a: "Analysis",
    b: "Analysis",
    nouns: Mapping[str, str],
    scale: tuple[float, float],
    described: Mapping[str, Any],
) -> list[Markup]:
    rows = []
    doubtful = a.doubtful or b.doubtful
    for name, value in getattr(a, group).items():
        other = getattr(b, group)[name]
        shown = shown_difference(value.value, other.value)
        probable = gap(value, other) > Gap.NONE and not doubtful
        leaning = charts.direction(value.value - other.value) if probable else "level"
        chart = element(
            "svg",
            element(
                "title",
                f"{nouns[name]}: A {decimal(value.value)}, B {decimal(other.value)}, "
                f"from {scale[0]:g} to {scale[1]:g}",
            ),
            charts.pair_chart(value.value, other.value, scale, leaning),
            class_="chart",
            height=charts.SCALE_HEIGHT,
            role="img",
        )
        numbers = [described[label][group][name]["value"] for label in ("a", "b")]
        exact = rounded(numbers[0] - numbers[1])
        rows.append(
            element(
                "tr",
                element("th", nouns[name], scope="row", role="rowheader"),
                *(element("td", data(one, decimal(one)), class_="number", role="cell") for one in numbers),
                element("td", chart, class_="scale", role="cell"),
                element(
                    "td",
                    data(exact, signed(shown).strip()),
                    class_=f"difference number {leaning}",
                    role="cell",
                ),
                role="row",
                data_name=name,
            )
        )
    return rows


def _card(
    difference: EmotionDifference, a: "Analysis", b: "Analysis", described: Mapping[str, Any]
) -> Markup:
    """Contributions to a difference, counted towards the piece that has more."""
    labels, values = ["A", "B"], [one.emotions[difference.name].value for one in (a, b)]
    sign = 1 if difference.difference >= 0 else -1
    (more, less), (most, least) = labels[::sign], values[::sign]
    total = shown_difference(most, least)
    exact = {
        name: sign * amount
        for name, amount in described["emotions"][difference.name]["contributions"].items()
    }
    shown = shown_effects(exact, most, least)
    pushes = [
        Push(name, amount, shown[name]) for name, amount in sorted(exact.items(), key=lambda item: -item[1])
    ]
    noun = EMOTION_WORDS[difference.name].noun
    parts = (
        comparison_heading(difference, a.explanation, b.explanation, a.doubtful or b.doubtful),
        f"{more} {decimal(most)} = {less} {decimal(least)} + {decimal(total)}",
        comparison_sentence(difference, a.explanation, b.explanation, a.doubtful or b.doubtful),
    )
    caption = f"Contributions to the difference in {noun}"
    return effect_card(_OUTLINE, difference.name, caption, parts, pushes)
