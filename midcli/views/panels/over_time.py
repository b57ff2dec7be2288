"""The panel of emotions through a piece, with what happens at their turning points."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from midcli.explanation.curves import Curves, TurningPoint, important
from midcli.explanation.words import differences

if TYPE_CHECKING:
    from midcli.explanation.analysis import Analysis

Array = npt.NDArray[np.float64]


class Curve(NamedTuple):
    """One emotion through the piece, in a box that has the axis of the others."""

    emotion: str
    noun: str
    values: Array
    """(T,)"""
    low: float
    high: float
    """The ends of the box."""
    average: float
    changes: tuple[TurningPoint, ...]


class Turn(NamedTuple):
    """A turning point in words."""

    point: TurningPoint
    words: str
    causes: str
    """What the music does."""
    effects: str
    """What each cause adds to the emotion."""


class OverTime(NamedTuple):
    """Emotions through a piece."""

    through: Curves
    curves: tuple[Curve, ...]
    heading: str
    """What stands above the turning points, or instead of them."""
    turns: tuple[Turn, ...]
    """The largest, in the order of time."""
    note: str


def over_time(analysis: "Analysis", emotions: Sequence[str], most_turns: int) -> OverTime:
    """Curves and the largest turning points of the named emotions."""
    through = analysis.curves()
    points = [point for point in analysis.turning_points() if point.emotion in emotions]
    values = {name: through.emotions[through.head.names.index(name)] for name in emotions}
    low, high = _axis(analysis.context.head.scale, list(values.values()))
    changes = important(points, analysis.spreads)
    shown = differences.largest_turning_points(changes, most_turns)
    return OverTime(
        through,
        tuple(
            Curve(
                name,
                analysis.emotions[name].words.noun,
                curve,
                low,
                high,
                analysis.emotions[name].average,
                tuple(point for point in points if point.emotion == name),
            )
            for name, curve in values.items()
        ),
        differences.turning_points_heading(len(shown), len(changes), len(points)),
        tuple(map(_turn, shown)),
        differences.curves_note(through),
    )


def _turn(point: TurningPoint) -> Turn:
    return Turn(
        point,
        differences.turning_point_words(point),
        differences.turning_point_causes(point),
        differences.turning_point_effects(point),
    )


def _axis(scale: tuple[float, float], curves: Sequence[Array]) -> tuple[float, float]:
    """The scale, widened to whole points where a value leaves it."""
    low, high = scale
    lowest, highest = (float(find([find(curve) for curve in curves])) for find in (np.min, np.max))
    return min(low, float(np.floor(lowest))), max(high, float(np.ceil(highest)))
