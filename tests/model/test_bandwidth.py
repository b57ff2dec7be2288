from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
import soxr

from midcli.analyser import Analyser
from midcli.audio.spectrogram import SAMPLE_RATE_HZ, spectrogram_of
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.model.bandwidth import LESS_SURE, bandwidth_hz, less_sure
from tools.narrow_bands import without_top

FloatArray = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def music() -> FloatArray:
    """Chords with a faint breath, as every recording has."""
    rng = np.random.default_rng(0)
    time_s = np.arange(3 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    chord = sum(np.sin(2 * np.pi * hz * time_s) for hz in (220.0, 277.0, 330.0)) * np.exp(-(time_s % 0.5) * 4)
    return (0.1 * chord + rng.normal(0, 0.003, len(time_s))).astype(np.float32)


@pytest.mark.parametrize("edge_hz", [2000, 3000, 4000, 5500, 8000])
@pytest.mark.parametrize("gain", [1.0, 0.01])
def test_the_edge_is_found_at_any_level(music: FloatArray, edge_hz: int, gain: float) -> None:
    found = bandwidth_hz(spectrogram_of([gain * without_top(music, edge_hz)]))
    assert 0.92 * edge_hz < found < 1.06 * edge_hz


def test_whole_recordings_have_no_edge(music: FloatArray) -> None:
    assert bandwidth_hz(spectrogram_of([music])) > 10_000
    assert bandwidth_hz(spectrogram_of([np.zeros(SAMPLE_RATE_HZ, np.float32)])) == 0


def test_the_lower_the_edge_the_less_is_sure() -> None:
    assert less_sure(5276) == less_sure(10_853) == ()
    assert less_sure(3844) == LESS_SURE[4000] == ("articulation", "rhythmic_complexity")
    assert set(less_sure(3844)) < set(less_sure(2961)) < set(less_sure(1970))
    assert less_sure(500) == LESS_SURE[2000]
    assert set(LESS_SURE[2000]) <= {*QUALITY_NAMES, *EMOTION_NAMES}


def test_narrow_audio_is_told(tmp_path: Path, tiny_model: Path, music: FloatArray) -> None:
    analyser = Analyser(tiny_model)
    told = {}
    for rate_hz in (22_050, 8000):
        path = tmp_path / f"{rate_hz}.wav"
        soundfile.write(path, soxr.resample(music, SAMPLE_RATE_HZ, rate_hz), rate_hz)
        told[rate_hz] = [text for text in analyser.analyse(path).warnings if "no sound above" in text]
    assert told == {
        22_050: [],
        8000: ["no sound above 4 kHz: articulation and rhythmic complexity are less sure"],
    }
