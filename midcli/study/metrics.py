"""Scores shared by training and evaluation."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Classes = npt.NDArray[np.intp]

_COVERAGE = 0.95  # of bootstrap intervals


def pearson(predicted: Array, rated: Array) -> Array:
    """Pearson's r per column of (excerpts, labels); NaN where a column is constant or fewer than two rated.

    Cells without a number (unrated) in either are left out.
    """
    return np.array([_pearson(p, r) for p, r in zip(predicted.T, rated.T, strict=True)])


def rmse(predicted: Array, rated: Array) -> Array:
    """Root mean squared error per column of (excerpts, labels), unrated cells (NaN) left out.

    NaN where none is rated.
    """
    squares = (predicted - rated) ** 2
    count = np.isfinite(squares).sum(axis=0)
    with np.errstate(invalid="ignore"):
        errors: Array = np.sqrt(np.nansum(squares, axis=0) / count)
    return errors


def _pearson(predicted: Array, rated: Array) -> float:
    present = np.isfinite(predicted) & np.isfinite(rated)
    predicted, rated = predicted[present], rated[present]
    if len(rated) < 2 or np.ptp(predicted) == 0 or np.ptp(rated) == 0:
        return float("nan")
    return float(np.corrcoef(predicted, rated)[0, 1])


def accuracy(said: Classes, true: Classes) -> float:
    """Share of pieces whose class is right."""
    return float(np.mean(said == true))


def f1_scores(said: Classes, true: Classes, classes: int) -> Array:
    """F1 of each class (classes,); 0 for one that is neither said nor true of any piece."""
    scores = np.zeros(classes)
    for one in range(classes):
        hits = int(((said == one) & (true == one)).sum())
        scores[one] = 2 * hits / max(1, int((said == one).sum() + (true == one).sum()))
    return scores


def bootstrap_interval(predicted: Array, rated: Array, resamples: int = 2000) -> tuple[Array, Array]:
    """Ends (labels + 1,) of 95 % intervals for r averaged over runs, per label and for their mean.

    `predicted` (runs, excerpts, labels) are several runs' outputs for the same excerpts, which are drawn
    with replacement (percentile bootstrap, Efron & Tibshirani 1993): how far r depends on which excerpts
    were tested, which more runs do not tell. `rated` (excerpts, labels) has no unrated cells.
    """
    return _ends(_bootstrapped(predicted, rated, resamples))


def bootstrap_difference_interval(
    predicted: Array, other: Array, rated: Array, resamples: int = 2000
) -> tuple[Array, Array]:
    """The same for r of `predicted` minus r of `other` (runs, excerpts, labels), on the same draws."""
    differences = _bootstrapped(predicted, rated, resamples) - _bootstrapped(other, rated, resamples)
    return _ends(differences)


def _bootstrapped(predicted: Array, rated: Array, resamples: int) -> Array:
    """(resamples, labels + 1): r averaged over runs, and its mean over labels, of excerpts drawn anew."""
    rng = np.random.default_rng(0)
    draws = rng.integers(len(rated), size=(resamples, len(rated)))
    ratings = _standardised(rated[draws])
    scores = np.mean([(_standardised(run[draws]) * ratings).mean(axis=1) for run in predicted], axis=0)
    return np.column_stack([scores, scores.mean(axis=1)])


def _ends(values: Array) -> tuple[Array, Array]:
    tail = (1 - _COVERAGE) / 2
    low, high = np.nanquantile(values, [tail, 1 - tail], axis=0)  # a draw of equal ratings has no r
    return low, high


def _standardised(values: Array) -> Array:
    """Values (resamples, excerpts, labels) minus mean, over deviation of each column."""
    centred = values - values.mean(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        standardised: Array = centred / centred.std(axis=1, keepdims=True)
    return standardised
