"""Scores."""

import numpy as np
import pytest

from midcli.metrics import pearson, rmse


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
