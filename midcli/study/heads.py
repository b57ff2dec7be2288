"""A vocabulary of one's own: a head fitted to labelled songs over the qualities of a finished model.

Ridge regression on the seven qualities; the penalty is that of least generalised cross-validation error
(Golub, Heath & Wahba 1979). What it is worth is measured on groups that the fit has not seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from midcli.corpora.labelled import Labelled, OwnLabel
from midcli.errors import DataError
from midcli.explanation.words.numbers import decimal
from midcli.labels import INTERVAL_COVERAGE, Label
from midcli.model.head import Head, Interval

Array = npt.NDArray[np.float64]

FOLDS = 10
CHANCE = 1.645
"""Standard errors of Fisher's z: one chance in twenty that a label without any connection gets there."""
_FEWEST_GROUPS = 3

_PENALTIES = np.geomspace(0.01, 100, 17)  # per song, in standardised units


@dataclass(frozen=True)
class LearnedLabel:
    """What came of one label."""

    name: str
    songs: int
    r: float
    """Pearson's r on songs of groups that the fit has not seen."""
    least_r: float
    """What chance alone reaches in one of twenty cases."""

    @property
    def is_learned(self) -> bool:
        return self.r > self.least_r


def fit_head(
    name: str, labelled: Labelled, midlevel: Array, keep_all: bool = False
) -> tuple[Head, list[LearnedLabel]]:
    """A head for the labels of songs with qualities (songs, 7), in rating points, and what it is worth.

    Labels that cannot be told from chance are left out, unless `keep_all`. Raises DataError if none is left,
    or the songs are of fewer than three groups.
    """
    groups = np.array(labelled.groups)
    fits = [_Fit(label, midlevel, groups) for label in labelled.labels]
    learned = [fit.learned for fit in fits]
    kept = [fit for fit in fits if keep_all or fit.learned.is_learned]
    if not kept:
        tried = ", ".join(
            f"{label.name} {decimal(label.r, 2)} (chance {decimal(label.least_r, 2)})" for label in learned
        )
        raise DataError(
            f"nothing can be learned: r on unseen songs is no better than chance for any label: {tried}"
        )
    fitted = f"fitted to {len(labelled.paths)} songs of {len(set(labelled.groups))} groups"
    return (
        Head(
            np.array([fit.weights for fit in kept]),
            np.array([fit.intercept for fit in kept]),
            Interval(np.array([fit.low for fit in kept]), np.array([fit.high for fit in kept])),
            tuple(Label(fit.label.name, fit.label.name, f"not {fit.said}", fit.said) for fit in kept),
            labelled.labels[0].scale,
            name,
            about=", ".join(filter(None, (labelled.unit, fitted))),
            scores={fit.learned.name: round(fit.learned.r, 4) for fit in kept},
        ),
        learned,
    )


class _Fit:
    """One label: weights on the qualities, and residuals of songs that their fit has not seen."""

    def __init__(self, label: OwnLabel, midlevel: Array, groups: npt.NDArray[np.str_]) -> None:
        self.label = label
        self.said = label.name.replace("_", " ")
        rated = np.isfinite(label.values)
        inputs, targets = midlevel[rated], label.values[rated]
        self.weights, self.intercept = _ridge(inputs, targets)
        predicted = _out_of_fold(inputs, targets, groups[rated])
        with np.errstate(invalid="ignore"):
            r = float(np.nan_to_num(np.corrcoef(predicted, targets)[0, 1]))
        least_r = float(np.tanh(CHANCE / np.sqrt(len(targets) - 3)))
        self.learned = LearnedLabel(label.name, len(targets), r, least_r)
        self.low, self.high = _conformal(targets - predicted)


def _ridge(inputs: Array, targets: Array) -> tuple[Array, float]:
    """Weights (7,) and intercept, with the penalty of least generalised cross-validation error."""
    mean, deviation = inputs.mean(axis=0), inputs.std(axis=0)
    deviation = np.where(deviation > 0, deviation, 1.0)
    left, strengths, right = np.linalg.svd((inputs - mean) / deviation, full_matrices=False)
    offset = float(targets.mean())
    projected = left.T @ (targets - offset)
    shrinkage = strengths**2 / (strengths**2 + len(targets) * _PENALTIES[:, np.newaxis])
    residuals = targets - offset - (shrinkage * projected) @ left.T
    freedom = len(targets) - 1 - shrinkage.sum(axis=1)
    best = int(np.argmin((residuals**2).sum(axis=1) / freedom**2))
    inverse = np.divide(shrinkage[best], strengths, out=np.zeros_like(strengths), where=strengths > 1e-9)
    weights = right.T @ (inverse * projected) / deviation
    return weights, offset - float(weights @ mean)


def _out_of_fold(inputs: Array, targets: Array, groups: npt.NDArray[np.str_]) -> Array:
    """Predictions of each song by a fit that has seen none of its group."""
    check_groups(groups.tolist())
    names = np.random.default_rng(0).permutation(np.unique(groups))
    predicted = np.empty(len(targets))
    for part in np.array_split(names, min(FOLDS, len(names))):
        held_out = np.isin(groups, part)
        weights, intercept = _ridge(inputs[~held_out], targets[~held_out])
        predicted[held_out] = inputs[held_out] @ weights + intercept
    return predicted


def check_groups(groups: Sequence[str]) -> None:
    """Raises DataError where there are too few to cross-validate."""
    if (count := len(set(groups))) < _FEWEST_GROUPS:
        raise DataError(f"the songs are of {count} groups; cross-validation needs at least {_FEWEST_GROUPS}")


def _conformal(residuals: Array) -> tuple[float, float]:
    """Offsets between which a new residual lies with the coverage of intervals (Vovk et al. 2005)."""
    tail = (1 - INTERVAL_COVERAGE) / 2
    count = len(residuals)
    ordered = np.sort(residuals)
    beyond = max(0, int(np.floor(tail * (count + 1))) - 1)
    return min(0.0, float(ordered[beyond])), max(0.0, float(ordered[count - 1 - beyond]))
