"""Sentences about differences, turning points and facts: correct, and no surer than the intervals."""

import numpy as np
import pytest

from midcli.explanation.comparison import compare
from midcli.explanation.curves import TurningPoint
from midcli.explanation.effects import Explanation, QualityValue, explain
from midcli.explanation.facts import BEARINGS, Disagreement
from midcli.explanation.words.differences import (
    Gap,
    comparison_heading,
    comparison_sentence,
    comparison_words,
    gap,
    largest_turning_points,
    turning_point_effects,
    turning_point_label,
    worth_comparing,
)
from midcli.explanation.words.facts import disagreement_sentence
from midcli.labels import EMOTION_NAMES, EMOTIONS, QUALITY_NAMES, EmotionWords, Label
from midcli.model.head import Head, Interval

WEIGHTS = np.zeros((8, 7))
WEIGHTS[2, 4], WEIGHTS[2, 6], WEIGHTS[2, 5] = (
    1.0,
    0.5,
    -0.5,
)  # tension: dissonance, minorness, tonal stability
REFERENCE = np.full((5, 7), 5.0) + np.linspace(-1, 1, 5)[:, np.newaxis]


def piece(half_width: float | None = 0.5, **qualities: float) -> Explanation:
    midlevel = np.array([qualities.get(name, 5.0) for name in QUALITY_NAMES])
    if half_width is None:
        return explain(midlevel, Head(WEIGHTS, np.full(8, 2.0)), REFERENCE)
    head = Head(WEIGHTS, np.full(8, 2.0), within(8, half_width))
    return explain(midlevel, head, REFERENCE, within(7, half_width))


def within(values: int, half_width: float) -> Interval:
    return Interval(np.full(values, -half_width), np.full(values, half_width))


def sentence(a: Explanation, b: Explanation, emotion: str = "tension") -> str:
    return comparison_sentence(compare(a, b)[emotion], a, b)


def test_the_reason_and_what_narrows_the_gap() -> None:
    a, b = piece(dissonance=7), piece(minorness=6.5)
    expected = "A sounds tenser than B, because it is more dissonant; B's darker mode narrows the gap."
    assert sentence(a, b) == expected
    assert sentence(b, a) == expected.translate(str.maketrans("AB", "BA"))
    assert comparison_heading(compare(b, a)["tension"], b, a) == "Why is B tenser than A?"


def test_nothing_is_a_fact_where_one_piece_is_unlike_known_music() -> None:
    a, b = piece(dissonance=7), piece(minorness=6.5)
    difference = compare(a, b)["tension"]
    assert comparison_heading(difference, a, b, doubtful=True) == "Tension, if the model could be trusted"
    assert comparison_sentence(difference, a, b, doubtful=True) == (
        "The model would say: A tenser than B, because it is more dissonant."
    )
    alike = compare(a, a)["tension"]
    assert comparison_sentence(alike, a, a, doubtful=True).startswith("The model would say: A and B do not")


def test_two_reasons() -> None:
    text = sentence(piece(dissonance=6, tonal_stability=3.5), piece())
    assert text == "A sounds tenser than B, because it is more dissonant and its key is less clear."


def test_the_strongest_of_many_reasons() -> None:
    text = sentence(piece(dissonance=7, minorness=6, tonal_stability=4.5), piece())
    assert text == "A sounds tenser than B, mostly because it is more dissonant and more clearly in minor."


def test_a_small_difference_is_none() -> None:
    assert sentence(piece(dissonance=5.2), piece()) == "A and B do not clearly differ in tension."
    same = compare(piece(), piece())["fear"]
    assert comparison_heading(same, piece(), piece()) == "Fear: no clear difference"


def test_equal_for_different_reasons() -> None:
    text = sentence(piece(dissonance=6), piece(minorness=7))
    assert text == (
        "A and B do not clearly differ in tension: "
        "A gains some because it is more dissonant, B because it is more clearly in minor."
    )


def test_pieces_do_not_differ_in_an_adjective() -> None:
    head = Head(WEIGHTS[:1], np.full(1, 2.0), labels=(Label("epic", "epic", "not epic", "epic"),))
    same = explain(np.full(7, 5.0), head, REFERENCE)
    assert sentence(same, same, "epic") == "A and B do not clearly differ in how epic they sound."


def test_what_is_less_sure_is_said_so() -> None:
    text = sentence(piece(1, dissonance=6), piece(1))
    assert text == "A probably sounds tenser than B, because it is more dissonant."


@pytest.mark.parametrize(
    ("half_width", "difference", "expected"),
    [
        (1.0, 1.5, Gap.CLEAR),
        (1.0, 1.0, Gap.PROBABLE),
        (1.0, 0.6, Gap.NONE),
        (None, 1.2, Gap.CLEAR),
        (None, 0.7, Gap.PROBABLE),
        (None, 0.3, Gap.NONE),
    ],
)
def test_gaps_follow_the_intervals(half_width: float | None, difference: float, expected: Gap) -> None:
    a, b = piece(half_width, dissonance=5 + difference), piece(half_width)
    for one, other in ((a, b), (b, a)):
        assert gap(one.midlevel["dissonance"], other.midlevel["dissonance"]) == expected


@pytest.mark.parametrize(
    ("difference", "expected"),
    [(0.52, Gap.CLEAR), (0.48, Gap.PROBABLE), (0.27, Gap.PROBABLE), (0.23, Gap.NONE)],
)
def test_a_gap_is_judged_by_the_ends_that_face_each_other(difference: float, expected: Gap) -> None:
    upper = QualityValue("dissonance", 5 + difference, 5.0, 50.0, reach_down=0.3, reach_up=2.0)
    lower = QualityValue("dissonance", 5.0, 5.0, 50.0, reach_down=1.0, reach_up=0.4)
    assert gap(upper, lower) == gap(lower, upper) == expected


@pytest.mark.parametrize(("higher", "lower"), [(1.9, 1.0), (10.0, 9.1), (5.9, 5.0)])
def test_the_ends_of_the_scale_make_no_gap_surer(higher: float, lower: float) -> None:
    a, b = piece(1.5, minorness=higher), piece(1.5, minorness=lower)
    assert gap(a.midlevel["minorness"], b.midlevel["minorness"]) is Gap.NONE


@pytest.mark.parametrize("emotion", EMOTION_NAMES)
@pytest.mark.parametrize("seed", range(5))
def test_every_emotion_makes_a_sentence(emotion: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    head = Head(rng.normal(0, 0.4, (8, 7)), rng.uniform(0, 5, 8), within(8, 0.4))
    a, b = (explain(rng.uniform(1, 10, 7), head, REFERENCE, within(7, 0.4)) for _ in range(2))
    text = sentence(a, b, emotion)
    assert text[0] in "AB"
    assert text.endswith(".")
    assert "  " not in text
    assert "None" not in text


def test_identical_pieces_are_worth_one_line() -> None:
    same = piece()
    (only,) = worth_comparing(compare(same, same), same, same)
    assert comparison_sentence(only, same, same).endswith("do not clearly differ in valence.")


def turning_point(emotion: str, time_s: float, change: float) -> TurningPoint:
    contributions = dict.fromkeys(QUALITY_NAMES, 0.0) | {
        "dissonance": 1.2 * change,
        "articulation": -0.2 * change,
    }
    movements = dict.fromkeys(QUALITY_NAMES, (5.0, 5.0)) | {"dissonance": (5.0, 5.0 + 1.2 * change)}
    label = EMOTIONS[EMOTION_NAMES.index(emotion)]
    return TurningPoint(
        emotion, time_s, time_s - 1, time_s + 1, 4.0, 4.0 + change, contributions, movements, label
    )


def test_turning_points() -> None:
    assert (
        turning_point_label(turning_point("tension", 5, 1.0))
        == "tension rises by 1.0: it gets more dissonant"
    )
    assert turning_point_label(turning_point("happy", 5, -1.0)) == (
        "happiness falls by 1.0: it gets more consonant"
    )
    assert turning_point_effects(turning_point("happy", 5, -1.0)) == "effect: dissonance −1.2"
    witty = EmotionWords("witty", "more witty or whimsical", "less witty", "witty or whimsical", "not witty")
    less_witty = turning_point("sad", 5, -1.0)._replace(label=Label("witty", "witty", "", "", words=witty))
    assert turning_point_label(less_witty) == "less witty by 1.0: it gets more consonant"
    points = [turning_point("sad", time_s, change) for time_s, change in ((1, 0.5), (2, -2), (3, 1))]
    assert [point.time_s for point in largest_turning_points(points, 2)] == [2, 3]


def test_every_disagreement_has_words() -> None:
    for bearing in BEARINGS:
        high = disagreement_sentence(Disagreement(bearing, fact_is_high=True), "E minor")
        low = disagreement_sentence(Disagreement(bearing, fact_is_high=False), "E minor")
        assert high != low
        assert high.endswith(".")
        assert "{" not in high + low


@pytest.mark.parametrize(
    ("emotion", "change", "quality", "values", "said"),
    [
        ("happy", 6.5, "minorness", (7.0, 2.0), "happiness rises by 6.5: it turns to major"),
        ("sad", 1.0, "minorness", (6.0, 8.0), "sadness rises by 1.0: it leans more to minor"),
        ("sad", -1.0, "minorness", (8.0, 6.0), "sadness falls by 1.0: it leans less to minor"),
        ("happy", 1.0, "minorness", (4.0, 2.0), "happiness rises by 1.0: it leans more to major"),
        ("sad", 1.9, "dissonance", (7.0, 4.0), "sadness rises by 1.9: it gets more consonant"),
        ("energy", -2.0, "articulation", (7.0, 4.0), "energy falls by 2.0: notes get longer"),
    ],
)
def test_the_cause_of_a_turn_is_what_the_music_does(
    emotion: str, change: float, quality: str, values: tuple[float, float], said: str
) -> None:
    contributions = dict.fromkeys(QUALITY_NAMES, 0.0) | {quality: change}
    movements = dict.fromkeys(QUALITY_NAMES, (5.0, 5.0)) | {quality: values}
    label = EMOTIONS[EMOTION_NAMES.index(emotion)]
    point = TurningPoint(emotion, 5, 4, 6, 4.0, 4.0 + change, contributions, movements, label)
    assert turning_point_label(point) == said


def test_a_comparison_in_one_line() -> None:
    a, b = piece(dissonance=7, tonal_stability=4), piece()
    tension = compare(a, b)["tension"]
    assert comparison_words(tension, a, b) == "A tenser: more dissonant"
    assert comparison_words(compare(b, a)["tension"], b, a) == "B tenser: more dissonant"
    assert comparison_words(compare(a, b)["happy"], a, b) == "no clear difference"
    doubted = "A tenser, if the model could be trusted: more dissonant"
    assert comparison_words(tension, a, b, doubtful=True) == doubted
    key = piece(tonal_stability=3)
    assert comparison_words(compare(key, b)["tension"], key, b) == "A tenser: less clear key"
