"""Pieces that change, found by how they do."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from midcli.errors import UsageError
from midcli.explanation.sections import Contrast
from midcli.labels import EmotionWords
from midcli.library.columns import Library
from midcli.library.contrasts import contrast_in_words, contrasting, turns
from midcli.library.hits import hits_of
from midcli.library.index import open_library
from midcli.library.query import Query, Turn, in_words
from midcli.library.search import find, rank
from tests.library_files import predictions, qualities, write_library

PIECES = 10
RISING = Contrast("tension", 2.0, 6.0, 0.0, 70.0)
FALLING = Contrast("tension", 3.0, 5.0, 40.0, 0.0)
HAPPY_AT_LAST = Contrast("happy", 2.5, 5.0, 0.0, 30.0)


@pytest.fixture
def library(tmp_path: Path, tiny_model: Path) -> Library:
    records = predictions(tiny_model, qualities(PIECES), flagged=[3])
    for row, contrast in ((1, RISING), (2, FALLING), (3, RISING), (5, HAPPY_AT_LAST)):
        records[row] = replace(records[row], contrast=contrast)
    return open_library(write_library(tmp_path / "library.jsonl", records), tiny_model)


def rows(library: Library, words: str) -> list[int]:
    return sorted(rank(library, Query(contrast=turns(words, library.head))).rows.tolist())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("any", [1, 2, 5]),
        ("tension", [1, 2]),
        ("calm to tense", [1]),
        ("from tense to calm", [2]),
        ("From Tense TO calm", [2]),
        ("sad to happy", [5]),
        ("relaxed to happy", [1, 5]),
        ("tender", []),
    ],
)
def test_pieces_are_found_by_their_loudest_contrast(
    library: Library, words: str, expected: list[int]
) -> None:
    assert rows(library, words) == expected


def test_what_changes_most_comes_first(library: Library) -> None:
    found = rank(library, Query(contrast=turns("tension", library.head)))
    assert found.rows.tolist() == [1, 2]
    standing = contrasting(library, ())
    assert found.scores == pytest.approx(100 * standing[[1, 2]])
    assert standing[[0, 4]] == pytest.approx(0)
    # of the nine pieces of music, six do not change at all
    assert sorted(standing[[1, 2, 5]]) == pytest.approx(np.array([6.5, 7.5, 8.5]) / 9)


def test_a_contrast_counts_beside_conditions(library: Library) -> None:
    both = find(library, "tense", contrast="any")
    alone = dict(zip(*(column.tolist() for column in (both.rows, both.scores)), strict=True))
    tense = find(library, "tense")
    for row, score in alone.items():
        of_tense = tense.scores[tense.rows.tolist().index(row)]
        assert score == pytest.approx((of_tense * 100 * contrasting(library, ())[row]) ** 0.5)


def test_the_reason_is_what_predict_kept(library: Library) -> None:
    hit = hits_of(rank(library, Query(contrast=turns("calm to tense", library.head))))[0]
    assert hit.contrast == RISING
    assert hit.why.words == "from relaxed (2.0, at 0:00) to tense (6.0, at 1:10)"
    assert hit.to_dict(())["contrast"] == RISING.to_dict()


def test_a_contrast_is_told_by_the_average_and_the_middle_of_the_scale(library: Library) -> None:
    assert contrast_in_words(FALLING, library.head, 4.0) == (
        "from tense (5.0, at 0:00) to relaxed (3.0, at 0:40)"
    )
    assert contrast_in_words(FALLING, library.head, 2.5) == (
        "from tense (5.0, at 0:00) to more relaxed (3.0, at 0:40)"
    )
    tender = Contrast("tender", 3.8, 4.8, 0.0, 20.0)
    assert contrast_in_words(tender, library.head, 3.2) == (
        "from less tender (3.8, at 0:00) to more tender (4.8, at 0:20)"
    )


def test_a_contrast_is_told_in_the_words_of_its_head(library: Library) -> None:
    words = EmotionWords("tightness", "tighter", "looser", "tight", "loose")
    labels = tuple(
        label._replace(words=words) if label.name == "tension" else label for label in library.head.labels
    )
    head = replace(library.head, labels=labels)
    assert contrast_in_words(RISING, head, 4.0) == "from loose (2.0, at 0:00) to tight (6.0, at 1:10)"
    assert in_words(Query(contrast=turns("loose to tight", head))) == "changing from loose to tight"
    assert in_words(Query(contrast=turns("tight", head))) == "changing in tightness"
    own = replace(library, heads={**library.heads, library.vocabulary: head})
    hit = hits_of(rank(own, Query(contrast=())))[0]
    assert "tight" in hit.why.words


def test_what_was_understood() -> None:
    assert in_words(Query(contrast=())) == "changing"
    assert in_words(Query(contrast=(Turn("tension"),))) == "changing in tension"
    said = in_words(Query(contrast=(Turn("fear", -1), Turn("happy", 1))))
    assert said == "changing from fearful to not fearful or from not happy to happy"


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("tense to tense", "contradicts itself"),
        ("staccato", "not of articulation"),
        ("cinematic", "not understood"),
        ("", "names no emotion"),
        ("tense to ", "names no emotion at one end"),
        ("tense to", "names no emotion at one end"),
        ("from tense", "names no emotion at one end"),
        ("to tense", "names no emotion at one end"),
    ],
)
def test_what_is_no_contrast_is_refused(library: Library, words: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        turns(words, library.head)


def test_contrasts_come_back_from_an_index(
    tmp_path: Path, tiny_model: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("midcli.library.index.WORTH_AN_INDEX_BYTES", 1)
    for _ in range(2):
        opened = open_library(library.path, tiny_model)
        assert opened.contrast(5) == HAPPY_AT_LAST
        assert opened.contrast(0) is None
    assert (tmp_path / "library.jsonl.index").exists()
