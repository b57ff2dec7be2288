"""Silence of 16 bits with dither, made digital silence.

Beside quiet music dither is as loud as that music's own beginning or end, and only the steps of its samples
tell them apart.
"""

import numpy as np
import numpy.typing as npt

from midcli.audio.blocks import Block, FloatArray

_STEPS = 1 << 15  # of 16 bits to full scale; dither of nothing is one of them at most
_WINDOW = 1024  # samples; music passes through zero and is gone sooner
_EVERY = 127  # samples; a few of a window tell of nearly all music that it is not silent
_SPARSE = 997  # samples; of what was not recorded in steps a few are not whole


def without_dither(block: Block) -> Block:
    """The block with zeros for each 1024 samples, or rest, of no more than a step of 16 bits up or down.

    It is given back as it is where there are none, and samples of no whole steps stay.

    >>> import numpy as np
    >>> without_dither(Block(44_100, np.full((1, 4), 1 / 32768, np.float32))).channels
    array([[0., 0., 0., 0.]], dtype=float32)
    """
    channels = block.channels
    if not _are_whole(_in_steps(channels[:, ::_SPARSE])).all():
        return block
    without: FloatArray | None = None
    for start in _perhaps_silent(channels):
        window = slice(start, start + _WINDOW)
        steps = _in_steps(channels[:, window])
        if steps.any() and (np.abs(steps) <= 1).all() and _are_whole(steps).all():
            without = channels.copy(order="K") if without is None else without
            without[:, window] = 0
    return block if without is None else Block(block.rate_hz, without)


def _perhaps_silent(channels: FloatArray) -> list[int]:
    """Where windows start of which a few samples are no more than a step; a rest without any is one, too."""
    starts = np.arange(0, channels.shape[1], _WINDOW)
    some = np.abs(channels[:, ::_EVERY]).max(axis=0)
    firsts = -(-starts // _EVERY)
    has_some = firsts < len(some)
    silent = ~has_some
    silent[has_some] = np.maximum.reduceat(some, firsts[has_some]) <= 1 / _STEPS
    found: list[int] = starts[silent].tolist()
    return found


def _in_steps(channels: FloatArray) -> FloatArray:
    with np.errstate(over="ignore", invalid="ignore"):  # absurd samples are refused later
        return channels * np.float32(_STEPS)


def _are_whole(steps: FloatArray) -> npt.NDArray[np.bool_]:
    are_whole: npt.NDArray[np.bool_] = steps == np.rint(steps)
    return are_whole
