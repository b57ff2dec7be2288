"""Why a piece is a hit: exact numbers, and one line of words that is made of them.

An emotion differs from the library's average, or from another piece, by the sum over the qualities of weight
x difference of the quality; nothing is estimated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot
from typing import Any

import numpy as np

from midcli.explanation.words.numbers import decimal, signed, standing
from midcli.explanation.words.vocabulary import QUALITY_WORDS, QualityWords
from midcli.labels import QUALITY_NAMES, EmotionWords
from midcli.library.contrasts import contrast_in_words
from midcli.library.query import Condition, emotion_words, noun_of
from midcli.library.search import Ranking, names_on
from midcli.model.head import Array
from midcli.util.text import rounded

_MOST_SOURCES = 2  # qualities named for one emotion
_LEAST_SOURCE = 0.1  # rating points; less is not visible
_BARELY = 0.65
_MOST_SHARED = 2
_LEAST_DEPARTURE = 0.5  # standard deviations of the library; what is nearer may be called alike
_LEAST_SHOWN = 0.05  # rating points


@dataclass(frozen=True)
class Difference:
    """How far an emotion or quality of a hit is from what it is compared with, and which qualities make it
    so.

    >>> from midcli.library.hits import hits_of
    >>> from midcli.library.search import find
    >>> energy = hits_of(find("library.jsonl", "energetic"))[0].why.differences["energy"]
    >>> abs(sum(energy.contributions.values()) - energy.points) < 1e-9
    True
    """

    name: str
    value: float
    base: float
    """The same of the library's average, or of the piece that the hits are to be like."""
    contributions: Mapping[str, float]
    """Quality name to weight x difference; they sum to value - base. Empty for a quality."""
    standing: float
    """Percentage of the library that has less."""
    shifts: Mapping[str, float]
    """Quality name to how far it is from what it is compared with."""
    words: EmotionWords | QualityWords
    """How one speaks of it."""

    @property
    def points(self) -> float:
        return self.value - self.base

    def to_dict(self) -> dict[str, Any]:
        """The numbers as the JSON has them."""
        numbers: dict[str, Any] = {
            "value": rounded(self.value),
            "compared_with": rounded(self.base),
            "standing": rounded(self.standing),
        }
        if self.contributions:
            numbers["contributions"] = {name: rounded(part) for name, part in self.contributions.items()}
        return numbers


@dataclass(frozen=True)
class Why:
    """The reason for one hit.

    >>> from midcli.library.hits import hits_of
    >>> from midcli.library.search import find
    >>> why = hits_of(find("library.jsonl", "energetic"))[0].why
    >>> "energetic: " in why.words
    True
    """

    words: str
    """One line."""
    differences: Mapping[str, Difference]
    """From the library's average of what was asked for; with a reference, from that in everything; on a way,
    from the piece before.
    """


class Reasons:
    """What makes the hits of a ranking hits."""

    def __init__(self, ranking: Ranking) -> None:
        self.ranking = ranking
        self.library = ranking.library
        self.query = ranking.query
        self._scale = ranking.scale
        self._reference: Array | None = None
        if self.query.likes:
            midlevel = np.mean([like.midlevel for like in self.query.likes], axis=0)
            self._reference = self.library.all_values(midlevel)

    def of(self, place: int) -> Why:
        """The reason for the hit at that place of the ranking."""
        row = int(self.ranking.rows[place])
        asked = {name: self._difference(row, name, self._scale.average) for name in self._asked}
        parts = list(filter(None, (self._wanted(asked), self._bounded(asked), self._changing(row))))
        if self.ranking.way:
            words, differences = self._on_the_way(place)
            return Why("; ".join([*parts, words]), differences)
        if self._reference is None:
            return Why("; ".join(parts), asked)
        differences = self._all_differences(row, self._reference)
        parts.append(self._compared(differences))
        return Why("; ".join(filter(None, parts)), differences)

    def _on_the_way(self, place: int) -> tuple[str, dict[str, Difference]]:
        """`1.1 points tenser (dissonant +0.6), 0.4 points less happy`: from the piece before."""
        row = int(self.ranking.rows[place])
        if not place:
            first = self._all_differences(row, self._scale.average)
            named = sorted((first[name] for name in self.ranking.way), key=self._size, reverse=True)
            said = [
                _fulfilled(Condition(one.name, 1 if one.points > 0 else -1), one)
                for one in named[:_MOST_SHARED]
            ]
            return f"the start: {'; '.join(said)}", first
        before = self.library.values[int(self.ranking.rows[place - 1])]
        differences = self._all_differences(row, before)
        named = sorted((differences[name] for name in self.ranking.way), key=self._size, reverse=True)
        moved = [one for one in named if abs(one.points) >= _LEAST_SHOWN][:_MOST_SHARED]
        said = [_more_or_less(one) + _sources(one) for one in moved] or ["alike"]
        return f"from the one before: {', '.join(said)}", differences

    def _all_differences(self, row: int, base: Array) -> dict[str, Difference]:
        return {name: self._difference(row, name, base) for name in self.library.names}

    def _size(self, one: Difference) -> float:
        """In standard deviations of the library."""
        return abs(one.points) / float(self._scale.spread[self.library.names.index(one.name)])

    @property
    def _asked(self) -> tuple[str, ...]:
        conditions = [one.name for one in self.query.conditions]
        return tuple(dict.fromkeys([*conditions, *(one.name for one in self.query.bounds)]))

    def _difference(self, row: int, name: str, base: Array) -> Difference:
        column = self.library.names.index(name)
        values = self.library.values[row]
        away = values[-len(QUALITY_NAMES) :] - base[-len(QUALITY_NAMES) :]
        contributions: dict[str, float] = {}
        if column < len(self.library.emotion_names):
            parts = self.library.head.weights[column] * away
            contributions = dict(zip(QUALITY_NAMES, parts.tolist(), strict=True))
        place = 100 * float(self._scale.standing_of(name, 1, values[column : column + 1])[0])
        shifts = dict(zip(QUALITY_NAMES, away.tolist(), strict=True))
        return Difference(
            name,
            float(values[column]),
            float(base[column]),
            contributions,
            place,
            shifts,
            self.library.words_of(name),
        )

    def _wanted(self, asked: Mapping[str, Difference]) -> str:
        return "; ".join(_fulfilled(one, asked[one.name]) for one in self.query.conditions)

    def _bounded(self, asked: Mapping[str, Difference]) -> str:
        found = [asked[name] for name in dict.fromkeys(one.name for one in self.query.bounds)]
        return "; ".join(f"{noun_of(one.name)} {decimal(one.value)}{_sources(one)}" for one in found)

    def _changing(self, row: int) -> str:
        contrast = None if self.query.contrast is None else self.library.contrast(row)
        if not contrast:
            return ""
        average = self._scale.average[self.library.names.index(contrast.emotion)]
        return contrast_in_words(contrast, self.library.head, float(average))

    def _compared(self, differences: Mapping[str, Difference]) -> str:
        """`as tense (6.1, 6.0); but 1.2 points more staccato, which adds 0.4 to energy`"""
        changed = [differences[one.name] for one in self.query.changes]
        parts = [_more_or_less(one) for one in changed]
        names = self.library.emotion_names if self.query.opposite else names_on(self.library, self.query.on)
        rest = [differences[name] for name in names if differences[name] not in changed]
        shared = self._shared(rest)
        said = ", ".join(f"{_as(one)} ({decimal(one.value)}, {decimal(one.base)})" for one in shared)
        if said:
            parts.append(said)
        departures = [one for one in differences.values() if one not in changed and one not in shared]
        if self.query.opposite:
            departures = [one for one in departures if not one.contributions]
        if departure := self._departure(departures):
            parts.append(f"but {departure}")
        return "; ".join(parts)

    def _shared(self, candidates: Sequence[Difference]) -> list[Difference]:
        """In what the reference stands out most and the hit is alike: no further away than half the
        intervals, and nearer than what may be called a departure.
        """
        spread = dict(zip(self.library.names, self._scale.spread.tolist(), strict=True))
        average = dict(zip(self.library.names, self._scale.average.tolist(), strict=True))
        alike = [
            one
            for one in candidates
            if abs(one.points) <= self._reach(one) / 2 and self._size(one) < _LEAST_DEPARTURE
        ]
        alike.sort(key=lambda one: -abs(one.base - average[one.name]) / spread[one.name])
        return alike[:_MOST_SHARED]

    def _departure(self, candidates: Sequence[Difference]) -> str:
        if not candidates:
            return ""
        furthest = max(candidates, key=self._size)
        if abs(furthest.points) < _LEAST_SHOWN or self._size(furthest) < _LEAST_DEPARTURE:
            return ""
        said = _more_or_less(furthest)
        if furthest.contributions:
            return said + _sources(furthest)
        column = QUALITY_NAMES.index(furthest.name)
        moved = self.library.head.weights[:, column] * furthest.points
        most = int(np.argmax(np.abs(moved)))
        if abs(moved[most]) < _LEAST_SOURCE:
            return said
        verb = "adds" if moved[most] > 0 else "takes"
        to = "to" if moved[most] > 0 else "from"
        its = emotion_words(self.library.emotion_names[most]).its
        return f"{said}, which {verb} {decimal(abs(moved[most]))} {to} {its}"

    def _reach(self, one: Difference) -> float:
        column = self.library.names.index(one.name)
        return hypot(*(float(reach[column]) for reach in self.library.reach))


def _fulfilled(one: Condition, found: Difference) -> str:
    """`tense: 7.1, higher than 96 % (dissonant +1.1, minor +0.4)`"""
    share = found.standing / 100 if one.sign > 0 else 1 - found.standing / 100
    adjective = found.words.high if one.sign > 0 else found.words.low
    if share < _BARELY:
        adjective = f"a little {found.words.less}" if adjective.startswith("not ") else f"barely {adjective}"
    middle = one.sign < 0 and found.standing == 50  # of which one says "higher than 50 %"
    place = standing(np.nextafter(50, 0) if middle else found.standing)
    return f"{adjective}: {decimal(found.value)}, {place}{_sources(found)}"


def _sources(found: Difference) -> str:
    """The qualities that push most to where the value is: ` (dissonant +1.1)`, or nothing of a quality."""
    sign = 1 if found.points > 0 else -1
    pushes = sorted(found.contributions.items(), key=lambda item: -sign * item[1])
    named = [(name, part) for name, part in pushes[:_MOST_SOURCES] if sign * part >= _LEAST_SOURCE]
    said = ", ".join(f"{_leaning(name, found.shifts[name])} {signed(part).strip()}" for name, part in named)
    return f" ({said})" if said else ""


def _leaning(quality: str, shift: float) -> str:
    """`dissonant`, `unclear key`"""
    words = QUALITY_WORDS[quality]
    return words.high if shift > 0 else words.low


def _as(one: Difference) -> str:
    """`as tense`, `as little anger`, `as low a value of witty`, `as clear a key`, `as free a beat`"""
    words = one.words
    said = words.high if one.standing >= 50 else words.low
    if isinstance(words, EmotionWords) and said.startswith("not "):
        return f"as {'low a value of' if words.is_adjective else 'little'} {words.noun}"
    adjective, _, noun = said.rpartition(" ")
    return f"as {adjective} a {noun}" if noun in ("key", "beat") else f"as {said}"


def _more_or_less(one: Difference) -> str:
    """`1.2 points more staccato`, `0.8 points sadder`, `hardly sadder`"""
    amount = f"{decimal(abs(one.points))} points" if abs(one.points) >= _LEAST_SHOWN else "hardly"
    said = one.words.more if one.points > 0 else one.words.less
    subject = getattr(one.words, "subject", "it")
    return f"{'' if subject == 'it' else f'{subject} is '}{amount} {said}"
