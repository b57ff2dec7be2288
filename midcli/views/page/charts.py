"""Values to SVG that page and picture share: bars, curves, maps, without labels.

Everything is drawn across a width of 100 %, so that the same drawing fits a phone and a poster; heights are
pixels. Colours are classes: `up`, `down`, `level`.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from midcli.explanation.words.certainty import ABOVE, BELOW, beyond_scale
from midcli.views.page.markup import Markup, decimals, element, joined
from midcli.views.panels.difference import Pair
from midcli.views.panels.over_time import Curve
from midcli.views.panels.values import Rated, ValueRow
from midcli.views.scales import LEAST_REACH, map_rows

Array = npt.NDArray[np.float64]

SCALE_HEIGHT = 22
EFFECT_HEIGHT = 18

CURVE_UNITS = (1000, 100)
"""Size of the coordinate system of a curve; it is stretched to the space that there is."""

MAP_LEVELS = 5
MOST_MAP_COLUMNS = 160

_CURVE_POINTS = 400
_MAP_CELL = 10
_TURN_HEIGHT = 22


def middle_of(scale: tuple[float, float]) -> int:
    """The number that stands on an axis between its ends."""
    return int(sum(scale) / 2)


def middle_place(scale: tuple[float, float]) -> float:
    """Where that is, as a share of the axis."""
    low, high = scale
    return (middle_of(scale) - low) / (high - low)


def direction(difference: float) -> str:
    """The class that a difference is coloured by."""
    return "up" if difference > 0 else "down" if difference < 0 else "level"


def scale_chart(row: ValueRow) -> Markup:
    """A value on its scale: the interval as a band, a tick at the average, a bar from there to the value.

    Values off the scale are drawn at its end, with an arrow beside it.
    """
    middle = SCALE_HEIGHT / 2
    value, ends, leaning = row.value, row.value.scale, direction(row.leaning)

    def place(number: float) -> float:
        return 100 * min(1.0, max(0.0, (number - ends[0]) / (ends[1] - ends[0])))

    start, stop = sorted((place(value.average), place(value.value)))
    parts = _track(middle, ends)
    if value.low is not None and value.high is not None:
        low, high = place(value.low), place(value.high)
        parts.append(
            element(
                "rect",
                x=_share(low),
                width=_share(high - low),
                y=middle - 6,
                height=12,
                rx=6,
                class_=f"band {leaning}",
            )
        )
    parts += [
        _difference(start, stop, middle, leaning),
        element(
            "line",
            x1=_share(place(value.average)),
            x2=_share(place(value.average)),
            y1=middle - 9,
            y2=middle + 9,
            class_="average",
        ),
        element("circle", cx=_share(place(value.value)), cy=middle, r=5.5, class_=f"dot {leaning}"),
        _arrow(value, middle),
    ]
    return joined(parts)


def _arrow(value: Rated, middle: float) -> Markup:
    """An arrow past the end of the scale that a value leaves; nothing of one that stays on it."""
    side = beyond_scale(value.value, value.scale)
    if not side:
        return Markup()
    x, anchor, sign = ("0%", "end", BELOW) if side < 0 else ("100%", "start", ABOVE)
    return element("text", sign, x=x, dx=8 * side, y=middle + 5, text_anchor=anchor, class_="beyond")


def pair_chart(pair: Pair) -> Markup:
    """Two values on their scale: A as a dot, B as a ring, and the difference between them."""
    middle = SCALE_HEIGHT / 2
    low, high = pair.a.scale
    places = [100 * min(1.0, max(0.0, (one.value - low) / (high - low))) for one in (pair.a, pair.b)]
    leaning = direction(pair.leaning)
    start, stop = sorted(places)
    return joined(
        [
            *_track(middle, pair.a.scale),
            _difference(start, stop, middle, leaning),
            element("circle", cx=_share(places[1]), cy=middle, r=5.5, class_="ring"),
            element("circle", cx=_share(places[0]), cy=middle, r=5.5, class_=f"dot {leaning}"),
            _arrow(pair.a, middle),
            _arrow(pair.b, middle),
        ]
    )


def _difference(start: float, stop: float, middle: float, leaning: str) -> Markup:
    return element(
        "rect",
        x=_share(start),
        width=_share(stop - start),
        y=middle - 2,
        height=4,
        class_=f"bar {leaning}",
    )


def effect_chart(effect: float, effects: Sequence[float]) -> Markup:
    """A bar from zero to the right for a push up, to the left for a push down.

    `effects` set the scale and the place of zero; where all are small, bars stay short.
    """
    up, down = max(0.0, *effects), max(0.0, *(-item for item in effects))
    zero = 100 * (down / (up + down) if up + down else 0.5)
    width = 100 * abs(effect) / max(LEAST_REACH, up + down)
    middle = EFFECT_HEIGHT / 2
    return joined(
        [
            element(
                "rect",
                x=_share(zero - width if effect < 0 else zero),
                width=_share(width),
                y=middle - 5,
                height=10,
                rx=1.5,
                class_=f"bar {direction(effect)}",
            ),
            element("line", x1=_share(zero), x2=_share(zero), y1=0, y2=EFFECT_HEIGHT, class_="zero"),
        ]
    )


def curve_chart(curve: Curve, duration_s: float) -> Markup:
    """A curve in its box, in CURVE_UNITS: coloured by the side of the average, ticks where it turns."""
    width, height = CURVE_UNITS
    low, high = curve.low, curve.high
    centres = (np.arange(len(curve.values)) + 0.5) / len(curve.values)

    def line(start: float, stop: float, class_: str) -> Markup:
        shares = np.linspace(start, stop, max(2, round(_CURVE_POINTS * (stop - start))))
        levels = (high - np.interp(shares, centres, curve.values)) / (high - low)
        points = " ".join(
            f"{decimals(x, 1)},{decimals(y, 1)}"
            for x, y in zip((shares * width).tolist(), (levels * height).tolist(), strict=True)
        )
        return element("polyline", points=points, class_=class_)

    parts = []
    if low < curve.average < high:
        y = (high - curve.average) / (high - low) * height
        parts.append(element("line", x1=0, x2=width, y1=y, y2=y, class_="average-line"))
    above = curve.values > curve.average
    edges = [0, *(np.flatnonzero(np.diff(above)) + 1).tolist(), len(above)]
    for first, stop in pairwise(edges):
        side = "up" if above[first] else "down"
        parts.append(line(first / len(above), stop / len(above), f"curve {side}"))
    parts += [_turn(point.time_s / duration_s, curve, point.change > 0) for point in curve.changes]
    return joined(parts)


def _turn(place: float, curve: Curve, rises: bool) -> Markup:
    """A tick that stands on the curve where it rises, and hangs from it where it falls."""
    width, height = CURVE_UNITS
    cell = min(len(curve.values) - 1, int(place * len(curve.values)))
    y = float((curve.high - curve.values[cell]) / (curve.high - curve.low) * height)
    end = y - _TURN_HEIGHT if rises else y + _TURN_HEIGHT
    return element("line", x1=place * width, x2=place * width, y1=y, y2=end, class_="turn")


def map_size(points: Array) -> tuple[int, int]:
    """Size of the coordinate system of a map (T, F)."""
    return min(points.shape[0], MOST_MAP_COLUMNS) * _MAP_CELL, len(map_rows(points)) * _MAP_CELL


def map_chart(points: Array, scale: float) -> Markup:
    """A map (T, F), time to the right and register upwards.

    Cells above zero are filled, cells below zero striped, in MAP_LEVELS strengths up to `scale`.
    """
    columns = map_size(points)[0] // _MAP_CELL
    starts = np.arange(columns) * len(points) // columns
    shown = np.add.reduceat(points, starts, axis=0) / np.diff(starts, append=len(points))[:, np.newaxis]
    paths: dict[tuple[str, int], list[str]] = {}
    for row, rows in enumerate(reversed(map_rows(points))):
        shares = shown[:, rows].mean(axis=1) / scale if scale else np.zeros(columns)
        levels = np.clip(np.round(shares * MAP_LEVELS), -MAP_LEVELS, MAP_LEVELS).astype(int)
        edges = [0, *(np.flatnonzero(np.diff(levels)) + 1).tolist(), columns]
        for first, stop in pairwise(edges):
            level = int(levels[first])
            if level:
                run = _run(first, stop, row, striped=level < 0)
                paths.setdefault((direction(level), abs(level)), []).append(run)
    return joined(
        [
            element("path", d="".join(runs), class_=f"cell {class_} level-{level}")
            for (class_, level), runs in sorted(paths.items())
        ]
    )


def _run(first: int, stop: int, row: int, striped: bool) -> str:
    """Cells of one level next to each other as a rectangle, or as three stripes."""
    left, width = first * _MAP_CELL, (stop - first) * _MAP_CELL
    stripes = ((1, 2), (5, 2), (8, 1)) if striped else ((0, _MAP_CELL),)
    return "".join(f"M{left} {row * _MAP_CELL + top}h{width}v{height}h{-width}z" for top, height in stripes)


def _track(middle: float, scale: tuple[float, float]) -> list[Markup]:
    ticks = (
        element("line", x1=_share(x), x2=_share(x), y1=middle - 3, y2=middle + 3, class_="track")
        for x in (0.0, 100 * middle_place(scale), 100.0)
    )
    return [element("line", x1="0%", x2="100%", y1=middle, y2=middle, class_="track"), *ticks]


def _share(percent: float) -> str:
    return f"{decimals(percent)}%"
