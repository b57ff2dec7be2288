import json

import numpy as np
import pytest

pytest.importorskip("torch")

from midcli.analyser import Analyser
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.model.bundled import find_model, models_folder
from midcli.study.results import find_results
from tools.checks.invariance import DAMAGES
from tools.checks.runs import agreement
from tools.publish_notes import NOTES, README, published_block, with_block

SAMPLES = 44_100


def test_readme_of_the_models_says_what_was_measured():
    text = README.read_text("utf-8")
    assert with_block(text, published_block()) == text


def test_card_of_the_bundled_model_has_the_notes():
    assert Analyser(find_model("film")).model.card["notes"] == json.loads(NOTES.read_text("utf-8"))


def test_agreement_is_that_of_the_committed_runs():
    published = json.loads(NOTES.read_text("utf-8"))["measured"]["agreement"]
    computed = agreement(find_results(models_folder() / "results"))
    for protocol, values in computed.items():
        assert values == pytest.approx(published[protocol], abs=1e-4)


@pytest.mark.parametrize("name", DAMAGES)
def test_damaged_audio_is_audio_of_about_the_same_length(name):
    time_s = np.arange(3 * SAMPLES) / 22_050
    audio = (0.5 * np.sin(2 * np.pi * 440 * time_s)).astype(np.float32)
    worse = DAMAGES[name](np.random.default_rng(0), audio)
    lost = 2 * 22_050 if name.startswith("without") else 0
    assert len(worse) == pytest.approx(len(audio) - lost, rel=0.06)
    assert np.isfinite(worse).all()
    assert np.std(worse) > 0.05


def test_contradicted_correlations_name_labels():
    named = Analyser(find_model("film")).model.card["contradicted_correlations"]
    assert named
    assert set(named) <= {f"{e} by {q}" for e in EMOTION_NAMES for q in QUALITY_NAMES}
