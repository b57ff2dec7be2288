"""Out-of-fold predictions to what a model file says about itself: reference, intervals, scores."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from midcli.corpora.corpus import Corpus
from midcli.labels import EMOTION_NAMES, INTERVAL_COVERAGE, QUALITY_NAMES, RATING_SCALE
from midcli.study.metrics import pearson, rmse
from midcli.training.error_scale import Folds, Residuals, fit_error_scale, parts_of, scales_out_of_fold

Array = npt.NDArray[np.float64]
Predictions = dict[str, Array]
"""`midlevel` (excerpts, 7) and `emotion` (excerpts, 8), x 0.1 scale, as far as the scheme has them."""

FEWEST_FOR_SCALE = 200
"""Pieces; fewer do not tell where errors are large."""

_DECIMALS = 6
_SCORE_DECIMALS = 4


def calibration(residuals: Residuals, textures: Array | None, folds: Folds) -> dict[str, Any]:
    """Offsets from a value to the ends of its interval, x 0.1 scale.

    With textures (pieces, descriptors) of the same pieces, offsets are for errors of the usual size, and
    `scale` says by what they are multiplied where others are expected. `folds` (pieces,) says which pieces
    were predicted together.
    """
    offsets: dict[str, Any] = {"coverage": INTERVAL_COVERAGE}
    together = np.hstack(list(residuals.values()))
    if textures is not None:
        together = together / scales_out_of_fold(residuals, textures, folds)
        offsets["scale"] = fit_error_scale(residuals, textures).to_json()
    low, high = residual_quantiles(together, INTERVAL_COVERAGE)
    for group, part in parts_of(residuals).items():
        offsets[group] = {"low": rounded(low[part]), "high": rounded(high[part])}
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
    residuals: Residuals,
    textures: Array | None,
    folds: Folds,
    corpora: Sequence[str],
    emotions: Sequence[str] = EMOTION_NAMES,
) -> dict[str, Any]:
    """Share of ratings inside intervals made from the other folds, by label; and by corpus if there are more.

    `folds` and `corpora` (pieces,) say where each piece is and of what.
    """
    together = np.hstack(list(residuals.values()))
    inside = np.full(together.shape, np.nan)
    for fold in np.unique(folds):
        here = folds == fold
        scale = np.ones_like(together)
        if textures is not None:
            others = {group: part[~here] for group, part in residuals.items()}
            scale[here] = fit_error_scale(others, textures[~here])(textures[here])
            scale[~here] = scales_out_of_fold(others, textures[~here], folds[~here])
        low, high = residual_quantiles(together[~here] / scale[~here], INTERVAL_COVERAGE)
        relative = together[here] / scale[here]
        covered = (low <= relative) & (relative <= high)
        inside[here] = np.where(np.isfinite(relative), covered, np.nan)
    result: dict[str, Any] = {
        "protocol": f"intervals of {INTERVAL_COVERAGE:.0%} from the residuals of other folds; "
        "no album or artist in two folds"
    }
    named = {"midlevel": QUALITY_NAMES, "emotion": emotions}
    names = [name for group in residuals for name in named[group]]
    rated = np.isfinite(inside).any(axis=0)
    shares = {
        name: round(float(np.nanmean(column)), _SCORE_DECIMALS)
        for name, column, known in zip(names, inside.T, rated, strict=True)
        if known
    }
    result |= shares | {"mean": round(float(np.mean(list(shares.values()))), _SCORE_DECIMALS)}
    if len(set(corpora)) > 1:
        of = np.array(corpora)
        result["by corpus"] = {
            corpus: {
                group: round(float(np.nanmean(inside[of == corpus][:, part])), _SCORE_DECIMALS)
                for group, part in parts_of(residuals).items()
                if np.isfinite(inside[of == corpus][:, part]).any()
            }
            for corpus in dict.fromkeys(corpora)
        }
    return result


def contradicted_correlations(corpus: Corpus, weights: Array) -> list[str]:
    """Which weights (8, 7) have another sign than the plain correlation of the annotations.

    Correlations look at one quality, weights at each beside the others, so both may be right.
    """
    contradicted = []
    for weight, emotion, rated in zip(weights, corpus.vocabulary.names, corpus.emotion.T, strict=True):
        for j, quality in enumerate(QUALITY_NAMES):
            if pearson(corpus.midlevel[:, [j]], rated[:, np.newaxis])[0] * weight[j] < 0:
                contradicted.append(f"{emotion} by {quality}")
    return contradicted


def scores(
    midlevel: Array,
    emotion: Array,
    predictions: Predictions,
    protocol: str,
    emotions: Sequence[str] = EMOTION_NAMES,
) -> dict[str, Any]:
    """Pearson's r and root mean squared error in rating points, by label and on average over those rated."""
    ratings = {"midlevel": midlevel, "emotion": emotion}
    result: dict[str, Any] = {"protocol": protocol}
    for group, names in (("midlevel", QUALITY_NAMES), ("emotion", emotions)):
        if group not in predictions:
            continue
        predicted, rated = predictions[group] / RATING_SCALE, ratings[group]
        if not np.isfinite(rated).any():
            continue
        for measure, values in (("r", pearson(predicted, rated)), ("rmse", rmse(predicted, rated))):
            known = values[np.isfinite(values)]
            mean = float(known.mean()) if known.size else float("nan")
            named = dict(zip(names, values.tolist(), strict=True)) | {"mean": mean}
            result[f"{group}_{measure}"] = {
                name: round(value, _SCORE_DECIMALS) if np.isfinite(value) else None
                for name, value in named.items()
            }
    return result


def rounded(values: Array) -> Any:
    """Nested lists for JSON."""
    return values.round(_DECIMALS).tolist()
