import pytest

from midcli.errors import UsageError
from midcli.explanation.words.names import known_name
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES, EmotionWords, Label


@pytest.mark.parametrize(
    ("said", "meant"),
    [("happiness", "happy"), ("Scared", "fear"), ("joyful", "happy"), ("tense", "tension"), ("fear", "fear")],
)
def test_what_people_say_is_understood(said: str, meant: str) -> None:
    assert known_name(said, EMOTION_NAMES) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [("key", "tonal_stability"), ("rhythmic complexity", "rhythmic_complexity"), ("minor", "minorness")],
)
def test_qualities_too(said: str, meant: str) -> None:
    assert known_name(said, QUALITY_NAMES) == meant


def test_near_misses_are_suggested_by_the_name_that_midcli_has() -> None:
    with pytest.raises(UsageError, match="did you mean happy"):
        known_name("hapiness", EMOTION_NAMES)
    with pytest.raises(UsageError, match="choose from valence"):
        known_name("xyzzy", EMOTION_NAMES)
    with pytest.raises(UsageError, match="no such name; choose from"):
        known_name("happiness", QUALITY_NAMES)


def test_a_name_is_never_hidden_by_a_synonym() -> None:
    for names in (EMOTION_NAMES, QUALITY_NAMES):
        assert [known_name(name, names) for name in names] == list(names)


def test_labels_of_a_head_bring_their_own_words() -> None:
    epic = Label(
        "epic", "epic", "plain", "epic", words=EmotionWords("grandeur", "grander", "plainer", "epic", "plain")
    )
    assert known_name("grandeur", ["epic"], [epic]) == "epic"
    assert known_name("epic", ["epic"], [Label("epic", "epic", "plain", "epic")]) == "epic"
