"""How much of a recording is cut off at its peaks: it was recorded, or mastered, too loudly."""

from collections import defaultdict

import numpy as np

from midcli.audio.blocks import Block

_FLAT = 1 - 1 / 20_000  # of the peak, about a step of 16 bits; two samples in a row that reach it are cut off


class ClippingMeter:
    """Hears block after block of one file. Lossy encoders round cut-off peaks, which are not found then."""

    def __init__(self) -> None:
        self._stretches: defaultdict[int, list[tuple[float, int, int]]] = defaultdict(list)
        """Of each channel: (peak, samples that are flat at it, samples)."""

    def add(self, block: Block) -> None:
        for number, channel in enumerate(block.channels):
            peak = max(float(channel.max(initial=0)), -float(channel.min(initial=0)))
            flat = (channel >= _FLAT * peak) | (channel <= -_FLAT * peak)
            count = int(np.count_nonzero(flat[1:] & flat[:-1])) if peak > 0 else 0
            self._stretches[number].append((peak, count, len(channel)))

    @property
    def share(self) -> float:
        """Of the samples of the channel that has most of them."""
        return max((_share(stretches) for stretches in self._stretches.values()), default=0.0)


def _share(stretches: list[tuple[float, int, int]]) -> float:
    peak = max(peak for peak, _, _ in stretches)
    flat = sum(count for loudest, count, _ in stretches if loudest >= _FLAT * peak)
    return flat / max(1, sum(samples for _, _, samples in stretches))
