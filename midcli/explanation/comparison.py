"""Two explanations to the difference between them: exact, because the last layer is linear."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from midcli.errors import UsageError
from midcli.explanation.alignment import Alignment
from midcli.labels import EmotionWords

if TYPE_CHECKING:
    from midcli.explanation.effects import EmotionValue


@dataclass(frozen=True)
class EmotionDifference:
    """How much more of an emotion the first piece has, in rating points, and why."""

    name: str
    difference: float
    contributions: dict[str, float]
    """Quality name to weight x difference of the quality; they sum to the difference."""
    words: EmotionWords


class Explained(Protocol):
    """What has emotions with effects: an analysis, or its explanation."""

    @property
    def emotions(self) -> "Mapping[str, EmotionValue]": ...


@dataclass(frozen=True)
class SameMoments:
    """Two mixes of one performance, compared where both have it."""

    alignment: Alignment
    start_s: float
    end_s: float
    """Of the first piece."""
    differences: "dict[str, EmotionDifference]"
    """Over that stretch."""
    farthest: EmotionDifference
    farthest_s: float
    """The moment of the first piece, and the emotion, where they are farthest apart for their emotion."""


def same_moments(a: "Analysis", b: "Analysis", alignment: Alignment) -> SameMoments:
    """The difference a - b at the same moments of the music."""
    start_s, end_s = alignment.common(a.duration_s, b.duration_s)
    whole = compare(
        _between(a, start_s, end_s), _between(b, start_s + alignment.shift_s, end_s + alignment.shift_s)
    )
    through_a, through_b = a.curves(), b.curves()
    times_s = through_a.times_s[(through_a.times_s >= start_s) & (through_a.times_s <= end_s)]
    if not len(times_s):
        times_s = np.array([(start_s + end_s) / 2])
    mine, theirs = (
        np.array([np.interp(moments, through.times_s, quality) for quality in through.midlevel])
        for moments, through in ((times_s, through_a), (times_s + alignment.shift_s, through_b))
    )
    head = a.context.head
    apart = (head.weights @ (mine - theirs)) / np.maximum(a.context.emotion_spread, 1e-9)[:, np.newaxis]
    k, moment = np.unravel_index(np.abs(apart).argmax(), apart.shape)
    here = compare(a.context.explain(mine[:, moment]), b.context.explain(theirs[:, moment]))
    return SameMoments(
        alignment, start_s, end_s, whole, here[head.names[int(k)]], float(times_s[int(moment)])
    )


def _between(analysis: "Analysis", start_s: float, end_s: float) -> "Explanation":
    """The stretch of a piece, explained by itself."""
    values, cell_s = analysis.evidence.values, analysis.evidence.cell_s
    first = min(int(max(0.0, start_s) / cell_s), values.shape[1] - 1)
    stop = max(first + 1, min(values.shape[1], round(end_s / cell_s)))
    return analysis.context.explain(values[:, first:stop].mean(axis=1))


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
