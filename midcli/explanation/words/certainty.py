"""How surely a value is above or below the average, and so what is worth saying."""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Literal

from midcli.explanation.effects import EmotionValue, Explanation, QualityValue
from midcli.explanation.words.numbers import decimal
from midcli.labels import INTERVAL_COVERAGE

MOST_EXPLAINED = 2
_MOST_THAT_MATTER = 2  # to one emotion
_MOST_PLACED = 4
BELOW, ABOVE = "‹", "›"
BEYOND = f"{BELOW} {ABOVE} beyond the scale: sums are not cut"
INTERVAL = f"where the value lies with a probability of {100 * INTERVAL_COVERAGE:.0f} %"
_MIDDLE_PERCENTILES = (35.0, 65.0)
OUTER_FIFTHS = (20.0, 80.0)
"""Percentiles below and above which a value is remarkable."""
_LACK = 0.5  # how remarkable it is not to be angry, beside being relaxed
_EXTREME_PERCENTILES = (3.0, 97.0)
_LEAST_DIFFERENCE = 0.05  # points of a scale from 1 to 9; less is not visible


class Certainty(IntEnum):
    """How far a value is from the average, measured by its interval."""

    NONE = 0
    """Not told apart from the average."""
    POSSIBLE = 1
    PROBABLE = 2
    CLEAR = 3
    """The average is outside the interval."""
    STRONG = 4
    """The average is twice as far away as the end of the interval."""


def certainty(value: EmotionValue | QualityValue) -> Certainty:
    """How surely a value is above or below the average of the reference."""
    difference = value.value - value.average
    lowest, highest = _MIDDLE_PERCENTILES
    in_the_middle = lowest < value.percentile < highest or difference * (value.percentile - 50) <= 0
    if in_the_middle or abs(difference) < _LEAST_DIFFERENCE * value.point:
        return Certainty.NONE
    halves = interval_halves(value)
    if halves is None:
        lowest, highest = _EXTREME_PERCENTILES
        return Certainty.CLEAR if lowest < value.percentile < highest else Certainty.STRONG
    if halves >= 2:
        return Certainty.STRONG
    if halves > 1:
        return Certainty.CLEAR
    return Certainty.PROBABLE if halves >= 0.5 else Certainty.POSSIBLE


def leaning(value: EmotionValue | QualityValue, doubtful: bool) -> float:
    """Difference from the average where that is probable, else 0: what is less sure gets no colour.

    `doubtful`: the input is unlike what the model knows, so nothing is probable.
    """
    probable = not doubtful and certainty(value) >= Certainty.PROBABLE
    return value.value - value.average if probable else 0.0


def interval_halves(value: EmotionValue | QualityValue) -> float | None:
    """Distance from the average in units of the interval's half on that side; None without an interval."""
    difference = value.value - value.average
    half = value.reach_down if difference > 0 else value.reach_up
    return None if half is None else abs(difference) / max(abs(half), 1e-9)


def standing_out(explanation: Explanation) -> list[EmotionValue]:
    """The emotions that are remarkable for this piece, the most remarkable first; perhaps none.

    Remarkable is a place among the outer fifths of the reference that is probably not chance.
    """
    found = [
        emotion
        for emotion in explanation.emotions.values()
        if is_remarkable(emotion) and certainty(emotion) >= Certainty.PROBABLE
    ]
    return sorted(found, key=remarkableness, reverse=True)


def to_explain(explanation: Explanation) -> list[EmotionValue]:
    """The emotions worth explaining: those that stand out, at most two; else the one nearest to it."""
    found = standing_out(explanation)[:MOST_EXPLAINED]
    return found or [max(explanation.emotions.values(), key=remarkableness)]


def qualities_that_matter(
    explained: Iterable[EmotionValue], midlevel: Mapping[str, QualityValue]
) -> list[QualityValue]:
    """The two qualities that move each of the emotions most, at most four in all, the largest first."""
    largest: dict[str, float] = {}
    for emotion in explained:
        effects = sorted(emotion.relative_effects.items(), key=lambda item: -abs(item[1]))
        for name, effect in effects[:_MOST_THAT_MATTER]:
            largest[name] = max(largest.get(name, 0.0), abs(effect))
    ranked = sorted(largest, key=lambda name: -largest[name])
    return [midlevel[name] for name in ranked[:_MOST_PLACED]]


def likely_range(value: EmotionValue | QualityValue) -> str | None:
    """`probably 5.0 to 7.2`, or `probably below 2.9`, if the model gives an interval."""
    if value.low is None or value.high is None:
        return None
    return f"probably {_one_sided(value) or f'{decimal(value.low)} to {decimal(value.high)}'}"


def interval_phrase(value: EmotionValue | QualityValue) -> str | None:
    """`between 5.0 and 7.2`, or `below 2.9`; None without an interval."""
    if value.low is None or value.high is None:
        return None
    return _one_sided(value) or f"between {decimal(value.low)} and {decimal(value.high)}"


def open_end(value: EmotionValue | QualityValue) -> Literal["low", "high"] | None:
    """The end of an interval that says nothing, as the scale goes no further; None for neither or both."""
    if value.low is None or value.high is None:
        return None
    lowest, highest = value.scale
    open_below, open_above = round(value.low, 1) <= lowest, round(value.high, 1) >= highest
    if open_below == open_above:
        return None
    return "low" if open_below else "high"


def _one_sided(value: EmotionValue | QualityValue) -> str | None:
    end = open_end(value)
    if end is None or value.low is None or value.high is None:
        return None
    lowest, highest = value.scale
    if end == "low":
        return f"below {decimal(value.high)}" if round(value.high, 1) > lowest else f"at {decimal(lowest)}"
    return f"above {decimal(value.low)}" if round(value.low, 1) < highest else f"at {decimal(highest)}"


def is_remarkable(emotion: EmotionValue) -> bool:
    lowest, highest = OUTER_FIFTHS
    return not lowest < emotion.percentile < highest


def outside(scale: tuple[float, float]) -> str:
    """What explains values that leave a scale where only numbers stand."""
    low, high = scale
    return f"Below {low:g} or above {high:g} is beyond the scale: sums are not cut."


def beyond_scale(value: float, scale: tuple[float, float]) -> int:
    """1 above a scale, -1 below it, as the value is shown; 0 on it."""
    lowest, highest = scale
    shown = round(value, 1)
    return int(shown > highest) - int(shown < lowest)


def in_upper_half(value: EmotionValue | QualityValue) -> bool:
    """Of its scale."""
    return value.value > sum(value.scale) / 2


def is_lack(emotion: EmotionValue, average: float | None = None) -> bool:
    """Whether it only says what the music is not, such as not angry."""
    average = emotion.average if average is None else average
    return emotion.value < average and not emotion.words.has_opposite


def remarkableness(emotion: EmotionValue) -> tuple[float, float]:
    """Distance from the average in halves of the interval (not to be angry counts half), then the place."""
    sure = certainty(emotion)
    halves = interval_halves(emotion)
    weight = _LACK if is_lack(emotion) else 1.0
    return weight * (halves if halves is not None and sure else float(sure)), abs(emotion.percentile - 50)
