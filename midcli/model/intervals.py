"""How far a value may be from what listeners say: intervals that are wider where the music is unlike what
models are right about.

Locally weighted split conformal prediction (Lei et al., JASA 2018): residuals of music that the networks had
not heard are divided by how large they are expected to be, a log-linear function of the spectrogram's texture
and of how far that is from all training music; quantiles of these hold for new music in the same way.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

_LARGEST = 4.0  # times the usual error, or that part of it


@dataclass(frozen=True)
class ErrorScale:
    """How large errors are expected to be, relative to the usual ones."""

    mean: Array
    """(descriptors,) of the training music's texture."""
    deviation: Array
    clip: float
    """Descriptors count no further than this many deviations from their mean."""
    weights: Array
    """(values, descriptors + 1)"""
    intercept: Array
    """(values,)"""

    def __call__(self, texture: Array) -> Array:
        """(..., values) of textures (..., descriptors)."""
        logarithm = self.inputs(texture) @ self.weights.T + self.intercept
        expected: Array = np.exp(np.clip(logarithm, -np.log(_LARGEST), np.log(_LARGEST)))
        return expected

    def inputs(self, texture: Array) -> Array:
        """(..., descriptors + 1): deviations from the mean, and their mean square."""
        away = np.clip((texture - self.mean) / self.deviation, -self.clip, self.clip)
        return np.concatenate([away, np.mean(away * away, axis=-1, keepdims=True) - 1], axis=-1)

    @classmethod
    def from_json(cls, stored: dict[str, Any], descriptors: int, values: int) -> "ErrorScale":
        """From the model file's description. Raises KeyError, TypeError or ValueError if it is malformed."""
        shapes = {
            "mean": (descriptors,),
            "deviation": (descriptors,),
            "weights": (values, descriptors + 1),
            "intercept": (values,),
        }
        arrays = {name: np.asarray(stored[name], np.float64).reshape(shape) for name, shape in shapes.items()}
        scale = cls(clip=float(stored["clip"]), **arrays)
        if not all((np.abs(array) < 1e6).all() for array in arrays.values()):
            raise ValueError("error scale")
        if not scale.clip > 0 or not (scale.deviation > 0).all():
            raise ValueError("error scale")
        return scale

    def to_json(self) -> dict[str, Any]:
        """For the model file's description."""
        return {
            key: value.round(6).tolist() if isinstance(value, np.ndarray) else value
            for key, value in vars(self).items()
        }
