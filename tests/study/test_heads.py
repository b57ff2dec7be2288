"""Heads of one's own: what can be learned is, what cannot is said."""

from pathlib import Path

import numpy as np
import pytest

from midcli.corpora.labelled import Labelled, OwnLabel
from midcli.errors import DataError
from midcli.study.heads import fit_head

SONGS = 60


def labelled(midlevel: np.ndarray, *labels: tuple[str, np.ndarray], groups: int = 20) -> Labelled:
    return Labelled(
        tuple(Path(f"{k}.wav") for k in range(len(midlevel))),
        tuple(str(k % groups) for k in range(len(midlevel))),
        tuple(OwnLabel(name, values, (0.0, 10.0), is_category=False) for name, values in labels),
    )


@pytest.fixture
def midlevel() -> np.ndarray:
    return np.random.default_rng(0).normal(5, 1.5, (SONGS, 7))


def test_what_follows_from_the_qualities_is_learned_with_its_weights(midlevel: np.ndarray) -> None:
    noise = np.random.default_rng(1).normal(0, 0.3, SONGS)
    epic = 2 + 0.8 * midlevel[:, 4] - 0.5 * midlevel[:, 1] + noise
    head, (learned,) = fit_head("mine", labelled(midlevel, ("epic", epic)), midlevel)
    assert learned.is_learned
    assert learned.r > 0.9
    np.testing.assert_allclose(head.weights[0], [0, -0.5, 0, 0, 0.8, 0, 0], atol=0.1)
    assert head.names == ("epic",)
    assert head.labels[0].low_pole == "not epic"
    assert head.interval
    residuals = epic - head.emotions(midlevel)[:, 0]
    inside = (head.interval.low[0] <= residuals) & (residuals <= head.interval.high[0])
    assert 0.75 <= inside.mean() <= 0.95


def test_chance_is_left_out_and_said(midlevel: np.ndarray) -> None:
    rng = np.random.default_rng(2)
    both = labelled(midlevel, ("epic", midlevel[:, 0]), ("lucky", rng.normal(5, 1, SONGS)))
    head, learned = fit_head("mine", both, midlevel)
    assert head.names == ("epic",)
    assert {label.name: label.is_learned for label in learned} == {"epic": True, "lucky": False}
    assert fit_head("mine", both, midlevel, keep_all=True)[0].names == ("epic", "lucky")
    with pytest.raises(DataError, match=r"nothing can be learned: .* lucky"):
        fit_head("mine", labelled(midlevel, ("lucky", rng.normal(5, 1, SONGS))), midlevel)


def test_songs_of_one_group_do_not_vouch_for_each_other(midlevel: np.ndarray) -> None:
    """Artists have levels of their own: to know other songs of theirs would look like learning."""
    rng = np.random.default_rng(3)
    artist = np.arange(SONGS) % 10
    copies = midlevel[artist] + rng.normal(0, 0.01, (SONGS, 7))
    levels = rng.normal(5, 2, 10)[artist]
    (_, (apart,)) = fit_head("m", labelled(copies, ("own", levels), groups=10), copies, keep_all=True)
    (_, (together,)) = fit_head("m", labelled(copies, ("own", levels), groups=60), copies, keep_all=True)
    assert together.r > 0.8
    assert apart.r < 0.3


def test_few_groups_are_refused(midlevel: np.ndarray) -> None:
    with pytest.raises(DataError, match="of 2 groups; cross-validation needs at least 3"):
        fit_head("mine", labelled(midlevel, ("epic", midlevel[:, 0]), groups=2), midlevel)


def test_what_is_worse_than_chance_has_the_sign_that_is_shown_everywhere(midlevel: np.ndarray) -> None:
    chance = np.random.default_rng(1).normal(5, 1, SONGS)
    with pytest.raises(DataError) as told:
        fit_head("mine", labelled(midlevel, ("lucky", chance)), midlevel)
    assert "lucky −0." in str(told.value)
