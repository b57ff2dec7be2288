"""Out-of-fold predictions to what a model file says about itself: reference, intervals, scores."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from midcli.corpora.corpus import Corpus
from midcli.labels import EMOTION_NAMES, INTERVAL_COVERAGE, QUALITY_NAMES, RATING_SCALE
from midcli.study.metrics import pearson, rmse

Array = npt.NDArray[np.float64]
Predictions = dict[str, Array]
"""`midlevel` (excerpts, 7) and `emotion` (excerpts, 8), x 0.1 scale, as far as the scheme has them."""

_DECIMALS = 6
_SCORE_DECIMALS = 4


def calibration(corpus: Corpus, predictions: Predictions) -> dict[str, Any]:
    """Offsets from a value to the ends of its interval, x 0.1 scale."""
    offsets: dict[str, Any] = {"coverage": INTERVAL_COVERAGE}
    for group, predicted in predictions.items():
        rated = getattr(corpus, group) * RATING_SCALE
        low, high = residual_quantiles(rated - predicted, INTERVAL_COVERAGE)
        offsets[group] = {"low": rounded(low), "high": rounded(high)}
    return offsets


def residual_quantiles(residuals: Array, coverage: float) -> tuple[Array, Array]:
    """Ends per column of (excerpts, outputs) between which a new residual lies with that probability.

    Split conformal prediction, both tails alike (Vovk et al. 2005; Romano et al., NeurIPS 2019): the
    quantiles' ranks are those of n + 1 residuals, the new one among them; too few residuals bound nothing
    (infinite ends). Unrated cells (NaN) are left out.
    """
    tail = (1 - coverage) / 2
    lows, highs = [], []
    for column in residuals.T:
        ordered = np.sort(column[np.isfinite(column)])
        # rounded first, so that 0.1 * 30 is not a little more than 3
        low_rank = int(np.floor(round(tail * (len(ordered) + 1), 9)))
        lows.append(ordered[low_rank - 1] if low_rank else -np.inf)
        highs.append(ordered[-low_rank] if low_rank else np.inf)
    return np.array(lows), np.array(highs)


def held_out_coverage(
    corpus: Corpus, predictions: Predictions, folds: Sequence[Sequence[str]]
) -> dict[str, Any]:
    """Share of ratings inside intervals made from the residuals of the other folds, by label."""
    position = {name: row for row, name in enumerate(corpus.ids)}
    held_out = [[position[name] for name in fold] for fold in folds]
    result: dict[str, Any] = {
        "protocol": f"intervals of {INTERVAL_COVERAGE:.0%} from the residuals of other folds; "
        "no album in two folds"
    }
    for group, names in (("midlevel", QUALITY_NAMES), ("emotion", EMOTION_NAMES)):
        if group not in predictions:
            continue
        residuals = getattr(corpus, group) * RATING_SCALE - predictions[group]
        inside = np.full(residuals.shape, np.nan)
        for rows in held_out:
            low, high = residual_quantiles(np.delete(residuals, rows, axis=0), INTERVAL_COVERAGE)
            covered = (low <= residuals[rows]) & (residuals[rows] <= high)
            inside[rows] = np.where(np.isfinite(residuals[rows]), covered, np.nan)
        result |= dict(zip(names, np.nanmean(inside, axis=0).round(_SCORE_DECIMALS).tolist(), strict=True))
    shares = [share for share in result.values() if isinstance(share, float)]
    return result | {"mean": round(float(np.mean(shares)), _SCORE_DECIMALS)}


def contradicted_correlations(corpus: Corpus, weights: Array) -> list[str]:
    """Which weights (8, 7) have another sign than the plain correlation of the annotations.

    Correlations look at one quality, weights at each beside the others, so both may be right.
    """
    contradicted = []
    for weight, emotion, rated in zip(weights, EMOTION_NAMES, corpus.emotion.T, strict=True):
        for j, quality in enumerate(QUALITY_NAMES):
            if pearson(corpus.midlevel[:, [j]], rated[:, np.newaxis])[0] * weight[j] < 0:
                contradicted.append(f"{emotion} by {quality}")
    return contradicted


def scores(corpus: Corpus, predictions: Predictions, protocol: str) -> dict[str, Any]:
    """Pearson's r and root mean squared error in rating points, by label and on average."""
    result: dict[str, Any] = {"protocol": protocol}
    for group, names in (("midlevel", QUALITY_NAMES), ("emotion", EMOTION_NAMES)):
        if group not in predictions:
            continue
        predicted, rated = predictions[group] / RATING_SCALE, getattr(corpus, group)
        for measure, values in (("r", pearson(predicted, rated)), ("rmse", rmse(predicted, rated))):
            named = dict(zip(names, values.tolist(), strict=True)) | {"mean": float(values.mean())}
            result[f"{group}_{measure}"] = {
                name: round(value, _SCORE_DECIMALS) if np.isfinite(value) else None
                for name, value in named.items()
            }
    return result


def rounded(values: Array) -> Any:
    """Nested lists for JSON."""
    return values.round(_DECIMALS).tolist()
