"""Lists for listening: variety, arcs, paths, lengths, artists, seeds."""

import time
import tracemalloc
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midcli.errors import UsageError
from midcli.library.columns import Library
from midcli.library.index import open_library
from midcli.library.playlists import Length, Variety, apart, arc, in_order, path, varied
from midcli.library.query import Query, understand
from midcli.library.search import Ranking, find, rank
from tests.library_files import predictions, qualities, write_library

PIECES = 200


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Library:
    file = tmp_path_factory.mktemp("library") / "library.jsonl"
    write_library(file, predictions(tiny_model, qualities(PIECES)))
    return open_library(file, tiny_model)


@pytest.fixture(scope="module")
def everything(library: Library) -> Ranking:
    return rank(library, Query())


def minutes(ranking: Ranking) -> float:
    return float(ranking.library.rows["duration_s"][ranking.rows].sum()) / 60


def test_variety_spreads_the_qualities_within_the_mood(library: Library) -> None:
    ranking = find(library, "tense")
    listed, variety = varied(ranking, Length(8))
    assert len(listed) == len(set(listed.rows.tolist())) == 8
    assert listed.rows[0] == ranking.rows[0]
    assert set(listed.rows) <= set(ranking.rows[:80])
    assert variety.spread[1] > 1.2 * variety.spread[0]
    assert variety.score[0] == pytest.approx(ranking.scores[:8].mean())
    assert variety.score[1] == pytest.approx(listed.scores.mean())
    assert variety.score[1] <= variety.score[0]
    assert f"{variety.spread[1]:.2f} deviations apart" in variety.in_words


def test_another_list_of_the_same_spread_is_told() -> None:
    assert Variety((0.0, 0.0), (99.0, 94.0)).in_words == (
        "qualities 0.00 deviations apart as before; score 94, not 99"
    )
    assert Variety((1.0, 1.0), (99.0, 99.0)).in_words == "the pieces stay the same"


def test_each_next_piece_has_the_largest_marginal_relevance(library: Library) -> None:
    ranking = find(library, "tense")
    listed, _ = varied(ranking, Length(3))
    spread = library.values.std(axis=0)[8:]
    points = library.midlevel / spread
    chosen = listed.rows[:2]
    pool = [row for row in ranking.rows[:30] if row not in chosen]
    scores = dict(zip(ranking.rows.tolist(), ranking.scores.tolist(), strict=True))

    def merit(row: int) -> float:
        nearest = min(float(np.sqrt(np.mean((points[row] - points[one]) ** 2))) for one in chosen)
        return scores[row] - 100 * 2**-nearest

    assert listed.rows[2] == max(pool, key=merit)


def test_an_arc_rises_in_even_steps(library: Library, everything: Ranking) -> None:
    start, end = (understand(words, library.head).conditions for words in ("consonant", "dissonant"))
    listed = arc(everything, start, end, Length(10))
    values = library.values[listed.rows, library.names.index("dissonance")]
    assert (np.diff(values) > 0).all()
    steps = np.diff(values)
    assert steps.max() < 2.5 * steps.mean()
    assert values[0] < np.percentile(library.values[:, library.names.index("dissonance")], 10)
    assert values[-1] > np.percentile(library.values[:, library.names.index("dissonance")], 90)


def test_a_path_leads_from_one_piece_to_the_other(library: Library) -> None:
    everything = rank(library, Query(on="qualities"))
    listed = path(everything, library.midlevel[5], library.midlevel[9], Length(7))
    assert listed.rows[0] == 5
    assert listed.rows[-1] == 9
    assert len(set(listed.rows.tolist())) == 7


@pytest.mark.parametrize("seed", [None, 1, 2])
@pytest.mark.parametrize("count", [1, 2, 3, 12])
def test_a_path_between_neighbours_begins_and_ends_with_them(
    library: Library, count: int, seed: int | None
) -> None:
    everything = rank(library, Query(on="qualities"))
    points = library.midlevel / library.midlevel.std(axis=0)
    away = np.linalg.norm(points - points[5], axis=1)
    a, b = 5, int(np.argsort(away)[1])
    rows = path(everything, library.midlevel[a], library.midlevel[b], Length(count), seed).rows.tolist()
    assert [rows[0], rows[-1]] == ([a, b] if count > 1 else [a, a])
    assert len(set(rows)) == count


@pytest.mark.parametrize("wanted", [1.0, 10.0, 60.0])
def test_minutes_are_met_as_nearly_as_pieces_allow(
    library: Library, everything: Ranking, wanted: float
) -> None:
    start, end = (understand(words, library.head).conditions for words in ("consonant", "dissonant"))
    longest = float(library.rows["duration_s"].max()) / 60
    for listed in (
        in_order(everything, Length(minutes=wanted)),
        varied(everything, Length(minutes=wanted))[0],
        arc(everything, start, end, Length(minutes=wanted)),
    ):
        assert len(listed) >= 1
        assert abs(minutes(listed) - wanted) <= longest


def test_a_list_is_no_longer_than_its_hits(library: Library) -> None:
    few = find(library, "tense").part(slice(3))
    start = understand("consonant", library.head).conditions
    end = understand("dissonant", library.head).conditions
    for length in (Length(50), Length(minutes=500)):
        assert (
            len(in_order(few, length))
            == len(varied(few, length)[0])
            == len(arc(few, start, end, length))
            == 3
        )
    none = few.part(slice(0))
    for length in (Length(5), Length(minutes=5)):
        assert (
            len(in_order(none, length))
            == len(varied(none, length)[0])
            == len(arc(none, start, end, length))
            == 0
        )


@pytest.mark.parametrize(
    "length", [{"pieces": 0}, {"minutes": 0.0}, {"minutes": -5.0}, {"minutes": float("nan")}]
)
def test_a_list_of_no_length_is_refused(length: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="is none"):
        Length(**length)  # type: ignore[arg-type]


def test_an_arc_between_nothing_is_refused(library: Library, everything: Ranking) -> None:
    end = understand("consonant", library.head).conditions
    for ends in (([], end), (end, [])):
        with pytest.raises(UsageError, match="at both ends"):
            arc(everything, *ends, Length(5))


def test_the_same_seed_gives_the_same_list(library: Library) -> None:
    ranking = find(library, "tense")

    def files(seed: int | None) -> list[list[int]]:
        return [
            in_order(ranking, Length(10), seed).rows.tolist(),
            varied(ranking, Length(10), seed)[0].rows.tolist(),
            path(ranking, library.midlevel[0], library.midlevel[1], Length(10), seed).rows.tolist(),
        ]

    assert files(None) == files(None)
    assert files(3) == files(3)
    assert all(a != b for a, b in zip(files(3), files(4), strict=True))


def test_no_artist_follows_himself_where_that_can_be() -> None:
    assert apart(["a", "a", "b"]) == [0, 2, 1]
    assert apart([None, None, None]) == [0, 1, 2]
    assert apart(["a", "b", "a", None]) == [0, 1, 2, 3]
    assert apart([]) == []


@given(st.lists(st.sampled_from(["a", "b", "c", None]), max_size=14))
def test_repeats_are_as_few_as_can_be(artists: list[str | None]) -> None:
    order = apart(artists)
    assert sorted(order) == list(range(len(artists)))
    listed = [artists[place] for place in order]
    repeats = sum(a is not None and a == b for a, b in pairwise(listed))
    most = max((artists.count(artist) for artist in "abc"), default=0)
    assert repeats == max(0, most - 1 - (len(artists) - most))


def test_lists_of_thousands_take_seconds_and_little_memory(tmp_path: Path, tiny_model: Path) -> None:
    pieces = 1500
    file = write_library(tmp_path / "library.jsonl", predictions(tiny_model, qualities(pieces)))
    ranking = rank(open_library(file, tiny_model), Query())
    tracemalloc.start()
    listed, _ = varied(ranking, Length(pieces))
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(listed) == pieces
    assert peak_bytes < 20e6
    started = time.process_time()
    apart([f"artist {number}" for number in range(pieces)])
    assert time.process_time() - started < 5
