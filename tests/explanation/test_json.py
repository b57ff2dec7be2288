import json
import math
import unicodedata
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midcli.errors import InputError, ModelError
from midcli.explanation.analysis import comparison_dict
from midcli.explanation.comparison import compare
from midcli.explanation.json import error_object
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.model.novelty import Novelty
from midcli.util.text import json_line, json_text, printable
from tests.views.test_terminal import analysis

VALUE_KEYS = {"value", "average", "percentile", "low", "high"}


def test_the_explanation_has_the_published_schema() -> None:
    described = analysis().to_short_dict()
    assert set(described) >= {"schema", "file", "duration_s", "model", "midlevel", "emotions", "warnings"}
    assert described["schema"] == "midcli.explain/1"
    assert described["model"] == {"name": "film", "version": "1.0", "sha256": "0" * 64}
    assert tuple(described["midlevel"]) == QUALITY_NAMES
    assert tuple(described["emotions"]) == EMOTION_NAMES
    for quality in described["midlevel"].values():
        assert set(quality) == VALUE_KEYS
    for emotion in described["emotions"].values():
        assert set(emotion) == VALUE_KEYS | {"intercept", "effects", "relative_effects", "reasons"}
        assert tuple(emotion["effects"]) == tuple(emotion["relative_effects"]) == QUALITY_NAMES


@pytest.mark.parametrize("seed", range(20))
def test_effects_add_up(seed: int) -> None:
    for emotion in analysis(seed).to_short_dict()["emotions"].values():
        assert emotion["intercept"] + sum(emotion["effects"].values()) == pytest.approx(
            emotion["value"], abs=1e-4
        )
        assert emotion["average"] + sum(emotion["relative_effects"].values()) == pytest.approx(
            emotion["value"], abs=1e-4
        )


def test_a_prediction_is_an_explanation_without_effects() -> None:
    explained, predicted = analysis().to_short_dict(), analysis().prediction().to_dict()
    assert predicted["schema"] == "midcli.predict/1"
    for emotion in explained["emotions"].values():
        del emotion["intercept"], emotion["effects"], emotion["relative_effects"], emotion["reasons"]
    del explained["summary"], explained["sections"]
    assert explained | {"schema": ""} == predicted | {"schema": ""}


@pytest.mark.parametrize("doubtful", [False, True])
def test_a_comparison_with_what_is_no_music_states_no_facts(doubtful: bool) -> None:
    a, b = analysis(1), analysis(1, novelty=Novelty(0.99, doubtful, "noise"))
    b = replace(b, explanation=b.context.explain(np.full(7, 9.0)))
    words = [item["words"] for item in comparison_dict(a, b, compare(a, b))["emotions"].values()]
    stated = [said for said in words if said != "no clear difference"]
    assert stated
    assert all(("if the model could be trusted" in said) == doubtful for said in stated)


def test_intervals_and_novelty_may_be_absent() -> None:
    described = analysis(calibrated=False).to_short_dict()
    assert "novelty" not in described
    assert set(described["midlevel"]["dissonance"]) == {"value", "average", "percentile"}


def test_a_failed_file() -> None:
    assert error_object("midcli.explain/1", "a.wav", InputError("a.wav", "no such file")) == {
        "schema": "midcli.explain/1",
        "file": "a.wav",
        "error": {"kind": "input", "message": "no such file"},
    }
    assert error_object("s", "a", ModelError("m.onnx: broken"))["error"] == {
        "kind": "model",
        "message": "m.onnx: broken",
    }


def test_what_is_not_json_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_line({"value": math.nan})


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_json_is_one_harmless_line_that_reads_back(text: str) -> None:
    line = json_line({"file": text})
    assert len(line.splitlines()) == 1
    assert not any(unicodedata.category(character) == "Cc" for character in line)
    assert json.loads(line) == {"file": text}


@given(st.text())
def test_printable_text_is_one_line_without_controls(text: str) -> None:
    shown = printable(text)
    shown.encode()
    assert len(shown) == len(text)
    assert len(f"x{shown}".splitlines()) == 1
    assert not any(unicodedata.category(character)[0] == "C" for character in shown)


def test_ordinary_text_stays_as_it_is() -> None:
    for text in ("Été à Łódź.wav", "日本の歌", "🎻", "[bold]x[/bold]", "a b"):
        assert printable(text) == json_text(text) == text


def test_bytes_that_are_not_utf8_are_replaced() -> None:
    assert json_text("a\udcff.wav") == "a\ufffd.wav"
    json_text(str(Path("a\udcff.wav"))).encode()
