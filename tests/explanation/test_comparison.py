"""The difference of two pieces must split exactly into seven contributions."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from midcli.explanation.alignment import Alignment
from midcli.explanation.comparison import compare
from midcli.explanation.effects import explain
from midcli.explanation.mixes import same_moments
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.model.head import Head
from tests.views.test_terminal import analysis

values = arrays(np.float64, 7, elements=st.floats(-2, 2, width=32))


@given(a=values, b=values, seed=st.integers(0, 100))
@settings(max_examples=50, deadline=None)
def test_contributions_sum_to_the_difference(a: np.ndarray, b: np.ndarray, seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(8, 7))
    head = Head(weights, rng.normal(size=8))
    reference = rng.uniform(size=(9, 7))
    first = explain(a, head, reference)
    second = explain(b, head, reference)
    differences = compare(first, second)
    assert tuple(differences) == EMOTION_NAMES
    for k, difference in enumerate(differences.values()):
        assert tuple(difference.contributions) == QUALITY_NAMES
        assert difference.difference == pytest.approx(sum(difference.contributions.values()), abs=1e-9)
        np.testing.assert_allclose(list(difference.contributions.values()), weights[k] * (a - b), atol=1e-9)


def test_a_piece_differs_from_itself_in_nothing() -> None:
    rng = np.random.default_rng(0)
    head = Head(rng.normal(size=(8, 7)), rng.normal(size=8))
    piece = explain(rng.uniform(size=7), head, rng.uniform(size=(9, 7)))
    for difference in compare(piece, piece).values():
        assert difference.difference == 0
        assert set(difference.contributions.values()) == {0}


def test_mixes_are_compared_where_both_have_the_music() -> None:
    one, other = analysis(1), analysis(1)
    cells = one.cells + np.linspace(-1, 1, 40)[np.newaxis, :, np.newaxis]
    one, other = (
        replace(one, cells=cells, duration_s=40.0),
        replace(other, cells=cells[:, 10:], duration_s=30.0),
    )
    same = same_moments(one, other, Alignment(-10.0, 0.9))
    assert (same.start_s, same.end_s) == (10, 40)
    assert all(abs(item.difference) < 1e-9 for item in same.differences.values())
    other = replace(other, cells=cells[:, 10:] + 1)
    same = same_moments(one, other, Alignment(-10.0, 0.9))
    for name, item in same.differences.items():
        expected = -one.context.head.weights[one.context.head.names.index(name)].sum()
        assert item.difference == pytest.approx(expected)
        assert sum(item.contributions.values()) == pytest.approx(item.difference)
