"""What the model would say of other qualities, and the smallest plausible change that reaches a target.

This is arithmetic on the model's last layer: emotions of changed qualities. It does not say that music with
these qualities exists, nor how to make it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from midcli.errors import UsageError
from midcli.explanation.words.names import index_of
from midcli.labels import QUALITY_NAMES, QUALITY_RANGE
from midcli.model.head import Head

Array = npt.NDArray[np.float64]

NOTE = "The model's arithmetic on its last layer, not advice on mixing or composing."

_TOLERANCE = 1e-9
_MOST_PAIRED = 2000  # pieces, of which 16 MB of distances come


@dataclass(frozen=True)
class Change:
    """A request for one quality: to a value, or by a number of rating points.

    >>> from midcli.explanation.whatif import Change
    >>> Change("dissonance", -1.0, relative=True).amount  # a point less
    -1.0
    """

    quality: str
    amount: float
    relative: bool


@dataclass(frozen=True)
class Outcome:
    """Qualities and emotions before and after a change, in rating points.

    >>> import midcli
    >>> name, outcome = midcli.analyse("song.ogg").what_if().steps()[0]
    >>> change = outcome.emotions_after["happy"] - outcome.emotions_before["happy"]
    >>> abs(sum(outcome.contributions["happy"].values()) - change) < 1e-9
    True
    """

    before: dict[str, float]
    after: dict[str, float]
    emotions_before: dict[str, float]
    emotions_after: dict[str, float]
    contributions: dict[str, dict[str, float]]
    """Emotion to quality to weight x change; they sum to the change of the emotion."""
    distance: float
    """Mahalanobis length of the change in the corpus's covariance."""


@dataclass(frozen=True)
class Search:
    """What came of looking for the smallest change that reaches the targets.

    >>> import midcli
    >>> search = midcli.analyse("song.ogg").what_if().reach({"happy": 9})
    >>> least, most = search.attainable["happy"]
    >>> least < most
    True
    """

    outcome: Outcome | None
    """None if no qualities inside the scale reach the targets."""
    attainable: dict[str, tuple[float, float]]
    """For each target emotion alone, the least and the most that qualities inside the scale give."""


class WhatIf:
    """Changes to the qualities (7,) of one piece under one head, with distances in a reference (pieces, 7).

    Raises UsageError if the reference is too small or too uniform to measure a distance in it.

    >>> import midcli
    >>> from midcli.explanation.whatif import Change
    >>> outcome = midcli.analyse("song.ogg").what_if().set([Change("dissonance", 5.0, relative=False)])
    >>> outcome.after["dissonance"]
    5.0
    """

    def __init__(self, midlevel: Array, head: Head, reference: Array) -> None:
        self._start = midlevel
        self._head = head
        # regression may leave the scale; a piece that has left it need not come back
        self._lowest: Array = np.minimum(QUALITY_RANGE[0], self._start)
        self._highest: Array = np.maximum(QUALITY_RANGE[1], self._start)
        if len(reference) <= len(QUALITY_NAMES):
            raise UsageError(
                f"the reference has {len(reference)} pieces; "
                f"distances in it need more than {len(QUALITY_NAMES)}"
            )
        covariance = np.cov(reference, rowvar=False)
        if np.linalg.matrix_rank(covariance) < len(QUALITY_NAMES):
            raise UsageError("the reference does not vary in every quality, so there is no distance in it")
        self._precision: Array = np.linalg.inv(covariance).astype(np.float64)
        self._distances = _pair_distances(reference, self._precision)

    @property
    def typical_distance(self) -> float:
        """Half of the pairs of pieces are farther apart."""
        return float(np.median(self._distances))

    def closer(self, distance: float) -> float:
        """Share of the pairs of pieces of the reference that are closer to each other, 0 to 1."""
        return float(np.searchsorted(self._distances, distance) / len(self._distances))

    def set(self, changes: list[Change]) -> Outcome:
        """The piece with some qualities changed and the others kept.

        Raises UsageError where a change would leave the scale, and for a name that there is not.
        """
        target = self._start.copy()
        for j, value in self._set(changes).items():
            target[j] = value
        return self._outcome(target)

    def _set(self, changes: Sequence[Change]) -> dict[int, float]:
        """Values of the changed qualities by their place. Raises UsageError for one beyond the scale."""
        values = {}
        for change in changes:
            j = index_of(change.quality, QUALITY_NAMES)
            value = float(self._start[j] + change.amount if change.relative else change.amount)
            if not self._lowest[j] - _TOLERANCE <= value <= self._highest[j] + _TOLERANCE:
                raise UsageError(
                    f"{change.quality} would become {value:.1f}; "
                    f"the scale goes from {QUALITY_RANGE[0]:g} to {QUALITY_RANGE[1]:g}"
                    f" and the piece is at {self._start[j]:.1f}"
                )
            values[j] = value
        return values

    def steps(self) -> list[tuple[str, Outcome]]:
        """What one point more of each quality alone would do, whether the scale goes that far or not."""
        return [
            (name, self._outcome(self._start + np.eye(len(QUALITY_NAMES))[j]))
            for j, name in enumerate(QUALITY_NAMES)
        ]

    def reach(self, targets: dict[str, float], kept: Sequence[Change] = ()) -> Search:
        """The change of least Mahalanobis length, within the scale, that gives these emotions.

        `kept` are changes that are made in any case; the other qualities make up for the rest. Raises
        UsageError where one of them would leave the scale.

        The least squares problem has seven unknowns, so every choice of which of them end at an end of the
        scale is solved in closed form (2187 of them) and the shortest admissible change is the minimum.
        Raises UsageError for a name that there is not, no names, or no number.
        """
        if not targets or not np.isfinite(list(targets.values())).all():
            raise UsageError(f"expected emotions and the rating points that they should reach, not {targets}")
        rows = [index_of(emotion, self._head.names, self._head.labels) for emotion in targets]
        weights, wanted = self._head.weights[rows], np.array(list(targets.values()))
        offsets = self._head.intercept[rows]
        needed = wanted - (weights @ self._start + offsets)
        lowest, highest = self._lowest.copy(), self._highest.copy()
        for j, value in self._set(kept).items():
            lowest[j] = highest[j] = value
        change = _shortest_change(
            self._precision, weights, needed, lowest - self._start, highest - self._start
        )
        least = np.minimum(weights * lowest, weights * highest).sum(axis=1)
        most = np.maximum(weights * lowest, weights * highest).sum(axis=1)
        return Search(
            None if change is None else self._outcome(self._start + change),
            {
                self._head.names[row]: (float(least[i] + offsets[i]), float(most[i] + offsets[i]))
                for i, row in enumerate(rows)
            },
        )

    def _outcome(self, target: Array) -> Outcome:
        change = target - self._start
        contributions = self._head.weights * change
        before = self._head.emotions(self._start)
        names = self._head.names
        return Outcome(
            dict(zip(QUALITY_NAMES, self._start.tolist(), strict=True)),
            dict(zip(QUALITY_NAMES, target.tolist(), strict=True)),
            dict(zip(names, before.tolist(), strict=True)),
            dict(zip(names, (before + contributions.sum(axis=1)).tolist(), strict=True)),
            {
                emotion: dict(zip(QUALITY_NAMES, row, strict=True))
                for emotion, row in zip(names, contributions.tolist(), strict=True)
            },
            float(np.sqrt(change @ self._precision @ change)),
        )


def _pair_distances(points: Array, precision: Array) -> Array:
    """Mahalanobis distances between the pieces of the reference, sorted; of many pieces, between a sample."""
    if len(points) > _MOST_PAIRED:
        points = points[np.linspace(0, len(points) - 1, _MOST_PAIRED).astype(int)]
    whitened = points @ np.linalg.cholesky(precision)
    squares = (whitened**2).sum(axis=1)
    squared = squares[:, np.newaxis] + squares - 2 * whitened @ whitened.T
    pairs = squared[np.triu_indices(len(points), k=1)]
    distances: Array = np.sort(np.sqrt(np.maximum(0.0, pairs)))
    return distances


def _shortest_change(
    precision: Array, weights: Array, needed: Array, lowest: Array, highest: Array
) -> Array | None:
    """The x with lowest <= x <= highest and weights @ x = needed that minimises x @ precision @ x, if any."""
    best, best_length = None, np.inf
    for free in product([False, True], repeat=len(precision)):
        for x in _candidates(precision, weights, needed, lowest, highest, np.array(free)):
            length = x @ precision @ x
            if length < best_length:
                best, best_length = np.clip(x, lowest, highest), length
    return best


def _candidates(
    precision: Array,
    weights: Array,
    needed: Array,
    lowest: Array,
    highest: Array,
    free: npt.NDArray[np.bool_],
) -> Array:
    """Admissible minimisers (n, 7) with the qualities that are not free at either end of their range."""
    fixed = ~free
    ends = np.array(list(product(*zip(lowest[fixed], highest[fixed], strict=True))), np.float64)
    wanted = needed[:, np.newaxis] - weights[:, fixed] @ ends.T
    system = np.block(
        [
            [precision[np.ix_(free, free)], weights[:, free].T],
            [weights[:, free], np.zeros((len(weights), len(weights)))],
        ]
    )
    right = np.vstack([-precision[np.ix_(free, fixed)] @ ends.T, wanted])
    solution = np.linalg.lstsq(system, right, rcond=None)[0][: free.sum()]
    candidates = np.empty((len(ends), len(free)))
    candidates[:, fixed] = ends
    candidates[:, free] = solution.T
    reached = np.abs(candidates @ weights.T - needed).max(axis=1) < _TOLERANCE * 100
    inside = ((candidates >= lowest - _TOLERANCE) & (candidates <= highest + _TOLERANCE)).all(axis=1)
    result: Array = candidates[reached & inside]
    return result
