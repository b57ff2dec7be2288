"""Pairs of songs with similar emotion but different mid-level profile (the paper, section 7.2)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Pair = tuple[str, str]


@dataclass(frozen=True)
class PairRanking:
    """All pairs of a corpus, ranked by how well they fit.

    With distances in emotion and mid-level space, each scaled to [0, 1]: the paper wants similar emotion and
    different qualities, which is high d_Mid - d_E. The formula it prints, d_E - (1 - d_Mid), is high for
    songs that are far apart in both.
    """

    ids: tuple[str, ...]
    midlevel: Array
    """d_Mid of each pair, in the order of numpy's upper triangle."""
    emotion: Array
    """d_E"""

    @property
    def by_intent(self) -> Array:
        return self.midlevel - self.emotion

    @property
    def by_formula(self) -> Array:
        return self.emotion - (1 - self.midlevel)

    @property
    def pairs(self) -> int:
        return len(self.midlevel)

    @property
    def best_by_intent(self) -> Pair:
        return self._pair(int(np.argmax(self.by_intent)))

    @property
    def best_by_formula(self) -> Pair:
        return self._pair(int(np.argmax(self.by_formula)))

    def positions(self, pair: Pair) -> tuple[int, int] | None:
        """Place of a pair by intent and by formula, 1 is best; None if the corpus lacks one of them."""
        if not set(pair) <= set(self.ids):
            return None
        number = self._number(pair)
        places = [1 + int(np.count_nonzero(d > d[number])) for d in (self.by_intent, self.by_formula)]
        return places[0], places[1]

    def distances(self, pair: Pair) -> tuple[float, float]:
        """d_Mid and d_E of a pair of the corpus."""
        number = self._number(pair)
        return float(self.midlevel[number]), float(self.emotion[number])

    def _number(self, pair: Pair) -> int:
        first, second = sorted(self.ids.index(name) for name in pair)
        rows, columns = np.triu_indices(len(self.ids), 1)
        return int(np.flatnonzero((rows == first) & (columns == second))[0])

    def _pair(self, number: int) -> Pair:
        rows, columns = np.triu_indices(len(self.ids), 1)
        return self.ids[rows[number]], self.ids[columns[number]]


def rank_pairs(ids: tuple[str, ...], midlevel: Array, emotion: Array) -> PairRanking:
    """Rank all pairs of songs by their qualities (songs, 7) and emotions (songs, 8); at least three songs."""
    return PairRanking(ids, _scaled_distances(midlevel), _scaled_distances(emotion))


def _scaled_distances(points: Array) -> Array:
    """Euclidean distances of all pairs, shifted and scaled to [0, 1]."""
    rows, columns = np.triu_indices(len(points), 1)
    distances = np.linalg.norm(points[rows] - points[columns], axis=1)
    scaled: Array = (distances - distances.min()) / np.ptp(distances)
    return scaled
