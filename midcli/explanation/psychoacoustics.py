"""What listeners were found to hear, as published: keys in pitch classes, roughness in pairs of partials."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

MAJOR_PROFILE = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
"""How well each pitch class fits a major key, from the tonic upwards (Krumhansl & Kessler 1982)."""
MINOR_PROFILE = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)

ROUGHEST = 0.17976
"""The highest value of `roughness`."""


def roughness(hz: Array, other_hz: Array) -> Array:
    """How rough two partials of unit strength sound together, at most `ROUGHEST`.

    Plomp & Levelt's curve in the parametrisation of Sethares (1993).
    """
    apart_hz = np.abs(hz - other_hz)
    scale = 0.24 / (0.0207 * np.minimum(hz, other_hz) + 18.96)
    rough: Array = np.exp(-3.51 * scale * apart_hz) - np.exp(-5.75 * scale * apart_hz)
    return rough
