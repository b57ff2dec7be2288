"""Rhythm whatever its tempo: how the onsets repeat after simple fractions and multiples of the likely beat.

The autocorrelation of the onsets (Percival & Tzanetakis 2014) is read at those ratios of each beat between
60 and 210 a minute, and averaged over beats by how likely they are; compare the tempo-invariant profiles of
Holzapfel & Stylianou (2011).
"""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from midcli.training.cells import STRIDE_FRAMES, by_part, one_each, pool, smooth, windowed

REGISTERS = (slice(0, 149), slice(0, 45), slice(45, 100), slice(100, 149))
"""All bands, and low, middle and high ones."""
_WINDOW_CELLS = 23
_BEATS_FRAMES = np.arange(9.0, 33.0)
_RATIOS = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 1, 4 / 3, 3 / 2, 2, 3, 4)
_HALF, _BEAT, _DOUBLE = 2, 5, 8
LONGEST_LAG_FRAMES = 128
_BACKGROUND_FRAMES = 31
_ONSET_FRAMES = 3
_BEAT_SHARPNESS = 8.0
_USUAL_BEAT_FRAMES = 16.0
_USUAL_OCTAVES = 0.8
_TRUST_IN_USUAL = 0.3
_TINY = 1e-6


class Metre(nn.Module):
    """Onsets of all bands, and of low, middle and high ones, to their metrical profiles."""

    around: Tensor
    later: Tensor
    ratios: Tensor
    octaves: Tensor
    usual: Tensor

    def __init__(self) -> None:
        super().__init__()
        octaves = np.log2(_BEATS_FRAMES)
        away = (octaves - np.log2(_USUAL_BEAT_FRAMES)) / _USUAL_OCTAVES
        buffers = {
            "around": np.eye(STRIDE_FRAMES + LONGEST_LAG_FRAMES)[:, np.newaxis],
            "ratios": _readings(),
            "octaves": octaves[:, None],
            "usual": -0.5 * _TRUST_IN_USUAL * away[:, None] ** 2,
        }
        for name, values in buffers.items():
            self.register_buffer(name, torch.as_tensor(values, dtype=torch.float32), persistent=False)
        later = torch.arange(STRIDE_FRAMES)[:, None] + torch.arange(1, LONGEST_LAG_FRAMES + 1)
        self.register_buffer("later", later, persistent=False)

    def forward(self, onsets: Tensor) -> list[Tensor]:
        """Families (batch, descriptors, T) of onsets in `REGISTERS` (batch, parts, frames)."""
        onsets = one_each(onsets, len(REGISTERS))
        background = smooth(onsets, _BACKGROUND_FRAMES)
        onsets = smooth(functional.relu(onsets - background) / (background + 0.005), _ONSET_FRAMES)
        mean = pool(onsets, _WINDOW_CELLS)
        variance = (pool(onsets * onsets, _WINDOW_CELLS) - mean * mean).clamp_min(1e-4)
        there = self.with_later(torch.ones_like(onsets[:1])).clamp_min(1e-3)
        products = self.with_later(onsets) / there
        correlation = (products - mean * mean) / variance
        profile, summary = self._relative_to_beat(correlation)
        values = torch.cat([profile, summary, mean.log1p(), variance.log()], dim=1)
        return [family for families in by_part([values], len(REGISTERS)) for family in families]

    def _relative_to_beat(self, correlation: Tensor) -> tuple[Tensor, Tensor]:
        """Correlation at each ratio (batch, ratios, T); how fast and clear the beat is (batch, 5, T)."""
        at_ratios = torch.matmul(self.ratios, correlation.unsqueeze(1))
        comb = at_ratios[:, :, _BEAT] + 0.5 * (at_ratios[:, :, _DOUBLE] + at_ratios[:, :, _HALF])
        likely = torch.softmax(_BEAT_SHARPNESS * comb + self.usual, dim=1)
        summary = [
            (likely * self.octaves).sum(dim=1, keepdim=True),
            -(likely * (likely + _TINY).log()).sum(dim=1, keepdim=True),
            comb.amax(dim=1, keepdim=True),
            correlation.amax(dim=1, keepdim=True),
            _deviation(correlation),
        ]
        return (likely.unsqueeze(2) * at_ratios).sum(dim=1), torch.cat(summary, dim=1)

    def with_later(self, onsets: Tensor) -> Tensor:
        """(batch, lags, T): mean over each window of onsets (batch, 1, frames) by those after each lag, zeros
        past the end."""
        padded = functional.pad(onsets, (0, LONGEST_LAG_FRAMES))
        around = functional.conv1d(padded, self.around, stride=STRIDE_FRAMES)  # each cell and what follows
        cell = around[:, :STRIDE_FRAMES].unsqueeze(2)
        products = (cell * around[:, self.later]).sum(dim=1)
        return windowed(products / STRIDE_FRAMES, _WINDOW_CELLS)


def _deviation(correlation: Tensor) -> Tensor:
    """(batch, 1, T) over the lags, unbiased."""
    centred = correlation - correlation.mean(dim=1, keepdim=True)
    squares = (centred * centred).sum(dim=1, keepdim=True)
    return (squares / (LONGEST_LAG_FRAMES - 1)).sqrt()


def _readings() -> np.ndarray:
    """(beats, ratios, lags): linear interpolation of an autocorrelation at each ratio of each beat."""
    readings = np.zeros((len(_BEATS_FRAMES), len(_RATIOS), LONGEST_LAG_FRAMES))
    for row, beat in enumerate(_BEATS_FRAMES):
        for column, ratio in enumerate(_RATIOS):
            place = min(beat * ratio, LONGEST_LAG_FRAMES) - 1
            below = min(int(place), LONGEST_LAG_FRAMES - 2)
            readings[row, column, below : below + 2] = 1 - (place - below), place - below
    return readings
