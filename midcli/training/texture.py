"""Texture: the spectrum's shape, what stays, glides or strikes, how its parts move together, a voice."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from midcli.training.cells import groups, later, pool, pool_of_pairs, smooth, spread

_SHORT_CELLS, _LONG_CELLS = 7, 23
_GLIDE_LAGS_FRAMES = (1, 4, 16)
_GROUP_BANDS = 10
_SHAPE_BANDS = 7
_BROAD_BANDS = 16
_LEVEL_FRAMES = 31
_LEVELS = (0.1, 0.3, 0.6, 1.0)
_LEVEL_SHARPNESS = 10.0
_VOICE_BANDS = 70  # from 355 Hz on, where a band is a quarter tone
_FIRST_VOICE_BAND = 30
_PARTIALS = ((0, 1.0), (24, 0.8), (38, 0.64), (48, 0.5), (56, 0.4), (62, 0.33))
"""Bands above the first partial, and weights."""
_VOICE_FRAMES = 5
_VOICE_LAGS_FRAMES = (2, 4, 8, 16, 31)
_INTERVALS_BANDS = range(-14, 15, 2)
_INTERVAL_LAG_FRAMES = 8
_HEIGHT_BANDS = 7


def shape(spectrogram: Tensor, rises: Tensor, peaks: Tensor) -> list[Tensor]:
    """Families (batch, descriptors, T): the spectrum's shape over all registers, whatever its level."""
    levels = groups(spectrogram, _SHAPE_BANDS)
    overall = levels.mean(dim=1, keepdim=True)
    count = levels.shape[1]
    onsets = pool(groups(rises, _SHAPE_BANDS), _SHORT_CELLS)
    bands = spectrogram[:, : count * _SHAPE_BANDS].reshape(len(spectrogram), count, _SHAPE_BANDS, -1)
    return [
        *spread(levels - overall, _SHORT_CELLS),
        onsets / (onsets.mean(dim=1, keepdim=True) + 0.005),
        pool(groups(peaks, _SHAPE_BANDS), _SHORT_CELLS) / (pool(levels, _SHORT_CELLS) + 0.05),
        pool(bands.amax(dim=2) - bands.amin(dim=2), _SHORT_CELLS),
        torch.cat(spread(overall, _SHORT_CELLS), dim=1),
    ]


def gliding(spectrogram: Tensor, steady: Tensor, peaks: Tensor, registers: list[slice]) -> list[Tensor]:
    """Families (batch, descriptors, T): whether peaks stay where they were or move by a band, as voices do;
    what strikes, and what is tonal; in each register."""
    squares = [(peaks[:, part] * peaks[:, part]).sum(dim=1, keepdim=True) for part in registers]
    power = pool(torch.cat(squares, dim=1), _SHORT_CELLS).repeat_interleave(2, dim=1) + 0.01
    moves = torch.cat([_moves(peaks, later(peaks, lag), registers) for lag in _GLIDE_LAGS_FRAMES], dim=1)
    glides = pool_of_pairs(moves, _GLIDE_LAGS_FRAMES, _SHORT_CELLS)
    total = pool(groups(spectrogram, _GROUP_BANDS), _SHORT_CELLS) + 0.05
    struck = functional.relu(spectrogram - steady)
    shares = [pool(groups(plane, _GROUP_BANDS), _SHORT_CELLS) / total for plane in (struck, peaks)]
    return [glides / power.repeat(1, len(_GLIDE_LAGS_FRAMES), 1), *shares]


def _moves(here: Tensor, after: Tensor, registers: list[slice]) -> Tensor:
    """(batch, 2 x registers, frames): what stays in each register, and what moves by a band."""
    stay = here * after
    up, down = here[:, :-1] * after[:, 1:], here[:, 1:] * after[:, :-1]
    found = []
    for part in registers:
        inner = slice(part.start, part.stop - 1)
        moved = torch.maximum(up[:, inner].sum(dim=1, keepdim=True), down[:, inner].sum(dim=1, keepdim=True))
        found += [stay[:, part].sum(dim=1, keepdim=True), moved]
    return torch.cat(found, dim=1)


def moving_together(spectrogram: Tensor, rises: Tensor) -> list[Tensor]:
    """Families (batch, descriptors, T): correlations of the levels and of the onsets in broad parts of the
    spectrum, and how much each part moves."""
    levels, onsets = (groups(plane, _BROAD_BANDS) for plane in (spectrogram, rises))
    by_level, variance = _correlations(levels, 1e-4)
    return [by_level, _correlations(onsets, 1e-6)[0], variance.log()]


def dynamics(spectrogram: Tensor, registers: list[slice]) -> list[Tensor]:
    """Families (batch, descriptors, T): the level's distribution, in each register and in all."""
    parts = [*(spectrogram[:, part] for part in registers), spectrogram]
    level = torch.cat([part.mean(dim=1, keepdim=True) for part in parts], dim=1)
    mean, deviation = spread(level, _LONG_CELLS)
    cubes = pool(level**3, _LONG_CELLS) - 3 * mean * pool(level * level, _LONG_CELLS) + 2 * mean**3
    slow = spread(smooth(level, _LEVEL_FRAMES), _LONG_CELLS)[1]
    above = [pool(torch.sigmoid((level - edge) * _LEVEL_SHARPNESS), _LONG_CELLS) for edge in _LEVELS]
    return [
        torch.cat([mean, deviation, cubes / (deviation**3 + 1e-4), slow, deviation / (mean + 0.02)], dim=1),
        torch.cat(above, dim=1),
    ]


class Voice(nn.Module):
    """The most salient pitch: how it stands out, moves and where it lies."""

    octaves: Tensor

    def __init__(self) -> None:
        super().__init__()
        octaves = torch.arange(float(_VOICE_BANDS))[None, :, None] / 24
        self.register_buffer("octaves", octaves, persistent=False)

    def forward(self, peaks: Tensor) -> list[Tensor]:
        """Families (batch, descriptors, T) of peaks (batch, 149, frames)."""
        salience = smooth(_salience(peaks), _VOICE_FRAMES)
        squared = salience * salience
        powers = squared * squared
        likely = powers / (powers.sum(dim=1, keepdim=True) + 1e-3)
        pitch = (likely * self.octaves).sum(dim=1, keepdim=True)
        squares = (likely * self.octaves**2).sum(dim=1, keepdim=True)
        width = (squares - pitch * pitch).clamp_min(1e-5).sqrt()
        highest = salience.amax(dim=1, keepdim=True)
        prominence = highest - salience.mean(dim=1, keepdim=True)
        steady = torch.cat([self._stays(likely, lag) for lag in _VOICE_LAGS_FRAMES], dim=1)
        intervals, heights = _intervals(likely), groups(likely, _HEIGHT_BANDS) * _HEIGHT_BANDS
        plain = torch.cat([width, likely.amax(dim=1, keepdim=True), prominence, heights], dim=1)
        varied = torch.cat([pitch, highest], dim=1)
        return [
            family
            for window in (_SHORT_CELLS, _LONG_CELLS)
            for family in self._pooled(plain, varied, steady, intervals, window)
        ]

    def _pooled(
        self, plain: Tensor, varied: Tensor, steady: Tensor, intervals: Tensor, window: int
    ) -> list[Tensor]:
        values = pool(plain, window)
        return [
            torch.cat(
                [*spread(varied, window), values[:, :3], pool_of_pairs(steady, _VOICE_LAGS_FRAMES, window)],
                dim=1,
            ),
            pool_of_pairs(intervals, (_INTERVAL_LAG_FRAMES,), window),
            values[:, 3:],
        ]

    def _stays(self, likely: Tensor, lag: int) -> Tensor:
        overlap = (likely * later(likely, lag)).sum(dim=1, keepdim=True)
        return overlap / ((likely * likely).sum(dim=1, keepdim=True) + 1e-3)


def _salience(peaks: Tensor) -> Tensor:
    """(batch, bands, frames): each pitch with its partials."""
    first, last = _FIRST_VOICE_BAND, _FIRST_VOICE_BAND + _VOICE_BANDS
    padded = functional.pad(peaks, (0, 0, 0, _PARTIALS[-1][0]))
    salience = torch.zeros_like(peaks[:, first:last])
    for above, weight in _PARTIALS:
        salience = salience + weight * padded[:, first + above : last + above]
    return salience


def _intervals(likely: Tensor) -> Tensor:
    """(batch, intervals, frames): how likely the pitch moves by each within a quarter of a second."""
    after = functional.pad(later(likely, _INTERVAL_LAG_FRAMES), (0, 0, 14, 14))
    moved = [
        (after[:, 14 + shift : 14 + shift + _VOICE_BANDS] * likely).sum(dim=1, keepdim=True)
        for shift in _INTERVALS_BANDS
    ]
    return torch.cat(moved, dim=1)


def _correlations(x: Tensor, least: float) -> tuple[Tensor, Tensor]:
    """Of every two channels within the long window, and each one's variance."""
    first, second = np.triu_indices(x.shape[1], 1)
    mean = pool(x, _LONG_CELLS)
    variance = (pool(x * x, _LONG_CELLS) - mean * mean).clamp_min(least)
    together = pool(x[:, first] * x[:, second], _LONG_CELLS) - mean[:, first] * mean[:, second]
    return together / (variance[:, first] * variance[:, second]).sqrt(), variance
