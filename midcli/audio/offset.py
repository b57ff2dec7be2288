"""A constant offset, as cheap converters leave it, away: it would count as loudness."""

from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np

from midcli.audio.blocks import FloatArray
from midcli.audio.limits import QUIET_PEAK

_SECONDS = 6
_LEAST = 1e-3  # of full scale; music has less

RatedBlock = tuple[int, FloatArray]
"""Rate in Hz, and mono samples (n,)."""


def without_offset(blocks: Iterable[RatedBlock]) -> Iterator[RatedBlock]:
    """The blocks less the mean of the first 6 s, if that is beyond .001, or 1 % of what is loudest there.

    Before they are resampled: where an offset begins and ends, a filter would ring. The same samples give the
    same result, however they are cut into blocks.
    """
    blocks = iter(blocks)
    begin = _at_least(_SECONDS, blocks)
    offset = _offset(begin)
    for rate_hz, block in chain(begin, blocks):
        yield rate_hz, block - np.float32(offset) if offset else block


def _at_least(seconds: float, blocks: Iterator[RatedBlock]) -> list[RatedBlock]:
    first: list[RatedBlock] = []
    while sum(len(block) / rate_hz for rate_hz, block in first) < seconds and (one := next(blocks, None)):
        first.append(one)
    return first


def _offset(begin: list[RatedBlock]) -> float:
    if not begin:
        return 0.0
    samples = begin[0][1] if len(begin) == 1 else np.concatenate([block for _, block in begin])
    samples = samples[: _SECONDS * begin[0][0]]
    if not len(samples):
        return 0.0
    with np.errstate(over="ignore", invalid="ignore"):  # absurd samples are refused later
        offset = float(samples.mean(dtype=np.float64))
        loudest = float(np.abs(samples - np.float32(offset)).max())
    least = _LEAST * min(1.0, loudest / QUIET_PEAK)
    return offset if abs(offset) > least and np.isfinite(offset) else 0.0
