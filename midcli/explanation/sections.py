"""Where a piece changes: sections between change points of what is heard and of the seven qualities.

Change points minimise the distance from the mean of each section plus a penalty for each section, in the
space of a Gaussian kernel (Arlot, Celisse & Harchaoui 2019), in which a change of quiet music counts as
much as one of loud music and a single outburst counts for little; exactly, by optimal partitioning
(Jackson et al. 2005). What changes is the spectrum, which shows when, and the qualities, whose cells draw on
many seconds but show what it means. Borders at which no emotion changes by much are then dropped, the least
change first.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from midcli.explanation.effects import Explanation
from midcli.util.text import rounded

Array = npt.NDArray[np.float64]

# Chosen on joined excerpts of half of the albums of film music and of half of the artists of songs.
PENALTY_S = 2.4
"""Cost of a section, in seconds of music unlike all other."""
BANDWIDTH = 2.0
"""Of the kernel: at this distance, in log10 units over all bands, two stretches are alike by exp(-1/2)."""
QUALITIES_SHARE = 0.1
"""What a squared distance of one standard deviation of the qualities counts beside that of spectra."""
SHORTEST_S = 5.0
LEAST_CONTRAST = 0.3
"""At a border one emotion changes by this many of its standard deviations over the corpus, at least."""
STRETCH_S = 0.5
MOST_STRETCHES = 1000

_MOSTLY = 0.8
_LEAST_SPREAD = 1e-9
_FLATTEST = 1e-4  # of the largest variance; less is taken for this


class Section(NamedTuple):
    """A stretch of a piece without change, explained by itself.

    Values of sections, weighted by their length, sum to those of the piece.

    >>> import midcli
    >>> [section.start_s for section in midcli.analyse("song.ogg").sections()]
    [0.0]
    """

    start_s: float
    end_s: float
    explanation: Explanation
    silent: bool = False
    """Nothing sounds there for so long that it counts for nothing: the values are those of the piece."""


class Contrast(NamedTuple):
    """The emotion that differs most between two sections of a piece, in rating points.

    >>> import midcli
    >>> midcli.analyse("song.ogg").contrast is None  # three seconds have one section
    True
    """

    emotion: str
    low: float
    high: float
    low_from_s: float
    """When the section begins in which there is least of it."""
    high_from_s: float

    def to_dict(self) -> dict[str, Any]:
        """The object of `predict --json` and `find --json`."""
        numbers = {name: rounded(value) for name, value in self._asdict().items() if name != "emotion"}
        return {"emotion": self.emotion} | numbers


def sections(
    values: Array,
    borders: Sequence[int],
    duration_s: float,
    explain: Callable[[Array], Explanation],
    pauses: Sequence[tuple[float, float]] = (),
) -> tuple[Section, ...]:
    """The sections between borders, of qualities (7, T) cell by cell; `pauses` say when it is silent."""
    columns = values.shape[1]
    found = []
    for first, stop in pairwise([0, *borders, columns]):
        start_s, end_s = duration_s * first / columns, duration_s * stop / columns
        silent_s = sum(max(0.0, min(end_s, end) - max(start_s, start)) for start, end in pauses)
        explanation = explain(values[:, first:stop].mean(axis=1))
        found.append(Section(start_s, end_s, explanation, silent_s > _MOSTLY * (end_s - start_s)))
    return tuple(found)


def loudest_contrast(parts: Sequence[Section], spreads: dict[str, float]) -> Contrast | None:
    """The largest difference between two that sound, in standard deviations of the emotion; None of one."""
    parts = [part for part in parts if not part.silent]
    if len(parts) < 2:
        return None
    extremes = []
    for name in spreads:
        by_value = sorted((part.explanation.emotions[name].value, part.start_s) for part in parts)
        (low, low_from_s), (high, high_from_s) = by_value[0], by_value[-1]
        extremes.append(Contrast(name, low, high, low_from_s, high_from_s))
    return max(extremes, key=lambda it: (it.high - it.low) / max(spreads[it.emotion], _LEAST_SPREAD))


def stretches(spectrogram: npt.NDArray[np.float32], duration_s: float) -> npt.NDArray[np.float32]:
    """Means (S, bands) of a spectrogram (frames, bands) over equal stretches of half a second, or longer."""
    count = min(len(spectrogram), MOST_STRETCHES, max(1, round(duration_s / STRETCH_S)))
    return _means(spectrogram, count)


def change_points(
    values: Array,
    spectrum: npt.NDArray[np.float32],
    duration_s: float,
    corpus: Array,
    weights: Array,
    least_spread: float = _LEAST_SPREAD,
) -> list[int]:
    """Cells at which sections begin, but the first.

    `values` (7, T) are the qualities cell by cell, `spectrum` (S, bands) what `stretches` gives, `corpus`
    (pieces, 7) what qualities are like, `weights` (emotions, 7) the last layer, `least_spread` the standard
    deviation of an emotion that has less.
    """
    columns, count = values.shape[1], len(spectrum)
    covariance = np.cov(corpus, rowvar=False) if len(corpus) > 1 else np.zeros((len(values), len(values)))
    if not covariance.any() or count < 2:
        return []
    qualities = _means(values.T @ _whitening(covariance), count) * np.sqrt(QUALITIES_SHARE)
    likeness = _likeness(np.hstack([spectrum, qualities]))
    stretch_s = duration_s / count
    borders = partition(likeness, PENALTY_S / stretch_s, max(1, round(SHORTEST_S / stretch_s)))
    cells = sorted({round(border * columns / count) for border in borders} - {0, columns})
    return _contrasting(cells, _in_spreads(values, corpus, weights, least_spread))


def _means(rows: npt.NDArray[Any], count: int) -> npt.NDArray[Any]:
    """Means (count, n) of equal stretches of rows (T, n); of a row where a stretch is shorter than that."""
    starts = (np.arange(count) * len(rows)) // count
    lengths = np.maximum(np.diff(np.append(starts, len(rows))), 1)
    means: npt.NDArray[Any] = np.add.reduceat(rows, starts, axis=0) / lengths[:, np.newaxis]
    return means.astype(rows.dtype)


def _likeness(points: Array) -> Array:
    """(S, S): Gaussian kernel of points (S, n)."""
    likeness: Array = points @ points.T  # in place from here on: it may be large
    squares = np.diagonal(likeness).copy()
    likeness *= -2
    likeness += squares[:, np.newaxis]
    likeness += squares
    np.maximum(likeness, 0.0, out=likeness)
    likeness /= -2 * BANDWIDTH**2
    return np.exp(likeness, out=likeness)


def _whitening(covariance: Array) -> Array:
    variances, axes = np.linalg.eigh(covariance)
    matrix: Array = axes / np.sqrt(np.maximum(variances, _FLATTEST * variances[-1]))
    return matrix


def partition(likeness: Array, penalty: float, shortest: int) -> list[int]:
    """Inner borders of the partition of least cost, in sections of at least `shortest`.

    `likeness` (T, T) are products of points, of which a section costs the squared distances from its mean.
    """
    columns = len(likeness)
    products = np.zeros((columns + 1, columns + 1))
    inner = np.cumsum(likeness, axis=0, out=products[1:, 1:])
    np.cumsum(inner, axis=1, out=inner)
    squares = np.concatenate([[0.0], np.cumsum(np.diagonal(likeness))])
    lengths_squared = np.diagonal(products).copy()
    ends = np.arange(columns + 1)
    best = np.full(columns + 1, np.inf)
    best[0] = -penalty
    before = np.zeros(columns + 1, np.int64)
    for end in range(shortest, columns + 1):
        starts = slice(end - shortest + 1)
        total_squared = lengths_squared[end] - 2 * products[end, starts] + lengths_squared[starts]
        spread = squares[end] - squares[starts] - total_squared / (end - ends[starts])
        costs = best[starts] + spread
        before[end] = costs.argmin()
        best[end] = costs[before[end]] + penalty
    borders: list[int] = []
    border = int(before[columns])
    while border > 0:
        borders.insert(0, border)
        border = int(before[border])
    return borders


def _in_spreads(midlevel: Array, corpus: Array, weights: Array, least: float) -> Array:
    """Emotions (emotions, T) of qualities (7, T) in standard deviations over the corpus."""
    spreads = (corpus @ weights.T).std(axis=0)
    emotions: Array = (weights @ midlevel) / np.maximum(spreads, least)[:, np.newaxis]
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
