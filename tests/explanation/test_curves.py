"""Curves must average to the values of the piece, and turning points must add up."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midcli.errors import UsageError
from midcli.explanation.curves import Curves, TurningPoint, curves, important, turning_points
from midcli.labels import EMOTION_NAMES
from midcli.model.head import Head

WEIGHTS = np.random.default_rng(0).normal(0, 0.4, (8, 7))
HEAD = Head(WEIGHTS, np.random.default_rng(1).uniform(1, 3, 8))


def made_up_curves(values: np.ndarray, duration_s: float, window_s: float | None = None) -> Curves:
    return curves(values, HEAD, duration_s, window_s)


@given(
    seed=st.integers(0, 1000),
    columns=st.integers(1, 200),
    window_s=st.none() | st.floats(0.01, 500),
)
@settings(max_examples=80, deadline=None)
def test_the_mean_of_a_curve_is_the_value(seed: int, columns: int, window_s: float | None) -> None:
    values = np.random.default_rng(seed).normal(5, 2, (7, columns))
    made = made_up_curves(values, columns * 0.5, window_s)
    emotions = WEIGHTS @ values.mean(axis=1) + HEAD.intercept
    np.testing.assert_allclose(made.midlevel.mean(axis=1), values.mean(axis=1), atol=1e-9)
    np.testing.assert_allclose(made.emotions.mean(axis=1), emotions, atol=1e-9)
    assert made.times_s.shape == (columns,)
    assert 0 < made.times_s[0] <= made.times_s[-1] < columns * 0.5


def test_inside_a_piece_it_is_a_plain_running_mean() -> None:
    values = np.random.default_rng(0).normal(5, 2, (7, 30))
    made = made_up_curves(values, 30.0, window_s=5.0)
    assert made.window_s == 5.0
    np.testing.assert_allclose(made.midlevel[:, 10], values[:, 8:13].mean(axis=1))


@pytest.mark.parametrize(("duration_s", "window_s"), [(15, 3), (180, 6), (3600, 60), (36000, 60)])
def test_the_window_grows_with_the_piece(duration_s: float, window_s: float) -> None:
    values = np.full((7, int(duration_s * 2)), 5.0)
    assert made_up_curves(values, duration_s).window_s == pytest.approx(window_s, abs=0.51)


def with_tension(tension: np.ndarray) -> Curves:
    """Curves in which only tension moves, all of it because of dissonance."""
    weights = np.zeros((8, 7))
    weights[2, 4] = 0.5
    values = np.full((7, len(tension)), 5.0)
    values[4] = tension / 0.5
    return curves(values, Head(weights, np.zeros(8)), len(tension) * 1.0, window_s=1.0)


@pytest.mark.parametrize("window_s", [0, -1.0, float("nan"), float("inf")])
def test_a_window_without_a_length_is_refused(window_s: float) -> None:
    with pytest.raises(UsageError, match=f"window_s={window_s:g}: a window is a number of seconds"):
        made_up_curves(np.ones((7, 9)), 4.5, window_s)


def test_a_step_is_one_turning_point_where_it_happens() -> None:
    tension = np.where(np.arange(100) < 60, 3.0, 5.0)
    (point,) = turning_points(with_tension(tension), np.ones(8))
    assert point.emotion == "tension"
    assert point.time_s == 60.5
    assert (point.start_s, point.end_s) == (59.5, 60.5)
    assert (point.before, point.after) == (pytest.approx(3), pytest.approx(5))
    assert point.contributions["dissonance"] == pytest.approx(2.0)
    assert sum(point.contributions.values()) == pytest.approx(point.change)


def test_wavering_below_the_threshold_is_no_turning_point() -> None:
    tension = 4 + 0.45 * np.sin(np.arange(200))
    assert turning_points(with_tension(tension), np.ones(8)) == []


def test_without_a_threshold_what_is_not_visible_is_no_turning_point() -> None:
    assert turning_points(with_tension(4 + 0.04 * np.sin(np.arange(200))), np.zeros(8)) == []
    (point,) = turning_points(with_tension(np.linspace(3, 5, 50)), np.zeros(8))
    assert point.change == pytest.approx(2)


def test_what_is_visible_depends_on_the_scale() -> None:
    made = with_tension(4 + 0.5 * np.sin(np.arange(200)))
    of_hundred = made._replace(head=Head(made.head.weights, made.head.intercept, scale=(0.0, 100.0)))
    assert turning_points(made, np.zeros(8))
    assert turning_points(of_hundred, np.zeros(8)) == []


def test_rise_and_fall_alternate() -> None:
    tension = np.concatenate(
        [np.full(20, 3.0), np.linspace(3, 6, 21), np.linspace(6, 2, 41), np.full(9, 2.0)]
    )
    rise, fall = turning_points(with_tension(tension), np.ones(8))
    assert rise.change == pytest.approx(3)
    assert fall.change == pytest.approx(-4)
    assert rise.time_s == pytest.approx(30.5)
    assert rise.end_s < fall.start_s < fall.time_s == pytest.approx(61.5, abs=1)


@given(seed=st.integers(0, 1000), columns=st.integers(1, 150), threshold=st.floats(0.1, 3))
@settings(max_examples=60, deadline=None)
def test_turning_points_add_up(seed: int, columns: int, threshold: float) -> None:
    values = 5 + np.random.default_rng(seed).normal(0, 1, (7, columns)).cumsum(axis=1) / 3
    made = made_up_curves(values, columns * 0.5)
    points = turning_points(made, np.full(8, threshold))
    assert [point.time_s for point in points] == sorted(point.time_s for point in points)
    for point in points:
        assert abs(point.change) >= threshold - 1e-9
        assert sum(point.contributions.values()) == pytest.approx(point.change, abs=1e-9)
        assert point.start_s <= point.time_s <= point.end_s
    for k, emotion in enumerate(EMOTION_NAMES):
        signs = [point.change > 0 for point in points if point.emotion == emotion]
        assert all(before != after for before, after in pairwise(signs))
        if not signs:
            assert np.ptp(made.emotions[k]) < threshold


def change_of(emotion: str, start_s: float, end_s: float, change: float) -> TurningPoint:
    label = HEAD.labels[EMOTION_NAMES.index(emotion)]
    return TurningPoint(emotion, (start_s + end_s) / 2, start_s, end_s, 5.0, 5.0 + change, {}, {}, label)


def test_of_one_change_the_emotion_that_moves_most_is_told() -> None:
    points = [change_of("fear", 10, 20, 2.0), change_of("tension", 11, 19, 3.0)]
    assert important(points, {"fear": 1.0, "tension": 1.0}) == points[1:]
    assert important(points, {"fear": 0.5, "tension": 1.0}) == points[:1]


def test_a_long_change_leaves_a_short_one_of_another_emotion() -> None:
    points = [change_of("fear", 5, 8, 1.0), change_of("sad", 0, 60, 3.0), change_of("fear", 40, 45, -1.0)]
    spreads = dict.fromkeys(EMOTION_NAMES, 1.0)
    assert important(points, spreads) == sorted(points, key=lambda point: point.time_s)
