"""Mid-level values and the last layer to effects, differences and percentiles: exact arithmetic.

Effects are weights times values (Molnar 2019; Chowdhury et al., ISMIR 2019, section 7). Everything here
takes model values (x 0.1 scale) and gives rating points.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from midcli.labels import EMOTION_NAMES, EMOTION_RANGE, QUALITY_NAMES, QUALITY_RANGE, RATING_SCALE

Array = npt.NDArray[np.float64]

_ROUNDING = 1e-5  # rating points; beyond that of qualities with six decimals and of their effects


class _Value:
    """What is known of a value: the ends of its 80 % interval, as far as its scale goes.

    A value is a sum and may leave its scale, which ratings cannot; its interval then starts or ends with it.
    """

    scale: ClassVar[tuple[float, float]]
    value: float
    reach_down: float | None
    reach_up: float | None

    @property
    def low(self) -> float | None:
        if self.reach_down is None:
            return None
        return min(self._on_scale(self.value - self.reach_down), self.scale[1])

    @property
    def high(self) -> float | None:
        if self.reach_up is None:
            return None
        return max(self._on_scale(self.value + self.reach_up), self.scale[0])

    def _on_scale(self, number: float) -> float:
        lowest, highest = self.scale
        return min(max(number, min(lowest, self.value)), max(highest, self.value))


@dataclass(frozen=True)
class QualityValue(_Value):
    """One mid-level quality of a piece, in rating points (1 to 10)."""

    scale = QUALITY_RANGE
    name: str
    value: float
    average: float
    """Mean over the reference corpus."""
    percentile: float
    """Share of the reference corpus below this value, 0 to 100."""
    reach_down: float | None = None
    reach_up: float | None = None
    """Distances to the ends of the 80 % interval, if the model is calibrated; they may leave the scale."""


@dataclass(frozen=True)
class EmotionValue(_Value):
    """One emotion of a piece, in rating points (1 to 9), and what it is made of.

    value = intercept + sum(effects) = average + sum(relative_effects).
    """

    scale = EMOTION_RANGE
    name: str
    value: float
    average: float
    percentile: float
    intercept: float
    effects: dict[str, float]
    """Quality name to weight x value."""
    relative_effects: dict[str, float]
    """Quality name to weight x (value - average of the quality)."""
    reach_down: float | None = None
    reach_up: float | None = None


@dataclass(frozen=True)
class Explanation:
    """All qualities and emotions of a piece by name, in the order of midcli.labels."""

    midlevel: dict[str, QualityValue]
    emotions: dict[str, EmotionValue]


@dataclass(frozen=True)
class Interval:
    """Offsets from a value to the ends of its interval, on the x 0.1 scale."""

    low: Array
    high: Array


def explain(
    midlevel: Array,
    weights: Array,
    intercept: Array,
    reference: Array,
    midlevel_interval: Interval | None = None,
    emotion_interval: Interval | None = None,
) -> Explanation:
    """Effects of the qualities (7,) on the emotions through weights (8, 7) and intercept (8,).

    `reference` (excerpts, 7) is the corpus that averages and percentiles refer to.
    """
    points = midlevel / RATING_SCALE
    reference_points = reference / RATING_SCALE
    offsets = intercept / RATING_SCALE
    average = reference_points.mean(axis=0)
    effects = weights * points
    relative_effects = weights * (points - average)
    emotions = effects.sum(axis=1) + offsets
    emotion_average = weights @ average + offsets
    reference_emotions = reference_points @ weights.T + offsets
    quality_reaches = _reaches(len(QUALITY_NAMES), midlevel_interval)
    emotion_reaches = _reaches(len(EMOTION_NAMES), emotion_interval)
    return Explanation(
        {
            name: QualityValue(
                name,
                float(points[j]),
                float(average[j]),
                percentile(points[j], reference_points[:, j]),
                *quality_reaches[j],
            )
            for j, name in enumerate(QUALITY_NAMES)
        },
        {
            name: EmotionValue(
                name,
                float(emotions[k]),
                float(emotion_average[k]),
                percentile(emotions[k], reference_emotions[:, k]),
                float(offsets[k]),
                dict(zip(QUALITY_NAMES, effects[k].tolist(), strict=True)),
                dict(zip(QUALITY_NAMES, relative_effects[k].tolist(), strict=True)),
                *emotion_reaches[k],
            )
            for k, name in enumerate(EMOTION_NAMES)
        },
    )


def corpus_effects(midlevel: Array, weights: Array, relative: bool) -> Array:
    """Effects (pieces, 8, 7) of the qualities (pieces, 7) of a corpus, relative to its average if wanted."""
    centred = midlevel - midlevel.mean(axis=0) if relative else midlevel
    effects: Array = weights * centred[:, np.newaxis, :] / RATING_SCALE
    return effects


def percentile(value: float, reference: Array) -> float:
    """Percentage of the reference (n,) below a value; ties count half, also with what a file has rounded."""
    below = np.count_nonzero(reference < value - _ROUNDING)
    equal = np.count_nonzero(np.abs(reference - value) <= _ROUNDING)
    return float(100 * (below + equal / 2) / len(reference))


def _reaches(count: int, interval: Interval | None) -> list[tuple[float | None, float | None]]:
    if interval is None:
        return [(None, None)] * count
    down, up = -interval.low / RATING_SCALE, interval.high / RATING_SCALE
    return list(zip(down.tolist(), up.tolist(), strict=True))
