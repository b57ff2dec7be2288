"""The effects on one emotion as they are shown: a heading, a sum, the pushes and sentences."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from midcli.explanation.effects import EmotionValue, QualityValue
from midcli.explanation.words import numbers, sentences, vocabulary
from midcli.explanation.words.numbers import decimal, spaced

if TYPE_CHECKING:
    from midcli.explanation.analysis import Analysis


@dataclass(frozen=True)
class Effects:
    """Why an emotion is as it is. Numbers are rating points."""

    heading: str
    equation: str
    pushes: dict[str, float]
    """By quality, the largest in the direction of the sum first."""
    upwards: bool
    """Whether the sum is."""
    shown: dict[str, float]
    """The pushes, rounded such that what is shown adds up."""
    remarks: dict[str, str]
    sentences: str


def effects_of(analysis: "Analysis", emotion: EmotionValue, relative: bool, also: bool) -> Effects:
    """Effects against the average or, unless `relative`, from the intercept on.

    `also`: it is not the first that is explained.
    """
    midlevel = analysis.midlevel
    if relative:
        heading = sentences.relative_heading(emotion, analysis.doubtful)
        origin, base, effects = "average", emotion.average, emotion.relative_effects
        reasons = sentences.relative_reasons(emotion, midlevel, analysis.doubtful, also)
        remarks = {name: _against_the_average(quality) for name, quality in midlevel.items()}
    else:
        heading = sentences.absolute_heading(emotion)
        origin, base, effects = "intercept", emotion.intercept, emotion.effects
        reasons = sentences.absolute_reasons(emotion, midlevel)
        remarks = {name: f"at {decimal(quality.value)}" for name, quality in midlevel.items()}
    total = numbers.shown_difference(emotion.value, base)
    sign = 1 if total >= 0 else -1
    return Effects(
        heading,
        f"{decimal(emotion.value)} = {origin} {decimal(base)} {spaced(total)}",
        dict(sorted(effects.items(), key=lambda item: -item[1] * sign)),
        sign > 0,
        numbers.shown_effects(effects, emotion.value, base),
        remarks,
        reasons,
    )


def _against_the_average(quality: QualityValue) -> str:
    said = vocabulary.QUALITY_WORDS[quality.name]
    return (said.raised if quality.value > quality.average else said.lowered).removeprefix("its ")
