"""Where a piece changes: sections between change points of the seven qualities.

Change points minimise the squared distance of the evidence from its mean in each section plus a penalty for
each section, exactly, by optimal partitioning with pruning (PELT: Killick, Fearnhead & Eckley 2012). Evidence
is whitened: by the covariance of the qualities over the corpus, and registers of one quality move together.
Borders at which no emotion changes by much are then dropped, the least change first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt

from midcli.explanation.effects import Explanation

Array = npt.NDArray[np.float64]

# Chosen on joined excerpts of half of the albums of film music and on songs, tried on others.
PENALTY_S = 100.0
"""Cost of a section, in seconds at a squared distance of one."""
REGISTERS_ALIKE = 0.5
"""Correlation between registers of what one quality does in time."""
SHORTEST_S = 5.0
LEAST_CONTRAST = 0.75
"""At a border one emotion changes by this many of its standard deviations over the corpus, at least."""

MOST_CELLS = 2000  # of longer pieces, neighbours are taken together
_LEAST_SPREAD = 1e-9
_FLATTEST = 1e-4  # of the largest variance; less is taken for this


@dataclass(frozen=True)
class Section:
    """A stretch of a piece without change, explained by itself.

    Values of sections, weighted by their length, sum to those of the piece.
    """

    start_s: float
    end_s: float
    explanation: Explanation


@dataclass(frozen=True)
class Contrast:
    """The emotion that differs most between two sections of a piece, in rating points."""

    emotion: str
    low: float
    high: float
    low_from_s: float
    """When the section begins in which there is least of it."""
    high_from_s: float


def sections(
    values: Array, borders: Sequence[int], duration_s: float, explain: Callable[[Array], Explanation]
) -> tuple[Section, ...]:
    """The sections between borders, of qualities (7, T) cell by cell."""
    columns = values.shape[1]
    return tuple(
        Section(
            duration_s * first / columns,
            duration_s * stop / columns,
            explain(values[:, first:stop].mean(axis=1)),
        )
        for first, stop in pairwise([0, *borders, columns])
    )


def loudest_contrast(parts: Sequence[Section], spreads: dict[str, float]) -> Contrast | None:
    """The largest difference between two sections, in standard deviations of the emotion; None of one."""
    found: tuple[float, Contrast] | None = None
    for one, other in combinations(parts, 2):
        for name, spread in spreads.items():
            low, high = sorted((one, other), key=lambda part: part.explanation.emotions[name].value)
            least, most = low.explanation.emotions[name].value, high.explanation.emotions[name].value
            size = (most - least) / max(spread, _LEAST_SPREAD)
            if found is None or size > found[0]:
                found = size, Contrast(name, least, most, low.start_s, high.start_s)
    return found[1] if found else None


def change_points(registers: Array, cell_s: float, corpus: Array, weights: Array) -> list[int]:
    """Cells at which sections begin, but the first.

    `registers` (7, T, R) is the evidence of each register, `corpus` (pieces, 7) what qualities are like,
    `weights` (emotions, 7) the last layer.
    """
    qualities, columns, count = registers.shape
    covariance = np.cov(corpus, rowvar=False) if len(corpus) > 1 else np.zeros((qualities, qualities))
    if not covariance.any():
        return []
    together = np.full((count, count), REGISTERS_ALIKE)
    np.fill_diagonal(together, 1.0)
    whitened = registers.transpose(1, 0, 2).reshape(columns, -1) @ _whitening(np.kron(covariance, together))
    step = -(-columns // MOST_CELLS)
    points = np.add.reduceat(whitened, np.arange(0, columns, step)) / step
    shortest = max(1, round(SHORTEST_S / (cell_s * step)))
    borders = [step * border for border in partition(points, PENALTY_S / (cell_s * step), shortest)]
    return _contrasting(borders, _in_spreads(registers.mean(axis=2), corpus, weights))


def _whitening(covariance: Array) -> Array:
    variances, axes = np.linalg.eigh(covariance)
    matrix: Array = axes / np.sqrt(np.maximum(variances, _FLATTEST * variances[-1]))
    return matrix


def partition(points: Array, penalty: float, shortest: int) -> list[int]:
    """Inner borders of the partition of points (T, n) of least cost, in sections of at least `shortest`."""
    columns = len(points)
    sums = np.vstack([np.zeros(points.shape[1]), np.cumsum(points, axis=0)])
    squares = np.concatenate([[0.0], np.cumsum((points**2).sum(axis=1))])
    best = np.full(columns + 1, np.inf)
    best[0] = -penalty
    before = np.zeros(columns + 1, np.int64)
    starts = np.array([0])
    last_end = np.full(columns + 1, columns)  # of a section with that start
    for end in range(shortest, columns + 1):
        lengths = end - starts
        spread = squares[end] - squares[starts] - ((sums[end] - sums[starts]) ** 2).sum(axis=1) / lengths
        costs = best[starts] + spread
        chosen = int(costs.argmin())
        best[end] = costs[chosen] + penalty
        before[end] = starts[chosen]
        # a start that costs more than a border here stays behind it once a section fits in between
        behind = starts[costs > best[end]]
        last_end[behind] = np.minimum(last_end[behind], end + shortest - 1)
        starts = np.append(starts, end - shortest + 1)
        starts = starts[np.isfinite(best[starts]) & (last_end[starts] > end)]
    borders: list[int] = []
    border = int(before[columns])
    while border > 0:
        borders.insert(0, border)
        border = int(before[border])
    return borders


def _in_spreads(midlevel: Array, corpus: Array, weights: Array) -> Array:
    """Emotions (emotions, T) of qualities (7, T) in standard deviations over the corpus."""
    spreads = (corpus @ weights.T).std(axis=0)
    emotions: Array = (weights @ midlevel) / np.maximum(spreads, _LEAST_SPREAD)[:, np.newaxis]
    return emotions


def _contrasting(borders: list[int], emotions: Array) -> list[int]:
    """The borders at which an emotion changes enough, after dropping the others one by one."""
    kept = list(borders)
    while kept:
        means = np.array(
            [emotions[:, first:stop].mean(axis=1) for first, stop in pairwise([0, *kept, emotions.shape[1]])]
        )
        contrasts = np.abs(np.diff(means, axis=0)).max(axis=1)
        weakest = int(contrasts.argmin())
        if contrasts[weakest] >= LEAST_CONTRAST:
            break
        del kept[weakest]
    return kept
