"""Why emotions are as they are, a card an emotion."""

from collections.abc import Sequence
from dataclasses import dataclass

from midcli.explanation.effects import EmotionValue
from midcli.explanation.words.effects import effects_of
from midcli.explanation.words.numbers import signed
from midcli.explanation.words.vocabulary import EMOTION_WORDS, QUALITY_WORDS
from midcli.views.page import charts
from midcli.views.page.markup import Markup, element
from midcli.views.page.parts import Outline, data
from midcli.views.page.piece import Piece


def whys(piece: Piece, outline: Outline) -> Markup:
    """A card for each explained emotion; those of the others are folded away."""
    first = [_why(piece, outline, emotion, also=number > 0) for number, emotion in enumerate(piece.explained)]
    named = {emotion.name for emotion in piece.explained}
    others = [
        _why(piece, outline, emotion, also=True)
        for name, emotion in piece.analysis.emotions.items()
        if name not in named
    ]
    parts = [element("div", *first, class_="cards")]
    if others:
        parts.append(
            element(
                "details",
                element("summary", "The other emotions"),
                element("div", *others, class_="cards"),
            )
        )
    return outline.panel("why", "Why", *parts)


def _why(piece: Piece, outline: Outline, emotion: EmotionValue, also: bool) -> Markup:
    effects = effects_of(piece.analysis, emotion, piece.relative, also)
    exact = piece.described["emotions"][emotion.name]["relative_effects" if piece.relative else "effects"]
    pushes = [Push(name, exact[name], effects.shown[name], effects.remarks[name]) for name in effects.pushes]
    caption = f"Effects on {EMOTION_WORDS[emotion.name].noun}"
    parts = (effects.heading, effects.equation, effects.sentences)
    return effect_card(outline, emotion.name, caption, parts, pushes)


@dataclass(frozen=True)
class Push:
    """What one quality adds."""

    quality: str
    exact: float
    shown: float
    """Rounded such that what is shown adds up."""
    remark: str = ""


def effect_card(
    outline: Outline, emotion: str, caption: str, parts: tuple[str, str, str], pushes: Sequence[Push]
) -> Markup:
    """Heading, sum and sentences (`parts`) of an emotion, and between them a bar for each push."""
    heading, equation, sentences = parts
    amounts = [push.exact for push in pushes]
    rows = []
    for push in pushes:
        noun, shown = QUALITY_WORDS[push.quality].noun, signed(push.shown).strip()
        chart = element(
            "svg",
            element("title", f"{noun}: {shown}"),
            charts.effect_chart(push.exact, amounts),
            class_="chart",
            height=charts.EFFECT_HEIGHT,
            role="img",
        )
        number = f"number {charts.direction(push.shown)}"
        rows.append(
            element(
                "tr",
                element("th", noun, scope="row", role="rowheader"),
                element("td", data(push.exact, shown), class_=number, role="cell"),
                element("td", chart, class_="push", role="cell"),
                element("td", push.remark, class_="remark", role="cell"),
                role="row",
            )
        )
    table = element(
        "table",
        element("caption", caption, class_="hidden"),
        _hidden_head(("Quality", "Effect", "Holds back, pushes up", "Because of")),
        element("tbody", *rows, role="rowgroup"),
        class_="effects",
        role="table",
    )
    return element(
        "section",
        outline.title(2, heading),
        element("p", equation, class_="equation"),
        table,
        element("p", sentences, class_="sentence"),
        class_="card",
        data_emotion=emotion,
    )


def _hidden_head(heads: Sequence[str]) -> Markup:
    cells = [element("th", head, scope="col", role="columnheader") for head in heads]
    return element("thead", element("tr", *cells, role="row"), role="rowgroup", class_="hidden")
