"""How large errors are expected to be of music by its texture, from residuals of pieces that were not learned
from.

The logarithm of the deviation is linear in the texture (Harvey, Econometrica 1976: multiplicative
heteroscedasticity) and fitted by maximum likelihood, so that of any kind of music that the texture tells
apart, squared residuals are on average as large as expected.
"""

import itertools

import numpy as np
import numpy.typing as npt

from midcli.model.intervals import ErrorScale

Array = npt.NDArray[np.float64]
Folds = npt.NDArray[np.intp]
Residuals = dict[str, Array]
"""By group of labels (pieces, values): ratings minus predictions, NaN where unrated."""

_CLIP = 3.0
_RIDGE = 3e-3  # per piece, in standardised units
_STEPS = 50
_PRECISION = 1e-6


def fit_error_scale(residuals: Residuals, textures: Array) -> ErrorScale:
    """From residuals and textures (pieces, descriptors) of the same pieces.

    Errors of a group's labels grow together: what is fitted is their mean square, relative to the usual one
    of each label.
    """
    mean, deviation = textures.mean(axis=0), textures.std(axis=0) + 1e-6
    values = sum(part.shape[1] for part in residuals.values())
    blank = ErrorScale(mean, deviation, _CLIP, np.zeros((values, textures.shape[1] + 1)), np.zeros(values))
    inputs = blank.inputs(textures)
    weights, intercept = blank.weights.copy(), blank.intercept.copy()
    for group, part in parts_of(residuals).items():
        rated = np.isfinite(residuals[group]).any(axis=1)
        if rated.any():
            squares = residuals[group][rated] ** 2
            squares = squares[:, np.isfinite(squares).any(axis=0)]
            usual = np.maximum(np.nanmean(squares, axis=0), 1e-18)
            weights[part], intercept[part] = _log_deviation(
                inputs[rated], np.nanmean(squares / usual, axis=1)
            )
    return ErrorScale(mean, deviation, _CLIP, weights, intercept)


def scales_out_of_fold(residuals: Residuals, textures: Array, folds: Folds) -> Array:
    """(pieces, values): expected errors of each piece, by a scale that its fold had no part in.

    By one scale for all where there is but one fold.
    """
    if len(np.unique(folds)) < 2:
        return fit_error_scale(residuals, textures)(textures)
    scales = np.zeros((len(textures), sum(part.shape[1] for part in residuals.values())))
    for fold in np.unique(folds):
        here = folds == fold
        others = {group: part[~here] for group, part in residuals.items()}
        scales[here] = fit_error_scale(others, textures[~here])(textures[here])
    return scales


def parts_of(residuals: Residuals) -> dict[str, slice]:
    """Where each group is among all columns."""
    starts = np.cumsum([0, *(part.shape[1] for part in residuals.values())]).tolist()
    return {group: slice(*ends) for group, ends in zip(residuals, itertools.pairwise(starts), strict=True)}


def _log_deviation(inputs: Array, squares: Array) -> tuple[Array, float]:
    """Weights and intercept by Newton's method, with a ridge penalty of the weights."""
    inputs = np.hstack([inputs, np.ones((len(inputs), 1))])
    penalty = np.append(np.full(inputs.shape[1] - 1, _RIDGE), 0)
    weights = np.zeros(inputs.shape[1])
    for _ in range(_STEPS):
        relative = squares * np.exp(-2 * inputs @ weights)
        gradient = 2 * inputs.T @ (1 - relative) / len(inputs) + penalty * weights
        curvature = 4 * (inputs * relative[:, np.newaxis]).T @ inputs / len(inputs)
        step = np.linalg.solve(curvature + np.diag(penalty + 1e-9), gradient)
        largest = float(np.abs(inputs @ step).max())
        weights -= step / max(1.0, largest)
        if largest < _PRECISION:
            break
    return weights[:-1], float(weights[-1])
