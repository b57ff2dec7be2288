"""The emotions through a piece: curves, turning points, and the player that moves along."""

import base64

from midcli.explanation.words.numbers import decimal, duration, signed
from midcli.views.page import charts
from midcli.views.page.listening import MEDIA_TYPE
from midcli.views.page.markup import Markup, element, joined
from midcli.views.page.parts import Outline, data, jump, number_table, time_axis
from midcli.views.page.profile import key
from midcli.views.panels.over_time import Curve, OverTime, Turn
from midcli.views.panels.over_time import over_time as computed
from midcli.views.piece import Piece

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
    """A curve an emotion on one axis, turning points, and the curves as a table."""
    panel = computed(piece.analysis, tuple(piece.analysis.emotions), MOST_TURNING_POINTS)
    figures = [_curve(piece, curve) for curve in panel.curves]
    legend = element(
        "p",
        key("average", "dashed: the average"),
        key("up", "above the average"),
        key("down", "below the average"),
        " Ticks: where it rises (upwards) or falls by much.",
        class_="legend",
    )
    parts = [
        _sections(piece),
        _highlight(piece),
        element("div", *figures, class_="curves"),
        legend,
        element("p", panel.note, class_="quiet"),
    ]
    if piece.mp3 is None:
        parts.insert(0, element("div", _place(piece), class_="listen"))
    parts.append(_turning_points(panel, outline))
    parts.append(_curve_table(panel))
    return outline.panel("over-time", "Over time", *parts)


def _sections(piece: Piece) -> Markup:
    """A chip a section, which jumps to it; nothing for a piece that does not change."""
    rows = piece.sections.rows
    if len(rows) < 2:
        return Markup()
    chips = [
        element("li", jump(one.start_s), element("span", f" {one.word}", title=one.summary)) for one in rows
    ]
    return element("ol", *chips, class_="sections", aria_label="Sections")


def _highlight(piece: Piece) -> Markup:
    if not piece.highlighted:
        return Markup()
    found = piece.highlight
    rest = found.words.removeprefix(duration(found.start_s))
    return element("p", element("strong", "Highlight "), jump(found.start_s), rest)


def _place(piece: Piece) -> Markup:
    """The slider that says where in the piece one is; shown by the script."""
    cells = len(piece.analysis.curves().times_s)
    play = element("button", "Play", type="button", class_="play") if piece.mp3 else Markup()
    slider = Markup(
        f'<input type="range" min="0" max="{cells - 1}" value="0" step="1" '
        f'aria-label="Place in the piece" aria-valuetext="{duration(0)}">'
    )
    time = element("span", f"{duration(0)} / {piece.length}", class_="clock")
    return element("div", play, slider, time, class_="place", hidden=True)


def _curve(piece: Piece, curve: Curve) -> Markup:
    return element(
        "figure",
        element(
            "figcaption",
            element("span", curve.noun, class_="noun"),
            element("span", class_="now", data_emotion=curve.emotion),
        ),
        element(
            "div",
            element("span", decimal(curve.high), aria_hidden="true"),
            element("span", decimal(curve.low), aria_hidden="true"),
            class_="bounds",
        ),
        element(
            "div",
            _drawing(curve, piece.analysis.duration_s),
            element("span", class_="cursor", hidden=True),
            class_="timeline",
        ),
        time_axis(piece),
        class_="curve-figure",
    )


def _drawing(curve: Curve, duration_s: float) -> Markup:
    said = "".join(
        f" It {'rises' if point.change > 0 else 'falls'} by {decimal(abs(point.change))} "
        f"at {duration(point.time_s)}."
        for point in curve.changes
    )
    return element(
        "svg",
        element(
            "title",
            f"{curve.noun.capitalize()} over time, from {decimal(float(curve.values.min()))} to "
            f"{decimal(float(curve.values.max()))}.{said or ' It never rises or falls by much.'}",
        ),
        charts.curve_chart(curve, duration_s),
        viewBox=f"0 0 {charts.CURVE_UNITS[0]} {charts.CURVE_UNITS[1]}",
        preserveAspectRatio="none",
        role="img",
    )


def _turning_points(panel: OverTime, outline: Outline) -> Markup:
    if not panel.turns:
        return element("p", panel.heading)
    items = map(_turn, panel.turns)
    title = outline.title(2, panel.heading, class_="minor")
    return joined([title, element("ol", *items, class_="turning-points")])


def _turn(turn: Turn) -> Markup:
    change = turn.point.change
    words = (turn.words, " ", data(change, signed(change)))
    return element(
        "li",
        jump(turn.point.time_s),
        element("span", *words, class_="change"),
        element("span", f"{turn.causes} ({turn.effects})", class_="reasons"),
    )


def _curve_table(panel: OverTime) -> Markup:
    times = panel.through.times_s.tolist()
    count = min(len(times), MOST_TABLE_TIMES)
    chosen = [index * len(times) // count for index in range(count)]
    values = [curve.values.tolist() for curve in panel.curves]
    rows = [
        (
            data(times[index], duration(times[index])),
            [data(curve[index], decimal(curve[index])) for curve in values],
        )
        for index in chosen
    ]
    return number_table("The curves as a table", "Time", [curve.noun for curve in panel.curves], rows)
