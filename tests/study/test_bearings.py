"""What columns of other corpora say of the eight emotions."""

from pathlib import Path

import numpy as np
import pytest

from midcli.corpora.corpus import Corpus, Excerpt
from midcli.errors import DataError
from midcli.labels import EMOTION_NAMES
from midcli.study.bearings import emotion_weights, emotions_of, lesson_of, ratings_of_heard
from midcli.study.recipes import DEFAULT, Bearing, Lesson


def songs(*rows: dict[str, str], name: str = "songs") -> Corpus:
    nothing = (np.full(7, np.nan), np.full(8, np.nan))
    return Corpus(
        name,
        tuple(Excerpt(str(n), Path("a.wav"), *nothing, "group", cells) for n, cells in enumerate(rows)),
    )


def column(values: np.ndarray, emotion: str) -> list[float]:
    return values[:, EMOTION_NAMES.index(emotion)].tolist()


def test_numbers_categories_and_differences() -> None:
    lesson = Lesson(
        bearings=(
            Bearing("energy", "power", minus="calmness"),
            Bearing("happy", "mood", ("joyful", "merry"), weight=0.5),
        )
    )
    corpus = songs(
        {"power": "0.75", "calmness": "0.5", "mood": "merry"},
        {"power": "0.25", "calmness": "1", "mood": "bleak"},
        {"power": "", "calmness": "", "mood": ""},
    )
    values = emotions_of(corpus, lesson)
    assert column(values, "energy")[:2] == [0.25, -0.75]
    assert column(values, "happy")[:2] == [1, 0]
    assert np.isnan(values[2]).all()
    assert np.isnan(column(values, "valence")).all()
    assert emotion_weights(lesson)[EMOTION_NAMES.index("happy")] == 0.5
    assert emotion_weights(lesson)[EMOTION_NAMES.index("fear")] == 0


def test_only_ratings_of_what_was_heard_come_on_the_common_scale() -> None:
    lesson = Lesson(bearings=(Bearing("valence", "v", scale=(1.0, 5.0)), Bearing("sad", "s")))
    ratings = ratings_of_heard(songs({"v": "1", "s": "0.2"}, {"v": "5", "s": "0.4"}), lesson)
    assert column(ratings, "valence") == [1, 9]
    assert np.isnan(column(ratings, "sad")).all()


def test_a_missing_column_and_what_is_no_number_are_named() -> None:
    lesson = Lesson(bearings=(Bearing("valence", "v"),))
    with pytest.raises(DataError, match="songs: has no column `v`, which bears on valence"):
        emotions_of(songs({"w": "1"}), lesson)
    for wrong in ("much", "nan", "inf"):
        with pytest.raises(DataError, match=f"songs: 0: v: '{wrong}' is not a number"):
            emotions_of(songs({"v": wrong}), lesson)


def test_an_unknown_corpus_teaches_what_its_columns_are_called() -> None:
    lesson = lesson_of(songs({"file": "a.wav", "energy": "4", "colour": "red"}), DEFAULT.beside)
    assert [(bearing.emotion, bearing.column) for bearing in lesson.bearings] == [("energy", "energy")]
    assert lesson_of(songs({"file": ""}, name="mirex"), DEFAULT.beside) is DEFAULT.beside["mirex"]
