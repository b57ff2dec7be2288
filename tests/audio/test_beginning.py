"""Where the music begins."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from midcli.audio.beginning import Beginning
from midcli.audio.spectrogram import SAMPLE_RATE_HZ

STRETCH = 1000


def noise(samples: int, level: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-level, level, samples).astype(np.float32)


def begun(blocks: list[np.ndarray]) -> tuple[np.ndarray, int]:
    """The music in the blocks, and how many samples are before it."""
    beginning = Beginning(STRETCH)
    music = [beginning.music(block) for block in blocks]
    return np.concatenate([*music, beginning.rest()]), beginning.silent_samples


@pytest.mark.parametrize("silent", [0, 1, 31, 300, 5000])
@pytest.mark.parametrize("offset", [0.0, 0.01])
def test_music_begins_at_its_first_sample_whatever_the_silence_before_it(silent: int, offset: float) -> None:
    music = noise(3000, 0.5) + np.float32(offset)
    music[0] = 0.4
    heard, before = begun([np.concatenate([np.full(silent, offset, np.float32), music])])
    if offset and 0 < silent < 32:  # too short to be known as silence; there it is as loud as music
        assert before == 0
    else:
        assert before == silent
        np.testing.assert_array_equal(heard, music)


def test_what_is_fifty_decibels_below_the_music_comes_before_it() -> None:
    dither, music = noise(500, 6e-5), noise(3000, 0.5, 1)
    music[0] = 0.4
    assert begun([np.concatenate([np.zeros(50, np.float32), dither, music])])[1] == 550


@pytest.mark.parametrize("gain", [0.3, 0.1])
def test_the_level_does_not_matter(gain: float) -> None:
    rise = np.linspace(0, 1, 2000, dtype=np.float32) ** 4 * noise(2000, 0.5)
    assert begun([rise])[1] == pytest.approx(begun([rise * np.float32(gain)])[1], abs=60)


@pytest.mark.parametrize("gain", [0.1, 0.01, 0.001])
@pytest.mark.parametrize("peak_at", [1500, 10_000])
def test_quiet_music_begins_where_it_would_if_it_were_louder(gain: float, peak_at: int) -> None:
    rise = np.linspace(0, 1, 12_000, dtype=np.float32) ** 4 * noise(12_000, 0.02)
    rise[peak_at] = 0.1
    blocks = np.split(np.concatenate([np.zeros(1200, np.float32), rise]), [500, 2000, 7000])
    plain, before = begun(blocks)
    quiet, quiet_before = begun([block * np.float32(gain) for block in blocks])
    assert 1200 < before == quiet_before
    np.testing.assert_array_equal(quiet, plain * np.float32(gain))


def test_long_dither_is_not_held_for_ever() -> None:
    dither, music = noise(300 * STRETCH, 3e-5), noise(5000, 0.5, 1)
    music[0] = 0.4
    beginning = Beginning(STRETCH)
    for block in np.split(dither, 30):
        assert not len(beginning.music(block))
    assert beginning.silent_samples >= 200 * STRETCH
    np.testing.assert_array_equal(beginning.music(music), music)
    assert beginning.silent_samples == len(dither)


def test_silence_alone_is_no_music() -> None:
    heard, before = begun([np.zeros(700, np.float32), np.zeros(700, np.float32)])
    assert (len(heard), before) == (0, 1400)
    assert begun([])[1] == 0


@given(cuts=st.lists(st.integers(0, 2000), max_size=6), silent=st.integers(0, 1500))
@settings(max_examples=40, deadline=None)
def test_where_blocks_end_does_not_matter(cuts: list[int], silent: int) -> None:
    samples = np.concatenate([np.zeros(silent, np.float32), noise(SAMPLE_RATE_HZ // 10, 0.3)])
    whole, before = begun([samples])
    parts, again = begun(np.split(samples, sorted(cuts)))
    assert before == again
    np.testing.assert_array_equal(whole, parts)
