"""Texture: the spectrum's shape, what stays, glides or strikes, how its parts move together, a voice."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from midcli.audio.spectrogram import BANDS
from midcli.training.cells import (
    STRIDE_FRAMES,
    groups,
    later,
    means,
    members,
    pool,
    pool_of_pairs,
    smooth,
    spread,
)

_SHORT_CELLS, _LONG_CELLS = 7, 23
_GLIDE_LAGS_FRAMES = (1, 4, 16)
_GROUPS = groups(BANDS, 10)
SHAPE = groups(BANDS, 7)
"""Parts of the spectrum in which its shape is described,"""
BROAD = groups(BANDS, 16)
"""and those that may move together."""
_LEVEL_FRAMES = 31
_LEVELS = (0.1, 0.3, 0.6, 1.0)
_LEVEL_SHARPNESS = 10.0
_VOICE_BANDS = 70  # from 355 Hz on, where a band is a quarter tone
_FIRST_VOICE_BAND = 30
_PARTIALS = ((0, 1.0), (24, 0.8), (38, 0.64), (48, 0.5), (56, 0.4), (62, 0.33))
"""Bands above the first partial, and weights."""
_VOICE_FRAMES = 6
_VOICE_STRIDE_FRAMES = 2
_STEPS_OF_A_CELL = STRIDE_FRAMES // _VOICE_STRIDE_FRAMES
_VOICE_LAGS = (1, 2, 4, 8, 16)  # in strides of the voice
_INTERVAL_LAG = 4
_INTERVALS_BANDS = range(-14, 15, 2)
_HEIGHTS = groups(_VOICE_BANDS, 7)


def shape(spectrogram: Tensor, levels: Tensor, rises: Tensor, peaks: Tensor) -> list[Tensor]:
    """Families (batch, descriptors, T): the spectrum's shape over all registers, whatever its level, by its
    means in `SHAPE` (batch, parts, frames) and what each band does (batch, 149, frames)."""
    overall = levels.mean(dim=1, keepdim=True)
    (onsets,) = means(pool(rises, _SHORT_CELLS), SHAPE)
    (partials,) = means(pool(peaks, _SHORT_CELLS), SHAPE)
    bands = torch.unflatten(spectrogram[:, : SHAPE[-1].stop], 1, (len(SHAPE), SHAPE[0].stop))
    return [
        *spread(levels - overall, _SHORT_CELLS),
        onsets / (onsets.mean(dim=1, keepdim=True) + 0.005),
        partials / (pool(levels, _SHORT_CELLS) + 0.05),
        pool(bands.amax(dim=2) - bands.amin(dim=2), _SHORT_CELLS),
        torch.cat(spread(overall, _SHORT_CELLS), dim=1),
    ]


def gliding(spectrogram: Tensor, steady: Tensor, peaks: Tensor, registers: list[slice]) -> list[Tensor]:
    """Families (batch, descriptors, T): whether peaks stay where they were or move by a band, as voices do;
    what strikes, and what is tonal; in each register."""
    power = torch.matmul(members(registers, BANDS), pool(peaks * peaks, _SHORT_CELLS)) + 0.01
    moves = torch.cat([_moves(peaks, after, registers) for after in later(peaks, _GLIDE_LAGS_FRAMES)], dim=1)
    glides = pool_of_pairs(moves, np.repeat(_GLIDE_LAGS_FRAMES, 2 * len(registers)).tolist(), _SHORT_CELLS)
    struck = functional.relu(spectrogram - steady)
    total, *others = (means(pool(plane, _SHORT_CELLS), _GROUPS)[0] for plane in (spectrogram, struck, peaks))
    shares = [other / (total + 0.05) for other in others]
    of_moves = np.tile(np.repeat(np.arange(len(registers)), 2), len(_GLIDE_LAGS_FRAMES))
    return [glides / power[:, torch.from_numpy(of_moves)], *shares]


def _moves(here: Tensor, after: Tensor, registers: list[slice]) -> Tensor:
    """(batch, 2 x registers, frames): what stays in each register, and what moves by a band."""
    inner = members([slice(part.start, part.stop - 1) for part in registers], BANDS - 1)
    stay = torch.matmul(members(registers, BANDS), here * after)
    up = torch.matmul(inner, here[:, :-1] * after[:, 1:])
    down = torch.matmul(inner, here[:, 1:] * after[:, :-1])
    by_register = np.arange(2 * len(registers)).reshape(2, -1).T.flatten()
    return torch.cat([stay, torch.maximum(up, down)], dim=1)[:, torch.from_numpy(by_register)]


def moving_together(levels: Tensor, onsets: Tensor) -> list[Tensor]:
    """Families (batch, descriptors, T): correlations of the levels and of the onsets in `BROAD` parts of the
    spectrum (batch, parts, frames), and how much each part moves."""
    by_level, variance = _correlations(levels, 1e-4)
    return [by_level, _correlations(onsets, 1e-6)[0], variance.log()]


def dynamics(level: Tensor) -> list[Tensor]:
    """Families (batch, descriptors, T): the distribution of each level (batch, levels, frames)."""
    mean, deviation = spread(level, _LONG_CELLS)
    squares, cubes = level * level, level * level * level
    skew = pool(cubes, _LONG_CELLS) - 3 * mean * pool(squares, _LONG_CELLS) + 2 * mean * mean * mean
    usual = deviation * deviation * deviation + 1e-4
    slow = spread(smooth(level, _LEVEL_FRAMES), _LONG_CELLS)[1]
    above = torch.sigmoid((level.unsqueeze(1) - torch.tensor(_LEVELS)[:, None, None]) * _LEVEL_SHARPNESS)
    return [
        torch.cat([mean, deviation, skew / usual, slow, deviation / (mean + 0.02)], dim=1),
        pool(above.flatten(1, 2), _LONG_CELLS),
    ]


class Voice(nn.Module):
    """The most salient pitch: how it stands out, moves and where it lies."""

    octaves: Tensor

    def __init__(self) -> None:
        super().__init__()
        octaves = torch.arange(float(_VOICE_BANDS)) / 24
        self.register_buffer("octaves", torch.stack([octaves, octaves * octaves]), persistent=False)

    def forward(self, peaks: Tensor) -> list[Tensor]:
        """Families (batch, descriptors, T) of peaks (batch, 149, frames)."""
        around = (_VOICE_FRAMES - _VOICE_STRIDE_FRAMES) // 2
        salience = functional.avg_pool1d(
            _salience(peaks), _VOICE_FRAMES, _VOICE_STRIDE_FRAMES, around, count_include_pad=False
        )
        squared = salience * salience
        powers = squared * squared
        likely = powers / (powers.sum(dim=1, keepdim=True) + 1e-3)
        pitch, squares = torch.split(torch.matmul(self.octaves, likely), 1, dim=1)
        width = (squares - pitch * pitch).clamp_min(1e-5).sqrt()
        highest = salience.amax(dim=1, keepdim=True)
        prominence = highest - salience.mean(dim=1, keepdim=True)
        pairs = torch.cat([_stays(likely), _intervals(likely)], dim=1)
        heights = torch.matmul(members(_HEIGHTS, _VOICE_BANDS), likely)
        plain = torch.cat([width, likely.amax(dim=1, keepdim=True), prominence, heights], dim=1)
        varied = torch.cat([pitch, highest], dim=1)
        return [
            family
            for window in (_SHORT_CELLS, _LONG_CELLS)
            for family in _pooled(plain, varied, pairs, window)
        ]


def _pooled(plain: Tensor, varied: Tensor, pairs: Tensor, window: int) -> list[Tensor]:
    values = pool(plain, window, _STEPS_OF_A_CELL)
    lags = [*_VOICE_LAGS, *[_INTERVAL_LAG] * len(_INTERVALS_BANDS)]
    of_pairs = pool_of_pairs(pairs, lags, window, _STEPS_OF_A_CELL)
    held, intervals = torch.split(of_pairs, [len(_VOICE_LAGS), len(_INTERVALS_BANDS)], dim=1)
    spreads = spread(varied, window, stride_frames=_STEPS_OF_A_CELL)
    return [torch.cat([*spreads, values[:, :3], held], dim=1), intervals, values[:, 3:]]


def _stays(likely: Tensor) -> Tensor:
    """(batch, lags, frames): how likely the pitch is the same after each."""
    overlaps = [(likely * after).sum(dim=1, keepdim=True) for after in later(likely, _VOICE_LAGS)]
    return torch.cat(overlaps, dim=1) / ((likely * likely).sum(dim=1, keepdim=True) + 1e-3)


def _salience(peaks: Tensor) -> Tensor:
    """(batch, bands, frames): each pitch with its partials."""
    partials = np.zeros((_VOICE_BANDS, BANDS), np.float32)
    for above, weight in _PARTIALS:
        first = _FIRST_VOICE_BAND + above
        bands = np.arange(min(_VOICE_BANDS, BANDS - first))
        partials[bands, bands + first] = weight
    used = slice(_FIRST_VOICE_BAND, BANDS)
    return torch.matmul(torch.from_numpy(partials[:, used].copy()), peaks[:, used])


def _intervals(likely: Tensor) -> Tensor:
    """(batch, intervals, frames): how likely the pitch moves by each within a quarter of a second."""
    widest = max(_INTERVALS_BANDS)
    after = functional.pad(later(likely, [_INTERVAL_LAG])[0], (0, 0, widest, widest))
    moved = torch.tensor(_INTERVALS_BANDS)[:, None] + widest + torch.arange(_VOICE_BANDS)
    return (after[:, moved] * likely.unsqueeze(1)).sum(dim=2)


def _correlations(x: Tensor, least: float) -> tuple[Tensor, Tensor]:
    """Of every two channels within the long window, and each one's variance."""
    first, second = np.triu_indices(x.shape[1], 1)
    mean = pool(x, _LONG_CELLS)
    variance = (pool(x * x, _LONG_CELLS) - mean * mean).clamp_min(least)
    together = pool(x[:, first] * x[:, second], _LONG_CELLS) - mean[:, first] * mean[:, second]
    return together / (variance[:, first] * variance[:, second]).sqrt(), variance
