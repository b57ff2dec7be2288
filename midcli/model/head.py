"""The last layer of a model: emotions are weighted sums of the seven qualities. All in rating points.

A model may have several heads, each another vocabulary of emotions over the same qualities.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from midcli.errors import ModelError
from midcli.labels import EMOTION_RANGE, EMOTIONS, HEARD, QUALITY_NAMES, EmotionWords, Label, rating_point
from midcli.util.text import brief

Array = npt.NDArray[np.float64]

EIGHT = "emotions"
"""The vocabulary that every model has: the eight emotions of midcli.labels."""
WORDS = ("noun", "more", "less", "high", "low")
"""How one speaks of an emotion: `tension`, `tenser`, `more relaxed`, `tense`, `relaxed`."""

MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, RecursionError)
"""What reading a description raises that is not as it should be."""
SHORTEST_SCALE, LONGEST_SCALE = 2.0, 1000.0
"""In points: between these, values with one decimal can be read."""

_MOST_HEADS = 32
_LEAST_R = 0.1  # on pieces that were not learned from; chance alone reaches as much with 270 of them
_MOST_LABELS = 64
_LONGEST_WORD = 60
_LONGEST_REMARK = 400
_GREATEST = 1e6


@dataclass(frozen=True)
class Interval:
    """Offsets from values to the ends of their 80 % intervals."""

    low: Array
    """(values,), not above zero."""
    high: Array
    """(values,), not below zero."""

    def __mul__(self, scale: Array) -> "Interval":
        """Wider or narrower by a factor (values,)."""
        return Interval(self.low * scale, self.high * scale)


@dataclass(frozen=True)
class Head:
    """emotions = weights @ qualities + intercept, for the emotions of one vocabulary."""

    weights: Array
    """(emotions, 7)"""
    intercept: Array
    """(emotions,)"""
    interval: Interval | None = None
    labels: tuple[Label, ...] = EMOTIONS
    scale: tuple[float, float] = EMOTION_RANGE
    name: str = EIGHT
    about: str = ""
    """What its values are, such as whose feelings in which unit."""
    main: bool = True
    """Whether it was trained with the network, whose expected errors are its own."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """Label to Pearson's r out of fold, as far as the model file says."""

    @property
    def names(self) -> tuple[str, ...]:
        """The emotions, in the order of the rows."""
        return tuple(label.name for label in self.labels)

    @property
    def point(self) -> float:
        """What a rating point of the eight emotions is on its scale."""
        return rating_point(self.scale)

    @property
    def verb(self) -> str:
        """`sound`, or `feel` of emotions that listeners felt."""
        words = self.labels[0].words
        return words.verb if words else HEARD

    @property
    def guesses(self) -> tuple[str, ...]:
        """The emotions that could not be learned, as far as the model file says."""
        return tuple(name for name in self.names if self.scores.get(name, 1.0) < _LEAST_R)

    @property
    def meaning(self) -> str:
        """What its values are: `gems: feelings ..., in per cent of the listeners`; empty for the eight.

        With the emotions that could not be learned, as far as the model file says.
        """
        if self.name == EIGHT:
            return ""
        low, high = self.scale
        guesses = ", ".join(name.replace("_", " ") for name in self.guesses)
        remark = f"; no better than guesses: {guesses}" if guesses else ""
        return f"{self.name}: {self.about or f'from {low:g} to {high:g}'}{remark}"

    def emotions(self, midlevel: Array) -> Array:
        """Emotions (..., emotions) of qualities (..., 7)."""
        emotions: Array = midlevel @ self.weights.T + self.intercept
        return emotions


def read_heads(stored: Mapping[str, Any]) -> dict[str, Head]:
    """Further heads of a model by name, each as `read_head` reads it.

    Raises ModelError that says which cannot be read and why.
    """
    if len(stored) > _MOST_HEADS or EIGHT in stored:
        raise ModelError(f"more than {_MOST_HEADS} vocabularies, or one that is called {EIGHT}")
    heads = {}
    for name, head in stored.items():
        try:
            heads[name] = read_head(name, head)
        except MALFORMED as error:
            said = type(error) is ValueError
            reason = brief(str(error) if said else f"incomplete or malformed ({error!r})")
            raise ModelError(f"its vocabulary {brief(name)} cannot be read: {reason}") from error
    return heads


def read_head(name: str, stored: Any) -> Head:
    """A head as `midcli.heads` of a model file has it (docs/json.md).

    Raises KeyError, TypeError, ValueError or AttributeError if it is malformed.
    """
    names = _label_names(stored["labels"])
    pairs = stored.get("poles") or map(_poles, names)
    poles = [[_text(pole, _LONGEST_WORD) for pole in pair] for pair in pairs]
    labels = tuple(
        Label(label, label, low, high, words=words)
        for label, (low, high), words in zip(names, poles, _words(stored, len(names)), strict=True)
    )
    lowest, highest = _numbers(stored["scale"], (2,)).tolist()
    if not SHORTEST_SCALE <= highest - lowest <= LONGEST_SCALE:
        raise ValueError(
            f"its scale goes from {lowest:g} to {highest:g}; values are shown to a tenth, so it must be "
            f"{SHORTEST_SCALE:g} to {LONGEST_SCALE:g} points long; per cent would do"
        )
    interval = None
    if "interval" in stored:
        low, high = (_numbers(stored["interval"][end], (len(names),)) for end in ("low", "high"))
        if (low > high).any():
            raise ValueError("the low end of an interval is above its high end")
        interval = Interval(low, high)
    return Head(
        _numbers(stored["weights"], (len(names), len(QUALITY_NAMES))),
        _numbers(stored["intercept"], (len(names),)),
        interval,
        labels,
        (lowest, highest),
        _text(name, _LONGEST_WORD),
        _text(stored.get("about", ""), _LONGEST_REMARK),
        False,
        {
            label: float(_numbers(stored["scores"][label], ()))
            for label in names
            if label in stored.get("scores", {})
        },
    )


def head_object(head: Head, fitted: str) -> dict[str, Any]:
    """What `read_head` reads; `fitted` says how it was made."""
    stored: dict[str, Any] = {
        "labels": list(head.names),
        "poles": [[label.low_pole, label.high_pole] for label in head.labels],
        "scale": list(head.scale),
        "weights": head.weights.tolist(),
        "intercept": head.intercept.tolist(),
        "about": head.about,
        "fitted": fitted,
        "scores": dict(head.scores),
    }
    if head.interval:
        stored["interval"] = {"low": head.interval.low.tolist(), "high": head.interval.high.tolist()}
    said = [label.words for label in head.labels if label.words]
    if len(said) == len(head.labels):
        stored["words"] = [
            {key: getattr(words, key) for key in WORDS} | {"verb": words.verb} for words in said
        ]
    return stored


def _label_names(stored: Any) -> list[str]:
    names = [_text(label, _LONGEST_WORD) for label in stored]
    if not 1 <= len(names) <= _MOST_LABELS:
        raise ValueError(f"{len(names)} labels; there must be 1 to {_MOST_LABELS}")
    if not all(name.strip() for name in names) or len(set(names)) < len(names):
        raise ValueError("a label is blank or there twice")
    if taken := sorted(set(names) & set(QUALITY_NAMES)):
        raise ValueError(f"the label {taken[0]} is the name of a quality")
    return names


def _poles(name: str) -> tuple[str, str]:
    return f"not {name}"[:_LONGEST_WORD], name


def _words(stored: Any, labels: int) -> list[EmotionWords] | list[None]:
    if "words" not in stored:
        return [None] * labels
    return [_spoken(one) for one in stored["words"]]


def _spoken(stored: Any) -> EmotionWords:
    noun, more, less, high, low = (_text(stored[key], _LONGEST_WORD) for key in WORDS)
    verb = _text(stored.get("verb", HEARD), _LONGEST_WORD)
    return EmotionWords(noun, more, less, high, low, verb=verb)


def _text(text: Any, longest: int) -> str:
    if not isinstance(text, str) or len(text) > longest or not text.isprintable():
        raise ValueError(f"a text that is none, not printable, or longer than {longest} characters")
    return text


def _numbers(values: Any, shape: tuple[int, ...]) -> Array:
    array = np.asarray(values, np.float64)
    if array.size != np.prod(shape, dtype=int):
        raise ValueError(f"{array.size} numbers where there must be {' times '.join(map(str, shape))}")
    array = array.reshape(shape)
    if not (np.abs(array) < _GREATEST).all():
        raise ValueError("a value is not finite or much too large")
    return array
