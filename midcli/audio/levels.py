"""How the samples of a recording lie below their peak: cut off, crowded there, on few steps."""

from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from midcli.audio.blocks import Block, FloatArray
from midcli.audio.clipping import ClippingMeter

_EVERY = 31  # samples; a prime, which few periods are multiples of
_FINENESS = 4096  # bins to full scale
_LAST_BIN = 8 * _FINENESS  # float samples may be beyond full scale
_MOST_CHANNELS = 8
_TOP = 0.999  # of samples; single peaks say little of a recording
_BELOW_TOP, _ABOVE_TOP = 0.9, 1.02  # of that level
_QUIETEST_TOP = 0.03  # of full scale; below, bins are too coarse
_MOST_STEPS = 40
_FEW_SAMPLES, _MANY_SAMPLES = 1 << 8, 1 << 16


class Levels(NamedTuple):
    """What is known of a recording after all of it was heard."""

    clipped_share: float = 0.0
    """Of its samples, which are cut off at its peak."""
    crest_db: float = np.inf
    """From the mean level of its loudest channel to the level that a thousandth of its samples exceeds."""
    crowded_share: float = 0.0
    """Of that channel's samples, which are at most a tenth below that level or just above."""
    steps: int | None = None
    """How many different values its samples have, if 40 at most, and more than a square wave has."""


class LevelMeter:
    """Hears block after block of one file."""

    def __init__(self) -> None:
        self._clipping = ClippingMeter()
        self._channels: list[_Channel] = []

    def add(self, block: Block) -> None:
        self._clipping.add(block)
        heard = block.channels[:_MOST_CHANNELS]
        self._channels += [_Channel() for _ in range(len(heard) - len(self._channels))]
        for channel, samples in zip(self._channels, heard, strict=False):
            channel.add(samples[::_EVERY])

    @property
    def found(self) -> Levels:
        loudest = max(self._channels, key=_Channel.energy, default=_Channel())
        steps = max((len(channel.values) for channel in self._channels), default=0)
        return Levels(self._clipping.share, *loudest.top(), steps if 2 < steps <= _MOST_STEPS else None)


class _Channel:
    """Some samples of a channel: how many there are of each magnitude, and a few different values."""

    def __init__(self) -> None:
        self.values: set[float] = set()
        self._heard = np.zeros(_LAST_BIN + 1, np.int64)
        self._waiting: list[FloatArray] = []
        """To be counted together: there are many bins."""
        self._waiting_samples = 0

    def add(self, samples: FloatArray) -> None:
        for start in range(0, len(samples), _FEW_SAMPLES):
            if len(self.values) > _MOST_STEPS:
                break
            self.values.update(samples[start : start + _FEW_SAMPLES].tolist())
        self._waiting.append(samples.copy())
        self._waiting_samples += len(samples)
        if self._waiting_samples >= _MANY_SAMPLES:
            self._count()

    @property
    def _counts(self) -> npt.NDArray[np.int64]:
        """Samples in each bin of magnitude."""
        self._count()
        return self._heard

    def _count(self) -> None:
        if self._waiting:
            samples = np.concatenate(self._waiting)
            with np.errstate(over="ignore", invalid="ignore"):
                bins = np.fmin(np.abs(samples) * _FINENESS, _LAST_BIN)  # absurd samples are refused later
            self._heard += np.bincount(bins.astype(np.int64), minlength=_LAST_BIN + 1)
            self._waiting, self._waiting_samples = [], 0

    def energy(self) -> float:
        """Sum of squares."""
        return float(self._counts @ _squares())

    def top(self) -> tuple[float, float]:
        """Crest in dB, and the share of samples that crowd below the top; none of what is very quiet."""
        total = int(self._counts.sum())
        up_to = np.cumsum(self._counts)
        top = int(np.searchsorted(up_to, _TOP * total))
        if top < _QUIETEST_TOP * _FINENESS:
            return np.inf, 0.0
        crowd = self._counts[round(_BELOW_TOP * top) : round(_ABOVE_TOP * top)].sum()
        return 10 * float(np.log10((top / _FINENESS) ** 2 * total / self.energy())), float(crowd) / total


@cache
def _squares() -> npt.NDArray[np.float64]:
    """Of the magnitude of each bin."""
    squares: npt.NDArray[np.float64] = (np.arange(_LAST_BIN + 1) / _FINENESS) ** 2
    return squares
