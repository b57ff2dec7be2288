"""Spectrogram to local musical descriptors: timbre, tonality and rhythm of a few seconds around each cell.

Every descriptor is a fixed chain of tensor operations (nothing is learned), so that it exports to ONNX
and a cell depends on nothing outside its window. Chroma is compared with the key profiles of Krumhansl &
Kessler (1982) in all transpositions; pulse is the autocorrelation of spectral flux (Percival & Tzanetakis
2014); the modulation spectrum follows Houtgast & Steeneken (1985), roughness Plomp & Levelt (1965) as
parametrised by Sethares (1993), and motion of the harmony Harte et al. (2006).
"""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from midcli.audio.spectrogram import BANDS, FRAMES_PER_SECOND, band_centres_hz, pitch_classes
from midcli.explanation.psychoacoustics import MAJOR_PROFILE, MINOR_PROFILE, roughness
from midcli.training.cells import (
    STRIDE_FRAMES,
    averages,
    banded,
    by_part,
    groups,
    later,
    means,
    members,
    one_each,
    pool,
    smooth,
    standardised,
    standing_out,
)

REGISTER_STRIDE_BANDS = 50
REGISTER_EDGES_BANDS = (*range(0, BANDS, REGISTER_STRIDE_BANDS), BANDS)
"""Low, middle and high register: below 630 Hz, up to 2.7 kHz, above."""
REGISTERS = len(REGISTER_EDGES_BANDS) - 1

_TIMBRE_WINDOW_CELLS = 7  # 3.6 s; a cell is the stride
_TONAL_WINDOW_CELLS = 11
_RHYTHM_WINDOW_CELLS = 23
_GROUP_BANDS = 4
_MODULATION_GROUPS = groups(BANDS, 18)
_PULSE_LAGS_FRAMES = range(4, 64, 2)
_HARMONIC_LAGS_BANDS = range(1, 50)
_MODULATION_EDGES_HZ = (0.5, 1, 2, 4, 8, 15)
_LONGEST_MODULATION_FRAMES = 125
_MODULATION_STRIDE_FRAMES = 2
_LOWEST_PARTIAL_BAND = 29  # 340 Hz: below, bands are wider than a semitone
_SEMITONES = 12
_FLOOR = 1e-3
_SMALLEST_ROUGHNESS = 1e-6  # of the greatest; what is less adds up to less than rounding does
_KEY_SHARPNESS = 12.0
_CHORD_FRAMES = 15
_CLEAR_CHORD = 0.6
_HARMONY_LAGS_FRAMES = (8, 16, 31, 62, 125)
_CHORDS = (
    *((0, 4, 7), (0, 3, 7), (0, 3, 6), (0, 4, 8), (0, 5, 7)),
    *((0, 4, 7, 11), (0, 3, 7, 10), (0, 4, 7, 10), (0, 7), (0, 1, 2, 3)),
)


class Planes(NamedTuple):
    """What most descriptors start from, each (batch, 149, frames)."""

    level: Tensor
    change: Tensor
    """From the frame before."""
    rises: Tensor
    peaks: Tensor
    """What stands out of its neighbourhood along frequency."""


def planes(spectrogram: Tensor) -> Planes:
    """Of raw spectrograms (batch, frames, 149)."""
    level = spectrogram.transpose(1, 2)
    change = functional.pad(level[:, :, 1:] - level[:, :, :-1], (1, 0))
    return Planes(level, change, functional.relu(change), standing_out(level))


class FilmDescriptors(nn.Module):
    """Raw spectrograms (batch, frames, 149) to blocks of families of descriptors (batch, descriptors, T).

    The first blocks describe one register each, the others all registers together: tonality, rhythm,
    harmony.
    """

    parts: Tensor
    keys: Tensor
    chords: Tensor
    circles: Tensor
    beating: Tensor
    pulse_lags: Tensor
    modulations: Tensor
    intervals: Tensor
    rotations: Tensor

    receptive_frames = _RHYTHM_WINDOW_CELLS * STRIDE_FRAMES + _PULSE_LAGS_FRAMES[-1] + 1
    """How many frames the widest descriptor of one cell sees."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("parts", averages(_PARTS, BANDS), persistent=False)
        self.register_buffer("keys", _profiles([MAJOR_PROFILE, MINOR_PROFILE]), persistent=False)
        self.register_buffer("chords", _profiles([_chord(notes) for notes in _CHORDS]), persistent=False)
        self.register_buffer("circles", _circles(), persistent=False)
        self.register_buffer("beating", _beating(), persistent=False)
        self.register_buffer("pulse_lags", _lag_kernels(_PULSE_LAGS_FRAMES), persistent=False)
        self.register_buffer("modulations", _modulation_kernels(), persistent=False)
        self.register_buffer("intervals", _circular_lags(range(7), _SEMITONES), persistent=False)
        self.register_buffer(
            "rotations", _circular_lags(range(0, -_SEMITONES, -1), _SEMITONES), persistent=False
        )

    def forward(self, spectrogram: Tensor) -> list[list[Tensor]]:
        return self.of(planes(spectrogram))

    def of(self, seen: Planes) -> list[list[Tensor]]:
        """The blocks of planes that are already there."""
        x, change, flux, peaks = seen
        grouped, broad = means(x, _groups(), _MODULATION_GROUPS)
        timbre = self._timbre(grouped, [flux, change.abs(), peaks])
        chroma = _chroma(peaks)
        partials = pool(peaks, _TIMBRE_WINDOW_CELLS)
        tonality = [
            [*families, _regularity(partials[:, part])]
            for families, part in zip(self._tonality(chroma), _partials(), strict=True)
        ]
        pulse = self._pulse(torch.matmul(self.parts, flux))
        by_register = [
            [*of_groups, *tonal, *rhythm]
            for *of_groups, tonal, rhythm in zip(*map(_in_registers, timbre), tonality, pulse, strict=False)
        ]
        return [
            *by_register,
            tonality[-1],
            [*pulse[-1], self._modulation(broad)],
            [*self._harmony(chroma[:, -_SEMITONES:]), self._roughness(peaks)],
        ]

    def _timbre(self, grouped: Tensor, planes: list[Tensor]) -> list[Tensor]:
        """Mean and deviation of the level in groups of bands, and means of other planes there."""
        mean = pool(grouped, _TIMBRE_WINDOW_CELLS)
        power = pool(grouped * grouped, _TIMBRE_WINDOW_CELLS)
        deviation = (power - mean * mean).clamp_min(1e-5).sqrt()
        others = (means(pool(plane, _TIMBRE_WINDOW_CELLS), _groups()) for plane in planes)
        return [mean, deviation, *(of_plane for (of_plane,) in others)]

    def _tonality(self, chroma: Tensor) -> list[list[Tensor]]:
        """Of each part, by its chroma (batch, parts x 12, frames): fit to major and minor keys, intervals in
        sequence and at once."""
        chroma = one_each(chroma, len(_PARTS))
        pooled = pool(chroma, _TONAL_WINDOW_CELLS)
        share = pooled / (pooled.sum(dim=1, keepdim=True) + _FLOOR)
        fits = torch.matmul(self.keys, standardised(share, _FLOOR).unsqueeze(1)).amax(dim=2)
        major, minor = fits[:, :1], fits[:, 1:]
        key = torch.cat([major, minor, major - minor, torch.maximum(major, minor)], dim=1)
        in_sequence = _SEMITONES * (share.unsqueeze(1) * share[:, self.intervals]).sum(dim=2)
        loudness = chroma.sum(dim=1, keepdim=True)
        products = (chroma.unsqueeze(1) * chroma[:, self.intervals]).sum(dim=2)
        at_once = pool(_SEMITONES * products / (loudness * loudness + 0.1), _TIMBRE_WINDOW_CELLS)
        return by_part([key, in_sequence, at_once], len(_PARTS))

    def _pulse(self, onsets: Tensor) -> list[list[Tensor]]:
        """Of each part, autocorrelation of its onset strength (batch, parts, frames): each lag, its extremes,
        and the onsets' distribution."""
        onsets = one_each(onsets, len(_PARTS))
        mean = pool(onsets, _RHYTHM_WINDOW_CELLS)
        power = pool(onsets * onsets, _RHYTHM_WINDOW_CELLS)
        variance = (power - mean * mean).clamp_min(1e-8)
        longest = int(self.pulse_lags.shape[-1]) - 1
        products = onsets * functional.conv1d(functional.pad(onsets, (0, longest)), self.pulse_lags)
        correlation = (pool(products, _RHYTHM_WINDOW_CELLS) - mean * mean) / variance
        extremes = torch.cat(
            [
                correlation.amax(dim=1, keepdim=True),
                correlation.amin(dim=1, keepdim=True),
                (correlation - correlation.mean(dim=1, keepdim=True))
                .square()
                .mean(dim=1, keepdim=True)
                .sqrt(),
            ],
            dim=1,
        )
        cubes = pool(onsets * onsets * onsets, _RHYTHM_WINDOW_CELLS)
        skewness = (cubes - 3 * mean * power + 2 * mean * mean * mean) / (variance * variance.sqrt())
        distribution = torch.cat([skewness, variance.sqrt(), mean], dim=1)
        return by_part([correlation, extremes, distribution], len(_PARTS))

    def _modulation(self, grouped: Tensor) -> Tensor:
        """Log energy of the level's modulation in octaves of rate, per broad group of bands."""
        batch, count, frames = grouped.shape
        half = _LONGEST_MODULATION_FRAMES // 2
        ends = half, half + 1 - _MODULATION_STRIDE_FRAMES
        padded = functional.pad(grouped.reshape(batch * count, 1, frames), ends, mode="replicate")
        filtered = functional.conv1d(padded, self.modulations, stride=_MODULATION_STRIDE_FRAMES)
        rates = len(_MODULATION_EDGES_HZ) - 1
        energy = filtered[:, :rates].square() + filtered[:, rates:].square()
        energy = energy.reshape(batch, count * rates, -1)
        cell = STRIDE_FRAMES // _MODULATION_STRIDE_FRAMES
        return pool(energy, _TONAL_WINDOW_CELLS, cell).clamp_min(1e-8).log()

    def _harmony(self, chroma: Tensor) -> list[Tensor]:
        """Chroma turned to its key, fit to chords, and how far harmony moves within each lag."""
        pooled = pool(chroma, _TONAL_WINDOW_CELLS)
        share = pooled / (pooled.sum(dim=1, keepdim=True) + _FLOOR)
        fits = torch.matmul(self.keys, standardised(share, _FLOOR).unsqueeze(1))
        odds = (_KEY_SHARPNESS * fits).exp()
        likely = odds / odds.sum(dim=(1, 2), keepdim=True)
        turned = share[:, self.rotations]
        in_key = [
            _SEMITONES * (likely[:, mode].unsqueeze(2) * turned).sum(dim=1) for mode in range(len(self.keys))
        ]

        steady = smooth(chroma, _CHORD_FRAMES)
        local = steady / ((steady * steady).sum(dim=1, keepdim=True) + 0.1).sqrt()
        chords = torch.matmul(self.chords, standardised(local, 0.03).unsqueeze(1)).amax(dim=2)
        clear = functional.relu(chords - _CLEAR_CHORD)
        fit = pool(torch.cat([chords, clear], dim=1), _TONAL_WINDOW_CELLS)

        angles = torch.matmul(self.circles, local)
        after = torch.stack(later(angles, _HARMONY_LAGS_FRAMES, "replicate"), dim=1)
        squares = (after - angles.unsqueeze(1)).square()
        moves = (squares[:, :, 0::2] + squares[:, :, 1::2] + 1e-8).sqrt()
        return [torch.cat(in_key, dim=1), fit, pool(moves.flatten(1, 2), _TONAL_WINDOW_CELLS)]

    def _roughness(self, peaks: Tensor) -> Tensor:
        """Beating of neighbouring partials, in each register and in all."""
        low, middle, high = registers()
        within = [self._beats(peaks, part, part) for part in (low, middle, high)]
        across = self._beats(peaks, low, middle) + self._beats(peaks, middle, high)
        rough = torch.cat([*within, sum(within[1:], within[0]) + 2 * across], dim=1)
        power = torch.matmul(members(_PARTS, BANDS), peaks * peaks)
        measures = [
            pool(rough, _TONAL_WINDOW_CELLS) / (pool(power, _TONAL_WINDOW_CELLS) + 0.01),
            pool(rough / (power + 0.05), _TONAL_WINDOW_CELLS),
            pool((rough.clamp_min(0) + 1e-4).sqrt(), _TONAL_WINDOW_CELLS),
        ]
        by_part = np.arange(len(measures) * len(_PARTS)).reshape(len(measures), -1).T.flatten()
        return torch.cat(measures, dim=1)[:, torch.from_numpy(by_part)]

    def _beats(self, partials: Tensor, first: slice, second: slice) -> Tensor:
        """Those of one part with another (batch, 1, frames)."""
        beats = torch.matmul(self.beating[first, second], partials[:, second]) * partials[:, first]
        return beats.sum(dim=1, keepdim=True)


def _chroma(peaks: Tensor) -> Tensor:
    """(batch, parts x 12, frames): pitch classes in each register, then in all."""
    in_register = members(registers(), BANDS)[:, None] * torch.from_numpy(pitch_classes().T.copy())
    of_each = banded(in_register.flatten(0, 1).numpy(), peaks, REGISTERS)
    overall = of_each.reshape(-1, REGISTERS, _SEMITONES, of_each.shape[2]).sum(dim=1)
    return torch.cat([of_each, overall], dim=1)


def registers() -> list[slice]:
    """The bands of each."""
    return [slice(low, high) for low, high in itertools.pairwise(REGISTER_EDGES_BANDS)]


_PARTS = (*registers(), slice(0, BANDS))


def _groups() -> list[slice]:
    """Bands that timbre takes together, register by register."""
    return [
        slice(start, start + _GROUP_BANDS)
        for part in registers()
        for start in range(part.start, part.stop - _GROUP_BANDS + 1, _GROUP_BANDS)
    ]


def _in_registers(by_group: Tensor) -> tuple[Tensor, ...]:
    """What is known of each of these groups (batch, groups, T), register by register."""
    return torch.split(by_group, [(part.stop - part.start) // _GROUP_BANDS for part in registers()], dim=1)


def _partials() -> list[slice]:
    """The bands of each register and of all that tell partials apart."""
    return [slice(max(part.start, _LOWEST_PARTIAL_BAND), part.stop) for part in _PARTS]


def _regularity(partials: Tensor) -> Tensor:
    """Autocorrelation of the partials (batch, bands, T) along frequency, (batch, lags, T)."""
    bands = int(partials.shape[1])
    lags = _linear_lags([lag for lag in _HARMONIC_LAGS_BANDS if lag < bands], bands)
    padded = functional.pad(partials, (0, 0, 0, bands))
    products = (partials.unsqueeze(1) * padded[:, lags]).sum(dim=2)
    return products / ((partials * partials).sum(dim=1, keepdim=True) + _FLOOR)


def _profiles(profiles: Sequence[Sequence[float]]) -> Tensor:
    """(profiles, 12, 12): standardised, on every root, scaled to give correlations."""
    rows = np.array(profiles)
    rows = (rows - rows.mean(axis=1, keepdims=True)) / rows.std(axis=1, keepdims=True)
    roots = np.stack([np.roll(rows, root, axis=1) for root in range(_SEMITONES)], axis=1)
    return torch.tensor(roots / _SEMITONES, dtype=torch.float32)


def _chord(notes: tuple[int, ...]) -> list[float]:
    return [float(semitone in notes) for semitone in range(_SEMITONES)]


def _circles() -> Tensor:
    """(10, 12): cosines and sines of the circles of semitones, fifths and so on, as in the tonal space."""
    angles = 2 * np.pi * np.outer(np.repeat(np.arange(1, 6), 2), np.arange(_SEMITONES)) / _SEMITONES
    angles[1::2] -= np.pi / 2
    return torch.tensor(np.cos(angles), dtype=torch.float32)


def _beating() -> Tensor:
    """(149, 149): how rough two partials of unit strength sound together, at most 1."""
    hz = band_centres_hz().astype(np.float64)
    rough = roughness(hz[:, None], hz)
    rough /= rough.max()
    rough[rough < _SMALLEST_ROUGHNESS] = 0
    return torch.tensor(rough, dtype=torch.float32)


def _lag_kernels(lags: range) -> Tensor:
    """(lags, 1, longest + 1): convolution kernels that look ahead by each lag."""
    return torch.eye(lags[-1] + 1)[list(lags)].unsqueeze(1)


def _circular_lags(lags: range, size: int) -> Tensor:
    """(lags, size): indices of a circle rotated by each lag."""
    return torch.tensor([[(index - lag) % size for index in range(size)] for lag in lags])


def _linear_lags(lags: list[int], size: int) -> Tensor:
    """(lags, size): indices shifted by each lag, into a row padded to twice its size."""
    return torch.tensor([[index + lag for index in range(size)] for lag in lags])


def _modulation_kernels() -> Tensor:
    """(2 x rates, 1, taps): windowed cosines, then sines, an octave of modulation rate each."""
    time_s = (np.arange(_LONGEST_MODULATION_FRAMES) - _LONGEST_MODULATION_FRAMES // 2) / FRAMES_PER_SECOND
    kernels: list[list[npt.NDArray[np.float64]]] = [[], []]
    for low_hz, high_hz in itertools.pairwise(_MODULATION_EDGES_HZ):
        half_s = min(1 / low_hz, time_s[-1])
        window = np.where(np.abs(time_s) <= half_s, 1 + np.cos(np.pi * time_s / half_s), 0)
        phase = 2 * np.pi * np.sqrt(low_hz * high_hz) * time_s
        for bank, wave in zip(kernels, (np.cos(phase), np.sin(phase)), strict=True):
            bank.append(2 * window * wave / window.sum())
    return torch.tensor(np.stack([*kernels[0], *kernels[1]]), dtype=torch.float32).unsqueeze(1)
