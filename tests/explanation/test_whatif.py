"""What-if arithmetic adds up, stays on the scale, and finds the smallest change."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midcli.errors import UsageError
from midcli.explanation.whatif import Change, WhatIf
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.model.head import Head


def ingredients(seed: int, midlevel: np.ndarray | None = None) -> tuple[np.ndarray, Head, np.ndarray]:
    """Qualities of a piece, a head, and a reference."""
    rng = np.random.default_rng(seed)
    reference = 5.5 + rng.normal(0, 1.2, (60, 7)) @ rng.normal(0, 0.5, (7, 7))
    start = rng.uniform(2, 9, 7) if midlevel is None else midlevel
    return start, Head(rng.normal(0, 0.3, (8, 7)), rng.uniform(2, 6, 8)), reference


def made_up(seed: int, midlevel: np.ndarray | None = None) -> WhatIf:
    return WhatIf(*ingredients(seed, midlevel))


def test_set_changes_what_was_asked_and_nothing_else() -> None:
    piece = made_up(0, np.full(7, 5.0))
    outcome = piece.set([Change("dissonance", -2, relative=True), Change("minorness", 4.0, relative=False)])
    changed = {name: outcome.after[name] - outcome.before[name] for name in QUALITY_NAMES}
    assert changed["dissonance"] == pytest.approx(-2)
    assert changed["minorness"] == pytest.approx(-1)
    assert [name for name, change in changed.items() if change] == ["dissonance", "minorness"]
    for emotion in EMOTION_NAMES:
        change = outcome.emotions_after[emotion] - outcome.emotions_before[emotion]
        assert change == pytest.approx(sum(outcome.contributions[emotion].values()))


def test_set_refuses_to_leave_the_scale() -> None:
    piece = made_up(0, np.full(7, 2.5))
    with pytest.raises(UsageError, match=r"dissonance would become 0\.5; .* at 2\.5"):
        piece.set([Change("dissonance", -2, relative=True)])


@pytest.mark.parametrize("targets", [{}, {"happy": np.nan}, {"happy": np.inf}])
def test_there_must_be_something_to_reach(targets: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="rating points that they should reach"):
        made_up(0).reach(targets)


def test_a_piece_off_the_scale_may_stay_there() -> None:
    piece = made_up(0, np.array([0.5, *[5.0] * 6]))
    outcome = piece.set([Change("dissonance", 1, relative=True)])
    assert outcome.after["melodiousness"] == pytest.approx(0.5)
    target = outcome.emotions_before["happy"]
    search = piece.reach({"happy": target})
    assert search.outcome is not None
    assert search.outcome.distance == pytest.approx(0, abs=1e-6)


@given(seed=st.integers(0, 500), target=st.floats(1, 9), emotion=st.sampled_from(EMOTION_NAMES))
@settings(max_examples=25, deadline=None)
def test_reach_is_reached_within_the_scale_or_impossible(seed: int, target: float, emotion: str) -> None:
    search = made_up(seed).reach({emotion: target})
    least, most = search.attainable[emotion]
    if search.outcome is None:
        assert not least <= target <= most
        return
    outcome = search.outcome
    assert outcome.emotions_after[emotion] == pytest.approx(target, abs=1e-6)
    assert all(1 - 1e-9 <= value <= 10 + 1e-9 for value in outcome.after.values())
    assert least - 1e-6 <= target <= most + 1e-6


def test_without_bounds_in_the_way_it_is_the_closed_form() -> None:
    start, head, reference = ingredients(3, np.full(7, 5.5))
    weights, precision = head.weights[5], np.linalg.inv(np.cov(reference, rowvar=False))
    search = WhatIf(start, head, reference).reach({"happy": float(head.emotions(start)[5]) + 0.2})
    direction = np.linalg.solve(precision, weights)
    expected = 0.2 * direction / (weights @ direction)
    assert search.outcome is not None
    change = np.array(list(search.outcome.after.values())) - start
    np.testing.assert_allclose(change, expected, atol=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_no_admissible_change_is_smaller(seed: int) -> None:
    """Against many random admissible points, and the optimality conditions in their neighbourhood."""
    rng = np.random.default_rng(seed)
    start, head, reference = ingredients(seed, rng.uniform(1.2, 3, 7))
    precision = np.linalg.inv(np.cov(reference, rowvar=False))
    piece = WhatIf(start, head, reference)
    least, most = piece.reach({"sad": 5.0}).attainable["sad"]
    before = float(head.emotions(start)[6])
    target = before + 0.6 * ((most if seed % 2 else least) - before)
    search = piece.reach({"sad": target})
    assert search.outcome is not None
    best = np.array(list(search.outcome.after.values()))
    weights = head.weights[6]
    ends = np.stack([np.full(7, 1.0), np.full(7, 10.0)])
    for _ in range(2000):
        other = rng.uniform(ends[0], ends[1]) if rng.uniform() < 0.5 else best + rng.normal(0, 0.1, 7)
        other = np.clip(other, *ends)
        j = rng.integers(7)
        other[j] += (target - head.intercept[6] - weights @ other) / weights[j]
        if 1 <= other[j] <= 10:
            change = other - start
            assert np.sqrt(change @ precision @ change) >= search.outcome.distance - 1e-9


def test_several_targets_at_once() -> None:
    piece = made_up(1, np.full(7, 5.0))
    before = piece.set([]).emotions_before
    wanted = {"happy": before["happy"] + 0.3, "tension": before["tension"] - 0.2}
    search = piece.reach(wanted)
    assert search.outcome is not None
    for emotion, value in wanted.items():
        assert search.outcome.emotions_after[emotion] == pytest.approx(value)


def test_the_impossible_is_said_to_be_impossible() -> None:
    search = made_up(0, np.full(7, 5.0)).reach({"happy": 100.0})
    assert search.outcome is None
    assert search.attainable["happy"][1] < 100


def test_the_typical_distance_is_the_median_between_pieces() -> None:
    reference = np.random.default_rng(0).normal(5, 1, (30, 7))
    piece = WhatIf(np.full(7, 5.0), Head(np.ones((8, 7)), np.ones(8)), reference)
    precision = np.linalg.inv(np.cov(reference, rowvar=False))
    changes = [one - other for one, other in combinations(reference, 2)]
    distances = [np.sqrt(change @ precision @ change) for change in changes]
    assert piece.typical_distance == pytest.approx(np.median(distances))


def test_a_reference_without_spread_has_no_distance() -> None:
    head = Head(np.ones((8, 7)), np.ones(8))
    with pytest.raises(UsageError, match="more than 7"):
        WhatIf(
            np.full(7, 5.0), Head(np.ones((8, 7)), np.ones(8)), np.random.default_rng(0).uniform(size=(7, 7))
        )
    with pytest.raises(UsageError, match="does not vary"):
        WhatIf(np.full(7, 5.0), head, np.full((30, 7), 5.0))
