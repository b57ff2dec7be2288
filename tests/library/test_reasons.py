"""Reasons: exact sums, and words that say no other than the numbers."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from midcli.labels import Label
from midcli.library.columns import Library
from midcli.library.index import open_library
from midcli.library.playlists import Length, path
from midcli.library.query import Query
from midcli.library.reasons import Reasons
from midcli.library.search import Ranking, Scale, find, rank
from tests.library_files import predictions, qualities, write_library


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Library:
    path = tmp_path_factory.mktemp("library") / "library.jsonl"
    write_library(path, predictions(tiny_model, qualities(60)))
    return open_library(path, tiny_model)


def test_contributions_sum_to_the_difference_from_the_average(library: Library) -> None:
    ranking = find(library, "tense, not dissonant")
    average = dict(zip(library.names, Scale(library).average.tolist(), strict=True))
    for place in range(len(ranking)):
        why = Reasons(ranking).of(place)
        assert set(why.differences) == {"tension", "dissonance"}
        tension = why.differences["tension"]
        assert sum(tension.contributions.values()) == pytest.approx(tension.value - average["tension"])
        assert tension.base == pytest.approx(average["tension"])


def test_contributions_sum_to_the_difference_from_the_reference(library: Library) -> None:
    ranking = find(library, like=["000.wav"])
    why = Reasons(ranking).of(3)
    for name in library.emotion_names:
        one = why.differences[name]
        assert sum(one.contributions.values()) == pytest.approx(one.points)
        assert one.base == pytest.approx(library.values[0, library.names.index(name)])
    assert {name for name, one in why.differences.items() if not one.contributions} == set(library.names[-7:])


def test_the_line_says_the_numbers(library: Library) -> None:
    ranking = find(library, "tense")
    why = Reasons(ranking).of(0)
    value = library.values[ranking.rows[0], library.names.index("tension")]
    assert why.words.startswith(f"tense: {value:.1f}, higher than ".replace("-", "−"))
    named = re.findall(r"\(([^)]*)\)", why.words)[0].split(", ")
    parts = sorted(why.differences["tension"].contributions.values(), reverse=True)
    assert [float(text.rsplit(" ", 1)[1]) for text in named] == [
        round(part, 1) for part in parts[: len(named)]
    ]


def test_a_departure_is_the_furthest_in_the_spreads_of_the_library(library: Library) -> None:
    ranking = find(library, like=["000.wav"])
    why = Reasons(ranking).of(len(ranking) - 1)
    spread = dict(zip(library.names, Scale(library).spread.tolist(), strict=True))
    furthest = max(why.differences.values(), key=lambda one: abs(one.points) / spread[one.name])
    assert f"{abs(furthest.points):.1f} points" in why.words.split("but ")[-1]


def test_what_is_called_alike_is_nearer_than_a_departure(library: Library) -> None:
    ranking = find(library, like=["000.wav"], on="qualities")
    spread = dict(zip(library.names, Scale(library).spread.tolist(), strict=True))
    alike = 0
    for place in range(len(ranking)):
        why = Reasons(ranking).of(place)
        for said in re.findall(r"as [a-z ]+ \((\d+\.\d), (\d+\.\d)\)", why.words):
            named = [
                one for one in why.differences.values() if (f"{one.value:.1f}", f"{one.base:.1f}") == said
            ]
            assert any(abs(one.points) < spread[one.name] / 2 for one in named)
            alike += 1
    assert alike > 10


def test_a_change_is_said_first(library: Library) -> None:
    ranking = find(library, like=["000.wav"], but="less staccato")
    for place in range(len(ranking)):
        words = Reasons(ranking).of(place).words
        assert re.match(r"(\d+\.\d points|hardly) more legato", words)
        assert "0.0 points" not in words


def test_opposites_depart_in_a_quality(library: Library) -> None:
    why = Reasons(find(library, like=["000.wav"], opposite=True)).of(0)
    assert "; but " in why.words or why.words.startswith("but ")


@pytest.mark.parametrize(
    "request_", [{"words": "tense"}, {"like": ["001.wav"]}, {"least": {"dissonance": 1}}]
)
def test_every_hit_has_one_line(library: Library, request_: dict[str, object]) -> None:
    ranking = find(library, **request_)  # type: ignore[arg-type]
    reasons = Reasons(ranking)
    assert all(reasons.of(place).words.count("\n") == 0 for place in range(len(ranking)))
    assert np.isfinite([one.value for one in reasons.of(0).differences.values()]).all()


def test_on_a_way_each_piece_is_compared_with_the_one_before(library: Library) -> None:
    ranking = rank(library, Query())
    ends = [library.midlevel[row] for row in ranking.rows[[0, -1]].tolist()]
    listed = path(ranking, ends[0], ends[1], Length(pieces=6))
    reasons = Reasons(listed)
    assert "the start: " in reasons.of(0).words
    for place in range(1, 6):
        why = reasons.of(place)
        before = library.values[listed.rows[place - 1]]
        assert "from the one before: " in why.words
        for name, one in why.differences.items():
            assert one.base == pytest.approx(before[library.names.index(name)])
            if one.contributions:
                assert sum(one.contributions.values()) == pytest.approx(one.points)


def test_the_piece_in_the_middle_stands_on_the_side_that_is_asked_for(
    tmp_path: Path, tiny_model: Path
) -> None:
    path = write_library(tmp_path / "library.jsonl", predictions(tiny_model, qualities(5)))
    library = open_library(path, tiny_model)
    for words, side in (("dissonant", "higher"), ("not dissonant", "lower")):
        ranking = find(library, words)
        said = [Reasons(ranking).of(place).words for place in range(len(ranking))]
        assert any(f"{side} than 50 %" in line for line in said)
        assert all(f", {side} than " in line for line in said)


def test_a_key_or_rhythm_is_something(library: Library) -> None:
    ranking = find(library, like=["000.wav"])
    lines = [Reasons(ranking).of(place).words for place in range(len(ranking))]
    assert any("its key is " in line or "its rhythm is " in line for line in lines)
    assert not any(re.search(r"its (key|rhythm|beat) \d", line) for line in lines)


def test_a_bound_has_its_sources_too(library: Library) -> None:
    ranking = find(library, least={"tension": 1.0})
    why = Reasons(ranking).of(0)
    value = why.differences["tension"].value
    assert re.match(rf"tension {value:.1f} \(", why.words)


def test_what_there_is_little_of_is_said_in_english(library: Library) -> None:
    ranking = find(library, "not angry")
    lines = [why_of(ranking, place) for place in range(len(ranking))]
    assert any(line.startswith("not angry: ") for line in lines)
    assert any(line.startswith("a little less angry: ") for line in lines)
    assert not any("barely not" in line for line in lines)


def test_no_piece_is_as_little_an_adjective(library: Library) -> None:
    labels = tuple(Label(f"epic{letter}", "", "not epic", "epic") for letter in "abcdefgh")
    own = replace(library.head, labels=labels)
    ranking = find(replace(library, heads={library.vocabulary: own}), like=["000.wav"])
    lines = [why_of(ranking, place) for place in range(len(ranking))]
    assert any("as low a value of epic" in line for line in lines)
    assert not any("as little" in line for line in lines)


def why_of(ranking: Ranking, place: int) -> str:
    return Reasons(ranking).of(place).words
