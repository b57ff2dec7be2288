"""Channels to one: their mean, and where they cancel each other."""

from collections.abc import Iterable, Iterator

import numpy as np

from midcli.audio.blocks import BLOCK_S, BLOCK_SAMPLES, Block, FloatArray
from midcli.audio.findings import Findings

MIXING_WINDOW_S = 1.0
"""In which channels cancel each other or not."""

_POWER_STEP = 31  # every few samples are enough to tell; a prime, which few periods are multiples of
_CANCELLED = 1e-2  # of the power of the channels; that of unrelated ones halves in the mix
_AUDIBLE = 1e-3  # of the power of the loudest second
_SOUNDS = 1e-6  # of the power of the loudest channel
_LONGEST_GAP = 1


def gathered(blocks: Iterable[Block]) -> Iterator[Block]:
    """The same in longer blocks: decoders make some of a few milliseconds."""
    kept: list[Block] = []
    samples = 0
    for block in blocks:
        if kept and not _continues(kept[-1], block):
            yield _joined(kept)
            kept, samples = [], 0
        samples += block.channels.shape[1]
        if samples >= _wanted(block):
            yield _joined([*kept, block])
            kept, samples = [], 0
        else:  # decoders write into the same memory again
            kept.append(Block(block.rate_hz, block.channels.copy()))
    if kept:
        yield _joined(kept)


def _wanted(block: Block) -> int:
    """Samples of a channel."""
    return max(1024, min(BLOCK_S * block.rate_hz, BLOCK_SAMPLES // len(block.channels)))


def _continues(before: Block, block: Block) -> bool:
    return before.rate_hz == block.rate_hz and len(before.channels) == len(block.channels)


def _joined(blocks: list[Block]) -> Block:
    if len(blocks) == 1:
        return blocks[0]
    return Block(blocks[0].rate_hz, np.concatenate([block.channels for block in blocks], axis=1))


class Mixer:
    """Block after block of one file to one channel.

    Of one or two channels it is the mean; of more, their sum over the number of those that sound at first,
    so that a stream does not become quieter where it goes over from stereo to 5.1 with empty channels.
    """

    def __init__(self) -> None:
        self._channels = 0
        self._divisor = 1
        self._powers: list[tuple[float, float, float]] = []
        """Of each window: its seconds, the power of the mix, that of the channels."""

    def mixed(self, block: Block) -> FloatArray:
        """A new array (n,), without a slow loop over a short axis."""
        channels = block.channels
        if len(channels) != self._channels:
            self._channels, self._divisor = len(channels), _sounding(channels)
        if len(channels) == 1:
            self._powers.append((channels.shape[1] / block.rate_hz, 0.0, 0.0))
            only: FloatArray = channels[0].copy()
            return only
        with np.errstate(over="ignore", invalid="ignore"):  # absurd samples are refused later
            mono: FloatArray = channels[0] + channels[1]
            for channel in channels[2:]:
                mono += channel
            mono /= np.float32(self._divisor)
            self._compare_powers(block, mono)
        return mono

    def tell(self, findings: Findings) -> None:
        """Where channels cancel each other, once all blocks are mixed."""
        loudest = max((channels for _, _, channels in self._powers), default=0.0)
        at_s = 0.0
        for seconds, mix, channels in self._powers:
            if channels > _AUDIBLE * loudest and mix < _CANCELLED * channels:
                if findings.cancelled and at_s - findings.cancelled[-1][1] <= _LONGEST_GAP:
                    start_s = findings.cancelled.pop()[0]
                else:
                    start_s = at_s
                findings.cancelled.append((start_s, at_s + seconds))
            at_s += seconds

    def _compare_powers(self, block: Block, mono: FloatArray) -> None:
        window = round(MIXING_WINDOW_S * block.rate_hz)
        for start in range(0, len(mono), window):
            some = slice(start, start + window, _POWER_STEP)
            channels = sum(_power(channel[some]) for channel in block.channels) / self._divisor
            seconds = min(window, len(mono) - start) / block.rate_hz
            self._powers.append((seconds, _power(mono[some]), channels))


def _sounding(channels: FloatArray) -> int:
    """What to divide the sum of the channels by."""
    if len(channels) <= 2:
        return len(channels)
    with np.errstate(over="ignore", invalid="ignore"):
        powers = [_power(channel[::_POWER_STEP]) for channel in channels]
    return max(2, sum(power > _SOUNDS * max(powers) for power in powers))


def _power(samples: FloatArray) -> float:
    return float(np.dot(samples, samples))
