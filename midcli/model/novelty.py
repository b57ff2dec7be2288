"""Is it music at all? A judgement of the spectrogram's texture that does not depend on the network.

Music keeps its partials for a while and moves on; speech glides and pauses, noise and applause have no
partials, tones never move, clicks are gone at once. Logistic regressions tell music from each of these
(midcli.training.novelty fits them).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from midcli.audio.banded import Banded
from midcli.audio.spectrogram import BANDS, FRAMES_PER_SECOND, FloatArray, pitch_classes

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_SEGMENT_FRAMES = round(5 * FRAMES_PER_SECOND)
_MOST_SEGMENTS = 60  # five minutes: more would take longer than the network
_USUAL_SILENCE = round(2 * FRAMES_PER_SECOND)  # before or after music, in what judges learn from
_FEWEST_FRAMES = 17  # that can be described
_AT_ONCE = 12  # segments of .1 MB: few leave the cache
_PEAK_NEIGHBOURS_BANDS = 13
_PEAK_PARTS = 8
_LOWEST_PARTIAL_BAND = 20  # below, a band is wider than the distance of two partials
_HOP_FRAMES = 4
_SMOOTHING_HOPS = (1, 4, 8)
_CHANGE_LAGS = (4, 8, 16)  # hops
_CONTINUITY_LAGS_FRAMES = (1, 4, 8, 16)
_MODULATION_EDGES_HZ = (0.4, 1, 2, 4, 8, 16)
_PULSE_LAGS_FRAMES = (8, 64)
_COMODULATION_GROUPS = 6
_FLOOR = 0.02


class Novelty(NamedTuple):
    """How unlike music the input is."""

    score: float
    """0 (music) to 1."""
    flagged: bool
    """Beyond the model's limit."""
    resembles: str
    """What it is most like besides music: `speech`, `noise`, `a tone`, `clicks`, `applause` or `silence`."""


@dataclass(frozen=True)
class NoveltyJudge:
    """What a model file knows about sounds that are not music."""

    mean: Array
    """(descriptors,) of music."""
    deviation: Array
    clip: float
    """Descriptors count no further than this many deviations from their mean."""
    kinds: tuple[str, ...]
    """What music is told apart from, such as speech."""
    weights: Array
    """(kinds, descriptors), or twice as many: then of half their squares, too."""
    intercepts: Array
    """(kinds,)"""
    threshold: float
    """Log odds from which on the input is flagged."""

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "NoveltyJudge":
        """From the model file's description. Raises KeyError, TypeError or ValueError if it is malformed."""
        names = tuple(str(kind) for kind in stored["kinds"])
        with_squares = np.size(stored["weights"]) == len(names) * 2 * DESCRIPTORS
        arrays = {
            name: np.asarray(stored[name], np.float64).reshape(size)
            for name, size in (
                ("mean", (DESCRIPTORS,)),
                ("deviation", (DESCRIPTORS,)),
                ("weights", (len(names), 2 * DESCRIPTORS if with_squares else DESCRIPTORS)),
                ("intercepts", (len(names),)),
            )
        }
        judge = cls(kinds=names, clip=float(stored["clip"]), threshold=float(stored["threshold"]), **arrays)
        finite = all(np.isfinite(array).all() for array in arrays.values()) and np.isfinite(judge.threshold)
        if not names or not finite or not judge.clip > 0 or not (judge.deviation > 0).all():
            raise ValueError("novelty")
        return judge

    def to_json(self) -> dict[str, Any]:
        """For the model file's description."""
        return {
            key: value.tolist() if isinstance(value, np.ndarray) else value
            for key, value in vars(self).items()
        }

    def log_odds(self, described: Array) -> Array:
        """(..., kinds): log odds of each kind against music, of descriptors (..., DESCRIPTORS)."""
        odds: Array = self.inputs(described) @ self.weights.T + self.intercepts
        return odds

    def inputs(self, described: Array) -> Array:
        """(..., inputs): what is weighed of descriptors (..., DESCRIPTORS), in deviations from their mean."""
        away = np.clip((described - self.mean) / self.deviation, -self.clip, self.clip)
        with_squares = self.weights.shape[-1] > DESCRIPTORS
        return np.concatenate([away, away * away / 2], axis=-1) if with_squares else away


def texture(spectrogram: FloatArray, is_silence: Flags | None = None) -> Array:
    """(DESCRIPTORS,) of a raw spectrogram (at least 17 frames, 149): means over all stretches of 5 s.

    They are counted between silence of more than 2 s, by `is_silence` (frames,), and those of nothing but
    silence are left out, unless all are. Of what is longer than five minutes these are sixty, each from the
    middle of its part, so that neither noise before nor applause after the music counts for more than its
    share.
    """
    start, stop = _between_silence(len(spectrogram), is_silence)
    count = max(1, round((stop - start) / _SEGMENT_FRAMES))
    edges = np.linspace(start, stop, count + 1).round().astype(int)
    stretches = [slice(*ends) for ends in pairwise(edges)]
    if is_silence is not None:
        stretches = [stretch for stretch in stretches if not is_silence[stretch].all()] or stretches
    parts = min(len(stretches), _MOST_SEGMENTS)
    chosen = ((np.arange(parts) + 0.5) * len(stretches) / parts).astype(int)
    return _mean_description(spectrogram, [stretches[number] for number in chosen])


def texture_of_parts(spectrogram: FloatArray, parts: Sequence[slice]) -> Array:
    """The same of parts that do not follow on one another in the piece: means over the middle 5 s of each."""
    middles = [(part.start + part.stop - _SEGMENT_FRAMES) // 2 for part in parts]
    return _mean_description(spectrogram, [slice(start, start + _SEGMENT_FRAMES) for start in middles])


def _between_silence(frames: int, is_silence: Flags | None) -> tuple[int, int]:
    """Where sound begins and ends, if that is 2 s from the ends; all frames if too few would be left."""
    sounds = np.flatnonzero(~is_silence) if is_silence is not None else np.zeros(0, int)
    if not len(sounds) or sounds[-1] + 1 - sounds[0] < _FEWEST_FRAMES:
        return 0, frames
    start, stop = int(sounds[0]), int(sounds[-1]) + 1
    return start if start > _USUAL_SILENCE else 0, stop if frames - stop > _USUAL_SILENCE else frames


def _mean_description(spectrogram: FloatArray, stretches: Sequence[slice]) -> Array:
    """(DESCRIPTORS,): means over the stretches, of which a few of one length are described at once."""
    by_length: defaultdict[int, list[FloatArray]] = defaultdict(list)
    for stretch in stretches:
        part = spectrogram[stretch]
        by_length[len(part)].append(part)
    described = [
        _describe(np.stack(parts[first : first + _AT_ONCE]))
        for parts in by_length.values()
        for first in range(0, len(parts), _AT_ONCE)
    ]
    mean: Array = np.concatenate(described).mean(axis=0)
    return mean


def _describe(stretches: FloatArray) -> Array:
    """(n, DESCRIPTORS) of stretches (n, T, 149); the level does not matter but for the compression before."""
    x = stretches / (stretches.mean(axis=(1, 2), keepdims=True) + np.float32(_FLOOR))
    running = _running(_hop_sums(x))
    peaks = _peaks(x)
    level = x.mean(axis=2)
    flux = np.zeros_like(x)
    np.subtract(x[:, 1:], x[:, :-1], out=flux[:, 1:])
    onsets = np.maximum(flux, 0).mean(axis=2)
    return np.array(
        [
            *_persistence(running),
            *_change(running),
            *_continuity(peaks),
            *_activity(level, flux, onsets),
            *_modulation(level),
            _pulse(onsets),
            *_spread(x, peaks),
            _comodulation(x),
        ],
        np.float64,
    ).T


def _peaks(x: FloatArray) -> FloatArray:
    """What stands out of its neighbourhood along frequency."""
    peaks = _neighbourhoods().apply(x, out=np.empty_like(x))
    np.subtract(x, peaks, out=peaks)
    return np.maximum(peaks, 0, out=peaks)


@cache
def _neighbourhoods() -> Banded:
    """Means (149, 149) over the bands around each."""
    bands = np.arange(BANDS)
    near = np.abs(bands[:, np.newaxis] - bands) <= _PEAK_NEIGHBOURS_BANDS // 2
    return Banded((near / near.sum(axis=0)).astype(np.float32), _PEAK_PARTS)


def _hop_sums(x: FloatArray) -> FloatArray:
    """(n, hops, bands)"""
    n, frames, bands = x.shape
    hops = frames // _HOP_FRAMES
    sums: FloatArray = x[:, : hops * _HOP_FRAMES].reshape(n, hops, _HOP_FRAMES, bands).sum(axis=2)
    return sums


def _running(hop_sums: FloatArray) -> FloatArray:
    """Sums (n, hops + 1, bands) of all before each hop, and of all."""
    n, hops, bands = hop_sums.shape
    running = np.zeros((n, hops + 1, bands), np.float32)
    np.cumsum(hop_sums, axis=1, out=running[:, 1:])
    return running


def _smoothed(running: FloatArray, hops: int) -> FloatArray:
    """Means over that many hops, from each hop on; of a shorter stretch, its mean."""
    hops = min(hops, running.shape[1] - 1)
    return (running[:, hops:] - running[:, :-hops]) / np.float32(hops * _HOP_FRAMES)


def _persistence(running: FloatArray) -> list[FloatArray]:
    """How far partials stand out that last so long: on average, at best, and how few they are."""
    values: list[FloatArray] = []
    for hops in _SMOOTHING_HOPS:
        smooth = _smoothed(running, hops)
        peaks = _peaks(smooth)
        share = peaks[..., _LOWEST_PARTIAL_BAND:].sum(axis=2) / (
            smooth[..., _LOWEST_PARTIAL_BAND:].sum(axis=2) + _FLOOR
        )
        fewness = (np.square(peaks).sum(axis=2) + 1e-6) / (np.square(peaks.sum(axis=2)) + 1e-4)
        values += [share.mean(axis=1), _at_best(share), np.log(fewness.mean(axis=1))]
    return values


def _at_best(share: FloatArray) -> FloatArray:
    """The 90th percentiles (n,) of (n, T), without numpy's slow machinery for any."""
    ordered = np.sort(share, axis=1)
    place = 0.9 * (ordered.shape[1] - 1)
    below = int(place)
    above = min(below + 1, ordered.shape[1] - 1)
    return ordered[:, below] + np.float32(place - below) * (ordered[:, above] - ordered[:, below])


def _change(running: FloatArray) -> list[FloatArray]:
    """How far the spectrum moves within half a second, one and two."""
    smooth = _smoothed(running, _SMOOTHING_HOPS[1])
    n, hops, _ = smooth.shape
    return [
        np.abs(smooth[:, lag:] - smooth[:, :-lag]).mean(axis=(1, 2))
        if hops > lag
        else np.zeros(n, np.float32)
        for lag in _CHANGE_LAGS
    ]


def _continuity(peaks: FloatArray) -> list[FloatArray]:
    """How alike the peaks are after a while: where they were, and more so a band up or down (gliding)."""
    strength = np.sqrt(np.square(peaks).sum(axis=2)) + np.float32(1e-3)
    values: list[FloatArray] = []
    for lag in _CONTINUITY_LAGS_FRAMES:
        before, after = peaks[:, :-lag], peaks[:, lag:]
        total = (strength[:, :-lag] * strength[:, lag:]).sum(axis=1)
        stay = np.einsum("ntb,ntb->n", before, after) / total
        up = np.einsum("ntb,ntb->nt", before[..., :-1], after[..., 1:])
        down = np.einsum("ntb,ntb->nt", before[..., 1:], after[..., :-1])
        values += [stay, np.maximum(up, down).sum(axis=1) / total - stay]
    return values


def _activity(level: FloatArray, flux: FloatArray, onsets: FloatArray) -> list[FloatArray]:
    """How much happens from frame to frame, how suddenly, and how often next to nothing sounds."""
    scaled = (onsets - onsets.mean(axis=1, keepdims=True)) / (onsets.std(axis=1, keepdims=True) + 1e-4)
    return [
        np.log(np.abs(flux).mean(axis=(1, 2)) + 1e-2),
        (scaled**3).mean(axis=1),
        (level < 0.1).mean(axis=1),
        (level < 0.5).mean(axis=1),
        level.std(axis=1),
        np.log(level.max(axis=1) + 1e-2),
    ]


def _modulation(level: FloatArray) -> list[Array]:
    """Shares of the level's fluctuation by rate; that of speech lies around 4 Hz."""
    frames = level.shape[1]
    power = np.abs(np.fft.rfft((level - level.mean(axis=1, keepdims=True)) * np.hanning(frames))) ** 2
    rates_hz = np.fft.rfftfreq(frames, 1 / FRAMES_PER_SECOND)
    low, high = _MODULATION_EDGES_HZ[:-1], _MODULATION_EDGES_HZ[1:]
    total = power[:, rates_hz >= low[0]].sum(axis=1) + 1e-6
    return [
        power[:, (rates_hz >= start) & (rates_hz < stop)].sum(axis=1) / total
        for start, stop in zip(low, high, strict=True)
    ]


def _pulse(onsets: FloatArray) -> list[float]:
    """Highest autocorrelation of the onsets at the lags of a beat."""
    first, last = _PULSE_LAGS_FRAMES
    highest = []
    for centred in onsets - onsets.mean(axis=1, keepdims=True):
        correlation = np.correlate(centred, centred, "full")[len(centred) - 1 :]
        highest.append(float(correlation[first:last].max() / (correlation[0] + 1e-9)))
    return highest


def _spread(x: FloatArray, peaks: FloatArray) -> list[FloatArray]:
    """Entropies: of the pitch classes of half a second, of the long-term spectrum."""
    chroma = _smoothed(_running(_hop_sums(peaks) @ pitch_classes()), _SMOOTHING_HOPS[1])
    share = chroma / (chroma.sum(axis=2, keepdims=True) + 1e-2) + 1e-9
    spectrum = x.mean(axis=1) + 1e-7
    spectrum /= spectrum.sum(axis=1, keepdims=True)
    return [
        -(share * np.log(share)).sum(axis=2).mean(axis=1),
        -(spectrum * np.log(spectrum)).sum(axis=1),
    ]


def _comodulation(x: FloatArray) -> FloatArray:
    """Mean correlation of the level in parts of the spectrum."""
    starts = np.linspace(0, BANDS, _COMODULATION_GROUPS, endpoint=False).astype(int)
    levels = np.add.reduceat(x, starts, axis=2)
    levels -= levels.mean(axis=1, keepdims=True)
    norm = np.sqrt(np.square(levels).sum(axis=1))
    correlation = (levels.swapaxes(1, 2) @ levels) / (norm[..., np.newaxis] * norm[:, np.newaxis] + 1e-3)
    pairs = _COMODULATION_GROUPS * (_COMODULATION_GROUPS - 1)
    same = np.trace(correlation, axis1=1, axis2=2)
    mean: FloatArray = (correlation.sum(axis=(1, 2)) - same) / np.float32(pairs)
    return mean


DESCRIPTORS = 35
"""Length of `texture`."""
