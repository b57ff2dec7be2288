"""What decoders make."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

BLOCK_S = 12
"""Of a block, at most."""
BLOCK_SAMPLES = 1 << 20
"""Of a block over all channels, at most."""


class Block(NamedTuple):
    """A stretch of decoded audio. Rate and number of channels may differ from those of the block before."""

    rate_hz: int
    channels: FloatArray
    """(channels, n), valid until the next block; full scale is 1."""
