"""The closed form through the qualities, against what defines it."""

import numpy as np
import pytest

pytest.importorskip("torch")

from midcli.training.bottleneck import Lessons, fit_bottleneck, fit_direct, fit_head

RNG = np.random.default_rng(0)


def lessons(count: int = 60, corpora: int = 2) -> tuple[np.ndarray, Lessons]:
    features = RNG.normal(size=(count, 9))
    midlevel = features[:, :7] + RNG.normal(0, 0.3, (count, 7))
    emotion = midlevel @ RNG.normal(size=(7, 8)) + RNG.normal(0, 0.3, (count, 8))
    corpus = np.arange(count) % corpora
    emotion += 2.0 * corpus[:, None]
    midlevel[corpus == 1] = np.nan
    emotion[::5, 3] = np.nan
    return features, Lessons(midlevel, emotion, np.ones((count, 7)), np.full((count, 8), 0.7), corpus)


def loss(parts, features: np.ndarray, given: Lessons, ridge: float, head_ridge: float) -> float:
    qualities, head = parts
    predicted = features @ qualities.weights + qualities.intercept
    emotions = predicted @ head.weights + head.intercept
    errors = given.emotion - emotions
    total = np.nansum(given.midlevel_weight * (given.midlevel - predicted) ** 2)
    for corpus in np.unique(given.corpus):
        here = given.corpus == corpus
        own = np.nanmean(errors[here], axis=0) if corpus else 0.0
        total += np.nansum(given.emotion_weight[here] * (errors[here] - own) ** 2)
    centred = features - features.mean(axis=0)
    total += ridge * (centred**2).sum() / len(features) * (qualities.weights**2).sum()
    rated = np.where(np.isfinite(given.emotion), given.emotion_weight, 0).sum(axis=0)
    return float(total + head_ridge * (rated * head.weights**2).sum())


@pytest.mark.parametrize("penalty", [0.1, 1.5])
def test_straight_from_features_is_kernel_ridge_regression(penalty: float) -> None:
    features, targets = RNG.normal(size=(20, 5)), RNG.normal(size=(20, 15))
    targets -= targets.mean(axis=0)
    centred = features - features.mean(axis=0)
    kernel = centred @ centred.T
    expected = kernel @ np.linalg.solve(kernel + penalty * np.trace(kernel) / 20 * np.eye(20), targets)
    found = fit_direct(features, targets, np.ones((20, 15)), penalty)
    np.testing.assert_allclose(features @ found.weights + found.intercept, expected, atol=1e-3)


def test_no_small_change_of_any_weight_is_better() -> None:
    features, given = lessons()
    best = fit_bottleneck(features, given, 0.2, 0.05, turns=200)
    least = loss(best, features, given, 0.2, 0.05)
    for part in best:
        for _ in range(10):
            for values in (part.weights, part.intercept):
                change = RNG.normal(0, 1e-2, values.shape)
                values += change
                assert loss(best, features, given, 0.2, 0.05) > least
                values -= change


def test_corpora_differ_by_an_offset_that_is_not_learned() -> None:
    features, given = lessons(200)
    _, head = fit_bottleneck(features, given, 0.01, 0.001, turns=50)
    qualities, _ = fit_bottleneck(features, given, 0.01, 0.001, turns=50)
    predicted = (features @ qualities.weights + qualities.intercept) @ head.weights + head.intercept
    first = given.corpus == 0
    assert abs(np.nanmean(given.emotion[first] - predicted[first])) < 0.1
    assert np.nanmean(given.emotion[~first] - predicted[~first]) == pytest.approx(2.0, abs=0.2)


def test_what_nobody_rated_has_no_weights() -> None:
    _, given = lessons()
    given.emotion[:, 2] = np.nan
    head = fit_head(np.nan_to_num(given.midlevel), given, 0.1)
    assert not head.weights[2].any()
    assert head.intercept[2] == 0


def test_the_same_fit_twice_is_the_same_to_the_last_bit() -> None:
    features, given = lessons()
    first, second = (fit_bottleneck(features, given, 0.2, 0.05, turns=10) for _ in range(2))
    for ours, theirs in zip(first, second, strict=True):
        np.testing.assert_array_equal(ours.weights, theirs.weights)
