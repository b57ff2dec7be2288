"""Qualities and emotions through a piece, and the turning points where an emotion changes.

A running mean of the evidence map, mirrored at both ends, weighs every moment equally in total; so the mean
of each curve over the piece equals the value of the piece.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from midcli.errors import UsageError
from midcli.labels import QUALITY_NAMES, Label
from midcli.model.head import Head

Array = npt.NDArray[np.float64]

WINDOW_SHARE = 1 / 30
SHORTEST_WINDOW_S = 3.0
LONGEST_WINDOW_S = 60.0
LEAST_CHANGE = 0.1
"""Points of a scale from 1 to 9; less is not visible."""


class Curves(NamedTuple):
    """Running means at the middle of each cell of the map, in rating points.

    >>> import midcli
    >>> curves = midcli.analyse("song.ogg").curves(window_s=1.0)
    >>> curves.midlevel.shape == (7, len(curves.times_s))
    True
    """

    times_s: Array
    """(T,)"""
    midlevel: Array
    """(7, T)"""
    emotions: Array
    """(emotions, T)"""
    head: Head
    duration_s: float
    window_s: float


class TurningPoint(NamedTuple):
    """A rise or fall of one emotion, with what each quality added to it.

    >>> import midcli
    >>> points = midcli.analyse("song.ogg").turning_points()
    >>> all(abs(sum(point.contributions.values()) - point.change) < 1e-9 for point in points)
    True
    """

    emotion: str
    time_s: float
    """When half of the change has happened."""
    start_s: float
    end_s: float
    """Between these a tenth and nine tenths of the change have happened."""
    before: float
    after: float
    contributions: dict[str, float]
    """Quality name to rating points of the emotion; they sum to the change."""
    movements: dict[str, tuple[float, float]]
    """Quality name to its value before and after."""
    label: Label

    @property
    def change(self) -> float:
        return self.after - self.before


def curves(values: Array, head: Head, duration_s: float, window_s: float | None = None) -> Curves:
    """Running means of the qualities (7, T) and of the emotions made of them. The default window is a
    thirtieth of the piece, between 3 and 60 s; it is rounded to an odd number of cells. Raises UsageError for
    one that has no length.
    """
    columns = values.shape[1]
    cell_s = duration_s / columns
    if window_s is None:
        window_s = float(np.clip(duration_s * WINDOW_SHARE, SHORTEST_WINDOW_S, LONGEST_WINDOW_S))
    if not 0 < window_s < np.inf:
        raise UsageError(f"window_s={window_s:g}: a window is a number of seconds above 0")
    reach = min(max(0, round((window_s / cell_s - 1) / 2)), (columns - 1) // 2)
    midlevel = _running_mean(values, reach)
    emotions = head.emotions(midlevel.T).T
    times_s = (np.arange(columns) + 0.5) * cell_s
    return Curves(times_s, midlevel, emotions, head, duration_s, (2 * reach + 1) * cell_s)


def turning_points(curves: Curves, thresholds: Array) -> list[TurningPoint]:
    """Rises and falls of at least a threshold (emotions,), in rating points, and of what is visible; by time.

    Between two turning points a curve may waver by less than the threshold, never more.
    """
    least = LEAST_CHANGE * curves.head.point
    points = [
        _turning_point(curves, emotion, start, end)
        for k, emotion in enumerate(curves.head.names)
        for start, end in _swings(curves.emotions[k], max(float(thresholds[k]), least))
    ]
    return sorted(points, key=lambda point: point.time_s)


def important(points: Sequence[TurningPoint], spreads: Mapping[str, float]) -> list[TurningPoint]:
    """One of each change of the music: that of the emotion which it moves most, in its standard deviations.

    So a slow change of one emotion and a sudden one of another within it both stay, and of one emotion there
    is at most one at a time.
    """
    kept: list[TurningPoint] = []
    for point in sorted(points, key=lambda point: -abs(point.change) / spreads[point.emotion]):
        if not any(_same_change(point, other) for other in kept):
            kept.append(point)
    return sorted(kept, key=lambda point: point.time_s)


def _same_change(one: TurningPoint, other: TurningPoint) -> bool:
    """Whether each has its middle within the other."""
    return one.start_s <= other.time_s <= one.end_s and other.start_s <= one.time_s <= other.end_s


def _running_mean(values: Array, reach: int) -> Array:
    """Mean over `reach` neighbours on either side of the last axis, mirrored with the edge repeated."""
    padded = np.pad(values, ((0, 0), (reach + 1, reach)), mode="symmetric")
    sums = np.cumsum(padded, axis=1)
    width = 2 * reach + 1
    means: Array = (sums[:, width:] - sums[:, :-width]) / width
    return means


def _swings(curve: Array, threshold: float) -> list[tuple[int, int]]:
    """First and last index of each rise or fall between alternating extremes at least `threshold` apart."""
    pivots: list[int] = []
    lowest = highest = 0
    rising = falling = False
    for index, value in enumerate(curve):
        if value < curve[lowest]:
            lowest = index
        if value > curve[highest]:
            highest = index
        if not rising and value - curve[lowest] >= threshold:
            pivots.append(lowest)
            rising, falling, highest = True, False, index
        elif not falling and curve[highest] - value >= threshold:
            pivots.append(highest)
            rising, falling, lowest = False, True, index
    if pivots:
        pivots.append(highest if rising else lowest)
    return list(pairwise(pivots))


def _turning_point(curves: Curves, emotion: str, start: int, end: int) -> TurningPoint:
    k = curves.head.names.index(emotion)
    before, after = curves.emotions[k, start], curves.emotions[k, end]
    done = (curves.emotions[k, start : end + 1] - before) / (after - before)
    middle = start + int(np.argmax(done >= 0.5))
    first = start + int(np.flatnonzero(done[: middle - start + 1] <= 0.1)[-1])
    last = start + int(np.argmax(done >= 0.9))
    contributions = curves.head.weights[k] * (curves.midlevel[:, end] - curves.midlevel[:, start])
    return TurningPoint(
        emotion,
        float(curves.times_s[middle]),
        float(curves.times_s[first]),
        float(curves.times_s[last]),
        float(before),
        float(after),
        dict(zip(QUALITY_NAMES, contributions.tolist(), strict=True)),
        {
            name: (float(curves.midlevel[j, start]), float(curves.midlevel[j, end]))
            for j, name in enumerate(QUALITY_NAMES)
        },
        curves.head.labels[k],
    )
