import numpy as np
import pytest

pytest.importorskip("torch")

from midcli.audio.spectrogram import SAMPLE_RATE_HZ, spectrogram_of
from midcli.training.sounds import NOT_MUSIC, drums

SAMPLES = 3 * SAMPLE_RATE_HZ


@pytest.mark.parametrize("make", [*NOT_MUSIC.values(), drums])
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
