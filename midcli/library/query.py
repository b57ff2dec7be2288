"""What a search asks for, and the plain rules by which a handful of words becomes it.

The words are those of the cards: names of emotions and qualities, their poles, and `more`, `less`, `very`,
`not`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from math import isfinite
from typing import Literal, get_args

from midcli.errors import UsageError
from midcli.explanation.words.names import known_name
from midcli.explanation.words.vocabulary import EMOTION_WORDS, QUALITY_WORDS
from midcli.explanation.words.vocabulary import emotion_words as label_words
from midcli.labels import QUALITIES, QUALITY_NAMES, QUALITY_RANGE, EmotionWords, Label
from midcli.library.query_words import (
    CHANGING,
    FILLERS,
    FOREIGN,
    LESS,
    MEANINGS,
    NEGATIONS,
    OR,
    STRENGTHENING,
    THAN,
    TURNS,
    UNHEARD,
    WEAKENING,
)
from midcli.model.head import Array, Head

On = Literal["emotions", "qualities", "both"]

STRONG, WEAK = 2.0, 0.5

NUMBERS = "points are bounds, not words"
"""What is said of a phrase with a number."""

CHANGES = "words are of whole pieces"
"""What is said of words for what follows on something else."""

_MINUS = re.compile(r"(?<![^\s,;/+&|()])[-−–!](?=[^\W\d_])")
"""Before a word, as search engines read it."""
_LONGEST_TERM = 6  # words
_ALIKE = 0.75  # less alike is another word, not a slip of the pen

_FURTHER_WORDS: Mapping[str, tuple[str, int]] = {
    "melodious": ("melodiousness", 1),
    "melodic": ("melodiousness", 1),
    "complex": ("rhythmic_complexity", 1),
    "stable": ("rhythmic_stability", 1),
    "unsteady": ("rhythmic_stability", -1),
    "tonal": ("tonal_stability", 1),
    "atonal": ("tonal_stability", -1),
}
"""Usual forms of words of the cards."""


@dataclass(frozen=True)
class Condition:
    """An emotion or quality that is to be high (`sign` 1) or low (-1); it counts by its weight.

    >>> from midcli.library.query import Condition
    >>> Condition("tension", -1).weight  # relaxed
    1.0
    """

    name: str
    sign: int
    weight: float = 1.0
    said: str = field(default="", repr=False, compare=False)
    """The words that ask for it, if it was asked for in words."""


Terms = dict[tuple[str, ...], tuple[Condition, ...]]
"""Words, and what is to be high or low where they stand."""


@dataclass(frozen=True)
class Bound:
    """The least or the most that an emotion or quality may be, in rating points.

    >>> from midcli.library.query import Bound
    >>> Bound("energy", 1, 6.0).points  # at least six
    6.0
    """

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
    flagged: bool = False
    """Whether it does not sound like music."""


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
    """All that a search asks for. Raises UsageError if it contradicts itself or makes no sense.

    `conditions` are relative to the library, `changes` to the piece that the hits are to be like. `opposite`:
    alike in emotion, far apart in qualities. `contrast`: pieces that change, in one of these ways, or however
    if it is empty; None: whether they do or not.

    >>> from midcli.library.query import Bound, Condition, Query
    >>> Query((Condition("tension", 1),), (Bound("energy", -1, 4.0),)).names
    ('tension', 'energy')
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
        if self.on not in get_args(On):
            raise UsageError(f"{self.on}: pieces are compared in emotions, qualities or both")
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
    """What words were taken for, and which were not understood, each with what may help."""

    conditions: tuple[Condition, ...]
    unknown: tuple[tuple[str, str | None], ...]

    @property
    def problem(self) -> str:
        """`not understood: tens (did you mean tense?), fast (not judged: tempo)`, or nothing."""
        said = [f"{word} ({help_})" if help_ else word for word, help_ in self.unknown]
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
    plain = _MINUS.sub("not ", text.lower().replace("’", "'"))
    for phrase in re.split(r"[,;/+&|()]|\.(?!\d)|\s[-–—]\s", plain):
        words = re.findall(r"[^\W_]+(?:'[^\W_]+)?", phrase)
        if any(word.isdecimal() for word in words):
            unknown[phrase.strip()] = NUMBERS
        else:
            conditions += _read_phrase(words, vocabulary, unknown)
    return Understood(each_once(conditions), tuple(unknown.items()))


def each_once(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """Conditions in their order; of those that ask for the same, the one that counts most.

    >>> from midcli.library.query import Condition, each_once
    >>> [one.weight for one in each_once([Condition("tension", 1), Condition("tension", 1, 2.0)])]
    [2.0]
    """
    strongest: dict[tuple[str, int], Condition] = {}
    for one in conditions:
        other = strongest.setdefault((one.name, one.sign), one)
        if one.weight >= other.weight:
            strongest[one.name, one.sign] = one
    return tuple(strongest.values())


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
    asked: dict[str, Condition] = {}
    for one in conditions:
        other = asked.setdefault(one.name, one)
        if other.sign != one.sign:
            said = f" ({other.said}; {one.said})" if other.said and one.said else ""
            noun = noun_of(one.name)
            raise UsageError(f"the query contradicts itself: {noun} cannot be both high and low{said}")


def in_words(query: Query) -> str:
    """What was understood: `tension high · dissonance low · energy at least 6`."""
    parts = [_in_words(one) for one in query.conditions]
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
    parts += [f"but {_comparative(one)}" for one in query.changes]
    if query.contrast is not None:
        parts.append(f"changing {' or '.join(map(_turn_in_words, query.contrast))}".strip())
    return " · ".join(parts)


def end_in_words(conditions: Iterable[Condition]) -> str:
    """What was understood of one end of an arc: `energy low, tension low`."""
    return ", ".join(map(_in_words, conditions))


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


def _comparative(one: Condition) -> str:
    """`much sadder`, `a little more legato`"""
    words = QUALITY_WORDS.get(one.name) or emotion_words(one.name)
    amount = {STRONG: "much ", WEAK: "a little "}.get(one.weight, "")
    return amount + (words.more if one.sign > 0 else words.less)


def _in_words(one: Condition) -> str:
    """`tension very high`"""
    amount = {STRONG: "very ", WEAK: "somewhat "}.get(one.weight, "")
    return f"{noun_of(one.name)} {amount}{'high' if one.sign > 0 else 'low'}"


def _terms(labels: Sequence[Label]) -> Terms:
    """Words of the cards, and others by what they mean in these."""
    terms = _words_of_the_cards(labels)
    meant: Terms = {}
    for text, meaning in MEANINGS.items():
        first, *others = meaning.split(", ")
        if conditions := _conditions([first], terms):  # what it means above all, this vocabulary can say
            meant[tuple(text.split())] = (*conditions, *_conditions(others, terms))
    return meant | terms


def _words_of_the_cards(labels: Sequence[Label]) -> Terms:
    terms: Terms = {}

    def add(text: str, name: str, sign: int) -> None:
        for said in re.split(",| or ", text.removeprefix("its ")):
            words = tuple(re.findall(r"[^\W_]+", said.lower()))
            if words and words[0] not in NEGATIONS | STRENGTHENING:
                terms.setdefault(words, (Condition(name, sign),))

    for label in labels:
        words = label_words(label)
        for text in (label.name, words.noun, words.high, words.more, label.high_pole, *words.synonyms):
            add(text, label.name, 1)
        for text in (words.low, words.less, label.low_pole):
            add(text, label.name, -1)
    for label in QUALITIES:
        quality = QUALITY_WORDS[label.name]
        for text in (label.name, quality.noun, quality.high, quality.more, label.high_pole, quality.strong):
            add(text, label.name, 1)
        for text in (quality.low, quality.less, label.low_pole):
            add(text, label.name, -1)
        if quality.weak.startswith("its "):
            add(quality.weak, label.name, -1)
    for word, (name, sign) in _FURTHER_WORDS.items():
        terms.setdefault((word,), (Condition(name, sign),))
    return terms


def _conditions(phrases: Iterable[str], terms: Terms) -> tuple[Condition, ...]:
    """What phrases name, whatever else is in them."""
    return tuple(one for phrase in phrases for one in _read_phrase(phrase.split(), terms, {}))


def _read_phrase(words: Sequence[str], terms: Terms, unknown: dict[str, str | None]) -> list[Condition]:
    """The conditions of the words between two commas; words that mean nothing here go to `unknown`."""
    found: list[Condition] = []
    before, place, turn = _Modifiers(), 0, ""
    while place < len(words):
        length, meaning = _term_at(words, place, terms)
        word = " ".join(words[place : place + length])
        place += length
        if meaning:
            found += before.applied(meaning, word)
            unknown.update({turn: CHANGES} if turn else {})
            less = words[place - length] in NEGATIONS | LESS
            before, turn = _Modifiers(last_sign=-before.sign if less else before.sign), ""
        elif word == "low" and found and place == len(words):  # "tension low"
            found[-1] = replace(found[-1], sign=-found[-1].sign, said=f"{found[-1].said} low")
        elif word in TURNS:
            turn = word if found else ""
        elif not before.takes(word):
            unknown[word] = _help_with(word, terms)
            before = _Modifiers()
    unknown.update({before.negation: None} if before.negation else {})
    return found


@dataclass
class _Modifiers:
    """What stands before a word that means something."""

    sign: int = 1
    weight: float = 1.0
    negation: str = ""
    """The last word that turned the sign round."""
    last_sign: int = 1
    """Of what was named before."""

    def takes(self, word: str) -> bool:
        """Whether the word modifies what follows, or does nothing."""
        if word in NEGATIONS or word.endswith("n't"):
            self.sign, self.weight, self.negation = -self.sign, 1.0, word
        elif word in LESS:
            self.sign, self.negation = -self.sign, word
        elif word == THAN:
            self.sign = -self.last_sign
        elif word == OR and self.last_sign < 0:  # "not sad or angry" is neither
            self.sign, self.negation = -1, word
        elif word in STRENGTHENING | WEAKENING:
            # "not too tense" is not "very relaxed"
            self.weight = WEAK if word in WEAKENING or self.sign < 0 else STRONG
        else:
            return word in FILLERS
        return True

    def applied(self, meaning: Iterable[Condition], word: str) -> Iterable[Condition]:
        said = f"{self.negation} {word}".strip()
        for one in meaning:
            weight = one.weight if self.weight == 1.0 else self.weight
            yield Condition(one.name, self.sign * one.sign, weight, said)


def _term_at(words: Sequence[str], place: int, terms: Terms) -> tuple[int, tuple[Condition, ...]]:
    """How many words the longest term or modifier has that starts there, at least 1, and what it means."""
    for length in range(min(_LONGEST_TERM, len(words) - place), 0, -1):
        term = tuple(words[place : place + length])
        if found := terms.get(term):
            return length, found
        if " ".join(term) in WEAKENING | NEGATIONS | FILLERS:
            return length, ()
    for form in _plain_forms(words[place]):
        if found := terms.get((form,)):
            return 1, found
    opposite = terms.get((words[place].removeprefix("un"),), ()) if words[place].startswith("un") else ()
    return 1, tuple(Condition(one.name, -one.sign, one.weight) for one in opposite)


def _plain_forms(word: str) -> Iterable[str]:
    """What a comparative may come from: `calmer`, `noisier`, `steadiest`."""
    for ending in ("er", "est"):
        if word.endswith(ending):
            stem = word.removesuffix(ending)
            yield from (stem, f"{stem}e", f"{stem.removesuffix('i')}y")


def _help_with(word: str, terms: Terms) -> str | None:
    """What may help whoever typed a word that means nothing here."""
    if word in UNHEARD:
        judged, nearest = UNHEARD[word]
        known = bool(nearest and _conditions([nearest], terms))
        return f"not judged: {judged}" + (f"; {nearest} comes nearest" if known else "")
    if word == OR:
        return "all that is named is to fit"
    if word in CHANGING:
        return CHANGES
    if word in FOREIGN or not word.isascii():
        return "the words are English"
    likely = [*(" ".join(words) for words in terms), *STRENGTHENING, *WEAKENING, *NEGATIONS, *LESS]
    near = get_close_matches(word, likely, 1, cutoff=_ALIKE)
    return f"did you mean {near[0]}?" if near else None


def _check_bounds(bounds: Sequence[Bound]) -> None:
    for least in bounds:
        for most in bounds:
            if least.name == most.name and least.sign > 0 > most.sign and least.points > most.points:
                bounds_in_words = f"at least {least.points:g} and at most {most.points:g}"
                raise UsageError(
                    f"the query contradicts itself: {noun_of(least.name)} cannot be {bounds_in_words}"
                )
