"""Products with matrices whose columns have few neighbouring rows, such as filters along frequency.

Most weights of such a matrix are zero, so it is multiplied in parts. BLAS starts no threads for products
as small as these, which would starve where all cores are busy.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

_Floats = npt.NDArray[np.float32]


class _Part(NamedTuple):
    columns: slice
    rows: slice
    """All in which one of the columns is not zero."""
    weights: _Floats


class Banded:
    """A matrix (rows, columns), kept as `parts` groups of neighbouring columns."""

    def __init__(self, matrix: _Floats, parts: int) -> None:
        groups = np.array_split(np.arange(matrix.shape[1]), parts)
        self._parts = [_part(matrix, columns) for columns in groups]

    def apply(self, x: _Floats, out: _Floats) -> _Floats:
        """Write x @ matrix, of x (..., rows), to `out` (..., columns)."""
        for part in self._parts:
            np.matmul(x[..., part.rows], part.weights, out=out[..., part.columns])
        return out


def _part(matrix: _Floats, columns: npt.NDArray[np.int64]) -> _Part:
    weights = matrix[:, columns]
    rows = _covering(np.flatnonzero(weights.any(axis=1)))
    return _Part(_covering(columns), rows, np.ascontiguousarray(weights[rows]))


def _covering(numbers: npt.NDArray[np.int64]) -> slice:
    return slice(int(numbers[0]), int(numbers[-1]) + 1)
