"""Samples to spectrogram: the front end of the paper, in numpy.

Peak-normalised audio at 22 050 Hz, frames of 2048 samples (symmetric Hann) at 31.25 frames a second,
magnitudes through a logarithmic filterbank of 24 bands an octave, then log10(1 + x). The filterbank is
that of the authors' library (Böck et al., "madmom", ACM Multimedia 2016, LogarithmicFilterbank).
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

SAMPLE_RATE_HZ = 22_050
FRAME_SAMPLES = 2048
FRAMES_PER_SECOND = 31.25
HOP_SAMPLES = SAMPLE_RATE_HZ / FRAMES_PER_SECOND
FFT_BINS = FRAME_SAMPLES // 2
BANDS_PER_OCTAVE = 24
LOWEST_HZ = 20.0
HIGHEST_HZ = 16_000.0
REFERENCE_HZ = 440.0
CHROMA_RANGE_HZ = (100.0, 3000.0)
FRONTEND_VERSION = 1

FRONTEND: dict[str, Any] = {
    "version": FRONTEND_VERSION,
    "sample_rate_hz": SAMPLE_RATE_HZ,
    "frame_samples": FRAME_SAMPLES,
    "frames_per_second": FRAMES_PER_SECOND,
    "window": "hann, symmetric",
    "fft_bins": FFT_BINS,
    "bands_per_octave": BANDS_PER_OCTAVE,
    "lowest_hz": LOWEST_HZ,
    "highest_hz": HIGHEST_HZ,
    "reference_hz": REFERENCE_HZ,
    "gain": "divided by the peak",
    "compression": "log10(1 + x)",
}
"""What a model file must agree with, besides the mean and deviation of its own training part."""

_FRAMES_PER_BATCH = 256


@cache
def band_edges_bins() -> npt.NDArray[np.int64]:
    """Unique FFT bins nearest to the logarithmic frequencies; three in a row make one band."""
    semitones_from_reference = (
        np.floor(np.log2(LOWEST_HZ / REFERENCE_HZ) * BANDS_PER_OCTAVE),
        np.ceil(np.log2(HIGHEST_HZ / REFERENCE_HZ) * BANDS_PER_OCTAVE),
    )
    frequencies = REFERENCE_HZ * 2.0 ** (np.arange(*semitones_from_reference) / BANDS_PER_OCTAVE)
    frequencies = frequencies[(frequencies >= LOWEST_HZ) & (frequencies <= HIGHEST_HZ)]
    bin_hz = np.arange(FFT_BINS) * SAMPLE_RATE_HZ / FRAME_SAMPLES
    right = np.clip(np.searchsorted(bin_hz, frequencies), 1, FFT_BINS - 1)
    nearer_left = frequencies - bin_hz[right - 1] < bin_hz[right] - frequencies
    return np.unique(right - nearer_left)


@cache
def filterbank() -> FloatArray:
    """Triangular filters (FFT bins x bands), each normalised to sum 1."""
    edges = band_edges_bins()
    filters = np.zeros((FFT_BINS, len(edges) - 2))
    for band, (start, centre, stop) in enumerate(zip(edges, edges[1:], edges[2:], strict=False)):
        if stop - start < 2:
            centre, stop = start, start + 1
        filters[start:centre, band] = np.linspace(0, 1, centre - start, endpoint=False)
        filters[centre:stop, band] = np.linspace(1, 0, stop - centre, endpoint=False)
    normalised: FloatArray = (filters / filters.sum(axis=0)).astype(np.float32)
    return normalised


BANDS = 149


@cache
def _band_taps() -> tuple[npt.NDArray[np.int64], FloatArray, npt.NDArray[np.int64]]:
    """The filterbank's nonzero weights, band after band: their bins, themselves, where each band starts."""
    bands, bins = np.nonzero(filterbank().T)
    return bins, filterbank()[bins, bands], np.searchsorted(bands, np.arange(BANDS))


def _filtered(magnitudes: FloatArray) -> FloatArray:
    """Bands (frames, 149) of magnitudes (frames, bins).

    A matrix product would multiply mostly zeros, and its threads starve where all cores are busy.
    """
    bins, weights, starts = _band_taps()
    return np.add.reduceat(magnitudes[:, bins] * weights, starts, axis=1)


def band_centres_hz() -> FloatArray:
    """Centre frequency of each band in Hz."""
    return (band_edges_bins()[1:-1] * SAMPLE_RATE_HZ / FRAME_SAMPLES).astype(np.float32)


@cache
def pitch_classes() -> FloatArray:
    """(149, 12): which pitch class each band belongs to, A first; none below 100 Hz or above 3 kHz."""
    hz = band_centres_hz()
    pitch_class = np.round(12 * np.log2(hz / REFERENCE_HZ)).astype(int) % 12
    audible = (hz > CHROMA_RANGE_HZ[0]) & (hz < CHROMA_RANGE_HZ[1])
    belongs: FloatArray = ((pitch_class[:, np.newaxis] == np.arange(12)) & audible[:, np.newaxis]).astype(
        np.float32
    )
    return belongs


def frame_count(samples: int) -> int:
    """Number of frames that start inside that many samples."""
    return int(np.ceil(samples / HOP_SAMPLES))


def _frame_starts(first: int, stop: int) -> npt.NDArray[np.int64]:
    starts: npt.NDArray[np.int64] = np.floor(np.arange(first, stop) * HOP_SAMPLES).astype(np.int64)
    return starts


class SpectrogramBuilder:
    """Collects blocks of mono audio at 22 050 Hz and turns them into one spectrogram.

    The filterbank is linear in gain, so its outputs are stored as blocks arrive, and the division by
    the peak waits until the peak is known: one pass, 18.6 KB a second of music.
    """

    def __init__(self) -> None:
        self.samples = 0
        self.peak = 0.0
        self._frames = 0
        self._pending = np.zeros(0, np.float32)
        self._pending_start = 0
        self._bands: list[FloatArray] = []
        self._window = np.hanning(FRAME_SAMPLES).astype(np.float32)

    def add(self, block: FloatArray) -> None:
        """Take the next samples (n,), float32."""
        if not len(block):
            return
        self.samples += len(block)
        self.peak = max(self.peak, float(block.max()), -float(block.min()))
        self._pending = np.concatenate([self._pending, block])
        ready_samples = self._pending_start + len(self._pending) - FRAME_SAMPLES
        ready_frames = int(ready_samples / HOP_SAMPLES) + 1
        if ready_samples >= 0 and ready_frames - self._frames >= _FRAMES_PER_BATCH:
            self._consume(ready_frames)

    def finish(self) -> FloatArray:
        """The spectrogram (frames, 149) of everything added; of silence, all zeros."""
        missing = np.zeros(FRAME_SAMPLES, np.float32)
        self._pending = np.concatenate([self._pending, missing])
        self._consume(frame_count(self.samples))
        if not self._bands:
            return np.zeros((0, BANDS), np.float32)
        spectrogram = self._bands[0] if len(self._bands) == 1 else np.concatenate(self._bands)
        self._bands = []
        if self.peak > 0:
            spectrogram /= np.float32(self.peak)
        np.log1p(spectrogram, out=spectrogram)
        spectrogram *= np.float32(1 / np.log(10))
        return spectrogram

    def _consume(self, stop_frame: int) -> None:
        for first in range(self._frames, stop_frame, _FRAMES_PER_BATCH):
            starts = _frame_starts(first, min(first + _FRAMES_PER_BATCH, stop_frame))
            windows = np.lib.stride_tricks.sliding_window_view(self._pending, FRAME_SAMPLES)
            spectrum = np.fft.rfft(windows[starts - self._pending_start] * self._window)
            self._bands.append(_filtered(np.abs(spectrum)))
        if stop_frame > self._frames:
            self._frames = stop_frame
            keep_from = int(_frame_starts(stop_frame, stop_frame + 1)[0]) - self._pending_start
            self._pending = self._pending[keep_from:]
            self._pending_start += keep_from


def spectrogram_of(blocks: Iterable[FloatArray]) -> FloatArray:
    """Spectrogram (frames, 149) of mono blocks at 22 050 Hz."""
    builder = SpectrogramBuilder()
    for block in blocks:
        builder.add(block)
    return builder.finish()
