"""Pooling of planes at the frame rate (batch, channels, frames) into cells of the evidence map."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from midcli.audio.spectrogram import BANDS

STRIDE_FRAMES = 16
_NEIGHBOURS_BANDS = 13
_PARTS = 5
_LEAST_VARIANCE = 1e-5


def pool(x: Tensor, window_cells: int, stride_frames: int = STRIDE_FRAMES) -> Tensor:
    """Means (batch, channels, T) over windows centred on every whole cell, truncated at the ends.

    `stride_frames` is how many columns of `x` a cell has.
    """
    return windowed(functional.avg_pool1d(x, stride_frames), window_cells)


def windowed(cells: Tensor, window_cells: int) -> Tensor:
    """Means over such windows of what is a cell wide already."""
    return functional.avg_pool1d(cells, window_cells, 1, window_cells // 2, count_include_pad=False)


def spread(x: Tensor, window_cells: int, stride_frames: int = STRIDE_FRAMES) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation over such windows."""
    mean = pool(x, window_cells, stride_frames)
    power = pool(x * x, window_cells, stride_frames)
    return mean, (power - mean * mean).clamp_min(_LEAST_VARIANCE).sqrt()


def one_each(x: Tensor, parts: int) -> Tensor:
    """(batch, parts x channels, frames) to (batch x parts, channels, frames): parts as if they were pieces.

    All are described at once then; `by_part` takes the results apart.
    """
    return x.reshape(-1, int(x.shape[1]) // parts, x.shape[2])


def by_part(families: Sequence[Tensor], parts: int) -> list[list[Tensor]]:
    """The families (batch, descriptors, T) of each part, of families (batch x parts, descriptors, T)."""
    sizes = [int(family.shape[1]) for family in families]
    together = torch.cat(list(families), dim=1)
    split = torch.split(together.reshape(-1, parts * sum(sizes), together.shape[2]), sizes * parts, dim=1)
    return [list(split[start : start + len(sizes)]) for start in range(0, len(split), len(sizes))]


def later(x: Tensor, lags: Sequence[int], mode: str = "constant") -> list[Tensor]:
    """What is so many columns later, for each lag; zeros past the end, or by that mode of padding."""
    longest = max(lags)
    padded = functional.pad(x, (0, longest), mode)
    return [padded[:, :, lag : lag - longest or None] for lag in lags]


def pool_of_pairs(
    products: Tensor, lags: Sequence[int], window_cells: int, stride_frames: int = STRIDE_FRAMES
) -> Tensor:
    """Means (batch, channels, T) of products with what is later, over those columns that have a later one.

    `lags` are those of the channels.
    """
    different, of_channels = np.unique(lags, return_inverse=True)
    shifts = np.eye(max(lags) + 1, dtype=np.float32)[different, np.newaxis]
    there = functional.pad(torch.ones_like(products[:1, :1]), (0, max(lags)))
    share = pool(functional.conv1d(there, torch.from_numpy(shifts)), window_cells, stride_frames)
    reciprocal = share.clamp_min(1e-3).reciprocal()[:, torch.from_numpy(of_channels)]
    return pool(products, window_cells, stride_frames) * reciprocal


def smooth(x: Tensor, window_frames: int) -> Tensor:
    """Running means (batch, channels, frames), truncated at the ends."""
    return functional.avg_pool1d(x, window_frames, 1, window_frames // 2, count_include_pad=False)


def groups(bands: int, size: int) -> list[slice]:
    """Of so many neighbouring bands each; what is left over is in none."""
    return [slice(start, start + size) for start in range(0, bands - size + 1, size)]


def means(x: Tensor, *partitions: Sequence[slice]) -> list[Tensor]:
    """Means (batch, parts, frames) of the bands in each part, for each list of parts.

    One product for all: most of the time goes into arranging the bands for it.
    """
    bands = int(x.shape[1])
    rows = torch.cat([averages(parts, bands) for parts in partitions])
    return list(torch.split(torch.matmul(rows, x), [len(parts) for parts in partitions], dim=1))


def averages(parts: Sequence[slice], bands: int) -> Tensor:
    """(parts, bands): by which to multiply for the mean of each part."""
    sums = members(parts, bands)
    return sums / sums.sum(dim=1, keepdim=True)


def members(parts: Sequence[slice], bands: int) -> Tensor:
    """(parts, bands): 1 where a band is in a part, by which to multiply for its sum."""
    rows = np.zeros((len(parts), bands), np.float32)
    for row, part in zip(rows, parts, strict=True):
        row[part] = 1
    return torch.from_numpy(rows)


def standing_out(level: Tensor) -> Tensor:
    """How far each band (batch, 149, frames) stands out of the mean of those around it."""
    bands = np.arange(BANDS)
    near = (np.abs(bands[:, np.newaxis] - bands) <= _NEIGHBOURS_BANDS // 2).astype(np.float32)
    return functional.relu(
        banded(np.eye(BANDS, dtype=np.float32) - near / near.sum(axis=1, keepdims=True), level)
    )


def banded(matrix: npt.NDArray[np.float32], x: Tensor, parts: int = _PARTS) -> Tensor:
    """matrix @ x in as many parts of rows, of those columns that are not zero there."""
    products = []
    for rows in np.array_split(matrix, parts):
        columns = np.flatnonzero(rows.any(axis=0))
        used = slice(int(columns[0]), int(columns[-1]) + 1)
        products.append(torch.matmul(torch.from_numpy(rows[:, used].copy()), x[:, used]))
    return torch.cat(products, dim=1)


def standardised(chroma: Tensor, floor: float) -> Tensor:
    """Chroma (batch, pitch classes, n) of mean 0 and deviation 1, less where it is flat."""
    centred = chroma - chroma.mean(dim=1, keepdim=True)
    return centred / ((centred * centred).mean(dim=1, keepdim=True).sqrt() + floor)
