"""A constant offset, as cheap converters leave it, away: it would count as loudness."""

from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np

from midcli.audio.blocks import FloatArray

_SAMPLES = 1 << 17
_LEAST = 1e-3  # of full scale; music has less


def without_offset(blocks: Iterable[FloatArray]) -> Iterator[FloatArray]:
    """The blocks less the mean of the first 131 072 samples (5.9 s at 22 050 Hz), if that is beyond .001.

    The same samples give the same result, however they are cut into blocks.
    """
    blocks = iter(blocks)
    begin = _at_least(_SAMPLES, blocks)
    offset = 0.0
    if len(begin):
        with np.errstate(over="ignore", invalid="ignore"):
            offset = float(begin[:_SAMPLES].mean(dtype=np.float64))
    if not abs(offset) > _LEAST or not np.isfinite(offset):  # absurd samples are refused later
        yield begin
        yield from blocks
        return
    for block in chain([begin], blocks):
        yield block - np.float32(offset)


def _at_least(samples: int, blocks: Iterator[FloatArray]) -> FloatArray:
    first: list[FloatArray] = []
    while sum(map(len, first)) < samples and (block := next(blocks, None)) is not None:
        first.append(block)
    return first[0] if len(first) == 1 else np.concatenate([*first, np.zeros(0, np.float32)])
