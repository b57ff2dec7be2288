"""Training parts of several corpora to one set of standardised targets and weights."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from midcli.audio.spectrogram import FloatArray
from midcli.study.recipes import RadialRecipe
from midcli.training.bottleneck import Lessons
from midcli.training.loop import Examples
from midcli.training.networks import QUALITIES

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class OtherExamples:
    """Pieces of another corpus. Its qualities are on the common scale, its emotions on any."""

    spectrograms: Sequence[FloatArray]
    midlevel: Array
    """(pieces, 7), x 0.1 scale, NaN where unrated."""
    quality_weight: float
    emotion: Array
    """(pieces, emotions), NaN where nothing bears on it."""
    emotion_weight: Array
    """(emotions,)"""


@dataclass(frozen=True)
class Scale:
    """Mean and deviation of each label."""

    mean: Array
    deviation: Array

    @classmethod
    def of(cls, values: Array) -> "Scale":
        """Of columns with NaN where unrated; a column that is constant or empty has deviation 1."""
        rated = np.isfinite(values)
        count = np.maximum(rated.sum(axis=0), 1)
        mean = np.nansum(values, axis=0) / count
        deviation = np.sqrt(np.nansum((values - mean) ** 2, axis=0) / count)
        return cls(mean, np.where(deviation > 0, deviation, 1.0))

    def standardised(self, values: Array) -> Array:
        """Values in deviations from the mean."""
        return (values - self.mean) / self.deviation

    def restored(self, standardised: Array) -> Array:
        """What was standardised, on its scale again."""
        return standardised * self.deviation + self.mean


@dataclass(frozen=True)
class Scales:
    """Of what the network gives: qualities over all corpora, emotions over the first."""

    midlevel: Scale
    emotion: Scale


def scales_of(train: Examples, beside: Sequence[OtherExamples]) -> Scales:
    """Scales of the training parts."""
    targets = train.targets.astype(np.float64)
    midlevel = [targets[:, :QUALITIES], *(other.midlevel for other in beside if other.quality_weight)]
    return Scales(Scale.of(np.concatenate(midlevel)), Scale.of(targets[:, QUALITIES:]))


def lessons_of(
    recipe: RadialRecipe, train: Examples, beside: Sequence[OtherExamples], scales: Scales
) -> Lessons:
    """All training parts in order: the first as it is and its damaged copies are at the ends."""
    targets = train.targets.astype(np.float64)
    parts = [_published(targets, recipe, scales)]
    for number, other in enumerate(beside, start=1):
        parts.append(_other(other, number, scales))
    parts += [parts[0]] * recipe.copies
    return Lessons(*(np.concatenate(columns) for columns in zip(*map(_columns, parts), strict=True)))


def _published(targets: Array, recipe: RadialRecipe, scales: Scales) -> Lessons:
    count = len(targets)
    return Lessons(
        scales.midlevel.standardised(targets[:, :QUALITIES]),
        scales.emotion.standardised(targets[:, QUALITIES:]),
        np.ones((count, QUALITIES)),
        np.full((count, targets.shape[1] - QUALITIES), recipe.emotion_weight),
        np.zeros(count, np.intp),
    )


def _other(other: OtherExamples, number: int, scales: Scales) -> Lessons:
    count = len(other.midlevel)
    return Lessons(
        scales.midlevel.standardised(other.midlevel),
        Scale.of(other.emotion).standardised(other.emotion),
        np.full((count, QUALITIES), other.quality_weight),
        np.tile(other.emotion_weight, (count, 1)),
        np.full(count, number, np.intp),
    )


def _columns(lessons: Lessons) -> tuple[npt.NDArray[np.generic], ...]:
    return tuple(vars(lessons).values())
