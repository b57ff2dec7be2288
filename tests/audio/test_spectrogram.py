"""The front end against a plainly written reference in float64."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midcli.audio import spectrogram as front_end
from midcli.audio.spectrogram import SpectrogramBuilder, spectrogram_of


def plain_filterbank() -> np.ndarray:
    """Band by band, as the paper's library defines it."""
    frequencies = [440 * 2 ** (step / 24) for step in range(-200, 200)]
    frequencies = [hz for hz in frequencies if 20 <= hz <= 16_000]
    bin_hz = [k * 22_050 / 2048 for k in range(1024)]
    edges = sorted({min(range(1, 1024), key=lambda k: abs(bin_hz[k] - hz)) for hz in frequencies})
    bands = []
    for left, centre, right in zip(edges, edges[1:], edges[2:], strict=False):
        band = np.zeros(1024)
        if right - left < 2:
            band[left] = 1
        for k in range(left, right):
            if k < centre:
                band[k] = (k - left) / (centre - left)
            else:
                band[k] = 1 - (k - centre) / (right - centre)
        bands.append(band / band.sum())
    return np.array(bands).T


def plain_spectrogram(samples: np.ndarray, peak: float | None = None) -> np.ndarray:
    """Frame by frame in float64."""
    samples = samples.astype(np.float64)
    peak = peak or np.abs(samples - samples.mean()).max()
    padded = np.concatenate([samples / peak, np.zeros(2048)])
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(2048) / 2047)
    bank = plain_filterbank()
    frames = []
    i = 0
    while int(i * 705.6) < len(samples):
        frame = padded[int(i * 705.6) :][:2048] * window
        frames.append(np.log10(1 + np.abs(np.fft.fft(frame))[:1024] @ bank))
        i += 1
    return np.array(frames)


def test_149_bands_of_unit_sum() -> None:
    bank = front_end.filterbank()
    assert bank.shape == (1024, 149) == (front_end.FFT_BINS, front_end.BANDS)
    np.testing.assert_allclose(bank.sum(axis=0), 1, rtol=1e-6)
    np.testing.assert_allclose(bank, plain_filterbank(), atol=1e-7)
    centres = front_end.band_centres_hz()
    assert np.all(np.diff(centres) > 0)
    assert centres[0] == pytest.approx(3 * 22_050 / 2048)


def test_ten_seconds_are_313_frames() -> None:
    assert front_end.frame_count(220_500) == 313
    assert spectrogram_of([np.ones(220_500, np.float32)]).shape == (313, 149)


def test_agrees_with_the_plain_reference() -> None:
    rng = np.random.default_rng(0)
    time_s = np.arange(3 * 22_050) / 22_050
    samples = (0.3 * np.sin(2 * np.pi * 440 * time_s) + 0.05 * rng.normal(size=len(time_s))).astype(
        np.float32
    )
    spectrogram = spectrogram_of([samples])
    assert spectrogram.dtype == np.float32
    np.testing.assert_allclose(spectrogram, plain_spectrogram(samples), atol=2e-5)


def test_golden_tone() -> None:
    """440 Hz at full level: five bands of one frame, from the float64 reference, to 1e-3."""
    tone = np.sin(2 * np.pi * 440 * np.arange(22_050) / 22_050).astype(np.float32)
    frame = spectrogram_of([tone])[10]
    loudest = int(frame.argmax())
    assert front_end.band_centres_hz()[loudest] == pytest.approx(440, abs=22_050 / 2048)
    golden = {loudest - 1: 2.4888, loudest: 2.7050, loudest + 1: 2.3158, 0: 0.0010, 148: 0.0000}
    for band, value in golden.items():
        assert frame[band] == pytest.approx(value, abs=1e-3)


@given(cuts=st.lists(st.integers(0, 30_000), max_size=8), gain=st.floats(1e-3, 1e3))
@settings(max_examples=20, deadline=None)
def test_neither_blocks_nor_gain_matter(cuts: list[int], gain: float) -> None:
    samples = np.random.default_rng(1).normal(size=30_000).astype(np.float32)
    whole = spectrogram_of([samples])
    blocks = np.split(samples * np.float32(gain), sorted(cuts))
    np.testing.assert_allclose(spectrogram_of(blocks), whole, atol=1e-5)


def test_silence_is_zero_and_nothing_is_empty() -> None:
    assert not spectrogram_of([np.zeros(22_050, np.float32)]).any()
    assert spectrogram_of([]).shape == (0, 149)


def test_builder_reports_peak_and_samples() -> None:
    builder = SpectrogramBuilder()
    builder.add(np.array([0.1, -0.7, 0.3], np.float32))
    builder.add(np.array([0.2], np.float32))
    builder.finish()
    assert builder.peak == pytest.approx(0.675)  # about their mean, -0.025
    assert builder.samples == 4


def test_segments_join_to_what_plain_frames_are() -> None:
    """Longer than a segment: the frame after the joint is that of the samples there."""
    samples = np.random.default_rng(2).normal(size=300 * 22_050).astype(np.float32)
    spectrogram = spectrogram_of(np.array_split(samples, 50))
    assert len(spectrogram) == front_end.frame_count(len(samples)) > 9000
    peak = np.abs(samples - samples.mean(dtype=np.float64)).max()
    for frame in (0, 63, 64, 8191, 8192, 9000):
        start = int(frame * 705.6)
        around = plain_spectrogram(samples[start : start + 2048], peak)
        np.testing.assert_allclose(spectrogram[frame], around[0], atol=2e-5)


MEMORY_SCRIPT = """
import re
import numpy as np
from midcli.audio.spectrogram import spectrogram_of

def kilobytes(entry):
    return int(re.search(entry + r":\\s+(\\d+) kB", open("/proc/self/status").read())[1])

block = np.random.default_rng(3).normal(size=10 * 22_050).astype(np.float32)
spectrogram_of([block])
before = kilobytes("VmRSS")
spectrogram = spectrogram_of(block for _ in range(240))
print(1024 * (kilobytes("VmHWM") - before), spectrogram.nbytes)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak memory of Linux")
def test_forty_minutes_are_in_memory_once() -> None:
    done = subprocess.run([sys.executable, "-c", MEMORY_SCRIPT], capture_output=True, text=True, check=True)
    grown_bytes, spectrogram_bytes = map(int, done.stdout.split())
    assert spectrogram_bytes > 44e6
    assert grown_bytes < 1.5 * spectrogram_bytes
