"""The effects on one emotion as they are shown: a heading, a sum, the pushes and sentences."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from midcli import words
from midcli.explanation import EmotionValue, QualityValue

if TYPE_CHECKING:
    from midcli.pipeline import Analysis


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
        heading = words.relative_heading(emotion, analysis.doubtful)
        origin, base, effects = "average", emotion.average, emotion.relative_effects
        sentences = words.relative_reasons(emotion, midlevel, analysis.doubtful, also)
        remarks = {name: _against_the_average(quality) for name, quality in midlevel.items()}
    else:
        heading = words.absolute_heading(emotion)
        origin, base, effects = "intercept", emotion.intercept, emotion.effects
        sentences = words.absolute_reasons(emotion, midlevel)
        remarks = {name: f"at {words.decimal(quality.value)}" for name, quality in midlevel.items()}
    total = words.shown_difference(emotion.value, base)
    sign = 1 if total >= 0 else -1
    return Effects(
        heading,
        f"{words.decimal(emotion.value)} = {origin} {words.decimal(base)} {words.spaced(total)}",
        dict(sorted(effects.items(), key=lambda item: -item[1] * sign)),
        sign > 0,
        words.shown_effects(effects, emotion.value, base),
        remarks,
        sentences,
    )


def _against_the_average(quality: QualityValue) -> str:
    said = words.QUALITY_WORDS[quality.name]
    return (said.raised if quality.value > quality.average else said.lowered).removeprefix("its ")
