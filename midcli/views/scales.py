"""What charts in the terminal have in common with those on pages."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from midcli.explanation.words.numbers import decimal

LEAST_REACH = 1.0
"""Rating points across a chart of effects, at least: small ones do not fill it."""
MOST_MAP_ROWS = 20


def one_scale(amounts: Sequence[float], longest: str = "longest") -> str:
    """A note under bars that are drawn to one scale; it names the length of the longest, if it shows."""
    length = decimal(max(map(abs, amounts)))
    return (
        f"All bars have one scale{'' if length == decimal(0.0) else f'; the {longest} is {length} points'}."
    )


def map_rows(points: npt.NDArray[np.float64]) -> list[slice]:
    """Rows of a map (T, F), the lowest first, as they are drawn: neighbours together if there are many."""
    bounds = np.linspace(0, points.shape[1], min(points.shape[1], MOST_MAP_ROWS) + 1).round().astype(int)
    return [slice(int(first), int(stop)) for first, stop in pairwise(bounds)]
