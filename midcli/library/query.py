"""What a search asks for, and the plain rules by which a handful of words becomes it.

The words are those of the cards: names of emotions and qualities, their poles, and `more`, `less`, `very`,
`not`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from math import isfinite
from typing import Literal

from midcli.errors import UsageError
from midcli.explanation.words.names import known_name
from midcli.explanation.words.vocabulary import EMOTION_WORDS, QUALITY_WORDS
from midcli.explanation.words.vocabulary import emotion_words as label_words
from midcli.labels import QUALITIES, QUALITY_NAMES, QUALITY_RANGE, EmotionWords, Label
from midcli.model.head import Array, Head

On = Literal["emotions", "qualities", "both"]
Terms = dict[tuple[str, ...], tuple[str, int]]
"""Words to the emotion or quality that they name, and the side of it."""

STRONG, WEAK = 2.0, 0.5

_LONGEST_TERM = 6  # words
_NEGATIONS = frozenset({"not", "no", "non", "without", "never", "neither", "nor", "un"})
_LESS = frozenset({"less", "least", "low", "lower", "little", "few", "fewer"})
_STRONG = frozenset({"very", "much", "really", "extremely", "highly", "strongly", "far"})
_WEAK = frozenset({"slightly", "somewhat", "bit"})
_FILLERS = frozenset(
    {
        *(
            "a",
            "also",
            "an",
            "and",
            "as",
            "but",
            "fairly",
            "feel",
            "feeling",
            "feels",
            "high",
            "higher",
            "in",
        ),
        *("is", "it", "its", "mood", "more", "most", "music", "of", "piece", "pieces", "pretty", "quite"),
        *("rather", "some", "something", "song", "songs", "sound", "sounding", "sounds", "than", "the", "to"),
        *("track", "tracks", "with", "yet"),
    }
)
_FURTHER_WORDS: Mapping[str, tuple[str, int]] = {
    "melodious": ("melodiousness", 1),
    "melodic": ("melodiousness", 1),
    "complex": ("rhythmic_complexity", 1),
    "stable": ("rhythmic_stability", 1),
    "tonal": ("tonal_stability", 1),
    "atonal": ("tonal_stability", -1),
}
"""Usual forms of words of the cards."""


@dataclass(frozen=True)
class Condition:
    """An emotion or quality that is to be high (`sign` 1) or low (-1); it counts by its weight."""

    name: str
    sign: int
    weight: float = 1.0


@dataclass(frozen=True)
class Bound:
    """The least or the most that an emotion or quality may be, in rating points."""

    name: str
    sign: int
    """1: at least, -1: at most."""
    points: float


@dataclass(frozen=True)
class Like:
    """A piece that the hits are to resemble."""

    name: str
    midlevel: Array
    """(7,)"""


@dataclass(frozen=True)
class Turn:
    """An emotion that is to differ most between two sections of a piece."""

    name: str
    sign: int = 0
    """1: it rises, -1: it falls, 0: either."""
    words: EmotionWords | None = field(default=None, repr=False, compare=False)
    """How one speaks of it; None: by its name."""


@dataclass(frozen=True)
class Query:
    """All that a search asks for. Raises UsageError if it contradicts itself.

    `conditions` are relative to the library, `changes` to the piece that the hits are to be like. `opposite`:
    alike in emotion, far apart in qualities. `contrast`: pieces that change, in one of these ways, or however
    if it is empty; None: whether they do or not.
    """

    conditions: tuple[Condition, ...] = ()
    bounds: tuple[Bound, ...] = ()
    likes: tuple[Like, ...] = ()
    changes: tuple[Condition, ...] = ()
    on: On = "emotions"
    opposite: bool = False
    contrast: tuple[Turn, ...] | None = None

    def __post_init__(self) -> None:
        if (self.changes or self.opposite) and not self.likes:
            raise UsageError("a change, or the opposite, is relative to a piece; name the piece to be like")
        check_agreement(self.conditions)
        check_agreement(self.changes)
        _check_bounds(self.bounds)

    @property
    def is_empty(self) -> bool:
        """Whether every piece fits it."""
        return not (self.conditions or self.bounds or self.likes) and self.contrast is None

    @property
    def names(self) -> tuple[str, ...]:
        """The emotions and qualities that are named, each once."""
        named: tuple[Condition | Bound, ...] = (*self.conditions, *self.bounds, *self.changes)
        return tuple(dict.fromkeys(one.name for one in named))


@dataclass(frozen=True)
class Understood:
    """What words were taken for, and which were not understood, each with the word that may be meant."""

    conditions: tuple[Condition, ...]
    unknown: tuple[tuple[str, str | None], ...]

    @property
    def problem(self) -> str:
        """`not understood: tens (did you mean tense?)`, or nothing."""
        said = [f"{word} (did you mean {near}?)" if near else word for word, near in self.unknown]
        return f"not understood: {', '.join(said)}" if said else ""


def understand(text: str, head: Head) -> Understood:
    """The conditions that words name, in the vocabulary of a head.

    >>> from midcli.model.head import Head
    >>> import numpy as np
    >>> head = Head(np.zeros((8, 7)), np.zeros(8))
    >>> [(one.name, one.sign, one.weight) for one in understand("very tense, not dissonant", head).conditions]
    [('tension', 1, 2.0), ('dissonance', -1, 1.0)]
    """
    vocabulary = _terms(head.labels)
    conditions: list[Condition] = []
    unknown: dict[str, str | None] = {}
    for phrase in re.split(r"[,;.:/+&|()]|\s[-–—]\s", text.lower().replace("’", "'")):
        words = re.findall(r"[^\W_]+(?:'[^\W_]+)?", phrase)
        conditions += _read_phrase(words, vocabulary, unknown)
    strongest: dict[tuple[str, int], Condition] = {}
    for one in sorted(conditions, key=lambda one: one.weight):
        strongest[one.name, one.sign] = one
    said = dict.fromkeys((one.name, one.sign) for one in conditions)
    return Understood(tuple(strongest[key] for key in said), tuple(unknown.items()))


def condition(name: str, sign: int, head: Head) -> Condition:
    """A named emotion or quality that is to be high or low. Raises UsageError for an unknown name."""
    return Condition(known_name(name, (*head.names, *QUALITY_NAMES), head.labels), sign)


def bound(name: str, sign: int, points: float, head: Head) -> Bound:
    """A bound in points. Raises UsageError for an unknown name or a number off the scale."""
    name = known_name(name, (*head.names, *QUALITY_NAMES), head.labels)
    lowest, highest = QUALITY_RANGE if name in QUALITY_NAMES else head.scale
    if not (isfinite(points) and lowest <= points <= highest):
        raise UsageError(f"{name} goes from {lowest:g} to {highest:g}, not to {points:g}")
    return Bound(name, sign, points)


def check_agreement(conditions: Iterable[Condition]) -> None:
    """Raises UsageError if something is to be both high and low."""
    signs: dict[str, int] = {}
    for one in conditions:
        if signs.setdefault(one.name, one.sign) != one.sign:
            noun = noun_of(one.name)
            raise UsageError(f"the query contradicts itself: {noun} cannot be both high and low")


def in_words(query: Query) -> str:
    """What was understood: `tension high · dissonance low · energy at least 6`."""
    parts = [f"{noun_of(one.name)} {_degree(one)}" for one in query.conditions]
    parts += [
        f"{noun_of(one.name)} at {'least' if one.sign > 0 else 'most'} {one.points:g}" for one in query.bounds
    ]
    if query.likes:
        names = " and ".join(like.name for like in query.likes)
        if query.opposite:
            parts.append(f"alike in emotion to {names}, far apart in qualities")
        else:
            on = {"emotions": "emotion", "qualities": "qualities", "both": "emotion and qualities"}[query.on]
            parts.append(f"like {names} in {on}")
    amounts = {STRONG: "much ", WEAK: "a little "}
    parts += [
        f"but {amounts.get(one.weight, '')}{'more' if one.sign > 0 else 'less'} {noun_of(one.name)}"
        for one in query.changes
    ]
    if query.contrast is not None:
        parts.append(f"changing {' or '.join(map(_turn_in_words, query.contrast))}".strip())
    return " · ".join(parts)


def noun_of(name: str) -> str:
    """`tension`, `rhythmic complexity`"""
    return QUALITY_WORDS[name].noun if name in QUALITY_WORDS else emotion_words(name).noun


def emotion_words(name: str) -> EmotionWords:
    """How one speaks of an emotion; of one that the cards have no words for, by its name."""
    said = name.replace("_", " ")
    return EMOTION_WORDS.get(name) or EmotionWords(said, f"more {said}", f"less {said}", said, f"not {said}")


def _turn_in_words(turn: Turn) -> str:
    """`from calm to tense`, or `in tension` whichever way."""
    words = turn.words or emotion_words(turn.name)
    if not turn.sign:
        return f"in {words.noun}"
    ends = (words.low, words.high)[:: turn.sign]
    return f"from {ends[0]} to {ends[1]}"


def _degree(one: Condition) -> str:
    amount = {STRONG: "very ", WEAK: "somewhat "}.get(one.weight, "")
    return amount + ("high" if one.sign > 0 else "low")


def _terms(labels: Sequence[Label]) -> Terms:
    """Words of the cards, and which way they point."""
    terms: Terms = {}

    def add(text: str, name: str, sign: int) -> None:
        for said in text.split(","):
            words = tuple(re.findall(r"[^\W_]+", said.lower()))
            if words and words[0] not in _NEGATIONS | _STRONG:
                terms.setdefault(words, (name, sign))

    for label in labels:
        words = label_words(label)
        for text, sign in ((label.name, 1), (words.noun, 1), (words.high, 1), (words.more, 1)):
            add(text, label.name, sign)
        for text in (words.low, words.less):
            add(text, label.name, -1)
        add(label.high_pole, label.name, 1)
        add(label.low_pole, label.name, -1)
        for text in words.synonyms:
            add(text, label.name, 1)
    for label in QUALITIES:
        quality = QUALITY_WORDS[label.name]
        for text in (label.name, quality.noun, quality.high, quality.more, label.high_pole):
            add(text, label.name, 1)
        for text in (quality.low, quality.less, label.low_pole):
            add(text, label.name, -1)
    for word, meaning in _FURTHER_WORDS.items():
        terms.setdefault((word,), meaning)
    return terms


def _read_phrase(words: Sequence[str], terms: Terms, unknown: dict[str, str | None]) -> list[Condition]:
    """The conditions of the words between two commas; words that mean nothing here go to `unknown`."""
    found: list[Condition] = []
    sign, weight, place = 1, 1.0, 0
    while place < len(words):
        length, meaning = _term_at(words, place, terms)
        word = words[place]
        place += length
        if meaning:
            found.append(Condition(meaning[0], sign * meaning[1], weight))
            sign, weight = 1, 1.0
        elif word == "low" and found and place == len(words):  # "tension low"
            found[-1] = Condition(found[-1].name, -found[-1].sign, found[-1].weight)
        elif word in _NEGATIONS or word.endswith("n't"):
            sign, weight = -sign, 1.0
        elif word in _LESS:
            sign = -sign
        elif word in _STRONG | _WEAK:
            # "not very tense" is not "very relaxed"
            weight = WEAK if word in _WEAK else STRONG if sign > 0 else weight
        elif word not in _FILLERS:
            unknown[word] = _suggestion(word, terms)
            sign, weight = 1, 1.0
    return found


def _term_at(words: Sequence[str], place: int, terms: Terms) -> tuple[int, tuple[str, int] | None]:
    """How many words the longest term has that starts there, at least 1, and what it means."""
    for length in range(min(_LONGEST_TERM, len(words) - place), 0, -1):
        if found := terms.get(tuple(words[place : place + length])):
            return length, found
    for form in _plain_forms(words[place]):
        if found := terms.get((form,)):
            return 1, found
    return 1, None


def _plain_forms(word: str) -> Iterable[str]:
    """What a comparative may come from: `calmer`, `noisier`, `steadiest`."""
    for ending in ("er", "est"):
        if word.endswith(ending):
            stem = word.removesuffix(ending)
            yield from (stem, f"{stem}e", f"{stem.removesuffix('i')}y")


def _suggestion(word: str, terms: Terms) -> str | None:
    near = get_close_matches(word, [" ".join(words) for words in terms], 1, cutoff=0.7)
    return near[0] if near else None


def _check_bounds(bounds: Sequence[Bound]) -> None:
    for least in bounds:
        for most in bounds:
            if least.name == most.name and least.sign > 0 > most.sign and least.points > most.points:
                bounds_in_words = f"at least {least.points:g} and at most {most.points:g}"
                raise UsageError(
                    f"the query contradicts itself: {noun_of(least.name)} cannot be {bounds_in_words}"
                )
