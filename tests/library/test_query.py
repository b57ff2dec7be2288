"""Words to conditions, and queries that contradict themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midcli.errors import UsageError
from midcli.explanation.words.vocabulary import EMOTION_WORDS, QUALITY_WORDS
from midcli.labels import EMOTIONS, QUALITIES, QUALITY_NAMES, Label
from midcli.library.query import Bound, Condition, Like, Query, bound, condition, in_words, understand
from midcli.library.query_words import MEANINGS
from midcli.model.head import Head

HEAD = Head(np.zeros((8, 7)), np.zeros(8))


def read(text: str) -> list[tuple[str, int, float]]:
    return [(one.name, one.sign, one.weight) for one in understand(text, HEAD).conditions]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("happy -sad, !tense", [("happy", 1, 1.0), ("sad", -1, 1.0), ("tension", -1, 1.0)]),
        ("happy - sad", [("happy", 1, 1.0), ("sad", 1, 1.0)]),
        ("tense, not dissonant", [("tension", 1, 1), ("dissonance", -1, 1)]),
        ("tense but not dissonant", [("tension", 1, 1), ("dissonance", -1, 1)]),
        ("very tense and slightly sad", [("tension", 1, 2), ("sad", 1, 0.5)]),
        ("sadder, less staccato", [("sad", 1, 1), ("articulation", -1, 1)]),
        ("less relaxed", [("tension", 1, 1)]),
        ("not very happy", [("happy", -1, 0.5)]),
        ("not too happy", [("happy", -1, 0.5)]),
        ("too happy", [("happy", 1, 2)]),
        ("happy too", [("happy", 1, 1)]),
        ("energetic without being angry", [("energy", 1, 1), ("anger", -1, 1)]),
        ("anything but happy", [("happy", -1, 1)]),
        ("far from happy", [("happy", -1, 1)]),
        ("at least a little happy", [("happy", 1, 0.5)]),
        ("more sad than tense", [("sad", 1, 1), ("tension", -1, 1)]),
        ("less sad than tense", [("sad", -1, 1), ("tension", 1, 1)]),
        ("not sad or angry", [("sad", -1, 1), ("anger", -1, 1)]),
        ("more tense than sad or angry", [("tension", 1, 1), ("sad", -1, 1), ("anger", -1, 1)]),
        ("tension: high, energy: low", [("tension", 1, 1), ("energy", -1, 1)]),
        ("isn't happy", [("happy", -1, 1)]),
        ("neither tense nor sad", [("tension", -1, 1), ("sad", -1, 1)]),
        ("without energy", [("energy", -1, 1)]),
        ("calm", [("tension", -1, 1)]),
        ("noisier; calmer", [("dissonance", 1, 1), ("tension", -1, 1)]),
        ("hard to sing along", [("melodiousness", -1, 1)]),
        ("no clear key", [("tonal_stability", -1, 1)]),
        ("free beat", [("rhythmic_stability", -1, 1)]),
        ("unsteady", [("rhythmic_stability", -1, 1)]),
        ("irregular", [("rhythmic_stability", -1, 1)]),
        ("rhythmic complexity low", [("rhythmic_complexity", -1, 1)]),
        ("tension high", [("tension", 1, 1)]),
        ("TENSE/Happy", [("tension", 1, 1), ("happy", 1, 1)]),
        ("tense, very tense", [("tension", 1, 2)]),
        ("melancholic", [("sad", 1, 1)]),
        ("not very gloomy", [("sad", -1, 0.5), ("valence", 1, 0.5)]),
        ("terrifying", [("fear", 1, 2)]),
        ("slightly mellow", [("tension", -1, 0.5), ("tender", 1, 0.5)]),
        ("a little sad", [("sad", 1, 0.5)]),
        ("little energy", [("energy", -1, 1)]),
        ("kind of sad", [("sad", 1, 0.5)]),
        ("unhappy", [("happy", -1, 1)]),
        ("not so dissonant", [("dissonance", -1, 0.5)]),
        ("simple rhythm in a minor key", [("rhythmic_complexity", -1, 1), ("minorness", 1, 1)]),
        ("more tender than this", [("tender", 1, 1)]),
        ("something melodious in minor", [("melodiousness", 1, 1), ("minorness", 1, 1)]),
        ("", []),
    ],
)
def test_words_are_read_by_plain_rules(text: str, meaning: list[tuple[str, int, float]]) -> None:
    assert read(text) == meaning
    assert understand(text, HEAD).problem == ""


@pytest.mark.parametrize("label", EMOTIONS + QUALITIES, ids=lambda label: label.name)
def test_every_name_and_word_of_the_cards_is_understood(label: Label) -> None:
    words = {**EMOTION_WORDS, **QUALITY_WORDS}[label.name]
    assert read(label.name) == [(label.name, 1, 1)]
    for text, sign in ((words.noun, 1), (words.high, 1), (words.low, -1), (words.more, 1), (words.less, -1)):
        assert [one[:2] for one in read(text)] == [(label.name, sign)], text
    for pole, sign in ((label.high_pole, 1), (label.low_pole, -1)):
        assert {one[:2] for one in read(pole)} == {(label.name, sign)}, pole


def test_what_is_not_understood_is_told_with_what_may_be_meant() -> None:
    understood = understand("tens, cinematic, sad", HEAD)
    assert [one.name for one in understood.conditions] == ["sad"]
    assert understood.problem == "not understood: tens (did you mean tense?), cinematic"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("happy, not too fast", "fast (not judged: tempo; energetic comes nearest)"),
        ("sad piano", "piano (not judged: instruments)"),
        ("happy or sad", "or (all that is named is to fit)"),
        ("sad, tension below 3.5", "tension below 3.5 (points are bounds, not words)"),
        ("traurig, fröhlich", "traurig (the words are English), fröhlich (the words are English)"),
        ("extremly happy", "extremly (did you mean extremely?)"),
        ("happy, not", "not"),
        ("not sad or", "or"),
        ("sad to happy", "to (words are of whole pieces)"),
    ],
)
def test_what_cannot_be_asked_for_is_said(text: str, problem: str) -> None:
    assert understand(text, HEAD).problem == f"not understood: {problem}"
    assert "tension" not in [name for name, *_ in read(text)]


@pytest.mark.parametrize("text", MEANINGS)
def test_every_meaning_is_in_words_of_the_cards(text: str) -> None:
    understood = understand(MEANINGS[text], HEAD)
    assert understood.problem == ""
    assert len(understood.conditions) == len(MEANINGS[text].split(","))
    assert understand(text, HEAD) == understood
    on_cards = [*EMOTION_WORDS.values(), *QUALITY_WORDS.values()]
    assert text not in {word for words in on_cards for word in words.synonyms}


def test_a_vocabulary_s_own_words_come_first_and_none_is_half_understood() -> None:
    labels = (
        Label("calmness", "calmness", "not calm", "calm"),
        Label("witty", "witty", "dull", "witty or nostalgic"),
    )
    head = Head(np.zeros((2, 7)), np.zeros(2), labels=labels, scale=(0, 100))
    assert [one.name for one in understand("peaceful", head).conditions] == ["calmness"]
    assert [one.name for one in understand("nostalgic", head).conditions] == ["witty"]
    assert understand("playful", head).problem == "not understood: playful"  # happy, which it has not
    assert understand("fast", head).problem == "not understood: fast (not judged: tempo)"


def test_a_modifier_does_not_jump_over_an_unknown_word() -> None:
    assert read("not cinematic tense") == [("tension", 1, 1)]


def test_names_come_from_the_head() -> None:
    label = Label("wonder", "wonder", "not amazed", "amazed")
    head = Head(np.zeros((1, 7)), np.zeros(1), labels=(label,), scale=(0, 100))
    assert [(one.name, one.sign) for one in understand("amazed, less wonder", head).conditions] == [
        ("wonder", 1),
        ("wonder", -1),
    ]
    assert understand("tense", head).conditions == ()
    assert bound("wonder", 1, 60, head).points == 60


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    understood = understand(text, HEAD)
    assert all(one.name in HEAD.names + QUALITY_NAMES for one in understood.conditions)


def test_a_query_that_contradicts_itself_is_one_clear_error() -> None:
    with pytest.raises(UsageError, match="contradicts itself: tension cannot be both high and low"):
        Query(understand("tense, relaxed", HEAD).conditions)
    with pytest.raises(UsageError, match=r"tenderness cannot be both high and low \(warm; not sentimental\)"):
        Query(understand("warm, not sentimental", HEAD).conditions)
    with pytest.raises(UsageError, match="energy cannot be at least 6 and at most 3"):
        Query(bounds=(Bound("energy", 1, 6), Bound("energy", -1, 3)))
    with pytest.raises(UsageError, match="relative to a piece"):
        Query(changes=(Condition("sad", 1),))


def test_names_and_points_are_checked_at_the_gate() -> None:
    assert condition("Rhythmic complexity", -1, HEAD) == Condition("rhythmic_complexity", -1)
    with pytest.raises(UsageError, match="did you mean tension"):
        condition("tensoin", 1, HEAD)
    for points in (0.0, 12.0, float("nan"), float("inf")):
        with pytest.raises(UsageError, match="energy goes from 1 to 9"):
            bound("energy", 1, points, HEAD)


def test_what_was_understood_is_shown_back() -> None:
    words = understand("very tense, not dissonant", HEAD).conditions
    assert in_words(Query(words, (Bound("energy", 1, 6.0),))) == (
        "tension very high · dissonance low · energy at least 6"
    )
    like = Query(likes=(Like("a.mp3", np.zeros(7)),), changes=understand("much sadder", HEAD).conditions)
    assert in_words(like) == "like a.mp3 in emotion · but much sadder"
