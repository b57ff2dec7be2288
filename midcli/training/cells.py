"""Pooling of planes at the frame rate (batch, channels, frames) into cells of the evidence map."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

STRIDE_FRAMES = 16


def pool(x: Tensor, window_cells: int, stride_frames: int = STRIDE_FRAMES) -> Tensor:
    """Means (batch, channels, T) over windows centred on every whole cell, truncated at the ends.

    `stride_frames` is how many columns of `x` a cell has.
    """
    cells = functional.avg_pool1d(x, stride_frames)
    return functional.avg_pool1d(cells, window_cells, 1, window_cells // 2, count_include_pad=False)


def spread(x: Tensor, window_cells: int, least: float = 1e-5) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation over such windows."""
    mean = pool(x, window_cells)
    return mean, (pool(x * x, window_cells) - mean * mean).clamp_min(least).sqrt()


def later(x: Tensor, lag: int) -> Tensor:
    """What is that many columns later; zeros past the end."""
    return functional.pad(x, (0, lag))[:, :, lag:]


def pool_of_pairs(
    products: Tensor, lags: Sequence[int], window_cells: int, stride_frames: int = STRIDE_FRAMES
) -> Tensor:
    """Means (batch, channels, T) of products with what is later, over those columns that have a later one.

    The channels are in as many equal parts as there are lags.
    """
    there = torch.cat([later(torch.ones_like(products[:1, :1]), lag) for lag in lags], dim=1)
    share = pool(there, window_cells, stride_frames).clamp_min(1e-3).unsqueeze(2)
    batch, channels, _ = products.shape
    pooled = pool(products, window_cells, stride_frames)
    parts = pooled.reshape(batch, len(lags), channels // len(lags), -1) / share
    return parts.reshape(batch, channels, -1)


def smooth(x: Tensor, window_frames: int) -> Tensor:
    """Running means (batch, channels, frames), truncated at the ends."""
    return functional.avg_pool1d(x, window_frames, 1, window_frames // 2, count_include_pad=False)


def groups(x: Tensor, size: int) -> Tensor:
    """Means of neighbouring bands (batch, bands // size, frames)."""
    count = x.shape[1] // size
    return x[:, : count * size].reshape(x.shape[0], count, size, -1).mean(dim=2)


def band_mean(x: Tensor, width: int) -> Tensor:
    """Mean over neighbouring bands, fewer at the ends."""
    by_frame = x.transpose(1, 2)
    means = functional.avg_pool1d(by_frame, width, 1, width // 2, count_include_pad=False)
    return means.transpose(1, 2)


def standardised(chroma: Tensor, floor: float) -> Tensor:
    """Chroma (batch, pitch classes, n) of mean 0 and deviation 1, less where it is flat."""
    centred = chroma - chroma.mean(dim=1, keepdim=True)
    return centred / ((centred * centred).mean(dim=1, keepdim=True).sqrt() + floor)
