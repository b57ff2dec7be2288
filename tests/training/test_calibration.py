import json

import numpy as np
import pytest

from midcli.model.intervals import ErrorScale
from midcli.training.calibration import (
    calibration,
    contradicted_correlations,
    held_out_coverage,
    residual_quantiles,
    scores,
)
from midcli.training.error_scale import fit_error_scale, scales_out_of_fold
from tests.training_corpus import made_up_corpus


@pytest.mark.parametrize(("count", "rank"), [(9, 1), (19, 2), (29, 3), (360, 36)])
def test_quantiles_count_the_new_residual(count, rank):
    ordered = np.arange(1.0, count + 1)
    shuffled = np.random.default_rng(0).permutation(ordered)
    low, high = residual_quantiles(shuffled[:, np.newaxis], 0.8)
    assert low[0] == rank
    assert high[0] == count + 1 - rank


def test_too_few_residuals_bound_nothing():
    low, high = residual_quantiles(np.arange(8.0)[:, np.newaxis], 0.8)
    assert (low[0], high[0]) == (-np.inf, np.inf)


def test_intervals_cover_new_values_as_often_as_they_say():
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(400):
        residuals = rng.exponential(1, (30, 1))
        low, high = residual_quantiles(residuals[:29], 0.8)
        covered.append(low[0] <= residuals[29, 0] <= high[0])
    assert 0.76 < np.mean(covered) < 0.84


def test_unrated_cells_are_left_out():
    residuals = np.array([[float(number), np.nan] for number in range(1, 20)])
    residuals[:9, 1] = np.arange(1, 10)
    low, high = residual_quantiles(residuals, 0.8)
    assert low.tolist() == [2, 1]
    assert high.tolist() == [18, 9]


def test_offsets_and_scores_are_on_their_scales():
    corpus, _ = made_up_corpus()
    predictions = {"midlevel": corpus.midlevel * 0.1 - 0.05, "emotion": corpus.emotion * 0.1}
    offsets = calibration(residuals(corpus, predictions), None, np.arange(len(corpus.ids)) % 2)
    assert offsets["midlevel"]["low"] == pytest.approx([0.05] * 7, abs=1e-6)
    assert offsets["emotion"]["high"] == pytest.approx([0.0] * 8, abs=1e-6)
    result = scores(corpus.midlevel, corpus.emotion, predictions, "made up")
    assert result["midlevel_r"]["melodiousness"] == 1
    assert result["midlevel_rmse"]["mean"] == pytest.approx(0.5)
    assert result["emotion_rmse"]["mean"] == 0


@pytest.mark.filterwarnings("error")
def test_ratings_that_never_vary_have_no_r_and_no_warning():
    corpus, _ = made_up_corpus()
    same = np.full_like(corpus.emotion, 5.0)
    result = scores(corpus.midlevel, same, {"emotion": same * 0.1}, "made up")
    assert set(result["emotion_r"].values()) == {None}
    assert result["emotion_rmse"]["mean"] == 0


def test_coverage_is_that_of_the_other_folds_intervals():
    corpus, _ = made_up_corpus(40)
    rng = np.random.default_rng(0)
    predictions = {"midlevel": corpus.midlevel * 0.1, "emotion": corpus.emotion * 0.1}
    for values in predictions.values():
        values += rng.normal(0, 0.05, values.shape)
    folds, names = np.arange(40) // 20, ["made up"] * 40
    assert 0.7 < held_out_coverage(residuals(corpus, predictions), None, folds, names)["mean"] < 0.9
    predictions["emotion"][:20, 0] += 10
    shares = held_out_coverage(residuals(corpus, predictions), None, folds, names)
    assert shares["valence"] == 0
    assert shares["energy"] > 0.5
    assert "by corpus" not in shares


def test_intervals_are_wide_where_errors_are_large_and_hold_there_and_elsewhere():
    rng = np.random.default_rng(0)
    textures = rng.normal(size=(2000, 5))
    sizes = 0.1 * np.exp(0.7 * textures[:, 0])
    errors = {"midlevel": rng.normal(size=(2000, 7)) * sizes[:, np.newaxis]}
    scale = fit_error_scale(errors, textures)
    far, near = (scale(np.array([sign * 2.0, 0, 0, 0, 0])) for sign in (1, -1))
    assert (far > 5 * near).all()
    names = np.where(textures[:, 0] > 0, "hard", "easy").tolist()
    shares = held_out_coverage(errors, textures, np.arange(2000) % 4, names)["by corpus"]
    for share in (shares["hard"]["midlevel"], shares["easy"]["midlevel"]):
        assert 0.7 < share < 0.9
    fixed = held_out_coverage(errors, None, np.arange(2000) % 4, names)["by corpus"]
    assert fixed["easy"]["midlevel"] > 0.92


def test_every_kind_that_the_texture_tells_apart_has_the_squares_that_are_expected():
    rng = np.random.default_rng(0)
    kinds = np.repeat([0.0, 1.0], 1000)
    textures = np.stack([kinds, rng.normal(size=2000)], axis=1)
    # heavy tails, which a fit to logarithms would take for smaller errors
    errors = {"midlevel": rng.standard_t(4, size=(2000, 7)) * (0.1 + 0.1 * kinds[:, np.newaxis])}
    usual = np.sqrt(np.mean(errors["midlevel"] ** 2, axis=0))
    relative = errors["midlevel"] / usual / fit_error_scale(errors, textures)(textures)
    for kind in (0, 1):
        assert np.mean(relative[kinds == kind] ** 2) == pytest.approx(1, abs=0.03)


def test_no_piece_has_a_part_in_the_scale_of_its_own_errors():
    rng = np.random.default_rng(0)
    textures, folds = rng.normal(size=(300, 5)), np.arange(300) % 3
    errors = {"midlevel": rng.normal(size=(300, 7))}
    before = scales_out_of_fold(errors, textures, folds)
    errors["midlevel"][folds == 1] *= 100
    after = scales_out_of_fold(errors, textures, folds)
    np.testing.assert_array_equal(before[folds == 1], after[folds == 1])
    assert np.abs(before[folds == 0] / after[folds == 0] - 1).max() > 0.1


def test_an_error_scale_survives_the_file():
    rng = np.random.default_rng(0)
    textures = rng.normal(size=(60, 5))
    scale = fit_error_scale({"midlevel": rng.normal(size=(60, 3))}, textures)
    again = ErrorScale.from_json(json.loads(json.dumps(scale.to_json())), 5, 3)
    np.testing.assert_allclose(again(textures), scale(textures), rtol=1e-4)
    with pytest.raises(ValueError, match="error scale"):
        ErrorScale.from_json(scale.to_json() | {"deviation": [0.0] * 5}, 5, 3)


def residuals(corpus, predictions):
    return {name: getattr(corpus, name) * 0.1 - values for name, values in predictions.items()}


def test_signs_are_compared_with_plain_correlations():
    corpus, _ = made_up_corpus()  # everything rises with loudness
    weights = np.ones((8, 7))
    assert contradicted_correlations(corpus, weights) == []
    weights[2, 4] = -0.1
    assert contradicted_correlations(corpus, weights) == ["tension by dissonance"]
