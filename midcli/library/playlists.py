"""Hits to a list for listening: varied, along an arc or a path, of a length, no artist twice in a row.

Variety is by maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): each next piece is the one
with the largest  score - 100 x (likeness in qualities to the nearest one that was chosen), both at equal
weight, where likeness is 2 ** -distance.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from midcli.errors import UsageError
from midcli.labels import QUALITY_NAMES
from midcli.library.query import Condition
from midcli.library.search import Ranking, Scale, fulfilment, names_on
from midcli.model.head import Array

_POOL = 10
"""So many times as many hits as are wanted may vary a list: the mood is kept."""
_ENDS = 0.05  # of the library, which is what an arc starts and ends with
_MOST_ENDS = 20
_JITTER = 5.0  # points of score by which a seed may change a choice
_LENGTH_STEPS = 8


@dataclass(frozen=True)
class Length:
    """How long a list is to be: so many pieces, or so many minutes.

    >>> from midcli.library.playlists import Length
    >>> import numpy as np
    >>> Length(minutes=6).cut(np.array([180.0, 200.0, 220.0]))
    2
    """

    pieces: int | None = None
    minutes: float | None = None

    def __post_init__(self) -> None:
        if self.pieces is not None and self.pieces < 1:
            raise UsageError(f"a list of {self.pieces} pieces is none; ask for 1 or more")
        if self.minutes is not None and not 0 < self.minutes < float("inf"):
            raise UsageError(f"a list of {self.minutes:g} minutes is none; ask for more than 0")

    def cut(self, durations_s: Array) -> int:
        """How many of the pieces in this order come nearest to the length, at least 1 of any."""
        if self.minutes is None or not len(durations_s):
            return min(self.pieces or len(durations_s), len(durations_s))
        totals = np.cumsum(durations_s)
        return int(np.argmin(np.abs(totals - 60 * self.minutes))) + 1


@dataclass(frozen=True)
class Variety:
    """What varying did to a list.

    >>> from midcli.library.playlists import Variety
    >>> Variety((0.8, 1.2), (90.0, 84.0)).in_words.partition(",")[0]
    'qualities 1.20 deviations apart'
    """

    spread: tuple[float, float]
    """Mean distance between two pieces in qualities, before and after, in the library's standard deviations.
    """
    score: tuple[float, float]
    """Mean score, before and after."""

    @property
    def in_words(self) -> str:
        """By how much the spread grew and the mood moved."""
        before, after = self.spread
        scores = [f"{score:.0f}" for score in self.score]
        score = f"score {scores[1]}, not {scores[0]}"
        if round(before, 2) == round(after, 2):
            same = f"qualities {after:.2f} deviations apart as before"
            return f"{same}; {score}" if len(set(scores)) > 1 else "the pieces stay the same"
        grew = f" ({100 * (after / before - 1):+.0f} %)" if before else ""
        return f"qualities {after:.2f} deviations apart, not {before:.2f}{grew}; {score}"


def in_order(ranking: Ranking, length: Length, seed: int | None = None) -> Ranking:
    """The best hits up to a length; a seed lets others of nearly the same score in.

    >>> from midcli.library.playlists import Length, in_order
    >>> from midcli.library.search import find
    >>> len(in_order(find("library.jsonl", least={"energy": 1}), Length(pieces=1)))
    1
    """
    order = np.argsort(-_jittered(ranking.scores, seed), kind="stable")
    return ranking.part(order[: length.cut(_durations(ranking)[order])].tolist())


def varied(ranking: Ranking, length: Length, seed: int | None = None) -> tuple[Ranking, Variety]:
    """Hits of one mood that differ in their qualities, the best first.

    >>> from midcli.library.playlists import Length, varied
    >>> from midcli.library.search import find
    >>> ranking, variety = varied(find("library.jsonl", least={"energy": 1}), Length(pieces=2))
    >>> len(ranking), variety.spread[1] > 0
    (2, True)
    """
    plain = in_order(ranking, length)
    pool = ranking.part(slice(_POOL * max(len(plain), 1)))
    points = _standardised(pool, QUALITY_NAMES)
    relevance = _jittered(pool.scores, seed)
    durations = _durations(pool)
    chosen: list[int] = []
    likeness = np.zeros(len(pool))
    while len(chosen) < len(pool) and _wants_more(length, durations[chosen]):
        merit = relevance - 100 * likeness
        merit[chosen] = -np.inf
        best = int(np.argmax(merit))
        chosen.append(best)
        away = np.sqrt(np.mean((points - points[best]) ** 2, axis=1))
        likeness = np.maximum(likeness, 2.0**-away)
    result = pool.part(chosen[: length.cut(durations[chosen])])
    before, after = _standardised(plain, QUALITY_NAMES), _standardised(result, QUALITY_NAMES)
    scores = (float(plain.scores.mean()), float(result.scores.mean())) if len(plain) else (0.0, 0.0)
    return result, Variety((_spread(before), _spread(after)), scores)


def arc(
    ranking: Ranking,
    start: Sequence[Condition],
    end: Sequence[Condition],
    length: Length,
    seed: int | None = None,
) -> Ranking:
    """Hits from what fulfils `start` best to what fulfils `end` best, in even steps.

    The ends are the means of the twentieth of the library (of 20 pieces at most) that fulfils them best;
    steps are even in what either names. Raises UsageError for an end that asks for nothing.

    >>> from midcli.library.playlists import Length, arc
    >>> from midcli.library.query import Condition
    >>> from midcli.library.search import find
    >>> ranking = find("library.jsonl", least={"energy": 1})
    >>> way = arc(ranking, [Condition("energy", -1)], [Condition("energy", 1)], Length(pieces=2))
    >>> calm, energetic = way.library.values[way.rows, way.library.names.index("energy")]
    >>> bool(calm < energetic)
    True
    """
    if not (start and end):
        raise UsageError("an arc needs an emotion or quality at both ends")
    scale = ranking.scale
    names = tuple(dict.fromkeys(one.name for one in (*start, *end)))
    ends = [_best_mean(scale, conditions, names) for conditions in (start, end)]
    return _along(ranking, names, ends[0], ends[1], length, seed)


def path(ranking: Ranking, a: Array, b: Array, length: Length, seed: int | None = None) -> Ranking:
    """Hits that lead from one piece to another, of qualities `a` and `b` (7,), in even steps of what they are
    compared in (`query.on`). What is nearest to the two begins and ends the list.

    >>> from midcli.library.playlists import Length, path
    >>> from midcli.library.search import find, like_of
    >>> ranking = find("library.jsonl", least={"energy": 1})
    >>> ends = [like_of(ranking.library, name).midlevel for name in ("other.ogg", "song.ogg")]
    >>> way = path(ranking, *ends, Length(pieces=2))
    >>> [ranking.library.files[row] for row in way.rows]
    ['other.ogg', 'song.ogg']
    """
    library = ranking.library
    names = names_on(library, ranking.query.on)
    columns = [library.names.index(name) for name in names]
    first, last = (library.all_values(midlevel)[columns] for midlevel in (a, b))
    return _along(ranking, names, first, last, length, seed, fixed_ends=True)


def apart(artists: Sequence[str | None]) -> list[int]:
    """The places of a list in an order in which no artist follows himself, as far as that can be, and all
    else stays as near to where it was as can be. None is an artist that is not known.

    >>> from midcli.library.playlists import apart
    >>> apart(["Bach", "Bach", "Ravel", None])
    [0, 2, 1, 3]
    """
    waiting = list(range(len(artists)))
    left = Counter(artists)
    order: list[int] = []
    while waiting:
        last = artists[order[-1]] if order else None
        frequent = _must_come_now(left, len(waiting))
        if frequent is not None and frequent != last:
            best = next(place for place in waiting if artists[place] == frequent)
        else:
            fits = (place for place in waiting if last is None or artists[place] != last)
            best = next(fits, waiting[0])
        order.append(best)
        waiting.remove(best)
        left[artists[best]] -= 1
    return order


def _must_come_now(left: Counter[str | None], pieces: int) -> str | None:
    """The artist of more than half of the pieces that are left, who has to come now or would follow himself
    later.
    """
    artist, count = left.most_common(1)[0]
    return artist if 2 * count > pieces else None


def _along(
    ranking: Ranking,
    names: Sequence[str],
    first: Array,
    last: Array,
    length: Length,
    seed: int | None,
    fixed_ends: bool = False,
) -> Ranking:
    """The hits nearest to places in even steps from one point to another, ordered along the way.

    `fixed_ends`: the nearest to the two points are first and last, even if others lie beyond them.
    """
    if not len(ranking):
        return ranking
    durations = _durations(ranking)
    spread = ranking.scale.spread[[ranking.library.names.index(name) for name in names]]
    points = _standardised(ranking, names)
    way = (last - first) / spread
    position = (points - first / spread) @ way / max(float(way @ way), 1e-12)
    jitter = _jittered(np.zeros(len(ranking)), seed) / 100

    def steps(count: int) -> list[int]:
        taken: list[int] = []

        def nearest(share: float, moved: Array | float = 0.0) -> int:
            away = np.sqrt(np.mean((points - (first / spread + share * way)) ** 2, axis=1)) + moved
            away[taken] = np.inf
            taken.append(int(np.argmin(away)))
            return taken[-1]

        shares = np.linspace(0, 1, count).tolist()
        ends = [nearest(share) for share in (0, 1)[:count]] if fixed_ends else []
        between = [nearest(share, jitter) for share in (shares[1:-1] if fixed_ends else shares)]
        return [*ends[:1], *sorted(between, key=lambda place: position[place]), *ends[1:]]

    return replace(ranking.part(_of_length(steps, length, durations)), way=tuple(names))


def _of_length(steps: Callable[[int], list[int]], length: Length, durations_s: Array) -> list[int]:
    """A list of steps whose total comes nearest to the length, found in a few tries."""
    most = len(durations_s)
    if length.minutes is None:
        return steps(min(length.pieces or most, most))
    wanted_s = 60 * length.minutes
    tried: dict[int, tuple[float, list[int]]] = {}
    count = min(max(1, round(wanted_s / float(durations_s.mean()))), most)
    for _ in range(_LENGTH_STEPS):
        if count in tried:
            break
        chosen = steps(count)
        total_s = float(durations_s[chosen].sum())
        tried[count] = abs(total_s - wanted_s), chosen
        count = min(max(1, round(count * wanted_s / total_s)), most)
    return min(tried.values(), key=lambda item: item[0])[1]


def _best_mean(scale: Scale, conditions: Sequence[Condition], names: Sequence[str]) -> Array:
    """(names,): the mean of the pieces of a library that fulfil conditions best."""
    fulfilled = np.where(scale.library.is_music, fulfilment(scale, conditions), -1.0)
    count = min(max(1, round(_ENDS * len(fulfilled))), _MOST_ENDS)
    best = np.argsort(-fulfilled, kind="stable")[:count]
    columns = [scale.library.names.index(name) for name in names]
    mean: Array = scale.library.values[best][:, columns].mean(axis=0)
    return mean


def _wants_more(length: Length, durations_s: Array) -> bool:
    if length.minutes is None:
        return length.pieces is None or len(durations_s) < length.pieces
    return float(durations_s.sum()) < 60 * length.minutes


def _durations(ranking: Ranking) -> Array:
    durations: Array = ranking.library.rows["duration_s"][ranking.rows]
    return durations


def _standardised(ranking: Ranking, names: Sequence[str]) -> Array:
    """(hits, names): values in standard deviations of the library."""
    columns = [ranking.library.names.index(name) for name in names]
    points: Array = ranking.library.values[ranking.rows][:, columns] / ranking.scale.spread[columns]
    return points


def _spread(points: Array) -> float:
    """Mean distance between two pieces."""
    if len(points) < 2:
        return 0.0
    sums = [np.sqrt(np.mean((points[:row] - points[row]) ** 2, axis=1)).sum() for row in range(len(points))]
    return float(sum(sums)) / (len(points) * (len(points) - 1) / 2)


def _jittered(scores: Array, seed: int | None) -> Array:
    if seed is None:
        return scores
    jittered: Array = scores + np.random.default_rng(seed).uniform(-_JITTER, _JITTER, len(scores))
    return jittered
