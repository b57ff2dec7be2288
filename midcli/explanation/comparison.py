"""Two explanations to the difference between them: exact, because the last layer is linear."""

from dataclasses import dataclass

from midcli.explanation.effects import Explanation


@dataclass(frozen=True)
class EmotionDifference:
    """How much more of an emotion the first piece has, in rating points, and why."""

    name: str
    difference: float
    contributions: dict[str, float]
    """Quality name to weight x difference of the quality; they sum to the difference."""


def compare(a: Explanation, b: Explanation) -> dict[str, EmotionDifference]:
    """Difference a - b of every emotion, split into the seven qualities. Both must come from one model."""
    return {
        name: EmotionDifference(
            name,
            emotion.value - b.emotions[name].value,
            {
                quality: effect - b.emotions[name].effects[quality]
                for quality, effect in emotion.effects.items()
            },
        )
        for name, emotion in a.emotions.items()
    }
