"""Loudness against tones of known loudness (EBU Tech 3341) and the published filter."""

import numpy as np
import pytest

from midcli.audio.blocks import Block
from midcli.explanation.loudness import LoudnessMeter, high_pass, high_shelf

RATE_HZ = 48_000


def tone(level_db: float, seconds: float, hz: float = 1000, rate_hz: int = RATE_HZ) -> np.ndarray:
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    return 10 ** (level_db / 20) * np.sin(2 * np.pi * hz * time_s)


def heard(channels: np.ndarray, rate_hz: int = RATE_HZ, block: int = 100_000) -> LoudnessMeter:
    meter = LoudnessMeter()
    for start in range(0, channels.shape[1], block):
        meter.add(Block(rate_hz, channels[:, start : start + block].astype(np.float32)))
    return meter


def test_the_filters_are_the_published_ones() -> None:
    b, a = high_shelf(RATE_HZ)
    assert b == pytest.approx([1.53512485958697, -2.69169618940638, 1.19839281085285], abs=1e-6)
    assert a == pytest.approx([1, -1.69065929318241, 0.73248077421585], abs=1e-6)
    assert high_pass(RATE_HZ)[1] == pytest.approx([1, -1.99004745483398, 0.99007225036621], abs=1e-6)


@pytest.mark.parametrize("rate_hz", [22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("level_db", [-23, -33])
def test_a_stereo_tone_is_as_loud_as_its_level(level_db: float, rate_hz: int) -> None:
    meter = heard(np.array([tone(level_db, 5, rate_hz=rate_hz)] * 2), rate_hz)
    assert meter.integrated_lufs == pytest.approx(level_db, abs=0.1)


def test_what_is_quiet_does_not_count() -> None:
    quiet, loud = tone(-36, 10), tone(-23, 60)
    meter = heard(np.array([np.concatenate([quiet, loud, quiet])] * 2))
    assert meter.integrated_lufs == pytest.approx(-23, abs=0.1)


def test_blocks_make_no_difference() -> None:
    music = np.random.default_rng(0).normal(0, 0.1, (2, 3 * RATE_HZ))
    one, other = (heard(music, block=block) for block in (10_007, 10**6))
    assert one.integrated_lufs == pytest.approx(other.integrated_lufs, abs=1e-6)


def test_surround_channels_weigh_more_and_the_low_one_nothing() -> None:
    def only(channel: int) -> float | None:
        return heard(np.eye(6)[channel][:, np.newaxis] * tone(-20, 2)).integrated_lufs

    front, low, surround = only(0), only(3), only(4)
    assert low is None
    assert front
    assert surround == pytest.approx(front + 10 * np.log10(1.41), abs=0.01)


def test_a_peak_between_samples_is_found() -> None:
    time = np.arange(RATE_HZ)
    between = 0.5 * np.sin(2 * np.pi * time / 4 + np.pi / 4)
    assert np.abs(between).max() == pytest.approx(0.354, abs=0.001)
    assert heard(between[np.newaxis]).true_peak_dbtp == pytest.approx(20 * np.log10(0.5), abs=0.3)


def test_silence_has_no_loudness() -> None:
    meter = heard(np.zeros((2, RATE_HZ)))
    assert (meter.integrated_lufs, meter.true_peak_dbtp) == (None, None)
    assert heard(np.array([tone(-20, 0.2)])).integrated_lufs is None
