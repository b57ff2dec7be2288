"""Differences and changes over time to plain English that claims no more than the intervals allow."""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from math import hypot
from typing import TYPE_CHECKING

from midcli.explanation.effects import EmotionValue, Explanation, QualityValue
from midcli.explanation.words.certainty import in_upper_half
from midcli.explanation.words.numbers import decimal, seconds, signed
from midcli.explanation.words.sentences import LEAST_HOLD, LEAST_PUSH, clauses
from midcli.explanation.words.vocabulary import QUALITY_WORDS, emotion_words
from midcli.labels import QUALITY_RANGE

if TYPE_CHECKING:
    from midcli.explanation.comparison import EmotionDifference
    from midcli.explanation.curves import Curves, TurningPoint

MOST_COMPARED = 3

_MOST_REASONS = 2
_NAMED_SHARE = 0.8
_MIDDLE = sum(QUALITY_RANGE) / 2
_CLEAR_POINTS = 1.0  # of a scale from 1 to 9, where the model gives no intervals


class Gap(IntEnum):
    """How surely two values differ, by the intervals of both."""

    NONE = 0
    PROBABLE = 1
    CLEAR = 2


def gap(a: EmotionValue | QualityValue, b: EmotionValue | QualityValue) -> Gap:
    """CLEAR beyond the interval of the difference (independent errors), PROBABLE beyond half of it."""
    upper, lower = (a, b) if a.value > b.value else (b, a)
    reach = _CLEAR_POINTS * a.point
    if upper.reach_down is not None and lower.reach_up is not None:
        reach = hypot(upper.reach_down, lower.reach_up)
    difference = upper.value - lower.value
    if difference > reach:
        return Gap.CLEAR
    return Gap.PROBABLE if difference > reach / 2 else Gap.NONE


def worth_comparing(
    differences: "Mapping[str, EmotionDifference]", a: Explanation, b: Explanation
) -> "list[EmotionDifference]":
    """The emotions in which two pieces differ most surely and most, at most three; at least one."""
    ranked = sorted(
        differences.values(),
        key=lambda item: (gap(a.emotions[item.name], b.emotions[item.name]), abs(item.difference)),
        reverse=True,
    )
    sure = [item for item in ranked if gap(a.emotions[item.name], b.emotions[item.name]) > Gap.NONE]
    return sure[:MOST_COMPARED] or ranked[:1]


def comparison_heading(
    difference: "EmotionDifference", a: Explanation, b: Explanation, doubtful: bool = False
) -> str:
    """The question that the contributions to a difference answer; `doubtful`: one is unlike known music."""
    words = difference.words
    if doubtful:
        return f"{words.noun.capitalize()}, if the model could be trusted"
    more, less = _sides(difference.difference)
    sure = gap(a.emotions[difference.name], b.emotions[difference.name])
    if sure == Gap.NONE:
        return f"{words.noun.capitalize()}: no clear difference"
    probably = "probably " if sure == Gap.PROBABLE else ""
    return f"Why is {more} {probably}{words.more} than {less}?"


def comparison_sentence(
    difference: "EmotionDifference", a: Explanation, b: Explanation, doubtful: bool = False
) -> str:
    """Why one of two pieces, called A and B, has more of an emotion; at most three reasons.

    `doubtful`: one of them is unlike what the model knows, so nothing is stated as a fact.
    """
    words = difference.words
    sure = gap(a.emotions[difference.name], b.emotions[difference.name])
    if sure == Gap.NONE:
        return _undecided_sentence(difference, a, b, doubtful)
    more, less = _sides(difference.difference)
    first, second = (a, b) if more == "A" else (b, a)
    sign = 1 if more == "A" else -1
    pushes, holds = _largest_both_ways(difference, sign)
    total = sum(amount for _, amount in pushes)
    named = _enough(pushes, total)
    share = sum(amount for _, amount in named) / total
    because = "because" if share > 0.95 else "mostly because" if share > 0.5 else "above all because"
    reasons = _clauses([name for name, _ in named], first, second)
    if doubtful:
        return f"The model would say: {more} {words.more} than {less}, {because} {reasons}."
    probably = "probably " if sure == Gap.PROBABLE else ""
    text = f"{more} {probably}{words.verb}s {words.more} than {less}, {because} {reasons}"
    if holds and holds[0][1] >= LEAST_HOLD * total:
        text += f"; {_possession(holds[0][0], second, first, less)} narrows the gap"
    return f"{text}."


def _undecided_sentence(
    difference: "EmotionDifference", a: Explanation, b: Explanation, doubtful: bool
) -> str:
    words = difference.words
    what = f"how {words.high} they {words.verb}" if words.is_adjective else words.noun
    text = f"A and B do not clearly differ in {what}"
    if doubtful:
        return f"The model would say: {text}."
    pushes, holds = _largest_both_ways(difference, 1)
    least = LEAST_PUSH * a.emotions[difference.name].point
    if pushes and holds and min(pushes[0][1], holds[0][1]) >= least:
        here, there = _clauses([pushes[0][0]], a, b), _clauses([holds[0][0]], b, a)
        return f"{text}: A gains some because {here}, B because {there}."
    return f"{text}."


def comparison_words(
    difference: "EmotionDifference", a: Explanation, b: Explanation, doubtful: bool = False
) -> str:
    """In one line: `A happier: more clearly in major, steadier beat`, or that no difference is clear.

    `doubtful`: one of them is unlike what the model knows, so nothing is stated as a fact.
    """
    causes = comparison_causes(difference, a, b)
    if not causes:
        return "no clear difference"
    doubt = ", if the model could be trusted" if doubtful else ""
    return f"{_sides(difference.difference)[0]} {difference.words.more}{doubt}: {', '.join(causes)}"


def comparison_causes(difference: "EmotionDifference", a: Explanation, b: Explanation) -> list[str]:
    """`more dissonant`, `less clear key`, of the piece with more; nothing where no difference is clear."""
    if gap(a.emotions[difference.name], b.emotions[difference.name]) == Gap.NONE:
        return []
    more, _ = _sides(difference.difference)
    first, second = (a, b) if more == "A" else (b, a)
    sign = 1 if more == "A" else -1
    pushes = _largest({name: sign * amount for name, amount in difference.contributions.items()})
    return [_compared(name, first, second) for name, _ in _enough(pushes, sum(dict(pushes).values()))]


def turning_point_words(point: "TurningPoint") -> str:
    """`tension rises`, `less witty`"""
    words = emotion_words(point.label)
    if words.is_adjective:
        return f"{'more' if point.change > 0 else 'less'} {words.noun}"
    return f"{words.noun} {'rises' if point.change > 0 else 'falls'}"


def turning_point_reasons(point: "TurningPoint") -> list[tuple[str, float]]:
    """What the music does where an emotion rises or falls, with the effect of each on the emotion."""
    sign = 1 if point.change > 0 else -1
    pushes = _largest({name: sign * amount for name, amount in point.contributions.items()})
    named = _enough(pushes, sum(amount for _, amount in pushes))
    return [(_movement(name, point), sign * amount) for name, amount in named]


def turning_point_causes(point: "TurningPoint") -> str:
    """`it turns to major and the beat gets steadier`"""
    return " and ".join(cause for cause, _ in turning_point_reasons(point))


def turning_point_label(point: "TurningPoint") -> str:
    """`tension rises by 1.3: it gets more dissonant`"""
    return f"{turning_point_words(point)} by {decimal(abs(point.change))}: {turning_point_causes(point)}"


def turning_point_effects(point: "TurningPoint") -> str:
    """`effects: minorness +6.2`, of the qualities that are its causes."""
    sign = 1 if point.change > 0 else -1
    pushes = _largest({name: sign * amount for name, amount in point.contributions.items()})
    named = _enough(pushes, sum(amount for _, amount in pushes))
    listed = ", ".join(f"{QUALITY_WORDS[name].noun} {signed(sign * amount)}" for name, amount in named)
    return f"effect{'s' if len(named) > 1 else ''}: {listed}"


def largest_turning_points(points: "Iterable[TurningPoint]", most: int) -> "list[TurningPoint]":
    """Those that change an emotion most, in the order of time."""
    largest = sorted(points, key=lambda point: -abs(point.change))[:most]
    return sorted(largest, key=lambda point: point.time_s)


def turning_points_heading(shown: int, changes: int, found: int) -> str:
    """What stands above the turning points that are shown; said instead of them if there are none.

    `changes`: how many changes of the music they are of, as several emotions may turn with one.
    """
    if not found:
        return "No turning points: no emotion rises or falls by much."
    if shown == found:
        return "Turning points"
    if shown == changes:
        return "Turning points: one of each change"
    return f"Turning points: the {f'{shown} ' if shown > 1 else ''}largest of {changes} changes"


def curves_note(curves: "Curves") -> str:
    """What the curves are."""
    return (
        f"Each curve is a running mean over {seconds(curves.window_s)}; its mean is the value of the piece. "
        "All have one axis."
    )


def _sides(difference: float) -> tuple[str, str]:
    return ("A", "B") if difference >= 0 else ("B", "A")


def _clauses(names: Iterable[str], one: Explanation, other: Explanation) -> str:
    """`it is more dissonant and more clearly in minor`, said of `one`."""
    return clauses((QUALITY_WORDS[name].subject, _comparative(name, one, other)) for name in names)


def _comparative(name: str, one: Explanation, other: Explanation) -> str:
    mine, theirs = one.midlevel[name], other.midlevel[name]
    said = QUALITY_WORDS[name].comparative(mine.value > theirs.value, in_upper_half(mine))
    return said.removesuffix(" than most")


def _compared(name: str, one: Explanation, other: Explanation) -> str:
    """`more dissonant`, `simpler rhythm`, said of `one`."""
    mine, theirs = one.midlevel[name], other.midlevel[name]
    return QUALITY_WORDS[name].compared(mine.value > theirs.value, in_upper_half(mine))


def _movement(name: str, point: "TurningPoint") -> str:
    """`it turns to minor`; only `it leans to minor` where it stays in major."""
    words = QUALITY_WORDS[name]
    before, after = point.movements[name]
    if name == "minorness" and (before > _MIDDLE) == (after > _MIDDLE):
        degree = "more" if (after > before) == (after > _MIDDLE) else "less"
        return f"it leans {degree} to {'minor' if after > _MIDDLE else 'major'}"
    return words.rises if after > before else words.falls


def _possession(name: str, one: Explanation, other: Explanation, label: str) -> str:
    """`B's clearer key`"""
    words = QUALITY_WORDS[name]
    above = one.midlevel[name].value > other.midlevel[name].value
    return (words.raised if above else words.lowered).replace("its", f"{label}'s", 1)


def _largest_both_ways(
    difference: "EmotionDifference", sign: int
) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
    """Contributions that make a difference of that sign, and those against it."""
    signed = {name: sign * amount for name, amount in difference.contributions.items()}
    return _largest(signed), _largest({name: -amount for name, amount in signed.items()})


def _largest(contributions: Mapping[str, float]) -> list[tuple[str, float]]:
    positive = [(name, amount) for name, amount in contributions.items() if amount > 0]
    return sorted(positive, key=lambda item: -item[1])


def _enough(pushes: list[tuple[str, float]], total: float) -> list[tuple[str, float]]:
    """One or two of the largest: the second only if the first does not explain most of it."""
    named = pushes[:1]
    if len(pushes) > 1 and pushes[0][1] < _NAMED_SHARE * total:
        named = pushes[:_MOST_REASONS]
    return named
