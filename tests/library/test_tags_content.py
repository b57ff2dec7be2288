from dataclasses import replace

from midcli.explanation.records import ModelInfo, Prediction, Value
from midcli.labels import QUALITY_NAMES
from midcli.library.tags_content import moods_of, tag_name, tags_of
from midcli.model.novelty import Novelty

MIDDLE = Value(4.0, 4.0, 50.0, 3.0, 5.0)
HIGH = Value(6.0, 4.0, 95.0, 5.0, 7.0)
LOW = Value(2.0, 4.0, 4.0, 1.0, 3.0)


def piece(**emotions: Value) -> Prediction:
    return Prediction(
        "song.mp3",
        180.0,
        ModelInfo("film", "1.1", "a" * 64),
        "360 film excerpts",
        dict.fromkeys(QUALITY_NAMES, MIDDLE),
        emotions,
        (),
        None,
    )


def test_numbers_of_all_emotions_and_qualities_and_the_model() -> None:
    tags = tags_of(piece(tension=HIGH, wonder_and_awe=replace(MIDDLE, value=-0.004)))
    assert tags["MIDCLI_TENSION"] == ("6.00",)
    assert tags["MIDCLI_WONDER_AND_AWE"] == ("-0.00",) or tags["MIDCLI_WONDER_AND_AWE"] == ("0.00",)
    assert tags["MIDCLI_RHYTHMIC_STABILITY"] == ("4.00",)
    assert tags["MIDCLI_MODEL"] == ("film 1.1",)
    assert tags["MIDCLI_MOODS"] == ("tense",)
    assert len(tags) == 2 + 7 + 2


def test_names_of_other_vocabularies_become_names_of_tags() -> None:
    assert tag_name("joyful activation") == "MIDCLI_JOYFUL_ACTIVATION"
    assert tag_name("power-less (calm)") == "MIDCLI_POWER_LESS_CALM"


def test_moods_are_what_is_clear_of_the_middle() -> None:
    assert moods_of(piece(tension=HIGH, happy=MIDDLE)) == ("tense",)
    assert moods_of(piece(tension=LOW)) == ("relaxed",)
    assert moods_of(piece(tension=replace(HIGH, low=3.9))) == ()
    assert moods_of(piece(tension=replace(HIGH, percentile=79.0))) == ()
    assert moods_of(piece(tension=replace(HIGH, low=None, high=None))) == ()


def test_the_lack_of_a_mood_is_none() -> None:
    assert moods_of(piece(anger=LOW, sad=LOW)) == ()


def test_at_most_two_moods_the_clearest_first() -> None:
    clearest, clearer = replace(HIGH, low=5.8), replace(HIGH, low=5.5)
    assert moods_of(piece(tension=HIGH, fear=clearest, sad=clearer)) == ("fearful", "sad")


def test_moods_of_another_vocabulary_are_its_names() -> None:
    assert moods_of(piece(joyful_activation=HIGH, solemn=LOW)) == ("joyful activation",)


def test_what_is_no_music_has_no_mood() -> None:
    assert moods_of(replace(piece(tension=HIGH), novelty=Novelty(0.9, True, "speech"))) == ()
