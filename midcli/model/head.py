"""The last layer of a model: emotions are weighted sums of the seven qualities. All in rating points."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from midcli.labels import EMOTION_RANGE, EMOTIONS, Label

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """Offsets from values to the ends of their 80 % intervals."""

    low: Array
    """(values,), not above zero."""
    high: Array
    """(values,), not below zero."""


@dataclass(frozen=True)
class Head:
    """emotions = weights @ qualities + intercept, for the emotions of one vocabulary."""

    weights: Array
    """(emotions, 7)"""
    intercept: Array
    """(emotions,)"""
    interval: Interval | None = None
    labels: tuple[Label, ...] = EMOTIONS
    scale: tuple[float, float] = EMOTION_RANGE

    @property
    def names(self) -> tuple[str, ...]:
        """The emotions, in the order of the rows."""
        return tuple(label.name for label in self.labels)

    def emotions(self, midlevel: Array) -> Array:
        """Emotions (..., emotions) of qualities (..., 7)."""
        emotions: Array = midlevel @ self.weights.T + self.intercept
        return emotions
