import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midcli.explanation.effects import EmotionValue, Explanation, QualityValue, explain
from midcli.explanation.words import certainty, numbers, sentences, vocabulary
from midcli.explanation.words.certainty import Certainty
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES, EmotionWords, Label
from midcli.model.head import Head, Interval

EFFECTS = {"dissonance": 1.0, "melodiousness": -0.1}
PHRASES = {
    name: {said.more, said.less, said.raised, said.lowered, said.strong, said.weak}
    for name, said in vocabulary.QUALITY_WORDS.items()
}


def emotion(
    name: str = "tension",
    value: float = 6.1,
    average: float = 4.9,
    percentile: float = 83,
    interval: tuple[float, float] | None = None,
    **effects: float,
) -> EmotionValue:
    all_effects = dict.fromkeys(QUALITY_NAMES, 0.0) | effects
    reaches = (value - interval[0], interval[1] - value) if interval else (None, None)
    return EmotionValue(name, value, average, percentile, 1.2, all_effects, all_effects, *reaches)


def qualities(**values: tuple[float, float]) -> dict[str, QualityValue]:
    """Qualities with (value, percentile), average 5.5 and an interval of a point to both sides."""
    found = {}
    for name in QUALITY_NAMES:
        value, percentile = values.get(name, (5.5, 50.0))
        found[name] = QualityValue(name, value, 5.5, percentile, 1.0, 1.0)
    return found


def piece(seed: int, spread: float = 2.0, half_interval: float | None = 1.0) -> Explanation:
    """A random explanation with random weights among a random reference."""
    rng = np.random.default_rng(seed)
    reference = rng.normal(5, 1.5, (50, 7))
    interval = None
    emotion_interval = None
    if half_interval is not None:
        interval = Interval(np.full(7, -half_interval), np.full(7, half_interval))
        emotion_interval = Interval(np.full(8, -half_interval), np.full(8, half_interval))
    midlevel = reference.mean(axis=0) + rng.normal(0, spread, 7)
    head = Head(rng.normal(0, 0.3, (8, 7)), rng.normal(3, 1, 8), emotion_interval)
    return explain(midlevel, head, reference, interval)


def every_sentence(explanation: Explanation) -> list[str]:
    said = [sentences.summary(explanation)]
    for value in explanation.emotions.values():
        for doubtful in (False, True):
            said += [
                sentences.relative_heading(value, doubtful),
                sentences.relative_reasons(value, explanation.midlevel, doubtful),
            ]
        said += [sentences.absolute_heading(value), sentences.absolute_reasons(value, explanation.midlevel)]
    return said


def test_qualities_that_matter_move_an_emotion_most() -> None:
    tense = emotion(dissonance=0.4, minorness=-0.5, articulation=0.1)
    matter = certainty.qualities_that_matter([tense], qualities())
    assert [quality.name for quality in matter] == ["minorness", "dissonance"]


def test_the_sentence_of_a_clear_case() -> None:
    tense = emotion(
        interval=(5.2, 7.0), dissonance=1.0, melodiousness=0.5, rhythmic_complexity=0.1, articulation=-0.4
    )
    midlevel = qualities(dissonance=(7.5, 95), melodiousness=(3.5, 10), articulation=(3.5, 20))
    assert sentences.relative_heading(tense) == "Why tense?"
    assert sentences.relative_reasons(tense, midlevel) == (
        "It sounds tenser than average (probably between 5.2 and 7.0), mostly because it is dissonant, "
        "but also because it is hard to sing. Its legato touch holds that back a little."
    )


def test_one_overwhelming_reason_stands_alone() -> None:
    tense = emotion(dissonance=1.2)
    said = sentences.relative_reasons(tense, qualities(dissonance=(6.2, 75)))
    assert said == "It sounds tenser than average, because it is more dissonant."


def test_three_even_reasons() -> None:
    said = sentences.relative_reasons(
        emotion(dissonance=0.4, articulation=0.4, minorness=0.4),
        qualities(dissonance=(7, 80), articulation=(7, 80), minorness=(6, 70)),
    )
    # equal effects are named in the order of the qualities
    assert said == (
        "It sounds tenser than average, because it is staccato, dissonant and more clearly in minor."
    )


def test_rhythm_and_key_are_subjects_of_their_own() -> None:
    said = sentences.relative_reasons(
        emotion(rhythmic_complexity=0.6, tonal_stability=0.6),
        qualities(rhythmic_complexity=(7, 80), tonal_stability=(4, 20)),
    )
    assert said == "It sounds tenser than average, because its rhythm is layered and its key is unclear."


def test_a_comparative_stands_last_so_that_it_holds_for_nothing_else() -> None:
    said = sentences.clauses([("it", "more staccato"), ("it", "dissonant"), ("its beat", "steady")])
    assert said == "it is dissonant and more staccato, and its beat is steady"


def test_comparatives_alone_keep_their_order() -> None:
    said = sentences.clauses([("it", "more dissonant"), ("it", "harder to sing")])
    assert said == "it is more dissonant and harder to sing"


def test_in_brief_no_more_is_claimed_than_the_interval_allows() -> None:
    midlevel = qualities(dissonance=(7, 80))
    for interval, start in (
        ((5.2, 7.0), "Tenser"),
        ((4.5, 7.7), "Probably tenser"),
        ((3.0, 9.0), "Perhaps tenser"),
    ):
        said = sentences.short_reasons(emotion(interval=interval, dissonance=1.2), midlevel)
        assert said == f"{start} because it is dissonant."


def test_three_subjects() -> None:
    said = sentences.relative_reasons(
        emotion(rhythmic_complexity=0.4, tonal_stability=0.4, dissonance=0.4),
        qualities(rhythmic_complexity=(7, 80), tonal_stability=(4, 20), dissonance=(7, 80)),
    )
    assert said.endswith("because its rhythm is layered, it is dissonant, and its key is unclear.")


def test_what_was_said_before_is_taken_up() -> None:
    midlevel = qualities(dissonance=(7, 80))
    other = emotion("sad", minorness=1.2)
    for interval, start in (
        ((5.2, 7.0), "It also sounds tenser than average"),
        ((4.5, 7.7), "It probably also sounds tenser than average"),
        ((3.0, 9.0), "It may also sound tenser than average"),
    ):
        said = sentences.relative_reasons(emotion(interval=interval, dissonance=1.2), midlevel, before=other)
        assert said.startswith(start)


def test_what_does_not_stand_out_is_a_little_more() -> None:
    value = emotion(percentile=70, value=5.6, interval=(5.4, 5.8), dissonance=1.2)
    assert sentences.relative_heading(value) == "Why tenser?"
    assert sentences.relative_reasons(value, qualities(dissonance=(7, 80))).startswith(
        "It sounds a little tenser than average (probably between 5.4 and 5.8), because"
    )


def test_what_holds_a_low_emotion_up_makes_up_for_it() -> None:
    said = sentences.relative_reasons(
        emotion("happy", 1.5, 2.7, 8, minorness=-1.6, melodiousness=0.5),
        qualities(minorness=(8, 90), melodiousness=(7.5, 90)),
    )
    assert said.endswith("Its singable melody makes up for a little of that.")


@pytest.mark.parametrize(
    ("share", "end"),
    [(0.3, "holds that back a little."), (0.6, "holds that back."), (0.9, "almost cancels that.")],
)
def test_how_much_is_held_back(share: float, end: str) -> None:
    said = sentences.relative_reasons(
        emotion(dissonance=2.0, articulation=-2.0 * share),
        qualities(dissonance=(8, 95), articulation=(4, 20)),
    )
    assert said.endswith(end)


@pytest.mark.parametrize(
    ("value", "percentile", "said"),
    [
        (9.0, 98, "it is very dissonant"),
        (7.0, 85, "it is dissonant"),
        (6.4, 70, "it is more dissonant"),
        (5.7, 55, "it is a little more dissonant"),
    ],
)
def test_a_reason_is_as_strong_as_the_quality(value: float, percentile: float, said: str) -> None:
    reasons = sentences.relative_reasons(emotion(dissonance=1.2), qualities(dissonance=(value, percentile)))
    assert reasons == f"It sounds tenser than average, because {said}."


@pytest.mark.parametrize(
    ("name", "value", "average", "percentile", "said"),
    [
        ("minorness", 5.7, 6.6, 25, "less minor than most"),
        ("minorness", 5.2, 4.2, 75, "less major than most"),
        ("minorness", 3.0, 5.0, 10, "in major"),
        ("minorness", 7.9, 5.0, 90, "in minor"),
        ("articulation", 5.3, 4.0, 85, "less legato"),
        ("dissonance", 5.9, 7.0, 15, "less dissonant"),
    ],
)
def test_words_follow_the_middle_of_the_scale_and_the_average(
    name: str, value: float, average: float, percentile: float, said: str
) -> None:
    quality = QualityValue(name, value, average, percentile, 0.5, 0.5)
    reasons = sentences.relative_reasons(emotion(**{name: 1.2}), qualities() | {name: quality})
    assert reasons == f"It sounds tenser than average, because it is {said}."


def test_the_same_reasons_are_said_once() -> None:
    midlevel = qualities(dissonance=(7, 85))
    tense, fearful = emotion(dissonance=1.2), emotion("fear", dissonance=1.2)
    said = sentences.relative_reasons(fearful, midlevel, before=tense)
    assert said == "It also sounds more fearful than average, for the same reasons."


def test_a_usual_reason_is_short() -> None:
    happy = replace(emotion("happy", minorness=1.2), usual=frozenset({"minorness"}))
    said = sentences.relative_reasons(happy, qualities(minorness=(2, 1)))
    assert said == "It sounds happier than average: it is in major."


def test_no_reason_against_expectation_where_another_is_nearly_as_large() -> None:
    midlevel = qualities(tonal_stability=(8, 90), dissonance=(7, 85))
    angry = replace(
        emotion("anger", tonal_stability=0.7, dissonance=0.5), contrary=frozenset({"tonal_stability"})
    )
    assert sentences.reasons_of(angry)[0] == ["dissonance", "tonal_stability"]
    assert sentences.reasons_of(replace(angry, contrary=frozenset()))[0][0] == "tonal_stability"
    held = replace(
        emotion("anger", dissonance=1.4, tonal_stability=-0.5), contrary=frozenset({"tonal_stability"})
    )
    assert "holds" not in sentences.relative_reasons(held, midlevel)


def test_nothing_is_said_outright_that_the_interval_does_not_allow() -> None:
    midlevel = qualities(dissonance=(8, 95))
    probable = emotion(interval=(4.5, 7.7), dissonance=1.2)
    possible = emotion(interval=(3.0, 9.0), dissonance=1.2)
    assert certainty.certainty(probable) is Certainty.PROBABLE
    assert sentences.relative_reasons(probable, midlevel).startswith(
        "It probably sounds tenser than average (between 4.5 and 7.7)"
    )
    assert sentences.relative_heading(probable) == "Why (probably) tenser?"
    assert certainty.certainty(possible) is Certainty.POSSIBLE
    assert sentences.relative_reasons(possible, midlevel).startswith(
        "It may sound tenser than average (probably above 3.0), because"
    )
    assert sentences.relative_heading(possible) == "Why (perhaps) tenser?"


@pytest.mark.parametrize(
    ("interval", "said"),
    [
        ((5.0, 7.2), "between 5.0 and 7.2"),
        ((1.0, 2.9), "below 2.9"),
        ((7.14, 9.0), "above 7.1"),
        ((1.0, 9.0), "between 1.0 and 9.0"),
        (None, None),
    ],
)
def test_an_interval_that_reaches_an_end_of_the_scale_has_one_bound(
    interval: tuple[float, float] | None, said: str | None
) -> None:
    assert certainty.interval_phrase(emotion(interval=interval)) == said


@pytest.mark.parametrize("name", EMOTION_NAMES)
@pytest.mark.parametrize("above", [True, False])
def test_every_emotion_in_both_directions(name: str, above: bool) -> None:
    sign = 1 if above else -1
    value = emotion(name, 5 + 2 * sign, 5 + 0.5 * sign, 50 + 45 * sign, dissonance=1.5 * sign)
    said = vocabulary.EMOTION_WORDS[name]
    assert sentences.relative_heading(value) == f"Why {said.high if above else said.low}?"
    assert f"sounds {said.more if above else said.less} than average" in sentences.relative_reasons(
        value, qualities(dissonance=(8, 95))
    )


@pytest.mark.parametrize(
    ("words", "its"),
    [
        (None, "Its value of groovy"),
        (
            EmotionWords("witty", "wittier", "less witty", "witty or whimsical", "not witty"),
            "Its value of witty",
        ),
        (EmotionWords("calmness", "calmer", "less calm", "calm", "not calm"), "Its calmness"),
    ],
)
def test_what_has_no_noun_is_not_used_as_one(words: EmotionWords | None, its: str) -> None:
    middle = replace(emotion(value=4.95, percentile=52), label=Label("groovy", "groovy", "", "", words=words))
    said = sentences.relative_reasons(middle, qualities())
    assert said == f"{its} is about average, and no quality moves it much."


def test_a_high_place_with_a_low_value_is_only_more() -> None:
    assert sentences.relative_heading(emotion("happy", 3.9, 2.3, 88)) == "Why happier?"


def test_about_average() -> None:
    middle = emotion(value=4.95, percentile=52)
    assert sentences.relative_heading(middle) == "Tension: about average"
    assert sentences.relative_reasons(middle, qualities()) == (
        "Its tension is about average, and no quality moves it much."
    )
    two = emotion(value=4.95, percentile=52, dissonance=0.5, articulation=-0.4)
    assert sentences.relative_reasons(two, qualities(dissonance=(8, 90), articulation=(2, 10))) == (
        "Its tension is about average: its dissonance raises it, while its legato touch lowers it."
    )
    one = emotion(value=4.95, percentile=52, minorness=-0.3)
    assert sentences.relative_reasons(one, qualities(minorness=(5.4, 40))) == (
        "Its tension is about average; only its brighter mode lowers it noticeably."
    )


def test_mean_and_median_that_disagree_are_about_average() -> None:
    assert certainty.certainty(emotion(value=4.0, average=4.5, percentile=70)) is Certainty.NONE


def test_flagged_input_is_not_explained_as_if_sure() -> None:
    value = emotion(interval=(5.9, 6.3), dissonance=1.2)
    midlevel = qualities(dissonance=(8, 95))
    assert sentences.relative_heading(value, doubtful=True) == "Tension, if the model could be trusted"
    assert sentences.relative_reasons(value, midlevel, doubtful=True) == (
        "The model would say: tenser than average, because it is dissonant."
    )
    assert "guess" in sentences.flagged_note()


def test_absolute_effects_start_from_the_intercept() -> None:
    value = emotion(value=6.1, dissonance=3.0, minorness=2.1, articulation=0.3, melodiousness=-0.5)
    assert sentences.absolute_reasons(value, qualities(dissonance=(7, 80), melodiousness=(4, 20))) == (
        "The sum starts at 1.2; dissonance (7.0) adds 3.0, minorness (5.5) adds 2.1 and melodiousness (4.0) "
        "takes away 0.5."
    )


def _with(explanation: Explanation, **emotions: EmotionValue) -> Explanation:
    middle = {name: emotion(name, 4.9, 4.9, 50) for name in explanation.emotions}
    return replace(explanation, emotions=middle | emotions)


def test_summary() -> None:
    base = piece(0)
    tense = emotion("tension", interval=(5.2, 7.0), percentile=90)
    fearful = emotion("fear", interval=(4.5, 7.7), percentile=90)
    not_happy = emotion("happy", 1.5, 2.7, 8, (0.9, 2.1))
    calm = emotion("energy", 3.0, 4.0, 10, (2.0, 4.5))
    assert sentences.summary(_with(base)) == (
        "Nothing stands out: every emotion is about average, as far as the model can tell."
    )
    assert sentences.summary(_with(base, tension=tense)) == "It sounds tenser than average."
    assert sentences.summary(_with(base, tension=tense, fear=fearful, happy=not_happy)) == (
        "It sounds tenser and less happy than average, and probably more fearful."
    )
    assert sentences.summary(_with(base, energy=calm, fear=fearful)) == (
        "It probably sounds more fearful and less energetic than average."
    )
    assert sentences.summary(_with(base, fear=replace(fearful, percentile=75))) == (
        "Nothing stands out; if anything, it probably sounds a little more fearful than average."
    )
    assert sentences.summary(_with(base, fear=emotion("fear", interval=(0.5, 7.7), percentile=90))) == (
        "Nothing stands out; if anything, it may sound more fearful than average."
    )


def test_what_stands_out_is_what_is_far_from_the_average_for_its_interval() -> None:
    base = piece(0)
    sure = emotion("tension", 6.0, 4.9, 85, (5.5, 6.5))
    unsure = emotion("anger", 6.5, 4.9, 99, (3.5, 9.0))
    middling = emotion("happy", 5.2, 4.9, 70, (5.1, 5.3))
    found = _with(base, tension=sure, anger=unsure, happy=middling)
    assert [value.name for value in certainty.standing_out(found)] == ["tension", "anger"]
    assert [value.name for value in certainty.to_explain(found)] == ["tension", "anger"]


def test_something_is_always_explained_and_never_more_than_two() -> None:
    assert len(certainty.to_explain(_with(piece(0)))) == 1
    for seed in range(20):
        assert 1 <= len(certainty.to_explain(piece(seed, 5, 0.1))) <= 2


@pytest.mark.parametrize(
    ("percentile", "said"),
    [
        (100, "higher than all"),
        (99.9, "higher than 99 %"),
        (83.2, "higher than 83 %"),
        (50, "higher than 50 %"),
        (49.8, "lower than 50 %"),
        (0.3, "lower than 99 %"),
        (0, "lower than all"),
    ],
)
def test_standing(percentile: float, said: str) -> None:
    assert numbers.standing(percentile) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(15.2, "0:15"), (59.7, "1:00"), (187, "3:07"), (3723.0, "1:02:03"), (1.0, "0:01")]
)
def test_duration(seconds: float, said: str) -> None:
    assert numbers.duration(seconds) == said


@pytest.mark.parametrize(
    ("number", "plain", "with_sign"),
    [(1.25, "1.2", "+1.2"), (-0.44, "−0.4", "−0.4"), (-0.04, "0.0", " 0.0"), (0.0, "0.0", " 0.0")],
)
def test_numbers(number: float, plain: str, with_sign: str) -> None:
    assert numbers.decimal(number) == plain
    assert numbers.signed(number) == with_sign


@settings(deadline=None)
@given(
    st.integers(0, 10_000),
    st.sampled_from([0.0, 0.01, 0.1, 0.3, 3.0]),
    st.sampled_from([None, 0.0, 0.01, 0.1, 0.5]),
)
def test_whatever_the_numbers_the_words_are_sound(
    seed: int, spread: float, half_interval: float | None
) -> None:
    explanation = piece(seed, spread, half_interval)
    for text in every_sentence(explanation):
        assert text[0].isupper()
        assert not re.search(r"  | [,.;:]|,,|\.\.|_|\b(nan|inf|None)\b|\(\)|because[^ ]", text)
        assert text.count("(") == text.count(")")
    for value in explanation.emotions.values():
        said = sentences.relative_reasons(value, explanation.midlevel)
        assert said.endswith(".")
        named = [name for name, phrases in PHRASES.items() if any(phrase in said for phrase in phrases)]
        assert len(named) <= 3
        halves = certainty.interval_halves(value)
        includes_average = halves is not None and halves < 1
        if includes_average:
            assert not re.match(r"It sounds", said)


def test_the_end_of_the_scale_makes_nothing_surer() -> None:
    near_the_end = emotion(value=1.4, average=2.2, percentile=15, interval=(0.0, 2.8))
    moved = emotion(value=4.4, average=5.2, percentile=15, interval=(3.0, 5.8))
    assert certainty.interval_halves(near_the_end) == pytest.approx(certainty.interval_halves(moved))
    off_the_scale = emotion(value=9.3, average=8.5, percentile=85, interval=(7.9, 10.7))
    assert certainty.certainty(off_the_scale) is Certainty.PROBABLE
    happier = emotion(value=1.5, average=1.2, percentile=85, interval=(0.5, 2.5))
    assert certainty.certainty(happier) is Certainty.POSSIBLE
    assert certainty.likely_range(happier) == "probably below 2.5"
    below_the_scale = emotion(value=-0.6, average=2.7, percentile=1, interval=(-1.5, 1.1))
    assert (below_the_scale.low, below_the_scale.high) == (-0.6, pytest.approx(1.1))
    assert certainty.likely_range(below_the_scale) == "probably below 1.1"
    far_below = emotion(value=-0.9, average=2.7, percentile=1, interval=(-1.9, 0.8))
    assert (far_below.low, far_below.high) == (-0.9, 1)
    assert certainty.likely_range(far_below) == "probably at 1.0"
    far_above = emotion(value=10.5, average=2.7, percentile=99, interval=(9.5, 11.1))
    assert certainty.interval_phrase(far_above) == "at 9.0"


def test_the_same_numbers_always_give_the_same_words() -> None:
    assert every_sentence(piece(5)) == every_sentence(piece(5))


def test_a_difference_is_that_of_the_numbers_shown() -> None:
    assert numbers.shown_difference(5.46, 5.24) == 0.3
    said = [numbers.spaced(numbers.shown_difference(*pair)) for pair in ((5.46, 5.24), (5.24, 5.46), (5, 5))]
    assert said == ["+ 0.3", f"{numbers.MINUS} 0.3", "+ 0.0"]


@given(st.lists(st.floats(-20, 20), min_size=1, max_size=7), st.floats(-0.1, 0.1), st.sampled_from([0, 1, 2]))
def test_rounded_numbers_add_up(addends: list[float], error: float, decimals: int) -> None:
    total = round(sum(addends) + error * 10.0**-decimals, decimals)
    rounded = numbers.rounded_to_sum(addends, total, decimals)
    assert round(sum(rounded), decimals) == pytest.approx(total)
    for number, shown in zip(addends, rounded, strict=True):
        assert abs(number - shown) <= 1.51 * 10.0**-decimals
