"""Linear regression from qualities to emotions: the paper's Mid2E, and the end of A2Mid2E."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from midcli.errors import DataError

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LinearMap:
    """output = weights @ input + intercept."""

    weights: Array
    """(outputs, inputs)"""
    intercept: Array
    """(outputs,)"""

    def __call__(self, inputs: Array) -> Array:
        """Outputs (excerpts, outputs) of inputs (excerpts, inputs)."""
        outputs: Array = inputs @ self.weights.T + self.intercept
        return outputs


def fit_linear(inputs: Array, targets: Array) -> LinearMap:
    """Least squares from (excerpts, inputs) to (excerpts, outputs), for each output over its rated excerpts.

    Raises DataError if there are too few excerpts.
    """
    maps = [_fit_one(inputs, target) for target in targets.T]
    return LinearMap(np.array([weights for weights, _ in maps]), np.array([offset for _, offset in maps]))


def _fit_one(inputs: Array, target: Array) -> tuple[Array, float]:
    rated = np.isfinite(inputs).all(axis=1) & np.isfinite(target)
    excerpts, size = np.count_nonzero(rated), inputs.shape[1]
    if excerpts <= size:
        raise DataError(f"regression on {size} inputs needs more than {excerpts} rated excerpts")
    mean, deviation = inputs[rated].mean(axis=0), inputs[rated].std(axis=0)
    deviation = np.where(deviation > 0, deviation, 1.0)
    standardised = (inputs[rated] - mean) / deviation
    offset = target[rated].mean()
    weights = np.linalg.lstsq(standardised, target[rated] - offset, rcond=None)[0] / deviation
    return weights, float(offset - weights @ mean)
