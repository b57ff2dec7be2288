"""A constant offset, away."""

import numpy as np
import pytest

from midcli.audio.offset import without_offset
from midcli.audio.reading import AudioReader
from midcli.audio.spectrogram import SAMPLE_RATE_HZ

RATE_HZ = 8000


def music(seconds: float = 10.0, rate_hz: int = RATE_HZ) -> np.ndarray:
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    return (0.4 * np.sin(2 * np.pi * 220 * time_s)).astype(np.float32)


def joined(blocks: list[tuple[int, np.ndarray]]) -> np.ndarray:
    return np.concatenate([block for _, block in without_offset(blocks)])


@pytest.mark.parametrize("offset", [0.2, -0.01])
def test_an_offset_goes_and_the_music_stays(offset: float) -> None:
    without = joined([(RATE_HZ, music() + np.float32(offset))])
    np.testing.assert_allclose(without, music(), atol=1e-4)


def test_quiet_music_has_quiet_offsets() -> None:
    quiet = np.float32(1e-3) * music()
    np.testing.assert_allclose(joined([(RATE_HZ, quiet + np.float32(5e-5))]), quiet, atol=1e-7)


def test_what_is_no_offset_stays_bit_for_bit() -> None:
    np.testing.assert_array_equal(joined([(RATE_HZ, music() + np.float32(5e-4))]), music() + np.float32(5e-4))


def test_where_blocks_end_does_not_matter_and_rates_are_kept() -> None:
    samples = music() + np.float32(0.1)
    cut = [(RATE_HZ, part) for part in np.array_split(samples, 40)]
    np.testing.assert_array_equal(joined(cut), joined([(RATE_HZ, samples)]))
    mixed = [*cut, (16_000, music(1.0, 16_000) + np.float32(0.1))]
    assert [rate_hz for rate_hz, _ in without_offset(mixed)] == [rate_hz for rate_hz, _ in mixed]
    assert np.abs(joined(mixed)[-1000:].mean()) < 0.01


def test_absurd_samples_are_left_for_others_to_refuse() -> None:
    samples = music()
    samples[5] = np.nan
    np.testing.assert_array_equal(joined([(RATE_HZ, samples)]), samples)
    assert not list(without_offset([]))


def test_no_filter_rings_where_an_offset_begins() -> None:
    """44 100 Hz is resampled: the offset has to go before."""
    heard = [
        np.concatenate(list(AudioReader((samples, 44_100), SAMPLE_RATE_HZ).blocks()))
        for samples in (music(3, 44_100), music(3, 44_100) + np.float32(0.3))
    ]
    np.testing.assert_allclose(heard[0], heard[1], atol=1e-4)
