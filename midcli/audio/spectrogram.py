"""Samples to spectrogram: the front end of the paper, in numpy.

Peak-normalised audio at 22 050 Hz, frames of 2048 samples (symmetric Hann) at 31.25 frames a second,
magnitudes through a logarithmic filterbank of 24 bands an octave, then log10(1 + x). The filterbank is
that of the authors' library (Böck et al., "madmom", ACM Multimedia 2016, LogarithmicFilterbank).
"""

import mmap
from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from midcli.audio.banded import Banded
from midcli.audio.beginning import Beginning, is_silent, silent_below

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
FRONTEND_VERSION = 3

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
    "gain": "divided by the peak about the mean",
    "first_frame": "at the first sample of the music, 50 dB below the loudest of its first 3 s",
    "compression": "log10(1 + x)",
}
"""What a model file must agree with, besides the mean and deviation of its own training part."""

_BEGINNING_SAMPLES = 3 * SAMPLE_RATE_HZ
_FRAMES_PER_BATCH = 64
_FRAMES_PER_SEGMENT = 128 * _FRAMES_PER_BATCH
_BAND_GROUPS = 16


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
    nearest = right - nearer_left
    return nearest[np.diff(nearest, prepend=-1) > 0]


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
def _bands_of_bins() -> Banded:
    return Banded(filterbank(), _BAND_GROUPS)


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


def _new_segment() -> FloatArray:
    """Empty frames in memory of their own, which goes back to the system, not to a heap, when they go."""
    memory = mmap.mmap(-1, _FRAMES_PER_SEGMENT * BANDS * np.dtype(np.float32).itemsize)
    return np.frombuffer(memory, np.float32).reshape(_FRAMES_PER_SEGMENT, BANDS)


class SpectrogramBuilder:
    """Collects blocks of mono audio at 22 050 Hz and turns them into one spectrogram.

    The filterbank is linear in gain, so its outputs are stored as blocks arrive, and the division by
    the peak waits until the peak is known: one pass, 18.6 KB a second of music.
    """

    def __init__(self) -> None:
        self.samples = 0
        self._taken = 0
        self._beginning = Beginning(_BEGINNING_SAMPLES)
        self._sum = self._lowest = self._highest = 0.0
        self._frames = 0
        self._pending: list[FloatArray] = []
        self._pending_start = 0
        self._segments: list[FloatArray] = []
        self._window = np.hanning(FRAME_SAMPLES).astype(np.float32)
        # numpy's transform is faster in float64; everything before and after is float32
        self._windowed = np.empty((_FRAMES_PER_BATCH, FRAME_SAMPLES))
        self._spectrum = np.empty((_FRAMES_PER_BATCH, FFT_BINS + 1), np.complex128)

    def add(self, block: FloatArray) -> None:
        """Take the next samples (n,), float32."""
        self.samples += len(block)
        self._take(self._beginning.music(block))

    def _take(self, block: FloatArray) -> None:
        if not len(block):
            return
        self._taken += len(block)
        first = self._taken == len(block)
        self._sum += float(block.sum(dtype=np.float64))
        self._lowest = float(block.min()) if first else min(self._lowest, float(block.min()))
        self._highest = float(block.max()) if first else max(self._highest, float(block.max()))
        self._pending.append(block)
        ready_samples = self._taken - FRAME_SAMPLES
        ready_batches = (int(ready_samples / HOP_SAMPLES) + 1) // _FRAMES_PER_BATCH
        if ready_samples >= 0 and ready_batches * _FRAMES_PER_BATCH > self._frames:
            self._consume(ready_batches * _FRAMES_PER_BATCH)

    @property
    def peak(self) -> float:
        """The farthest sample from the mean of all, once finished: a constant offset is inaudible."""
        mean = self._sum / max(self._taken, 1)
        return max(self._highest - mean, mean - self._lowest)

    def finish(self) -> FloatArray:
        """The spectrogram (frames, 149) of everything added; of silence, all zeros."""
        self._take(self._beginning.rest())
        self._pending.append(self._past_the_end())
        self._consume(frame_count(self._taken))
        silent = (
            int(self._beginning.silent_samples / HOP_SAMPLES) if self._taken else frame_count(self.samples)
        )
        spectrogram = np.empty((silent + self._frames, BANDS), np.float32)
        spectrogram[:silent] = 0
        peak = np.float32(self.peak or 1)
        for start in range(0, self._frames, _FRAMES_PER_SEGMENT):
            part = spectrogram[silent + start : silent + min(start + _FRAMES_PER_SEGMENT, self._frames)]
            # each segment is freed at once, so that a long file is not in memory twice
            np.divide(self._segments.pop(0)[: len(part)], peak, out=part)
            np.log1p(part, out=part)
            part *= np.float32(1 / np.log(10))
        return spectrogram

    def _past_the_end(self) -> FloatArray:
        """Zeros, but silence with an offset at the end goes on: its end would be a click."""
        last = np.concatenate([np.zeros(1, np.float32), *(part[-FRAME_SAMPLES:] for part in self._pending)])
        last = last[-FRAME_SAMPLES:]
        is_over = is_silent(last, last[-1], silent_below(self.peak))
        return np.full(FRAME_SAMPLES, last[-1] if is_over else 0, np.float32)

    def _consume(self, stop_frame: int) -> None:
        """Bands of all frames before that one."""
        samples = np.concatenate(self._pending)
        windows = np.lib.stride_tricks.sliding_window_view(samples, FRAME_SAMPLES)
        while self._frames < stop_frame:
            segment, row = divmod(self._frames, _FRAMES_PER_SEGMENT)
            if segment == len(self._segments):
                self._segments.append(_new_segment())
            count = min(_FRAMES_PER_BATCH, stop_frame - self._frames)
            starts = _frame_starts(self._frames, self._frames + count) - self._pending_start
            frames = windows[starts]
            self._windowed[:count] = np.multiply(frames, self._window, out=frames)
            spectrum = np.fft.rfft(self._windowed[:count], out=self._spectrum[:count])
            magnitudes = np.abs(spectrum.astype(np.complex64))
            filtered = self._segments[segment][row : row + count]
            _bands_of_bins().apply(magnitudes, out=filtered)
            self._frames += count
        keep_from = int(_frame_starts(stop_frame, stop_frame + 1)[0]) - self._pending_start
        self._pending = [samples[keep_from:]]
        self._pending_start += keep_from


def spectrogram_of(blocks: Iterable[FloatArray]) -> FloatArray:
    """Spectrogram (frames, 149) of mono blocks at 22 050 Hz."""
    builder = SpectrogramBuilder()
    for block in blocks:
        builder.add(block)
    return builder.finish()
