"""Silence of 16 bits with dither."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from midcli.audio.blocks import Block
from midcli.audio.dither import without_dither
from midcli.audio.excerpts import ExcerptReader
from midcli.audio.reading import AudioReader

RATE_HZ = 44_100
STEP = np.float32(1 / 32768)


def dither(samples: int, channels: int = 2) -> np.ndarray:
    """(channels, n)"""
    rng = np.random.default_rng(samples)
    size = channels, samples
    return (np.round(rng.random(size) - rng.random(size)) * STEP).astype(np.float32)


def quieted(channels: np.ndarray) -> np.ndarray:
    return without_dither(Block(RATE_HZ, channels)).channels


def test_dither_around_quiet_music_goes_and_the_music_stays() -> None:
    music = np.round(np.random.default_rng(0).normal(0, 100, (2, 5000))).astype(np.float32) * STEP
    heard = np.concatenate([dither(4096), music, dither(9000)], axis=1)
    kept = heard.copy()
    without = quieted(heard)
    np.testing.assert_array_equal(heard, kept)  # what a decoder or a caller owns is not written to
    np.testing.assert_array_equal(without[:, 4096:9096], music)
    assert not without[:, :4096].any()
    assert not without[:, 9096 + 1024 :].any()


@pytest.mark.parametrize("samples", [1, 126, 127, 128, 1023, 1024, 1025, 1150, 1152, 2049])
def test_stretches_of_any_length_end_in_a_rest(samples: int) -> None:
    assert not quieted(np.full((2, samples), STEP)).any()
    assert quieted(np.full((2, samples), 2 * STEP)).all()
    loud_at_the_end = np.full((1, samples), STEP)
    loud_at_the_end[0, -1] = 0.1
    assert quieted(loud_at_the_end)[0, -1] == np.float32(0.1)


@pytest.mark.filterwarnings("error")
def test_what_is_no_dither_stays() -> None:
    one_side = np.stack([dither(2048)[0], np.full(2048, 0.1, np.float32)])
    between_steps = dither(2048) * np.float32(0.9)
    absurd = np.zeros((1, 2048), np.float32)
    absurd[0, 5], absurd[0, 1500] = 3e38, np.nan
    for channels in (one_side, between_steps, absurd, np.zeros((2, 0), np.float32)):
        np.testing.assert_array_equal(quieted(channels), channels)


def test_files_and_excerpts_of_them_are_read_so(tmp_path: Path) -> None:
    music = 0.01 * np.sin(np.arange(60 * 8000) / 20)
    path = tmp_path / "late.wav"
    soundfile.write(path, np.concatenate([dither(120 * 8000, 1)[0], music]), 8000, "PCM_16")
    for reader in (AudioReader(path, 8000), ExcerptReader(path, 8000)):
        mono = np.concatenate(list(reader.blocks()))
        assert not mono[: len(mono) // 2].any()
        assert np.abs(mono).max() == pytest.approx(0.01, rel=0.01)
