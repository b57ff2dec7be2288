"""The arithmetic of explanations: sums must be exact."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from midcli.explanation.effects import explain, percentile
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.model.head import Head, Interval

values = st.floats(-2, 2, allow_nan=False, width=32)


@given(
    midlevel=arrays(np.float64, 7, elements=values),
    weights=arrays(np.float64, (8, 7), elements=values),
    intercept=arrays(np.float64, 8, elements=values),
    reference=arrays(np.float64, (5, 7), elements=values),
)
@settings(max_examples=50, deadline=None)
def test_effects_add_up(
    midlevel: np.ndarray, weights: np.ndarray, intercept: np.ndarray, reference: np.ndarray
) -> None:
    explanation = explain(midlevel, Head(weights, intercept), reference)
    expected = weights @ midlevel + intercept
    assert tuple(explanation.midlevel) == QUALITY_NAMES
    assert tuple(explanation.emotions) == EMOTION_NAMES
    for emotion, value in zip(explanation.emotions.values(), expected, strict=True):
        assert emotion.value == pytest.approx(value, abs=1e-9)
        assert emotion.value == pytest.approx(emotion.intercept + sum(emotion.effects.values()), abs=1e-9)
        relative = emotion.average + sum(emotion.relative_effects.values())
        assert emotion.value == pytest.approx(relative, abs=1e-9)
        assert 0 <= emotion.percentile <= 100


def test_the_average_piece_has_no_relative_effects() -> None:
    rng = np.random.default_rng(0)
    reference = rng.uniform(1, 10, (20, 7))
    head = Head(rng.normal(size=(8, 7)), rng.normal(size=8))
    explanation = explain(reference.mean(axis=0), head, reference)
    for emotion in explanation.emotions.values():
        assert emotion.value == pytest.approx(emotion.average)
        assert all(abs(effect) < 1e-12 for effect in emotion.relative_effects.values())


def test_values_are_never_clipped_but_interval_ends_are_as_far_as_the_value() -> None:
    reference = np.full((3, 7), 5.0)
    interval = Interval(np.full(7, -1.0), np.full(7, 1.0))
    explanation = explain(np.full(7, 0.5), Head(np.zeros((8, 7)), np.full(8, 9.5)), reference, interval)
    quality = explanation.midlevel["dissonance"]
    assert quality.value == pytest.approx(0.5)
    assert (quality.low, quality.high) == (pytest.approx(0.5), pytest.approx(1.5))
    assert explanation.emotions["fear"].value == pytest.approx(9.5)
    assert explanation.emotions["fear"].low is None


def test_percentile_counts_ties_half() -> None:
    assert percentile(2.0, np.array([1.0, 2.0, 2.0, 3.0])) == 50
    assert percentile(0.0, np.array([1.0, 2.0])) == 0
    assert percentile(9.0, np.array([1.0, 2.0])) == 100
