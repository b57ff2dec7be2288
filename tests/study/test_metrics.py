"""Scores."""

import numpy as np
import pytest

from midcli.study.metrics import bootstrap_difference_interval, bootstrap_interval, pearson, rmse


def test_pearson_per_column() -> None:
    rated = np.array([[1.0, 3.0, 5.0], [2.0, 2.0, 5.0], [3.0, 1.0, 5.0], [4.0, np.nan, 5.0]])
    predicted = np.array([[2.0, 1.0, 1.0], [4.0, 2.0, 2.0], [6.0, 3.0, 3.0], [8.0, 9.0, 4.0]])
    np.testing.assert_allclose(pearson(predicted, rated), [1, -1, np.nan])


def test_pearson_leaves_out_what_lacks_a_number_in_either() -> None:
    one = np.array([[np.nan], [1.0], [2.0], [3.0], [9.0]])
    other = np.array([[7.0], [2.0], [4.0], [6.0], [np.nan]])
    np.testing.assert_allclose(pearson(one, other), [1])


def test_rmse_leaves_unrated_cells_out() -> None:
    rated = np.array([[1.0, np.nan], [3.0, 2.0]])
    np.testing.assert_allclose(rmse(rated + np.array([[1.0, 5.0], [-1.0, 2.0]]), rated), [1, 2])


def test_pearson_does_not_depend_on_scale() -> None:
    rng = np.random.default_rng(0)
    predicted, rated = rng.normal(size=(2, 50, 8))
    assert pearson(predicted, rated) == pytest.approx(pearson(3 * predicted + 1, rated * 0.1))


def rated_and_predicted(excerpts: int, *noises: float) -> tuple[np.ndarray, ...]:
    """Ratings (excerpts, 1), and a run (1, excerpts, 1) for each strength of noise."""
    rng = np.random.default_rng(0)
    rated = rng.normal(size=(excerpts, 1))
    return rated, *((rated + rng.normal(0, noise, rated.shape))[np.newaxis] for noise in noises)


def test_the_difference_is_of_the_first_minus_the_second() -> None:
    rated, better, worse = rated_and_predicted(200, 0.5, 2.0)
    expected = pearson(better[0], rated)[0] - pearson(worse[0], rated)[0]
    low, high = bootstrap_difference_interval(better, worse, rated, resamples=300)
    assert 0 < low[0] < expected < high[0]
    low, high = bootstrap_difference_interval(worse, better, rated, resamples=300)
    assert low[0] < -expected < high[0] < 0


def test_the_interval_is_as_wide_as_the_standard_error_of_r_says() -> None:
    rated, predicted = rated_and_predicted(500, 1.0)
    low, high = bootstrap_interval(predicted, rated)
    standard_error = (1 - pearson(predicted[0], rated)[0] ** 2) / np.sqrt(len(rated))
    assert high - low == pytest.approx(2 * 1.96 * standard_error, rel=0.1)
