"""Why emotions are as they are, or differ: a card an emotion."""

from collections.abc import Sequence

from midcli.explanation.words.numbers import signed
from midcli.views.page import charts
from midcli.views.page.markup import Markup, element
from midcli.views.page.parts import Outline, data
from midcli.views.panels.effects import Effects, Push
from midcli.views.scales import one_scale


def whys(outline: Outline, title: str, first: Sequence[Effects], others: Sequence[Effects]) -> Markup:
    """A card for each of the first; those of the others are folded away."""
    scale = [push.amount for one in (*first, *others) for push in one.pushes]
    parts = [element("div", *(_card(outline, one, scale) for one in first), class_="cards")]
    if others:
        folded = element("div", *(_card(outline, one, scale) for one in others), class_="cards")
        parts.append(element("details", element("summary", "The other emotions"), folded))
    note = element("p", one_scale(scale, "longest effect"), class_="quiet")
    return outline.panel("why", title, *parts, note)


def _card(outline: Outline, effects: Effects, scale: Sequence[float]) -> Markup:
    """Heading, sum and sentences of an emotion, and between them a bar for each push."""
    down = "Holds back" if effects.upwards else "Pulls down"
    table = element(
        "table",
        element("caption", effects.caption, class_="hidden"),
        _hidden_head(("Quality", "Effect", f"{down}, pushes up", "Because of")),
        element("tbody", *(_row(push, scale) for push in effects.pushes), role="rowgroup"),
        class_="effects",
        role="table",
    )
    return element(
        "section",
        outline.title(2, effects.heading),
        element("p", effects.equation, class_="equation"),
        table,
        element("p", effects.sentences, class_="sentence"),
        class_="card",
        data_emotion=effects.emotion,
    )


def _row(push: Push, amounts: Sequence[float]) -> Markup:
    shown = signed(push.shown).strip()
    chart = element(
        "svg",
        element("title", f"{push.noun}: {shown}"),
        charts.effect_chart(push.amount, amounts),
        class_="chart",
        height=charts.EFFECT_HEIGHT,
        role="img",
    )
    return element(
        "tr",
        element("th", push.noun, scope="row", role="rowheader"),
        element("td", data(push.amount, shown), class_=f"number {charts.direction(push.shown)}", role="cell"),
        element("td", chart, class_="push", role="cell"),
        element("td", push.remark, class_="remark", role="cell"),
        role="row",
    )


def _hidden_head(heads: Sequence[str]) -> Markup:
    cells = [element("th", head, scope="col", role="columnheader") for head in heads]
    return element("thead", element("tr", *cells, role="row"), role="rowgroup", class_="hidden")
