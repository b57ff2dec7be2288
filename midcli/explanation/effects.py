"""Mid-level values and the last layer to effects, differences and percentiles: exact arithmetic.

Effects are weights times values (Molnar 2019; Chowdhury et al., ISMIR 2019, section 7). All in rating points.
"""

from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from midcli.explanation.words.vocabulary import EMOTION_WORDS, emotion_words
from midcli.labels import EMOTION_RANGE, QUALITY_NAMES, QUALITY_RANGE, EmotionWords, Label, rating_point
from midcli.model.head import Head, Interval

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_OUTER_SHARE = 0.2
_MAIN_SHARE = 1 / 3
_USUAL_SHARE = 0.75
_ROUNDING = 1e-5  # rating points; beyond that of qualities with six decimals and of their effects


class _Value:
    """What is known of a value: the ends of its 80 % interval, as far as its scale goes.

    A value is a sum and may leave its scale, which ratings cannot; its interval then starts or ends with it.
    """

    scale: tuple[float, float]
    value: float
    reach_down: float | None
    reach_up: float | None

    @property
    def point(self) -> float:
        """What a rating point is on this scale."""
        return 1.0

    @property
    def low(self) -> float | None:
        if self.reach_down is None:
            return None
        return min(self._on_scale(self.value - self.reach_down), self.scale[1])

    @property
    def high(self) -> float | None:
        if self.reach_up is None:
            return None
        return max(self._on_scale(self.value + self.reach_up), self.scale[0])

    def _on_scale(self, number: float) -> float:
        lowest, highest = self.scale
        return min(max(number, min(lowest, self.value)), max(highest, self.value))


@dataclass(frozen=True)
class QualityValue(_Value):
    """One mid-level quality of a piece, in rating points (1 to 10).

    >>> import midcli
    >>> dissonance = midcli.analyse("song.ogg").midlevel["dissonance"]
    >>> dissonance.low <= dissonance.value <= dissonance.high
    True
    """

    name: str
    value: float
    average: float
    """Mean over the reference corpus."""
    percentile: float
    """Share of the reference corpus below this value, 0 to 100."""
    reach_down: float | None = None
    reach_up: float | None = None
    """Distances to the ends of the 80 % interval, if the model is calibrated; they may leave the scale."""
    scale: tuple[float, float] = QUALITY_RANGE


@dataclass(frozen=True)
class EmotionValue(_Value):
    """One emotion of a piece, in rating points (1 to 9 of the eight emotions), and what it is made of.

    value = intercept + sum(effects) = average + sum(relative_effects).

    >>> import midcli
    >>> tension = midcli.analyse("song.ogg").emotions["tension"]
    >>> abs(tension.intercept + sum(tension.effects.values()) - tension.value) < 1e-9
    True
    """

    name: str
    value: float
    average: float
    percentile: float
    intercept: float
    effects: dict[str, float]
    """Quality name to weight x value."""
    relative_effects: dict[str, float]
    """Quality name to weight x (value - average of the quality)."""
    reach_down: float | None = None
    reach_up: float | None = None
    scale: tuple[float, float] = EMOTION_RANGE
    label: Label | None = None
    """What the head says of the emotion."""
    usual: frozenset[str] = frozenset()
    """Qualities that are a main reason in most pieces of the reference with as much, or as little, of it."""
    contrary: frozenset[str] = frozenset()
    """Qualities whose weight runs against their plain correlation with the emotion in the reference."""

    @property
    def point(self) -> float:
        """What a rating point of the eight emotions is on this scale."""
        return rating_point(self.scale)

    @property
    def words(self) -> EmotionWords:
        """How one speaks of the emotion."""
        return emotion_words(self.label) if self.label else EMOTION_WORDS[self.name]


@dataclass(frozen=True)
class Explanation:
    """All qualities and emotions of a piece by name, in the order of the model's labels."""

    midlevel: dict[str, QualityValue]
    emotions: dict[str, EmotionValue]


class Habits(NamedTuple):
    """What a head does with the pieces of a reference, as far as words depend on it; (emotions, 7) each."""

    usual_above: Mask
    """Where a quality is a main reason in most pieces that have much of the emotion."""
    usual_below: Mask
    contrary: Mask
    """Where the weight runs against the plain correlation of quality and emotion."""


def habits(head: Head, reference: Array) -> Habits:
    """What a head does with the pieces (pieces, 7) of a reference."""
    effects = corpus_effects(reference, head.weights, relative=True)
    changes = effects.sum(axis=2)
    covariance = np.einsum("pk,pj->kj", changes, reference - reference.mean(axis=0))
    return Habits(_usual(effects, changes, 1), _usual(effects, changes, -1), covariance * head.weights < 0)


def _usual(effects: Array, changes: Array, sign: int) -> Mask:
    """Where an effect is at least a third of the change in most of the outer fifth of the pieces."""
    found = np.zeros(effects.shape[1:], np.bool_)
    first = ceil((1 - _OUTER_SHARE) * (len(changes) - 1))
    for k, change in enumerate(sign * changes.T):
        outer = change >= np.sort(change)[first]  # np.quantile imports numpy.ma
        main = sign * effects[outer, k] >= _MAIN_SHARE * change[outer, np.newaxis]
        found[k] = main.mean(axis=0) >= _USUAL_SHARE
    return found


def explain(
    midlevel: Array,
    head: Head,
    reference: Array,
    midlevel_interval: Interval | None = None,
    known: Habits | None = None,
) -> Explanation:
    """Effects of the qualities (7,) on the emotions of a head.

    `reference` (pieces, 7) is what averages and percentiles refer to; `known` are its habits, if they are
    known already.
    """
    known = known or habits(head, reference)
    average = reference.mean(axis=0)
    effects = head.weights * midlevel
    relative_effects = head.weights * (midlevel - average)
    emotions = effects.sum(axis=1) + head.intercept
    emotion_average = head.weights @ average + head.intercept
    quality_percentiles = _percentiles(midlevel, reference).tolist()
    emotion_percentiles = _percentiles(emotions, head.emotions(reference)).tolist()
    quality_reaches = _reaches(len(QUALITY_NAMES), midlevel_interval)
    emotion_reaches = _reaches(len(head.names), head.interval)
    return Explanation(
        {
            name: QualityValue(
                name,
                float(midlevel[j]),
                float(average[j]),
                quality_percentiles[j],
                *quality_reaches[j],
            )
            for j, name in enumerate(QUALITY_NAMES)
        },
        {
            name: EmotionValue(
                name,
                float(emotions[k]),
                float(emotion_average[k]),
                emotion_percentiles[k],
                float(head.intercept[k]),
                dict(zip(QUALITY_NAMES, effects[k].tolist(), strict=True)),
                dict(zip(QUALITY_NAMES, relative_effects[k].tolist(), strict=True)),
                *emotion_reaches[k],
                head.scale,
                head.labels[k],
                _named((known.usual_above if emotions[k] > emotion_average[k] else known.usual_below)[k]),
                _named(known.contrary[k]),
            )
            for k, name in enumerate(head.names)
        },
    )


def corpus_effects(midlevel: Array, weights: Array, relative: bool) -> Array:
    """Effects (pieces, emotions, 7) of qualities (pieces, 7), relative to their average if wanted."""
    centred = midlevel - midlevel.mean(axis=0) if relative else midlevel
    effects: Array = weights * centred[:, np.newaxis, :]
    return effects


def percentile(value: float, reference: Array) -> float:
    """Percentage of the reference (n,) below a value; ties count half, also with what a file has rounded."""
    return float(_percentiles(np.array([value]), reference[:, np.newaxis])[0])


def _percentiles(values: Array, reference: Array) -> Array:
    """The same of each of the values (m,) in a reference (n, m)."""
    below = (reference < values - _ROUNDING).sum(axis=0)
    equal = (np.abs(reference - values) <= _ROUNDING).sum(axis=0)
    percentiles: Array = 100 * (below + equal / 2) / len(reference)
    return percentiles


def _named(row: Mask) -> frozenset[str]:
    return frozenset(name for name, holds in zip(QUALITY_NAMES, row, strict=True) if holds)


def _reaches(count: int, interval: Interval | None) -> list[tuple[float | None, float | None]]:
    if interval is None:
        return [(None, None)] * count
    return list(zip((-interval.low).tolist(), interval.high.tolist(), strict=True))
