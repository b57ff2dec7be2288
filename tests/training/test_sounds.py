import numpy as np
import pytest

pytest.importorskip("torch")

from midcli.audio.spectrogram import SAMPLE_RATE_HZ, band_centres_hz, spectrogram_of
from midcli.training.sounds import NOT_MUSIC, drums, recorded_speech

SAMPLES = 3 * SAMPLE_RATE_HZ


@pytest.mark.parametrize("make", [*NOT_MUSIC.values(), recorded_speech, drums])
def test_sounds_are_audible_repeatable_and_of_the_length_asked_for(make):
    audio = make(np.random.default_rng(1), SAMPLES)
    assert audio.shape == (SAMPLES,)
    assert np.isfinite(audio).all()
    assert np.abs(audio).max() > 0
    assert (audio == make(np.random.default_rng(1), SAMPLES)).all()
    assert (audio != make(np.random.default_rng(2), SAMPLES)).any()


def test_speech_pauses_and_fluctuates_at_the_rate_of_syllables():
    spectrogram = spectrogram_of(
        [NOT_MUSIC["speech"](np.random.default_rng(0), 10 * SAMPLE_RATE_HZ).astype("f")]
    )
    level = spectrogram.mean(axis=1)
    power = np.abs(np.fft.rfft(level - level.mean())) ** 2
    rates_hz = np.fft.rfftfreq(len(level), 1 / 31.25)
    syllables = power[(rates_hz > 2) & (rates_hz < 8)].sum()
    assert syllables > power[rates_hz > 8].sum()
    assert (level < 0.1 * level.mean()).mean() > 0.05


def test_recorded_speech_is_often_over_a_floor_and_in_the_band_of_a_telephone():
    floors, heights = [], []
    for make in (NOT_MUSIC["speech"], recorded_speech):
        audio = [make(np.random.default_rng(seed), 2 * SAMPLE_RATE_HZ) for seed in range(10)]
        sounds = [spectrogram_of([(one / np.abs(one).max()).astype(np.float32)]) for one in audio]
        floors.append([np.quantile(one.mean(axis=1), 0.1) / one.mean() for one in sounds])
        heights.append([one[:, band_centres_hz() > 5000].mean() / one.mean() for one in sounds])
    over_a_floor, of_a_telephone = np.array(floors) > 0.05, np.array(heights) < 0.01
    assert not over_a_floor[0].any()
    assert over_a_floor[1].sum() >= 3
    assert not of_a_telephone[0].any()
    assert 3 <= of_a_telephone[1].sum() <= 8
