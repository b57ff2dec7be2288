"""Which pieces of a library fit a query, and how well: one formula.

    score = 100 x (weighted geometric mean of the standings of all conditions) x 2 ** -distance

A *standing* is the share of the library that has less of what is to be high, or more of what is to be low; a
piece fits where every standing is at least a half. A contrast counts as a condition; its standing is the
share of the library that changes less. The *distance* is the root mean square of the differences
from the piece that the hits are to be like, each in standard deviations of the library. A change moves the
target by one standard deviation, and a piece fits if it is on that side of the reference. Where bounds are
all there is, they rank as conditions do. The opposite of a piece scores
100 x 2 ** -(distance in emotions) x (1 - 2 ** -(distance in qualities)).
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from midcli.errors import UsageError
from midcli.labels import QUALITY_NAMES
from midcli.library.columns import Library
from midcli.library.contrasts import contrasting, turns
from midcli.library.index import open_library
from midcli.library.query import Bound, Condition, Like, On, Query, bound, condition, each_once, understand
from midcli.library.tags import read_titles
from midcli.model.head import Array

Rows = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Ranking:
    """The pieces that fit, best first, as rows of the library.

    >>> from midcli.library.search import find
    >>> ranking = find("library.jsonl", least={"energy": 1})
    >>> ranking.rows.shape == ranking.scores.shape == (2,)
    True
    """

    scale: "Scale"
    query: Query
    rows: Rows
    """(hits,)"""
    scores: Array
    """(hits,): 0 to 100."""
    doubtful: Flags
    """(hits, named): whether the 80 % interval does not clear what was asked of a name of `query.names`."""
    way: tuple[str, ...] = ()
    """The names in which its order leads from one end to another; none: best first."""

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def library(self) -> Library:
        return self.scale.library

    def perhaps(self, place: int) -> tuple[str, ...]:
        """The names whose condition the hit at that place may miss."""
        return tuple(np.array(self.query.names, object)[self.doubtful[place]].tolist())

    def part(self, places: Sequence[int] | slice) -> "Ranking":
        """The hits at some places, in their order there."""
        chosen = places if isinstance(places, slice) else np.array(places, np.intp)
        return replace(
            self, rows=self.rows[chosen], scores=self.scores[chosen], doubtful=self.doubtful[chosen]
        )


def find(
    library: Library | str | Path,
    words: str = "",
    *,
    high: Sequence[str] = (),
    low: Sequence[str] = (),
    least: Mapping[str, float] | None = None,
    most: Mapping[str, float] | None = None,
    like: Sequence[str | Path] = (),
    but: str = "",
    on: On = "emotions",
    opposite: bool = False,
    contrast: str | None = None,
    flagged: bool = False,
    model: str | Path | None = None,
    vocabulary: str | None = None,
) -> Ranking:
    """The pieces of a library that fit, best first; without those flagged as not music unless `flagged`.

    `words` and `but` are read by `understand`; `high` and `low` name what stands out in the library, `least`
    and `most` bounds in points; `like` are audio files, in the library or not; `contrast` is how pieces are
    to change, as `turns` reads it; `vocabulary` names the emotions of another of the model's heads. Raises
    UsageError for words, names or bounds that make no sense, InputError if a file, DataError or ModelError if
    the library cannot be used.

    >>> from midcli.library.search import find
    >>> hits = find("library.jsonl", "energetic")
    >>> len(hits)
    1
    """
    if not isinstance(library, Library):
        library = open_library(library, model)
    if vocabulary:
        library = library.in_words_of(vocabulary)
    head = library.head
    conditions = each_once(
        [
            *_all_understood(words, library),
            *(condition(name, 1, head) for name in high),
            *(condition(name, -1, head) for name in low),
        ]
    )
    bounds = (
        *(bound(name, 1, points, head) for name, points in (least or {}).items()),
        *(bound(name, -1, points, head) for name, points in (most or {}).items()),
    )
    changes = _all_understood(but, library)
    likes = tuple(like_of(library, path, model) for path in like)
    changing = None if contrast is None else turns(contrast, head)
    query = Query(conditions, bounds, likes, changes, on, opposite, changing)
    if query.is_empty:
        raise UsageError("a search needs words, bounds, a contrast or a piece to be like")
    return rank(library, query, flagged, leaving_out=rows_of(library, like))


def _all_understood(words: str, library: Library) -> tuple[Condition, ...]:
    """Raises UsageError for words that mean nothing here."""
    understood = understand(words, library.head)
    if understood.problem:
        raise UsageError(understood.problem)
    return understood.conditions


def rows_of(library: Library, paths: Iterable[str | Path]) -> list[int]:
    """The pieces that some files are, where they are in the library."""
    return [row for row in map(library.row_of, paths) if row is not None]


def like_of(library: Library, path: str | Path, model: str | Path | None = None) -> Like:
    """A piece under its title, as the library has it, else by the model that the library was made with.

    Raises InputError if it is not in the library and cannot be read, ModelError if the model is not there.
    """
    row = library.row_of(path)
    if row is not None:
        name = read_titles(library.locate(row)).named(path)
        return Like(name, library.midlevel[row], bool(library.rows["flagged"][row]))
    from midcli.analyser import Analyser
    from midcli.library.index import model_of

    analysis = Analyser(model_of(library.path, library.model, model), first=path).analyse(path)
    midlevel = np.array([analysis.midlevel[name].value for name in QUALITY_NAMES])
    return Like(read_titles(path).named(path), midlevel, analysis.doubtful)


def rank(library: Library, query: Query, flagged: bool = False, leaving_out: Sequence[int] = ()) -> Ranking:
    """The pieces that fit a query, best first; of equals, by their names."""
    scale = Scale(library)
    likes = [like.midlevel for like in query.likes]
    target = library.all_values(np.mean(likes, axis=0)) if likes else None
    contrasts = [] if query.contrast is None else [contrasting(library, query.contrast)]
    fits = _fits(scale, query, contrasts, target)
    if not flagged:
        fits &= library.is_music
    fits[list(leaving_out)] = False
    rows = np.flatnonzero(fits)
    scores = _scores(scale, query, contrasts, target)[rows]
    order = _order(scores, [library.files[row] for row in rows.tolist()])
    rows, scores = rows[order], scores[order]
    return Ranking(scale, query, rows, scores, _doubtful(scale, query, target)[rows])


def _fits(scale: "Scale", query: Query, contrasts: Sequence[Array], target: Array | None) -> Flags:
    """(pieces,)"""
    fits = np.ones(len(scale.library), bool)
    for one in query.conditions:
        fits &= scale.standing(one.name, one.sign) >= 0.5
    for share in contrasts:
        fits &= share > 0
    for limit in query.bounds:
        fits &= _beyond(scale, limit)
    for change, reference in _references(scale, query, target):
        fits &= _beyond(scale, Bound(change.name, change.sign, reference), strictly=True)
    return fits


def _references(scale: "Scale", query: Query, target: Array | None) -> list[tuple[Condition, float]]:
    """What each change is relative to."""
    if target is None:
        return []
    return [(change, float(target[scale.library.names.index(change.name)])) for change in query.changes]


def _scores(scale: "Scale", query: Query, contrasts: Sequence[Array], target: Array | None) -> Array:
    """(pieces,): 0 to 100."""
    scores = np.full(len(scale.library), 100.0)
    if query.conditions or contrasts:
        scores *= fulfilment(scale, query.conditions, contrasts)
    elif query.bounds and target is None:
        scores *= fulfilment(scale, [Condition(limit.name, limit.sign) for limit in query.bounds])
    if target is not None:
        scores *= _likeness(scale, query, target)
    return scores


def _doubtful(scale: "Scale", query: Query, target: Array | None) -> Flags:
    """(pieces, named): whether the interval of a value reaches back to what was not asked for."""
    doubtful = np.zeros((len(scale.library), len(query.names)), bool)
    places = {name: place for place, name in enumerate(query.names)}
    for one in query.conditions:
        doubtful[:, places[one.name]] |= scale.doubtful(one.name, one.sign, scale.median(one.name))
    for limit in query.bounds:
        doubtful[:, places[limit.name]] |= scale.doubtful(limit.name, limit.sign, limit.points)
    for change, reference in _references(scale, query, target):
        doubtful[:, places[change.name]] |= scale.doubtful(change.name, change.sign, reference, both=True)
    return doubtful


def _order(scores: Array, names: Sequence[str]) -> Rows:
    """The highest score first; of equals, by their names."""
    order = np.argsort(-scores, kind="stable")
    edges = [0, *(np.flatnonzero(np.diff(scores[order])) + 1).tolist(), len(order)]
    for start in np.flatnonzero(np.diff(edges) > 1).tolist():
        tied = slice(edges[start], edges[start + 1])
        order[tied] = sorted(order[tied].tolist(), key=names.__getitem__)
    return order


class Scale:
    """What is much and what is little in a library: its music without what is flagged."""

    def __init__(self, library: Library) -> None:
        self.library = library
        music = library.is_music
        self._base = library.values if music.all() or not music.any() else library.values[music]
        self._sorted: dict[str, Array] = {}
        self._standings: dict[str, Array] = {}

    def column(self, name: str) -> Array:
        """(pieces,): all values of a name."""
        values: Array = self.library.values[:, self.library.names.index(name)]
        return values

    def standing(self, name: str, sign: int) -> Array:
        """(pieces,): share of the library with less (`sign` 1) or more (-1); ties count half."""
        if name not in self._standings:
            self._standings[name] = self.standing_of(name, 1, self.column(name))
        return self._standings[name] if sign > 0 else 1 - self._standings[name]

    def standing_of(self, name: str, sign: int, values: Array) -> Array:
        """The same of any values (n,)."""
        if name not in self._sorted:
            self._sorted[name] = np.sort(self._base[:, self.library.names.index(name)])
        base = self._sorted[name]
        below = np.searchsorted(base, values, "left") + np.searchsorted(base, values, "right")
        share: Array = below / (2 * len(base))
        return share if sign > 0 else 1 - share

    def median(self, name: str) -> float:
        return float(np.median(self._base[:, self.library.names.index(name)]))

    @cached_property
    def average(self) -> Array:
        """(names,)"""
        average: Array = self._base.mean(axis=0)
        return average

    @cached_property
    def spread(self) -> Array:
        """(names,): standard deviations, never zero."""
        spread: Array = np.maximum(self._base.std(axis=0), 1e-9)
        return spread

    def doubtful(self, name: str, sign: int, limit: float, both: bool = False) -> Flags:
        """(pieces,): whether the interval of a value reaches back to a limit.

        `both`: the limit has an interval too, that of a prediction; errors are independent.
        """
        column = self.library.names.index(name)
        down, up = (float(reach[column]) for reach in self.library.reach)
        reach = np.hypot(down, up) if both else down if sign > 0 else up
        flags: Flags = sign * (self.column(name) - limit) <= reach
        return flags


def fulfilment(scale: Scale, conditions: Sequence[Condition], further: Sequence[Array] = ()) -> Array:
    """(pieces,): weighted geometric mean of the standings of the conditions, and further ones, 0 to 1."""
    standings = np.array([*(scale.standing(one.name, one.sign) for one in conditions), *further])
    weights = np.array([*(one.weight for one in conditions), *(1.0 for _ in further)])
    with np.errstate(divide="ignore"):
        mean: Array = np.exp(weights @ np.log(standings) / weights.sum())
    return mean


def distance(scale: Scale, targets: Array, names: Sequence[str]) -> Array:
    """(pieces,): root mean square of differences from targets (names,), in standard deviations."""
    columns = [scale.library.names.index(name) for name in names]
    differences = (scale.library.values[:, columns] - targets) / scale.spread[columns]
    away: Array = np.sqrt(np.mean(differences**2, axis=1))
    return away


def names_on(library: Library, on: On) -> tuple[str, ...]:
    """What pieces are compared in."""
    return {"emotions": library.emotion_names, "qualities": QUALITY_NAMES, "both": library.names}[on]


def _likeness(scale: Scale, query: Query, target: Array) -> Array:
    library = scale.library

    def halved(names: Sequence[str], targets: Mapping[str, float]) -> Array:
        likeness: Array = 2.0 ** -distance(scale, np.array([targets[name] for name in names]), names)
        return likeness

    targets = dict(zip(library.names, target.tolist(), strict=True))
    if query.opposite:
        return halved(library.emotion_names, targets) * (1 - halved(QUALITY_NAMES, targets))
    names = dict.fromkeys((*names_on(library, query.on), *(one.name for one in query.changes)))
    spread = dict(zip(library.names, scale.spread.tolist(), strict=True))
    for one in query.changes:
        targets[one.name] += one.sign * one.weight * spread[one.name]
    return halved(tuple(names), targets)


def _beyond(scale: Scale, limit: Bound, strictly: bool = False) -> Flags:
    beyond = limit.sign * (scale.column(limit.name) - limit.points)
    flags: Flags = beyond > 0 if strictly else beyond >= 0
    return flags


def is_gone(library: Library, row: int) -> bool:
    """Whether nothing is where the file of a piece was."""
    return not os.path.lexists(library.locate(row))
