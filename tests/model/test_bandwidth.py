import numpy as np
import numpy.typing as npt
import pytest
import soxr

from midcli.audio.spectrogram import SAMPLE_RATE_HZ, spectrogram_of
from midcli.model.bandwidth import band_hz

FloatArray = npt.NDArray[np.float32]


def without_top(samples: FloatArray, edge_hz: float) -> FloatArray:
    narrow = soxr.resample(samples, SAMPLE_RATE_HZ, 2 * edge_hz, "VHQ")
    return np.asarray(soxr.resample(narrow, 2 * edge_hz, SAMPLE_RATE_HZ, "VHQ"), np.float32)


@pytest.mark.parametrize("edge_hz", [2000, 3000, 4000, 5500, 8000])
@pytest.mark.parametrize("gain", [1.0, 0.01])
def test_the_edge_is_found_at_any_level(music: FloatArray, edge_hz: int, gain: float) -> None:
    found = band_hz(spectrogram_of([gain * without_top(music, edge_hz)]))[1]
    assert 0.92 * edge_hz < found < 1.06 * edge_hz


def test_whole_recordings_have_no_edge(music: FloatArray) -> None:
    lowest, highest = band_hz(spectrogram_of([music]))
    assert lowest < 40
    assert highest > 10_000
    assert band_hz(spectrogram_of([np.zeros(SAMPLE_RATE_HZ, np.float32)])) == (0, 0)
