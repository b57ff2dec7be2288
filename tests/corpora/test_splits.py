"""Splits: disjoint, complete, repeatable, and whole groups where groups count."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midcli.corpora.corpus import Corpus, Excerpt
from midcli.corpora.splits import PROTOCOLS, folds_of_groups, group_folds, split
from midcli.errors import DataError

IDS = tuple(f"{number:03}" for number in range(1, 361))


def corpus(groups: int = 45) -> Corpus:
    excerpts = (
        Excerpt(name, Path(name), np.zeros(7), np.zeros(8), f"album {int(name) % groups}") for name in IDS
    )
    return Corpus("made up", tuple(excerpts), IDS[:36], IDS[36:72])


@pytest.mark.parametrize("validate", [True, False])
@pytest.mark.parametrize("protocol", PROTOCOLS)
@given(seed=st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_parts_are_disjoint_complete_and_repeatable(protocol: str, validate: bool, seed: int) -> None:
    parts = split(corpus(), protocol, seed, validate)
    assert sorted([*parts.train, *parts.validation, *parts.test]) == list(IDS)
    assert bool(parts.validation) == validate
    assert parts == split(corpus(), protocol, seed, validate)


def test_sizes() -> None:
    assert len(split(corpus(), "random", 0, validate=True).test) == 72
    assert len(split(corpus(), "midlevel", 0, validate=True).test) == 32  # four of 45 albums of eight
    assert [len(part) for part in vars(split(corpus(), "fixed36", 0, validate=True)).values()] == [
        288,
        36,
        36,
    ]


def test_the_test_part_does_not_depend_on_validation() -> None:
    for protocol in PROTOCOLS:
        assert split(corpus(), protocol, 3, True).test == split(corpus(), protocol, 3, False).test


def test_seeds_change_random_splits_but_not_the_fixed_one() -> None:
    assert split(corpus(), "random", 0, True) != split(corpus(), "random", 1, True)
    assert split(corpus(), "fixed36", 0, True) == split(corpus(), "fixed36", 1, True)


def test_no_album_on_both_sides() -> None:
    made_up = corpus()
    album = {excerpt.id: excerpt.group for excerpt in made_up.excerpts}
    parts = split(made_up, "album", 0, validate=True)
    sides = [{album[name] for name in part} for part in vars(parts).values()]
    assert not sides[0] & sides[1]
    assert not sides[0] & sides[2]
    assert not sides[1] & sides[2]


@given(seed=st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_midlevel_tests_artists_that_occur_least(seed: int) -> None:
    rare = corpus(groups=40)
    once = tuple(replace(e, group=f"only {e.id}") if e.id < "051" else e for e in rare.excerpts)
    for made_up in (rare, replace(rare, excerpts=once)):
        artist = {excerpt.id: excerpt.group for excerpt in made_up.excerpts}
        parts = split(made_up, "midlevel", seed, validate=True)
        known = {artist[name] for name in (*parts.train, *parts.validation)}
        assert not known & {artist[name] for name in parts.test}
    assert len(parts.test) == 29
    assert all(artist[name].startswith("only") for name in parts.test)


def test_midlevel_artists_tests_whole_artists_of_any_size() -> None:
    made_up = corpus(groups=40)
    once = tuple(replace(e, group=f"only {e.id}") if e.id < "051" else e for e in made_up.excerpts)
    made_up = replace(made_up, excerpts=once)
    artist = {excerpt.id: excerpt.group for excerpt in made_up.excerpts}
    parts = split(made_up, "midlevel-artists", 0, validate=False)
    tested = {artist[name] for name in parts.test}
    assert not tested & {artist[name] for name in parts.train}
    assert any(not group.startswith("only") for group in tested)
    assert len(parts.test) == pytest.approx(0.08 * len(IDS), abs=9)


@pytest.mark.parametrize("validation", [IDS[30:66], ("no such excerpt",)])
def test_published_parts_must_be_different_excerpts_of_the_corpus(validation: tuple[str, ...]) -> None:
    with pytest.raises(DataError, match="fixed-validation-36"):
        split(replace(corpus(), fixed_validation=validation), "fixed36", 0, validate=True)


@pytest.mark.parametrize(
    ("test", "validate", "complaint"),
    [
        ((), False, r"run without soundtracks/fixed-test-36\.txt; each is"),
        (
            (),
            True,
            r"without soundtracks/fixed-test-36\.txt and soundtracks/fixed-validation-36\.txt; each is",
        ),
        (IDS[:36], True, r"stops by validation without soundtracks/fixed-validation-36\.txt; each is"),
    ],
)
def test_what_the_files_of_fixed36_are_is_said_where_they_are_absent(
    test: tuple[str, ...], validate: bool, complaint: str
) -> None:
    with pytest.raises(DataError, match=f"{complaint} a text file .* does not come with the corpus"):
        split(replace(corpus(), fixed_test=test, fixed_validation=()), "fixed36", 0, validate)


def test_a_validation_part_is_needed_only_to_validate() -> None:
    assert len(split(replace(corpus(), fixed_validation=()), "fixed36", 0, validate=False).train) == 324


def test_group_folds() -> None:
    made_up = corpus()
    album = {excerpt.id: excerpt.group for excerpt in made_up.excerpts}
    folds = group_folds(made_up, 5, 0)
    assert sorted(name for fold in folds for name in fold) == list(IDS)
    groups = [{album[name] for name in fold} for fold in folds]
    assert sum(map(len, groups)) == 45
    assert max(map(len, folds)) - min(map(len, folds)) <= 8
    with pytest.raises(DataError, match="groups"):
        group_folds(corpus(groups=3), 5, 0)


def test_folds_of_several_corpora_keep_groups_together_and_each_corpus_even():
    def corpus(name, groups):
        rated = (np.full(7, 5.0), np.full(8, 5.0))
        excerpts = (Excerpt(f"{name} {n}", Path("a.wav"), *rated, group) for n, group in enumerate(groups))
        return Corpus(name, tuple(excerpts))

    first = corpus("first", [f"a{n // 2}" for n in range(40)])
    second = corpus("second", [f"b{n}" for n in range(18)] + ["a0", "a1"])
    folds = folds_of_groups([first, second], 4, seed=3)
    assert sorted(group for fold in folds for group in fold) == sorted(
        {e.group for c in (first, second) for e in c.excerpts}
    )
    for each in (first, second):
        sizes = [sum(excerpt.group in fold for excerpt in each.excerpts) for fold in folds]
        assert max(sizes) - min(sizes) <= 2
    assert folds == folds_of_groups([first, second], 4, seed=3)
