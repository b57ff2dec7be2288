"""What a recording has lost is told, with what is less sure for it, and of whole ones nothing is."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

import midcli
from midcli.audio.levels import Levels
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.model.losses import (
    ABOVE_EDGE,
    CLIPPED,
    CODED_AS_SPEECH,
    EVERY,
    MEASURED_WITH,
    Loss,
    Recording,
    losses,
)
from tests.media import FloatArray, encoded, muxed, write
from tests.model_files import write_model

RATE_HZ = 22_050
WHOLE_HZ = (32.3, 10_853.0)


def told(path: Path, model: Path) -> list[str]:
    """Without what is said of models that losses were not measured with."""
    warnings = [warning for warning in midcli.analyse(path, model).warnings if "less sure" in warning]
    assert all(warning.endswith(" (as measured with model music)") for warning in warnings)
    return [warning.removesuffix(" (as measured with model music)") for warning in warnings]


def test_of_whole_recordings_nothing_is_told(tmp_path: Path, tiny_model: Path, music: FloatArray) -> None:
    assert losses(Recording(WHOLE_HZ)) == []
    for level in (0.1, 1.0, 3.0):  # float samples may go beyond full scale
        soundfile.write(tmp_path / "a.wav", level / np.abs(music).max() * music, RATE_HZ, subtype="FLOAT")
        assert told(tmp_path / "a.wav", tiny_model) == []


def test_the_lower_the_edge_the_less_is_sure() -> None:
    assert losses(Recording((32, 5276))) == []
    [narrow], [narrower], [narrowest] = (losses(Recording((32, edge_hz))) for edge_hz in (3844, 2961, 1970))
    assert narrow.less_sure == ABOVE_EDGE[4000] == ("articulation", "rhythmic_complexity", "energy", "sad")
    assert len(narrow.less_sure) < len(narrower.less_sure) < len(narrowest.less_sure)
    assert losses(Recording((32, 500)))[0].less_sure == ABOVE_EDGE[2000]
    listed = {name for names in (*ABOVE_EDGE.values(), *CLIPPED.values(), CODED_AS_SPEECH) for name in names}
    assert listed <= {*QUALITY_NAMES, *EMOTION_NAMES}


@pytest.mark.parametrize("highest_hz", [3500, 10_853])
def test_without_bass(highest_hz: float) -> None:
    [loss] = losses(Recording((90, highest_hz)))
    assert "hardly any bass" in loss.reason
    assert ("telephone" in loss.reason) == (highest_hz == 3500)
    assert set(loss.less_sure) > {"rhythmic_complexity", "energy"}


def test_emotions_that_are_not_shown_are_not_told() -> None:
    for recording in (
        *(Recording((32, edge_hz)) for edge_hz in ABOVE_EDGE),
        Recording((90, 3500)),
        Recording((90, 10_853), Levels(0.02), 12_000),
        Recording(WHOLE_HZ, Levels(steps=14), None, noise_db=-10, level_deviation_db=0.5),
        Recording(WHOLE_HZ, Levels(0.0, 5.0, 0.1)),
    ):
        assert losses(recording)
        for loss in losses(recording):
            qualities = set(loss.of_qualities().less_sure)
            assert qualities
            assert qualities == {*loss.less_sure} & {*QUALITY_NAMES} or loss.less_sure == EVERY
    every = Loss("all is lost", EVERY)
    assert every.of_qualities().in_words(MEASURED_WITH) == "all is lost: every value is less sure"


def test_what_was_measured_with_another_model_is_said() -> None:
    loss = Loss("no sound", ("energy", "tender"))
    assert loss.in_words("music") == "no sound: energy and tender are less sure"
    assert Loss("no sound", EVERY[1:]).in_words("music") == (
        "no sound: all values but melodiousness are less sure"
    )
    assert loss.in_words("mine") == "no sound: energy and tender are less sure (as measured with model music)"


def test_another_vocabulary_is_warned_of_qualities_only(tmp_path: Path, music: FloatArray) -> None:
    soundfile.write(tmp_path / "a.wav", soxr.resample(music, RATE_HZ, 6000), 6000)
    felt = {"labels": ["awe"], "scale": [0, 100], "weights": [[1.0] * 7], "intercept": [5.0]}
    model = write_model(tmp_path / "m.onnx", heads={"felt": felt})
    eight, other = (
        " ".join(midcli.Analyser(model, vocabulary=name).analyse(tmp_path / "a.wav").warnings)
        for name in ("emotions", "felt")
    )
    assert ("articulation" in eight, "articulation" in other) == (True, True)
    assert ("valence" in eight, "valence" in other) == (True, False)


def test_narrow_audio(tmp_path: Path, tiny_model: Path, music: FloatArray) -> None:
    soundfile.write(tmp_path / "a.wav", soxr.resample(music, RATE_HZ, 8000), 8000)
    assert told(tmp_path / "a.wav", tiny_model) == [
        "no sound above 4 kHz: articulation, rhythmic complexity, energy and sad are less sure"
    ]


@pytest.mark.parametrize(
    ("gain", "sure"),
    [
        (0.9, "all"),
        (2, "rhythmic complexity, dissonance and energy are"),
        (16, "all values but tonal stability are"),
    ],
)
@pytest.mark.parametrize("subtype", ["PCM_16", "FLOAT"])
def test_peaks_that_are_cut_off(
    tmp_path: Path, tiny_model: Path, music: FloatArray, gain: float, sure: str, subtype: str
) -> None:
    both = np.stack([np.clip(gain * music / np.abs(music).max(), -1, 1), 0.1 * music], axis=1)
    soundfile.write(tmp_path / "a.wav", both, RATE_HZ, subtype=subtype)
    expected = [] if sure == "all" else [f"{sure} less sure"]
    warnings = told(tmp_path / "a.wav", tiny_model)
    assert [warning.partition(" clips): ")[2] for warning in warnings] == expected


@pytest.mark.parametrize("level", [0.04, 0.4, 0.9])
@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16"])
def test_a_steady_tone_is_not_cut_off(tmp_path: Path, tiny_model: Path, subtype: str, level: float) -> None:
    rng = np.random.default_rng(0)
    tone = level * np.sin(2 * np.pi * 110 * np.arange(2 * RATE_HZ) / RATE_HZ) + rng.normal(
        0, 1e-4, 2 * RATE_HZ
    )
    soundfile.write(tmp_path / "a.wav", tone, RATE_HZ, subtype=subtype)
    assert not any("clips" in warning for warning in told(tmp_path / "a.wav", tiny_model))


@pytest.mark.parametrize(("bit_rate", "is_told"), [(12_000, True), (64_000, False)])
def test_what_is_coded_like_speech(
    tmp_path: Path, tiny_model: Path, music: FloatArray, bit_rate: int, is_told: bool
) -> None:
    sound = soxr.resample(music, RATE_HZ, 48_000).reshape(-1, 1)
    content = muxed([sound], 48_000, "ogg", "libopus", "mono", bit_rate=bit_rate)
    warnings = told(write(tmp_path / "a.opus", content), tiny_model)
    assert any(warning.startswith("coded like speech, at ") for warning in warnings) == is_told


def pressed(music: FloatArray, gain: float) -> FloatArray:
    return np.tanh(gain * music / np.abs(music).max()).astype(np.float32)


@pytest.mark.parametrize(("gain", "is_told"), [(1, False), (20, True)])
@pytest.mark.parametrize("suffix", ["wav", "mp3", "ogg"])
def test_peaks_that_were_pressed_before_the_file_was_coded(
    tmp_path: Path, tiny_model: Path, music: FloatArray, suffix: str, gain: float, is_told: bool
) -> None:
    subtype = {"wav": "PCM_16", "mp3": "MPEG_LAYER_III", "ogg": "VORBIS"}[suffix]
    content = encoded(0.9 * pressed(music, gain), RATE_HZ, suffix.upper(), subtype)
    warnings = told(write(tmp_path / f"a.{suffix}", content), tiny_model)
    assert any("peaks are" in warning for warning in warnings) == is_told


@pytest.mark.parametrize(("bits", "is_told"), [(3, True), (4, True), (5, True), (6, False)])
def test_few_bits(tmp_path: Path, tiny_model: Path, music: FloatArray, bits: int, is_told: bool) -> None:
    steps = 2 ** (bits - 1) - 1
    quantised = np.round(music / np.abs(music).max() * steps) / 128
    both = np.stack([quantised, np.zeros_like(quantised)], axis=1)
    soundfile.write(tmp_path / "a.wav", both, RATE_HZ, subtype="PCM_U8")
    warnings = told(tmp_path / "a.wav", tiny_model)
    assert any(f"(about {bits} bits)" in warning for warning in warnings) == is_told


def test_a_square_wave_has_lost_nothing(tmp_path: Path, tiny_model: Path, music: FloatArray) -> None:
    soundfile.write(tmp_path / "a.wav", 0.9 * np.sign(music), RATE_HZ)
    assert not any(
        "bits" in warning or "peaks" in warning for warning in told(tmp_path / "a.wav", tiny_model)
    )


@pytest.mark.parametrize(("below_db", "is_told"), [(5, True), (10, True), (15, True), (40, False)])
def test_noise_under_all_of_it(
    tmp_path: Path, tiny_model: Path, music: FloatArray, below_db: float, is_told: bool
) -> None:
    level = np.sqrt(np.mean(music**2)) * 10 ** (-below_db / 20)
    noise = np.random.default_rng(0).normal(0, level, len(music))
    soundfile.write(tmp_path / "a.wav", 0.1 * (music + noise), RATE_HZ)
    assert any("steady noise" in warning for warning in told(tmp_path / "a.wav", tiny_model)) == is_told


def test_a_level_that_hardly_varies(tmp_path: Path, tiny_model: Path, music: FloatArray) -> None:
    step = RATE_HZ // 20
    power = np.convolve(music**2, np.ones(step) / step, "same")
    flat = music / np.maximum(np.sqrt(power), 1e-4)
    soundfile.write(tmp_path / "a.wav", flat / np.abs(flat).max(), RATE_HZ)
    assert any("level hardly varies" in warning for warning in told(tmp_path / "a.wav", tiny_model))
