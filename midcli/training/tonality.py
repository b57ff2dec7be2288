"""Keys and chords in quarter tones, so that music that is not tuned to 440 Hz is heard as well.

Chroma of 24 classes is compared with profiles of keys (Krumhansl & Kessler 1982; Temperley 2001; scales of
popular music) and of chords on every quarter tone. What follows is relative to the likely tonic: how far
major fits better than minor there, how strong each degree is, which chords stand on it, and by which
intervals roots move (Harte & Sandler 2006).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from midcli.audio.spectrogram import BANDS, REFERENCE_HZ, band_centres_hz
from midcli.explanation.psychoacoustics import MAJOR_PROFILE, MINOR_PROFILE
from midcli.training.cells import (
    STRIDE_FRAMES,
    banded,
    by_part,
    later,
    one_each,
    pool,
    pool_of_pairs,
    smooth,
    standardised,
    standing_out,
)

_CLASSES = 24
_SEMITONES = 12
_PARTIAL_FRAMES = 9
_RANGES_HZ = ((330, 3000), (200, 1000), (1000, 4000))
_KEYS = (  # major, minor: two listening experiments' or corpora's, popular scales, pentatonic, triads
    *(MAJOR_PROFILE, MINOR_PROFILE),
    *((5, 2, 3.5, 2, 4.5, 4, 2, 4.5, 2, 3.5, 1.5, 4), (5, 2, 3.5, 4.5, 2, 4, 2, 4.5, 3.5, 2, 1.5, 4)),
    *(
        (1, 0, 0.5, 0, 0.7, 0.5, 0, 0.9, 0, 0.5, 0.25, 0.3),
        (1, 0, 0.4, 0.7, 0, 0.4, 0.05, 0.9, 0.3, 0.1, 0.6, 0.1),
    ),
    *((1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 0), (1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0)),
    *((1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0), (1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0)),
)
_SCALES = 6  # the first of them, by which tonics are found
_CHORDS = ((0, 4, 7), (0, 3, 7), (0, 5, 7), (0, 4, 7, 10), (0, 3, 7, 10), (0, 3, 6), (0, 7))
_TRIADS = _CHORDS[:2]  # major, minor
_LIKE_MAJOR, _LIKE_MINOR = [0, 3], [1, 4]
_CHANGES = 4
_KEY_SHARPNESS = 12.0
_CHORD_SHARPNESS = 10.0
_KEY_WINDOWS_CELLS = ((0, 11), (0, 23), (1, 23), (2, 23))
"""Range of pitch, window."""
_LONG_CELLS = 23
_MOTION_FRAMES = 31
_MOTION_LAGS_FRAMES = (31, 62, 125)
_CHORD_STRIDE_FRAMES = 8
_STEPS_OF_A_CELL = STRIDE_FRAMES // _CHORD_STRIDE_FRAMES
_CHORD_FRAMES = 15
_ROOT_LAGS = (2, 4, 8, 16)  # in strides of chords
_CHANGE_LAGS = (4, 8)
_TINY = 1e-6
_FLOOR = 1e-3


class Keys(nn.Module):
    """Chroma to how well keys fit and what is heard of each degree."""

    folds: Tensor
    keys: Tensor
    turns: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("folds", _folds(), persistent=False)
        self.register_buffer("keys", _profiles(_KEYS), persistent=False)
        self.register_buffer("turns", _turns(), persistent=False)

    def chroma(self, partials: Tensor) -> Tensor:
        """(batch, ranges of pitch x 24, frames) of `steady_partials` (batch, 149, frames)."""
        return banded(self.folds.flatten(0, 1).numpy(), partials, len(_RANGES_HZ))

    def forward(self, chroma: Tensor) -> list[Tensor]:
        """Families (batch, descriptors, T) of that."""
        by_window = {window: pool(chroma, window) for _, window in _KEY_WINDOWS_CELLS}
        heard = [
            by_window[window][:, pitch_range * _CLASSES : (pitch_range + 1) * _CLASSES]
            for pitch_range, window in _KEY_WINDOWS_CELLS
        ]
        found = self._relative_to_tonic(one_each(torch.cat(heard, dim=1), len(heard)))
        families = [family for of_window in by_part(found, len(heard)) for family in of_window]
        return [*families, _motion(chroma[:, :_CLASSES], _LONG_CELLS)]

    def tonic(self, share: Tensor) -> tuple[Tensor, Tensor]:
        """Fits (batch, profiles, 24, T) of chroma shares, and likelihoods of tonics (batch, 24, T)."""
        fits = torch.matmul(self.keys, standardised(share, _FLOOR).unsqueeze(1))
        return fits, torch.softmax(_KEY_SHARPNESS * fits[:, :_SCALES].amax(dim=1), dim=1)

    def _relative_to_tonic(self, chroma: Tensor) -> list[Tensor]:
        share = shares(chroma)
        fits, tonic = self.tonic(share)
        best = fits.amax(dim=2)
        difference = fits[:, 0::2] - fits[:, 1::2]
        odds = [(_KEY_SHARPNESS * fits[:, mode:_SCALES:2].mean(dim=1)).exp() for mode in (0, 1)]
        major, minor = (mode.sum(dim=1, keepdim=True) for mode in odds)
        at_tonic = (difference * tonic.unsqueeze(1)).sum(dim=2)
        degrees = _CLASSES * (tonic.unsqueeze(2) * share[:, self.turns]).sum(dim=1)
        clarity = torch.cat([_entropy(share, 1), _entropy(tonic, 1)], dim=1)
        return [
            torch.cat([best, best[:, 0::2] - best[:, 1::2], major / (major + minor)], dim=1),
            at_tonic,
            degrees,
            clarity,
        ]


class Chords(nn.Module):
    """Chroma to kinds of chords, motion of their roots, and chords on each degree."""

    chords: Tensor
    turns: Tensor

    def __init__(self, keys: Keys) -> None:
        super().__init__()
        self.keys = keys
        binary = [[float(semitone in notes) for semitone in range(_SEMITONES)] for notes in _CHORDS]
        self.register_buffer("chords", _profiles(binary), persistent=False)
        self.register_buffer("turns", _turns()[:, ::2], persistent=False)

    def forward(self, chroma_of_keys: Tensor) -> list[Tensor]:
        """Families (batch, descriptors, T) of the chroma that keys are found in."""
        raw = chroma_of_keys[:, :_CLASSES]
        chroma = functional.avg_pool1d(smooth(raw, _CHORD_FRAMES), _CHORD_STRIDE_FRAMES)
        local = chroma / ((chroma * chroma).sum(dim=1, keepdim=True) + 0.05).sqrt()
        fits = torch.matmul(self.chords, standardised(local, 0.02).unsqueeze(1))
        odds = (_CHORD_SHARPNESS * fits).exp()
        likely = odds / odds.sum(dim=(1, 2), keepdim=True)
        by_kind, by_root = likely.sum(dim=2), likely.sum(dim=1)
        entropy = _entropy(likely, (1, 2)).squeeze(1)
        kinds_of_chords = torch.cat([by_kind, fits.amax(dim=2), entropy], dim=1)
        _, tonic = self.keys.tonic(shares(pool(raw, _LONG_CELLS)))
        pooled = self._pooled(likely[:, : len(_TRIADS)].flatten(1, 2))
        triads = torch.unflatten(pooled, 1, (len(_TRIADS), _CLASSES))
        on_degrees = _CLASSES * (tonic[:, None, :, None] * triads[:, :, self.turns]).sum(dim=2)
        roots = [self._root_motion(by_root, after) for after in later(by_root, _ROOT_LAGS)]
        modes = torch.stack([by_kind[:, like].sum(dim=1) for like in (_LIKE_MAJOR, _LIKE_MINOR)], dim=1)
        changes = [_changes(modes, after) for after in later(modes, _CHANGE_LAGS)]
        lags = [*np.repeat(_ROOT_LAGS, _SEMITONES), *np.repeat(_CHANGE_LAGS, _CHANGES)]
        motion = pool_of_pairs(torch.cat([*roots, *changes], dim=1), lags, _LONG_CELLS, _STEPS_OF_A_CELL)
        sizes = [_SEMITONES] * len(_ROOT_LAGS) + [_CHANGES * len(_CHANGE_LAGS)]
        return [
            self._pooled(kinds_of_chords),
            *torch.split(motion, sizes, dim=1),
            on_degrees.flatten(1, 2),
        ]

    def _root_motion(self, by_root: Tensor, after: Tensor) -> Tensor:
        """How likely roots move by each interval until then."""
        return (by_root.unsqueeze(2) * after[:, self.turns]).sum(dim=1)

    def _pooled(self, x: Tensor) -> Tensor:
        return pool(x, _LONG_CELLS, _STEPS_OF_A_CELL)


def _changes(modes: Tensor, after: Tensor) -> Tensor:
    """How likely major stays or becomes minor, and so on."""
    return (modes.unsqueeze(2) * after.unsqueeze(1)).flatten(1, 2)


def steady_level(spectrogram: Tensor) -> Tensor:
    """What stays for a third of a second (batch, 149, frames)."""
    return smooth(spectrogram, _PARTIAL_FRAMES)


def steady_partials(steady: Tensor) -> Tensor:
    """What stands out of its neighbourhood in a steady level (batch, 149, frames)."""
    return standing_out(steady)


def shares(chroma: Tensor) -> Tensor:
    """Chroma that sums to 1, or less where there is hardly any."""
    return chroma / (chroma.sum(dim=1, keepdim=True) + _FLOOR)


def _motion(chroma: Tensor, window: int) -> Tensor:
    """How alike the harmony is after a while."""
    local = smooth(chroma, _MOTION_FRAMES)
    local = local / ((local * local).sum(dim=1, keepdim=True) + 0.05).sqrt()
    alike = [(local * after).sum(dim=1, keepdim=True) for after in later(local, _MOTION_LAGS_FRAMES)]
    return pool_of_pairs(torch.cat(alike, dim=1), _MOTION_LAGS_FRAMES, window)


def _entropy(share: Tensor, dim: int | tuple[int, int]) -> Tensor:
    return -(share * (share + _TINY).log()).sum(dim=dim, keepdim=True)


def _folds() -> Tensor:
    """(ranges, 24, 149): bands to quarter tones, a band between two of them to both."""
    hz = band_centres_hz().astype(np.float64)
    position = _CLASSES * np.log2(hz / REFERENCE_HZ)
    below = np.floor(position).astype(int)
    above_share = position - below
    folds = np.zeros((len(_RANGES_HZ), _CLASSES, BANDS))
    for number, (low, high) in enumerate(_RANGES_HZ):
        for band in np.flatnonzero((low < hz) & (hz < high)):
            folds[number, below[band] % _CLASSES, band] += 1 - above_share[band]
            folds[number, (below[band] + 1) % _CLASSES, band] += above_share[band]
    return torch.tensor(folds, dtype=torch.float32)


def _profiles(profiles: Sequence[Sequence[float]]) -> Tensor:
    """(profiles, 24, 24): blurred by a quarter tone, standardised, on every root; they give correlations."""
    fine: npt.NDArray[np.float64] = np.zeros((len(profiles), _CLASSES))
    fine[:, ::2] = profiles
    fine = fine + 0.5 * (np.roll(fine, 1, axis=1) + np.roll(fine, -1, axis=1))
    fine = (fine - fine.mean(axis=1, keepdims=True)) / fine.std(axis=1, keepdims=True)
    roots = np.stack([np.roll(fine, root, axis=1) for root in range(_CLASSES)], axis=1)
    return torch.tensor(roots / _CLASSES, dtype=torch.float32)


def _turns() -> Tensor:
    """(24, 24): for each tonic, the classes from it upwards."""
    classes = torch.arange(_CLASSES)
    return (classes[:, None] + classes) % _CLASSES
