"""The emotions through a piece: curves, turning points, and the player that moves along."""

import base64

from midcli.explanation.words.differences import (
    curves_note,
    largest_turning_points,
    turning_point_reasons,
    turning_point_words,
    turning_points_heading,
)
from midcli.explanation.words.numbers import decimal, duration, signed
from midcli.explanation.words.vocabulary import EMOTION_WORDS
from midcli.labels import EMOTION_NAMES
from midcli.util.text import rounded
from midcli.views.page import charts
from midcli.views.page.listening import MEDIA_TYPE
from midcli.views.page.markup import Markup, element, joined
from midcli.views.page.parts import Outline, data, jump, number_table, time_axis
from midcli.views.page.piece import Piece
from midcli.views.scales import LEAST_SPAN

MOST_TURNING_POINTS = 12
MOST_TABLE_TIMES = 60


def listening(piece: Piece) -> Markup:
    """The player, which moves along while the piece is played; nothing without embedded audio."""
    if piece.mp3 is None:
        return Markup()
    source = f"data:{MEDIA_TYPE};base64,{base64.b64encode(piece.mp3).decode()}"
    audio = element("audio", controls=True, preload="metadata", src=source, aria_label=f"{piece.name}")
    return element("div", audio, _place(piece), class_="listen")


def over_time(piece: Piece, outline: Outline) -> Markup:
    """A curve an emotion on boxes of equal height in points, turning points, and the curves as a table."""
    curves = piece.curves
    spans = [float(curve.max() - curve.min()) for curve in curves.emotions]
    span = max(LEAST_SPAN, *spans)
    figures = [_curve(piece, name, span) for name in EMOTION_NAMES]
    note = f"{curves_note(curves)} The dashed line is the average, where it is in the box."
    parts = [element("div", *figures, class_="curves"), element("p", note, class_="quiet")]
    if piece.mp3 is None:
        parts.insert(0, element("div", _place(piece), class_="listen"))
    parts.append(_turning_points(piece, outline))
    parts.append(_curve_table(piece))
    return outline.panel("over-time", "Over time", *parts)


def _place(piece: Piece) -> Markup:
    """The slider that says where in the piece one is; shown by the script."""
    cells = len(piece.curves.times_s)
    play = element("button", "Play", type="button", class_="play") if piece.mp3 else Markup()
    slider = Markup(
        f'<input type="range" min="0" max="{cells - 1}" value="0" step="1" '
        f'aria-label="Place in the piece" aria-valuetext="{duration(0)}">'
    )
    time = element("span", f"{duration(0)} / {piece.length}", class_="clock")
    return element("div", play, slider, time, class_="place", hidden=True)


def _curve(piece: Piece, name: str, span: float) -> Markup:
    curve = piece.curves.emotions[EMOTION_NAMES.index(name)]
    middle = float(curve.min() + curve.max()) / 2
    low, high = middle - span / 2, middle + span / 2
    own = [point for point in piece.turning_points if point.emotion == name]
    length = piece.curves.duration_s
    changes = [
        (point.start_s / length, point.end_s / length, charts.direction(point.change)) for point in own
    ]
    noun = EMOTION_WORDS[name].noun
    said = "".join(
        f" It {turning_point_words(point).rpartition(' ')[2]} by {decimal(abs(point.change))} "
        f"at {duration(point.time_s)}."
        for point in own
    )
    drawing = element(
        "svg",
        element(
            "title",
            f"{noun.capitalize()} over time, from {decimal(float(curve.min()))} to "
            f"{decimal(float(curve.max()))}.{said or ' It never rises or falls by much.'}",
        ),
        charts.curve_chart(curve, (low, high), piece.analysis.emotions[name].average, changes),
        viewBox=f"0 0 {charts.CURVE_UNITS[0]} {charts.CURVE_UNITS[1]}",
        preserveAspectRatio="none",
        role="img",
    )
    return element(
        "figure",
        element(
            "figcaption",
            element("span", noun, class_="noun"),
            element("span", class_="now", data_emotion=name),
        ),
        element(
            "div",
            element("span", decimal(high), aria_hidden="true"),
            element("span", decimal(low), aria_hidden="true"),
            class_="bounds",
        ),
        element("div", drawing, element("span", class_="cursor", hidden=True), class_="timeline"),
        time_axis(piece),
        class_="curve-figure",
    )


def _turning_points(piece: Piece, outline: Outline) -> Markup:
    points = piece.turning_points
    shown = largest_turning_points(points, MOST_TURNING_POINTS)
    title = turning_points_heading(len(shown), len(points))
    if not shown:
        return element("p", title)
    items = []
    for point in shown:
        reasons = ", ".join(f"{noun} {signed(amount)}" for noun, amount in turning_point_reasons(point))
        class_ = charts.direction(point.change)
        items.append(
            element(
                "li",
                jump(point.time_s),
                element(
                    "span",
                    turning_point_words(point),
                    " ",
                    data(rounded(point.change), signed(point.change)),
                    class_=f"change {class_}",
                ),
                element("span", reasons, class_="reasons"),
            )
        )
    return joined([outline.title(2, title, class_="minor"), element("ol", *items, class_="turning-points")])


def _curve_table(piece: Piece) -> Markup:
    over_time = piece.described["over_time"]
    times = over_time["times_s"]
    count = min(len(times), MOST_TABLE_TIMES)
    chosen = [index * len(times) // count for index in range(count)]
    rows = [
        (
            data(times[index], duration(times[index])),
            [
                data(over_time["emotions"][name][index], decimal(over_time["emotions"][name][index]))
                for name in EMOTION_NAMES
            ],
        )
        for index in chosen
    ]
    heads = [EMOTION_WORDS[name].noun for name in EMOTION_NAMES]
    return number_table("The curves as a table", "Time", heads, rows)
