"""The panel of what the qualities add to an emotion: a sum that is shown such that it adds up."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from midcli.explanation.effects import EmotionValue, QualityValue
from midcli.explanation.words import certainty, numbers, sentences
from midcli.explanation.words.numbers import decimal, shown_difference, spaced
from midcli.explanation.words.vocabulary import QUALITY_WORDS

if TYPE_CHECKING:
    from midcli.explanation.analysis import Analysis


class Push(NamedTuple):
    """What one quality adds to a sum, in rating points."""

    quality: str
    noun: str
    amount: float
    shown: float
    """Rounded such that what is shown adds up."""
    remark: str = ""
    """What the quality is like."""


class Effects(NamedTuple):
    """Why an emotion is as it is, or differs between two pieces: a sum of pushes."""

    emotion: str
    caption: str
    """What is summed up."""
    heading: str
    equation: str
    pushes: tuple[Push, ...]
    """The largest in the direction of the sum first."""
    upwards: bool
    """Whether the sum is."""
    sentences: str

    @property
    def amounts(self) -> list[float]:
        return [push.amount for push in self.pushes]


def effects(
    analysis: "Analysis", emotion: EmotionValue, relative: bool, before: EmotionValue | None = None
) -> Effects:
    """Effects against the average or, unless `relative`, from the intercept on.

    `before`: the emotion that is explained just before.
    """
    midlevel = analysis.midlevel
    if relative:
        heading = sentences.relative_heading(emotion, analysis.doubtful)
        origin, base, amounts = "average", emotion.average, emotion.relative_effects
        reasons = sentences.relative_reasons(emotion, midlevel, analysis.doubtful, before)
        remarks = {name: _against_the_average(quality) for name, quality in midlevel.items()}
    else:
        heading = sentences.absolute_heading(emotion)
        origin, base, amounts = "intercept", emotion.intercept, emotion.effects
        reasons = sentences.absolute_reasons(emotion, midlevel)
        remarks = {name: f"at {decimal(quality.value)}" for name, quality in midlevel.items()}
    total = shown_difference(emotion.value, base)
    return Effects(
        emotion.name,
        f"Effects on {emotion.words.noun}",
        heading,
        f"{decimal(emotion.value)} = {origin} {decimal(base)} {spaced(total)}",
        pushes(amounts, emotion.value, base, remarks),
        total >= 0,
        reasons,
    )


def pushes(
    amounts: Mapping[str, float], value: float, base: float, remarks: Mapping[str, str]
) -> tuple[Push, ...]:
    shown = numbers.shown_effects(amounts, value, base)
    sign = 1 if shown_difference(value, base) >= 0 else -1
    return tuple(
        Push(name, QUALITY_WORDS[name].noun, amount, shown[name], remarks.get(name, ""))
        for name, amount in sorted(amounts.items(), key=lambda item: -item[1] * sign)
    )


def _against_the_average(quality: QualityValue) -> str:
    above = quality.value > quality.average
    return QUALITY_WORDS[quality.name].compared(above, certainty.in_upper_half(quality))
