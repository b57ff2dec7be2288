"""How much of a recording is cut off at its peaks: it was recorded, or mastered, too loudly."""

from collections import defaultdict

import numpy as np

from midcli.audio.blocks import Block, FloatArray

_FLAT = 1 - 1 / 20_000  # of the peak, about a step of 16 bits; two samples in a row that reach it are cut off
_NEAR = 0.95  # of the peak: a round one, of coarse steps too, has more samples there than at its top
_PILED_UP = 2.0
_EVERY = 61  # samples, a pair of them: cut-off peaks are many; a prime, which few periods are multiples of
_LOUD = 0.5  # of full scale; what is quieter has other reasons to be flat


class ClippingMeter:
    """Hears block after block of one file. Lossy encoders round cut-off peaks, which are not found then."""

    def __init__(self) -> None:
        self._stretches: defaultdict[int, list[tuple[float, int, int]]] = defaultdict(list)
        """Of each channel: (peak, samples that are flat at it, samples)."""

    def add(self, block: Block) -> None:
        for number, channel in enumerate(block.channels):
            stop = len(channel) // _EVERY * _EVERY
            first, second = np.abs(channel[:stop:_EVERY]), np.abs(channel[1:stop:_EVERY])
            peak = float(max(first.max(initial=0), second.max(initial=0)))
            count = _EVERY * _flat_pairs(first, second, peak) if peak >= _LOUD else 0
            self._stretches[number].append((peak, count, len(channel)))

    @property
    def share(self) -> float:
        """Of the samples of the channel that has most of them."""
        return max((_share(stretches) for stretches in self._stretches.values()), default=0.0)


def _flat_pairs(first: FloatArray, second: FloatArray, peak: float) -> int:
    """Pairs of neighbours, by their magnitudes (n,), that both reach the peak."""
    flat = first >= _FLAT * peak
    reaching = np.count_nonzero(flat)
    near = np.count_nonzero(first >= _NEAR * peak) - reaching
    both = np.count_nonzero(flat & (second >= _FLAT * peak))
    return int(both) if reaching > _PILED_UP * near else 0


def _share(stretches: list[tuple[float, int, int]]) -> float:
    peak = max(peak for peak, _, _ in stretches)
    flat = sum(count for loudest, count, _ in stretches if loudest >= _FLAT * peak)
    return flat / max(1, sum(samples for _, _, samples in stretches))
