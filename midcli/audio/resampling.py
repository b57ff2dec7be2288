"""Mono audio of any rates, one after another, to one rate."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from midcli.audio.blocks import FloatArray
from midcli.audio.limits import HIGHEST_RATE_HZ, LOWEST_RATE_HZ
from midcli.errors import InputError


def resampled(name: str, blocks: Iterable[tuple[int, FloatArray]], target_hz: int) -> Iterator[FloatArray]:
    """Blocks (n,) at `target_hz` of blocks (rate in Hz, samples). A new rate gets a new conversion.

    Raises InputError for rates that cannot be those of music; `name` is the file's.
    """
    rate_hz: int | None = None
    stream: Any = None
    for block_hz, block in blocks:
        if block_hz != rate_hz:
            yield from _rest(stream)
            rate_hz, stream = block_hz, _stream(name, block_hz, target_hz)
        yield block if stream is None else stream.resample_chunk(block)
    yield from _rest(stream)


def _stream(name: str, rate_hz: int, target_hz: int) -> Any:
    if rate_hz == target_hz:
        return None
    if not LOWEST_RATE_HZ <= rate_hz <= HIGHEST_RATE_HZ:
        raise InputError(name, f"its header is broken: no music has a sample rate of {rate_hz} Hz")
    import soxr

    return soxr.ResampleStream(rate_hz, target_hz, 1, dtype="float32")


def _rest(stream: Any) -> Iterator[FloatArray]:
    if stream is not None:
        yield stream.resample_chunk(np.zeros(0, np.float32), last=True)
