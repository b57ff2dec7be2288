"""Ranking: the formula of the docs, recomputed plainly; doubt; references in the library and outside it."""

from pathlib import Path

import numpy as np
import pytest

from midcli.errors import UsageError
from midcli.labels import QUALITY_NAMES
from midcli.library.columns import Library
from midcli.library.index import open_library
from midcli.library.query import On
from midcli.library.search import Scale, find
from midcli.model.file import Interval
from tests.library_files import predictions, qualities, write_library

PIECES = 40


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Library:
    path = tmp_path_factory.mktemp("library") / "library.jsonl"
    write_library(path, predictions(tiny_model, qualities(PIECES), flagged=[7]))
    return open_library(path, tiny_model)


def values(library: Library, name: str) -> list[float]:
    return library.values[:, library.names.index(name)].tolist()


def share_below(library: Library, name: str, value: float) -> float:
    music = [other for row, other in enumerate(values(library, name)) if library.is_music[row]]
    return (sum(other < value for other in music) + sum(other <= value for other in music)) / 2 / len(music)


def test_scores_of_words_are_weighted_geometric_means_of_standings(library: Library) -> None:
    ranking = find(library, "very tense, not dissonant")
    expected = {}
    for row in range(PIECES):
        tense = share_below(library, "tension", values(library, "tension")[row])
        consonant = 1 - share_below(library, "dissonance", values(library, "dissonance")[row])
        if tense >= 0.5 and consonant >= 0.5 and row != 7:
            expected[row] = 100 * (tense**2 * consonant) ** (1 / 3)
    assert dict(zip(ranking.rows.tolist(), ranking.scores.tolist(), strict=True)) == pytest.approx(expected)
    assert ranking.scores.tolist() == sorted(ranking.scores, reverse=True)
    assert 0 < len(ranking) < PIECES


def test_options_mean_what_words_mean(library: Library) -> None:
    words = find(library, "tense, not dissonant")
    options = find(library, high=["tension"], low=["dissonance"])
    assert words.rows.tolist() == options.rows.tolist()


def test_what_is_asked_for_twice_counts_once(library: Library) -> None:
    once, twice = find(library, "tense, sad"), find(library, "tense, sad", high=["tension", "tension"])
    assert twice.rows.tolist() == once.rows.tolist()
    assert twice.scores.tolist() == once.scores.tolist()


def test_bounds_are_in_points_and_leave_out(library: Library) -> None:
    limit = float(np.median(values(library, "dissonance")))
    ranking = find(library, least={"dissonance": limit}, flagged=True)
    assert set(ranking.rows) == {
        row for row, value in enumerate(values(library, "dissonance")) if value >= limit
    }
    assert values(library, "dissonance")[ranking.rows[0]] == max(values(library, "dissonance"))
    both = find(library, least={"dissonance": limit}, most={"dissonance": limit + 0.3})
    assert all(limit <= values(library, "dissonance")[row] <= limit + 0.3 for row in both.rows)


def test_what_is_flagged_is_left_out_unless_asked_for(library: Library) -> None:
    assert 7 not in find(library, least={"dissonance": 1}).rows
    assert 7 in find(library, least={"dissonance": 1}, flagged=True).rows


@pytest.mark.parametrize("on", ["emotions", "qualities", "both"])
def test_likeness_halves_with_every_standard_deviation(library: Library, on: On) -> None:
    ranking = find(library, like=["000.wav"], on=on)
    columns = {"emotions": slice(0, 8), "qualities": slice(8, 15), "both": slice(0, 15)}[on]
    music = library.values[library.is_music]
    away = (library.values[:, columns] - library.values[0, columns]) / music.std(axis=0)[columns]
    expected = 100 * 0.5 ** np.sqrt((away**2).mean(axis=1))
    assert ranking.scores == pytest.approx(expected[ranking.rows])
    assert 0 not in ranking.rows
    assert len(ranking) == PIECES - 2


def test_changes_move_the_target_and_leave_out_the_other_side(library: Library) -> None:
    ranking = find(library, like=["000.wav"], but="less staccato")
    at = library.names.index("articulation")
    assert len(ranking)
    assert (library.values[ranking.rows, at] < library.values[0, at]).all()


def test_the_opposite_is_alike_in_emotion_and_far_in_qualities(library: Library) -> None:
    scale = Scale(library)
    ranking = find(library, like=["000.wav"], opposite=True)

    def distance(row: int, names: tuple[str, ...]) -> float:
        columns = [library.names.index(name) for name in names]
        away = (library.values[row, columns] - library.values[0, columns]) / scale.spread[columns]
        return float(np.sqrt(np.mean(away**2)))

    best = int(ranking.rows[0])
    expected = 2 ** -distance(best, library.emotion_names) * (1 - 2 ** -distance(best, QUALITY_NAMES))
    assert ranking.scores[0] == pytest.approx(100 * expected)


def test_several_references_mean_their_mean(library: Library) -> None:
    from midcli.library.query import Like, Query
    from midcli.library.search import rank

    mean = library.midlevel[[3, 4]].mean(axis=0)
    one = rank(library, Query(likes=(Like("mean", mean),)), leaving_out=[3, 4])
    two = find(library, like=["003.wav", "004.wav"])
    assert two.rows.tolist() == one.rows.tolist()
    assert two.scores.tolist() == pytest.approx(one.scores.tolist())


def test_hits_whose_interval_does_not_clear_the_condition_say_so(library: Library) -> None:
    from dataclasses import replace

    reach = 0.5
    sure = replace(library, midlevel_interval=Interval(np.full(7, -reach), np.full(7, reach)))
    ranking = find(sure, high=["dissonance"])
    median = Scale(sure).median("dissonance")
    for place, row in enumerate(ranking.rows):
        cleared = values(sure, "dissonance")[row] - reach > median
        assert ranking.perhaps(place) == (() if cleared else ("dissonance",))
    assert {len(ranking.perhaps(place)) for place in range(len(ranking))} == {0, 1}
    low = find(sure, most={"dissonance": 5.0})
    assert low.perhaps(0) == (() if values(sure, "dissonance")[low.rows[0]] + reach < 5 else ("dissonance",))


def test_without_intervals_everything_is_perhaps(library: Library) -> None:
    from dataclasses import replace

    unsure = replace(library, midlevel_interval=None)
    ranking = find(unsure, high=["dissonance"])
    assert all(ranking.perhaps(place) for place in range(len(ranking)))


def test_a_reference_outside_the_library_is_analysed_by_its_model(
    tmp_path: Path, tiny_model: Path, song: Path
) -> None:
    import midcli

    analysis = midcli.analyse(song, tiny_model)
    midlevel = np.array([[value.value for value in analysis.midlevel.values()]])
    twin = write_library(tmp_path / "l.jsonl", predictions(tiny_model, np.vstack([midlevel, qualities(3)])))
    ranking = find(twin, like=[song], model=tiny_model)
    assert len(ranking) == 4
    assert ranking.rows[0] == 0
    assert ranking.scores[0] == pytest.approx(100, abs=0.01)


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        ({}, "needs words"),
        ({"words": "cinematic"}, "not understood: cinematic"),
        ({"words": "tense, relaxed"}, "contradicts itself"),
        ({"high": ["tension"], "low": ["tension"]}, "contradicts itself"),
        ({"least": {"energy": 12}}, "energy goes from 1 to 9"),
        ({"high": ["tensoin"]}, "did you mean tension"),
        ({"words": "tense", "but": "sadder"}, "relative to a piece"),
        ({"words": "tense", "on": "moods"}, "moods: pieces are compared in emotions, qualities or both"),
    ],
)
def test_what_makes_no_sense_is_one_clear_error(
    library: Library, request_: dict[str, object], problem: str
) -> None:
    with pytest.raises(UsageError, match=problem):
        find(library, **request_)  # type: ignore[arg-type]


def test_equal_scores_are_in_the_order_of_their_names(tmp_path: Path, tiny_model: Path) -> None:
    names = ["b.wav", "c.wav", "a.wav"]
    same = np.tile(qualities(1), (3, 1))
    library = open_library(
        write_library(tmp_path / "l.jsonl", predictions(tiny_model, same, names)), tiny_model
    )
    ranking = find(library, "tense")
    assert [library.files[row] for row in ranking.rows] == sorted(names)


def test_another_vocabulary_is_searched_in_its_own_names(library: Library) -> None:
    from dataclasses import replace

    from midcli.labels import Label
    from midcli.library.reasons import Reasons
    from midcli.model.head import Head

    weights = np.array([[0.0, 0, 0, 0, 10, 0, 0]])
    mine = Head(
        weights, np.zeros(1), labels=(Label("epic", "epic", "small", "epic"),), scale=(0, 100), name="mine"
    )
    both = replace(library, heads={**library.heads, "mine": mine})
    ranking = find(both, "epic", vocabulary="mine")
    dissonance = library.midlevel[:, 4]
    assert dissonance[ranking.rows[0]] == dissonance[library.is_music].max()
    why = Reasons(ranking).of(0)
    assert why.words.startswith("epic: ")
    assert sum(why.differences["epic"].contributions.values()) == pytest.approx(
        why.differences["epic"].points
    )
    with pytest.raises(UsageError, match="no such name"):
        find(both, "epic", vocabulary="theirs")
