"""What running a network means, wherever it runs: here (engine) or in a process of its own (confined)."""

from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from midcli.util.text import brief

FloatArray = npt.NDArray[np.float32]
Outputs = tuple[FloatArray, FloatArray, FloatArray]
"""Evidence (7, T, F), qualities (7,), emotions (8,), x 0.1 scale."""


class NetworkError(Exception):
    """What is wrong with a network, in one line that may follow the name of its file."""

    def __init__(self, problem: str) -> None:
        super().__init__(brief(problem))


class Signature(NamedTuple):
    """What a file says of its network."""

    properties: dict[str, str]
    """Its metadata."""
    inputs: dict[str, list[int | str | None]]
    """Names and shapes; a dimension that is free has a name or none."""
    outputs: list[str]


class Network(Protocol):
    """A network that has been loaded."""

    signature: Signature

    def run(self, standardised: FloatArray) -> Outputs:
        """The outputs for a spectrogram (frames, bands). Raises NetworkError; several threads may call it."""
