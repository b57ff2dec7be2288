"""Why emotions are as they are, a card an emotion."""

from collections.abc import Sequence

from midcli.explanation import EmotionValue
from midcli.report import charts
from midcli.report.markup import Markup, element
from midcli.report.parts import Outline, data
from midcli.report.piece import Piece, effects_of
from midcli.words import EMOTION_WORDS, QUALITY_WORDS, signed


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
    effects = effects_of(piece, emotion, also)
    kind = "relative_effects" if piece.relative else "effects"
    exact = piece.described["emotions"][emotion.name][kind]
    amounts = list(effects.pushes.values())
    rows = []
    for name, amount in effects.pushes.items():
        noun = QUALITY_WORDS[name].noun
        shown = signed(effects.shown[name]).strip()
        chart = element(
            "svg",
            element("title", f"{noun}: {shown}"),
            charts.effect_chart(amount, amounts),
            class_="chart",
            height=charts.EFFECT_HEIGHT,
            role="img",
        )
        rows.append(
            element(
                "tr",
                element("th", noun, scope="row", role="rowheader"),
                element(
                    "td",
                    data(exact[name], shown),
                    class_=f"number {charts.direction(effects.shown[name])}",
                    role="cell",
                ),
                element("td", chart, class_="push", role="cell"),
                element("td", effects.remarks[name], class_="remark", role="cell"),
                role="row",
            )
        )
    heads = ("Quality", "Effect", "Holds back, pushes up", "Because of")
    table = element(
        "table",
        element("caption", f"Effects on {EMOTION_WORDS[emotion.name].noun}", class_="hidden"),
        _hidden_head(heads),
        element("tbody", *rows, role="rowgroup"),
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
        data_emotion=emotion.name,
    )


def _hidden_head(heads: Sequence[str]) -> Markup:
    cells = [element("th", head, scope="col", role="columnheader") for head in heads]
    return element("thead", element("tr", *cells, role="row"), role="rowgroup", class_="hidden")
