"""Where the music begins and ends."""

import tracemalloc

import numpy as np
import pytest

from midcli.audio.silence import long_silences, sounding
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
    np.testing.assert_allclose(alone, around, atol=1e-5)


@pytest.mark.parametrize("silence_s", [0.05, 1.0])
def test_dither_and_an_offset_are_silence_too(silence_s: float) -> None:
    samples = int(silence_s * SAMPLE_RATE_HZ)
    dither = np.random.default_rng(1).integers(-1, 2, samples).astype(np.float32) / 32768
    plain = spectrogram_of([music()])
    for silence, offset in ((dither, 0.0), (np.zeros(samples, np.float32), 0.2)):
        padded = spectrogram_of([np.concatenate([silence, music()]) + np.float32(offset)])
        alone, around = plain[sounding(plain)], padded[sounding(padded)]
        np.testing.assert_allclose(alone[:, 3:], around[:, 3:], atol=0.02)


def test_where_blocks_end_does_not_matter() -> None:
    samples = np.concatenate([np.zeros(3000, np.float32), music(2)])
    np.testing.assert_array_equal(spectrogram_of([samples]), spectrogram_of(np.array_split(samples, 50)))


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


def test_rests_are_no_long_silences() -> None:
    is_silence = np.zeros(2000, bool)
    is_silence[:400] = is_silence[500:800] = is_silence[1000:1313] = True
    assert long_silences(is_silence) == [slice(0, 400), slice(1000, 1313)]
    assert long_silences(np.zeros(0, bool)) == []


def test_a_constant_offset_is_no_sound() -> None:
    offset = spectrogram_of([music() + np.float32(0.3)])
    np.testing.assert_allclose(offset[3:-3, 3:], spectrogram_of([music()])[3:-3, 3:], atol=0.02)


def test_a_long_piece_is_not_copied() -> None:
    quarter_of_an_hour = np.full((28_000, BANDS), 0.2, np.float32)
    quarter_of_an_hour[:20_000] = 0
    tracemalloc.start()
    kept = sounding(quarter_of_an_hour)
    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (kept.start, kept.stop) == (20_000, 28_000 - 3)
    assert most_bytes < quarter_of_an_hour.nbytes
