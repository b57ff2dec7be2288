"""Two explanations to the difference between them: exact, because the last layer is linear."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from midcli.errors import UsageError
from midcli.labels import EmotionWords

if TYPE_CHECKING:
    from midcli.explanation.effects import EmotionValue


@dataclass(frozen=True)
class EmotionDifference:
    """How much more of an emotion the first piece has, in rating points, and why.

    >>> import midcli
    >>> analysis = midcli.analyse("song.ogg")
    >>> midcli.compare(analysis, analysis)["sad"].difference
    0.0
    """

    name: str
    difference: float
    contributions: dict[str, float]
    """Quality name to weight x difference of the quality; they sum to the difference."""
    words: EmotionWords


class Explained(Protocol):
    """What has emotions with effects: an analysis, or its explanation."""

    @property
    def emotions(self) -> "Mapping[str, EmotionValue]": ...


def compare(a: Explained, b: Explained) -> dict[str, EmotionDifference]:
    """Difference a - b of every emotion, split into the seven qualities. Both must come from one model.

    Raises UsageError, which is a ValueError, if they do not have the same emotions.

    >>> import midcli
    >>> a, b = midcli.analyse("song.ogg"), midcli.analyse("other.ogg")
    >>> energy = midcli.compare(a, b)["energy"]
    >>> abs(energy.difference - sum(energy.contributions.values())) < 1e-9
    True
    """
    if a.emotions.keys() != b.emotions.keys():
        raise UsageError("pieces are compared in the emotions of one model; these are of different ones")
    return {
        name: EmotionDifference(
            name,
            emotion.value - b.emotions[name].value,
            {
                quality: effect - b.emotions[name].effects[quality]
                for quality, effect in emotion.effects.items()
            },
            emotion.words,
        )
        for name, emotion in a.emotions.items()
    }
