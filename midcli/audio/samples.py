"""Samples in memory to the blocks that decoders make of files."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from midcli.audio.blocks import BLOCK_SAMPLES, Block
from midcli.errors import UsageError

_MOST_CHANNELS = 256


class Samples:
    """Samples (n,) or (n, channels), float of full scale 1 or integers of their type's full scale, at a rate.

    Raises UsageError for anything else.
    """

    def __init__(self, samples: npt.NDArray[np.generic], rate_hz: int) -> None:
        samples = np.asarray(samples)
        if samples.dtype.kind not in "fiu":
            raise UsageError(f"samples are floats or integers, not {samples.dtype}")
        if samples.ndim not in (1, 2) or (samples.ndim == 2 and samples.shape[1] > _MOST_CHANNELS):
            raise UsageError(f"samples are (n,) or (n, channels), not {samples.shape}")
        if not _is_rate(rate_hz):
            raise UsageError(f"a sample rate is a whole number of Hz, not {rate_hz}")
        self._samples = samples[:, np.newaxis] if samples.ndim == 1 else samples
        self._rate_hz = int(rate_hz)

    def blocks(self) -> Iterator[Block]:
        """All of them, as float32."""
        step = max(1024, BLOCK_SAMPLES // max(1, self._samples.shape[1]))
        for start in range(0, len(self._samples), step):
            part = self._samples[start : start + step]
            if part.size:
                yield Block(self._rate_hz, _as_float(part).T)


def _is_rate(rate_hz: int) -> bool:
    try:
        return int(rate_hz) == rate_hz and rate_hz > 0
    except (TypeError, ValueError, OverflowError):
        return False


def _as_float(samples: npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
    if samples.dtype.kind == "f":
        with np.errstate(over="ignore"):  # what becomes infinite is refused later
            return samples.astype(np.float32)
    full_scale = 1 << 8 * samples.dtype.itemsize - 1
    middle = full_scale if samples.dtype.kind == "u" else 0
    return ((samples.astype(np.float64) - middle) / full_scale).astype(np.float32)
