"""Where the music begins and ends."""

import numpy as np
import pytest

from midcli.audio.silence import sounding
from midcli.audio.spectrogram import BANDS, SAMPLE_RATE_HZ, spectrogram_of


def music(seconds: float = 4.0) -> np.ndarray:
    time_s = np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    noise = np.random.default_rng(0).normal(0, 0.05, len(time_s))
    return (0.4 * np.sin(2 * np.pi * 330 * time_s) + noise).astype(np.float32)


@pytest.mark.parametrize("silence_s", [0.05, 0.5, 2.0])
def test_silence_before_and_after_leaves_the_same_frames(silence_s: float) -> None:
    silence = np.zeros(int(silence_s * SAMPLE_RATE_HZ), np.float32)
    plain = spectrogram_of([music()])
    padded = spectrogram_of([silence, music(), silence])
    alone, around = plain[sounding(plain)], padded[sounding(padded)]
    assert abs(len(alone) - len(around)) <= 4
    np.testing.assert_allclose(alone.mean(axis=0), around.mean(axis=0), atol=0.1)
    rise = np.abs(np.diff(around.mean(axis=1)))[:3].max()
    assert rise < 3 * np.abs(np.diff(alone.mean(axis=1))).mean() + 0.05  # none out of silence


def test_silence_alone_is_kept() -> None:
    nothing = np.zeros((100, BANDS), np.float32)
    assert sounding(nothing) == slice(0, 100)


def test_a_click_alone_is_not_cut_out() -> None:
    click = np.zeros((200, BANDS), np.float32)
    click[100] = 1.0
    assert sounding(click) == slice(0, 200)


def test_rests_within_music_stay() -> None:
    rest = np.zeros(SAMPLE_RATE_HZ, np.float32)
    whole = spectrogram_of([music(2), rest, music(2)])
    kept = sounding(whole)
    assert kept.stop - kept.start > len(whole) - 8


def test_a_constant_offset_is_no_sound() -> None:
    offset = spectrogram_of([music() + np.float32(0.3)])
    np.testing.assert_allclose(offset[3:-3, 3:], spectrogram_of([music()])[3:-3, 3:], atol=0.02)
