"""Scores shared by training and evaluation."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def pearson(predicted: Array, rated: Array) -> Array:
    """Pearson's r per column of (excerpts, labels); NaN where a column is constant or fewer than two rated.

    Unrated cells (NaN) are left out.
    """
    return np.array([_pearson(p, r) for p, r in zip(predicted.T, rated.T, strict=True)])


def rmse(predicted: Array, rated: Array) -> Array:
    """Root mean squared error per column of (excerpts, labels), unrated cells (NaN) left out."""
    errors: Array = np.sqrt(np.nanmean((predicted - rated) ** 2, axis=0))
    return errors


def _pearson(predicted: Array, rated: Array) -> float:
    present = np.isfinite(rated)
    predicted, rated = predicted[present], rated[present]
    if len(rated) < 2 or np.ptp(predicted) == 0 or np.ptp(rated) == 0:
        return float("nan")
    return float(np.corrcoef(predicted, rated)[0, 1])
