"""What charts in the terminal have in common with those on pages."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt

LEAST_REACH = 1.0
"""Rating points across a chart of effects, at least: small ones do not fill it."""
MOST_MAP_ROWS = 20


def map_rows(points: npt.NDArray[np.float64]) -> list[slice]:
    """Rows of a map (T, F), the lowest first, as they are drawn: neighbours together if there are many."""
    bounds = np.linspace(0, points.shape[1], min(points.shape[1], MOST_MAP_ROWS) + 1).round().astype(int)
    return [slice(int(first), int(stop)) for first, stop in pairwise(bounds)]
