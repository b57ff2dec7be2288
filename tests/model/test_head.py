"""Heads in model files: what is read, what is refused."""

import copy
from typing import Any

import numpy as np
import pytest

from midcli.errors import ModelError, UsageError
from midcli.labels import QUALITY_NAMES
from midcli.model.head import Head, Interval, head_object, read_head
from tests.model_files import write_model

STORED: dict[str, Any] = {
    "labels": ["wonder", "calm"],
    "poles": [["none", "full of wonder"], ["restless", "calm"]],
    "scale": [0, 100],
    "weights": [[1.0] * 7, [-2.0] * 7],
    "intercept": [5.0, 60.0],
    "interval": {"low": [-10, -20], "high": [12, 24]},
    "words": [
        {
            "noun": "wonder",
            "more": "more wondrous",
            "less": "less wondrous",
            "high": "a wonder",
            "low": "dull",
            "verb": "feel",
        },
        {"noun": "calm", "more": "calmer", "less": "less calm", "high": "calm", "low": "restless"},
    ],
    "about": "felt; share of listeners in per cent",
    "scores": {"wonder": 0.5},
}


def test_a_head_is_read_and_written_back() -> None:
    head = read_head("feelings", STORED)
    assert head.names == ("wonder", "calm")
    assert head.scale == (0, 100)
    words = {label.name: label.words for label in head.labels}
    assert words["calm"]
    assert words["calm"].more == "calmer"
    assert (words["calm"].verb, head.verb) == ("sound", "feel")
    np.testing.assert_allclose(head.emotions(np.full(7, 2.0)), [19, 32])
    again = read_head("feelings", head_object(head, "by hand"))
    assert head_object(again, "by hand") == head_object(head, "by hand")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("labels", ["wonder", "wonder"]),
        ("labels", ["wonder", QUALITY_NAMES[0]]),
        ("labels", []),
        ("labels", ["wonder", "c\x1b[31malm"]),
        ("labels", ["wonder", "c" * 100]),
        ("labels", ["wonder", "  "]),
        ("poles", [["none", "full"]]),
        ("scale", [100, 0]),
        ("scale", [0, 1]),
        ("scale", [0, float("nan")]),
        ("weights", [[1.0] * 7]),
        ("weights", [[1e9] * 7] * 2),
        ("interval", {"low": [5, 5], "high": [-5, -5]}),
        ("words", [{"noun": "wonder"}] * 2),
        ("about", 3),
    ],
)
def test_what_makes_no_sense_is_refused(key: str, value: Any) -> None:
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        read_head("feelings", copy.deepcopy(STORED) | {key: value})


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"labels": ["calm", "calm"]}, "a label is blank or there twice"),
        ({"labels": [f"mood {k}" for k in range(70)]}, "70 labels; there must be 1 to 64"),
        ({"labels": ["wonder", "dissonance"]}, "the label dissonance is the name of a quality"),
        ({"scale": [0, 1]}, "goes from 0 to 1; values are shown to a tenth"),
        ({"weights": None}, "1 numbers where there must be 2 times 7"),
    ],
)
def test_one_line_says_what_is_wrong_with_a_vocabulary(
    tmp_path: Any, changes: dict[str, Any], complaint: str
) -> None:
    from midcli.analyser import Analyser

    model = write_model(tmp_path / "m.onnx", heads={"feelings": STORED | changes})
    with pytest.raises(ModelError, match=f"its vocabulary feelings cannot be read: .*{complaint}"):
        Analyser(model)
    lacking = {key: value for key, value in STORED.items() if key != "weights"}
    with pytest.raises(ModelError, match=r"incomplete or malformed \(KeyError\('weights'"):
        Analyser(write_model(tmp_path / "m.onnx", heads={"feelings": lacking}))


def test_poles_that_are_missing_are_made_of_the_names() -> None:
    plain = {key: value for key, value in STORED.items() if key not in ("poles", "words")}
    assert [label.low_pole for label in read_head("feelings", plain).labels] == ["not wonder", "not calm"]


@pytest.mark.parametrize(
    "labels", [["悲しい", "fröhlich und 🎵", "حزين"], ["epic"], [f"mood {k}" for k in range(40)]]
)
def test_any_names_and_numbers_of_labels_give_the_same_shape(
    tmp_path: Any, song: Any, labels: list[str]
) -> None:
    from midcli.analyser import Analyser

    count = len(labels)
    head = {"labels": labels, "scale": [0, 100], "weights": [[1.0] * 7] * count, "intercept": [5.0] * count}
    model = write_model(tmp_path / "m.onnx", heads={"odd": head}, vocabulary="odd")
    eight = Analyser(model, vocabulary="emotions").analyse(song).to_dict()
    odd = Analyser(model).analyse(song).to_dict()
    assert list(odd["emotions"]) == labels
    assert set(odd) - set(eight) == {"vocabulary", "scale"}
    shapes = [set(next(iter(one["emotions"].values()))) - {"low", "high"} for one in (eight, odd)]
    assert shapes[0] == shapes[1]


def test_a_model_explains_in_each_of_its_vocabularies(tmp_path: Any, song: Any) -> None:
    from midcli.analyser import Analyser

    model = write_model(tmp_path / "m.onnx", heads={"feelings": STORED})
    eight, felt = Analyser(model).analyse(song), Analyser(model, vocabulary="feelings").analyse(song)
    assert len(eight.emotions) == 8
    assert tuple(felt.emotions) == ("wonder", "calm")
    assert felt.midlevel == eight.midlevel
    for emotion in felt.emotions.values():
        assert emotion.value == pytest.approx(emotion.intercept + sum(emotion.effects.values()), abs=1e-9)
        assert emotion.value == pytest.approx(
            emotion.average + sum(emotion.relative_effects.values()), abs=1e-9
        )
        assert emotion.scale == (0, 100)
    assert felt.to_dict()["vocabulary"] == "feelings"
    assert "vocabulary" not in eight.to_dict()
    with pytest.raises(UsageError, match=r"feeling: no such name; did you mean feelings\?"):
        Analyser(model, vocabulary="feeling")


def test_the_first_vocabulary_may_be_another(tmp_path: Any, song: Any) -> None:
    from midcli.analyser import Analyser

    model = write_model(tmp_path / "m.onnx", heads={"feelings": STORED}, vocabulary="feelings")
    assert tuple(Analyser(model).analyse(song).emotions) == ("wonder", "calm")
    assert len(Analyser(model, vocabulary="emotions").analyse(song).emotions) == 8
    for changes in ({"vocabulary": "none"}, {"heads": {"emotions": STORED}}, {"heads": {"x": {"labels": 3}}}):
        broken = write_model(tmp_path / "broken.onnx", **changes)
        with pytest.raises(ModelError, match=r"incomplete or malformed|called emotions"):
            Analyser(broken)


def test_intervals_belong_to_their_head() -> None:
    assert isinstance(read_head("feelings", STORED).interval, Interval)
    without = {key: value for key, value in STORED.items() if key != "interval"}
    assert read_head("feelings", without).interval is None
    assert Head(np.zeros((8, 7)), np.zeros(8)).name == "emotions"


OWN = {"name": "mine", "scale": [0, 10], "about": "ratings of mine"}
OWN_LABELS = {"midlevel": list(QUALITY_NAMES), "emotion": [f"mood {k}" for k in range(8)]}


def test_a_network_may_have_been_trained_for_other_emotions(tmp_path: Any, song: Any) -> None:
    from midcli.analyser import Analyser

    model = write_model(tmp_path / "m.onnx", labels=OWN_LABELS, emotions=OWN, heads={"feelings": STORED})
    analysis = Analyser(model).analyse(song)
    assert list(analysis.emotions) == OWN_LABELS["emotion"]
    assert (analysis.vocabulary, analysis.scale) == ("mine", (0, 10))
    assert tuple(Analyser(model, vocabulary="feelings").analyse(song).emotions) == ("wonder", "calm")
    with pytest.raises(UsageError, match="choose from mine, feelings"):
        Analyser(model, vocabulary="emotions")


@pytest.mark.parametrize(
    ("labels", "emotions", "complaint"),
    [
        (OWN_LABELS, None, "was trained for other labels"),
        (OWN_LABELS | {"midlevel": ["speed"]}, OWN, "was trained for other labels"),
        (OWN_LABELS | {"emotion": ["awe"]}, OWN, "incomplete or malformed"),
        (
            OWN_LABELS,
            OWN | {"scale": [1, 1]},
            "its vocabulary mine cannot be read: its scale",
        ),
        (OWN_LABELS, OWN | {"name": "emotions"}, "one that is called emotions"),
        (OWN_LABELS, {"scale": [0, 10]}, "incomplete or malformed"),
        (OWN_LABELS, "mine", "incomplete or malformed"),
    ],
)
def test_what_is_said_of_other_emotions_must_fit(
    tmp_path: Any, labels: Any, emotions: Any, complaint: str
) -> None:
    from midcli.analyser import Analyser

    model = write_model(tmp_path / "m.onnx", labels=labels, emotions=emotions)
    with pytest.raises(ModelError, match=complaint):
        Analyser(model)


def test_what_could_not_be_learned_is_said() -> None:
    assert read_head("feelings", STORED).meaning == "feelings: felt; share of listeners in per cent"
    unlearned = read_head("feelings", STORED | {"scores": {"wonder": 0.5, "calm": -0.12}})
    assert unlearned.meaning.endswith("in per cent; no better than guesses: calm")
