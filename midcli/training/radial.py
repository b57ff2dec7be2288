"""Radial basis functions of local descriptors, averaged over time, under linear layers fitted in closed form.

A cell of the network's last layer says how near the music around it is to a moment of the training part;
the average over time is then a kernel mean embedding (Smola et al., ALT 2007) on landmarks (Nyström:
Williams & Seeger, NIPS 2000), and the linear layers are kernel ridge regression through a bottleneck of
seven qualities. The solution is unique but for the choice of landmarks: no start, no early stopping.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from midcli.audio.spectrogram import FloatArray
from midcli.study.progress import Progress
from midcli.study.recipes import RadialRecipe
from midcli.training.damage import damaged
from midcli.training.descriptors import REGISTERS, Descriptors
from midcli.training.loop import (
    TARGET_COLUMNS,
    Examples,
    FittedNetwork,
    spectrogram_scaling,
)
from midcli.training.networks import QUALITIES, Network, NetworkScheme

Array = npt.NDArray[np.float64]

_ALTERNATIONS = 50
_SMALLEST_EIGENVALUE = 1e-4  # relative; smaller ones carry rounding errors into the weights


class RadialTrunk(nn.Module):
    """Standardised spectrograms (batch, 1, frames, 149) to nearness to landmarks (batch, channels, T, 3).

    Landmarks of a register's descriptors answer in that register alone; those of tonality and rhythm,
    which are heard across registers, answer in all three alike.
    """

    def __init__(self, blocks: Sequence["Landmarks"], mean: float, deviation: float) -> None:
        super().__init__()
        self.descriptors = Descriptors()
        self.blocks = nn.ModuleList(blocks)
        self.mean = mean
        self.deviation = deviation

    @property
    def channels(self) -> int:
        return sum(block.size for block in self.landmarks)

    @property
    def landmarks(self) -> list["Landmarks"]:
        return [block for block in self.blocks if isinstance(block, Landmarks)]

    def forward(self, image: Tensor) -> Tensor:
        described = self.descriptors(image.squeeze(1) * self.deviation + self.mean)
        maps = []
        for number, (families, block) in enumerate(zip(described, self.landmarks, strict=True)):
            nearness = block(torch.cat(families, dim=1))
            silent = torch.zeros_like(nearness)
            registers = [
                # times three, so that the mean over registers is the nearness itself
                nearness * REGISTERS if number == register else silent
                for register in range(REGISTERS)
            ]
            maps.append(torch.stack(registers if number < REGISTERS else [nearness] * REGISTERS, dim=3))
        return torch.cat(maps, dim=1)


class Landmarks(nn.Module):
    """Gaussian functions around descriptor vectors that occur in the training part."""

    centre: Tensor
    scale: Tensor
    points: Tensor

    def __init__(self, centre: Tensor, scale: Tensor, points: Tensor, width: float) -> None:
        super().__init__()
        self.register_buffer("centre", centre.reshape(-1, 1))
        self.register_buffer("scale", scale.reshape(-1, 1))
        self.register_buffer("points", points)
        self.width = width

    @property
    def size(self) -> int:
        return int(self.points.shape[0])

    def forward(self, described: Tensor) -> Tensor:
        """(batch, descriptors, T) to (batch, landmarks, T), 1 at a landmark, 0 far from it."""
        return self.nearness((described - self.centre) * self.scale)

    def nearness(self, scaled: Tensor) -> Tensor:
        """The same for descriptors that are centred and scaled."""
        squares = (self.points * self.points).sum(dim=1)[:, None] + (scaled * scaled).sum(dim=1, keepdim=True)
        distance = squares - 2 * torch.einsum("ld,bdt->blt", self.points, scaled)
        return torch.exp(-self.width * distance.clamp_min(0))


def fit_radial(
    recipe: RadialRecipe,
    scheme: NetworkScheme,
    seed: int,
    train: Examples,
    on_progress: Callable[[Progress], None] | None = None,
) -> FittedNetwork:
    """Fit a network to a training part and damaged copies of it; the seed chooses damage and landmarks.

    Progress counts the excerpts and copies that have been described, which is most of the work.
    """
    started = time.monotonic()
    scaling = spectrogram_scaling(train.spectrograms)
    rng = np.random.default_rng(seed)
    copies = [
        damaged(rng, spectrogram, recipe.damage)
        for _ in range(recipe.copies)
        for spectrogram in train.spectrograms
    ]
    described = _describe([*train.spectrograms, *copies], on_progress)
    blocks = _choose_landmarks(recipe, described, rng)
    kernels = [
        _weighted_kernel(block, _embed(block, described, number), weight)
        for number, (block, weight) in enumerate(zip(blocks, recipe.block_weights, strict=True))
    ]
    features = np.concatenate([kernel.features for kernel in kernels], axis=1)
    targets = np.tile(train.targets[:, TARGET_COLUMNS[scheme]].astype(np.float64), (1 + recipe.copies, 1))
    offset, scale = np.nanmean(targets, axis=0), np.nanstd(targets, axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    standardised = (targets - offset) / scale
    if scheme == "joint":
        from_features, head = _fit_bottleneck(features, standardised, recipe)
    else:
        from_features, head = _ridge(features, standardised, recipe.ridge), None
    outputs = len(from_features.intercept)
    parts = np.split(from_features.weights, np.cumsum([kernel.features.shape[1] for kernel in kernels])[:-1])
    to_landmarks = np.concatenate(
        [kernel.whitening @ part for kernel, part in zip(kernels, parts, strict=True)]
    )
    trunk = RadialTrunk(blocks, scaling.mean, scaling.deviation)
    network = Network(trunk, trunk.channels, scheme)
    first = network.to_emotion if scheme == "a2e" else network.to_midlevel
    _set_linear(
        first,
        (to_landmarks * scale[:outputs]).T,
        offset[:outputs] + from_features.intercept * scale[:outputs],
    )
    if head is not None:
        weights = head.weights.T * scale[QUALITIES:, None] / scale[None, :QUALITIES]
        bias = offset[QUALITIES:] + head.intercept * scale[QUALITIES:] - weights @ offset[:QUALITIES]
        _set_linear(network.to_emotion, weights, bias)
    return FittedNetwork(network.eval(), scaling, recipe.epochs, recipe.epochs, time.monotonic() - started)


@dataclass(frozen=True)
class _Kernel:
    """One block's share of the kernel, as features whose inner products it is."""

    features: Array
    """(excerpts, rank)"""
    whitening: Array
    """(landmarks, rank): features = mean nearness to the landmarks @ whitening."""


@dataclass(frozen=True)
class _Linear:
    """inputs @ weights + intercept."""

    weights: Array
    """(inputs, outputs)"""
    intercept: Array
    """(outputs,)"""


Described = list[list[list[Tensor]]]
"""By excerpt, block and family: (descriptors, T)."""


@torch.inference_mode()
def _describe(
    spectrograms: Sequence[FloatArray], on_progress: Callable[[Progress], None] | None
) -> Described:
    describe = Descriptors()
    described: Described = []
    started = time.monotonic()
    for spectrogram in spectrograms:
        blocks = describe(torch.from_numpy(spectrogram).unsqueeze(0))
        described.append([[family[0] for family in block] for block in blocks])
        if on_progress:
            done, total = len(described), len(spectrograms)
            left_s = (time.monotonic() - started) / done * (total - done)
            on_progress(Progress(done, total, float("nan"), None, left_s))
    return described


def _choose_landmarks(
    recipe: RadialRecipe, described: Described, rng: np.random.Generator
) -> list[Landmarks]:
    """Random cells of the training part, in each block of descriptors; families weigh alike."""
    blocks = []
    for number in range(len(described[0])):
        families = [
            torch.cat([excerpt[number][family] for excerpt in described], dim=1)
            for family in range(len(described[0][number]))
        ]
        cells = torch.cat(families)
        centre, deviation = cells.mean(dim=1), cells.std(dim=1)
        sizes = torch.cat([torch.full((len(family),), float(len(family))) for family in families])
        scale = 1 / (deviation.clamp_min(1e-6) * (sizes * len(families)).sqrt())
        chosen = rng.choice(cells.shape[1], min(recipe.landmarks, cells.shape[1]), replace=False)
        points = ((cells[:, chosen] - centre[:, None]) * scale[:, None]).T.contiguous()
        blocks.append(Landmarks(centre, scale, points, recipe.kernel_widths[number]))
    return blocks


@torch.inference_mode()
def _embed(block: Landmarks, described: Described, number: int) -> Array:
    """(excerpts, landmarks): the mean nearness of each excerpt to each landmark."""
    return np.stack(
        [
            block(torch.cat(excerpt[number]).unsqueeze(0))[0].mean(dim=1).double().numpy()
            for excerpt in described
        ]
    )


@torch.inference_mode()
def _weighted_kernel(block: Landmarks, means: Array, weight: float) -> _Kernel:
    """Nyström features of the mean nearness (excerpts, landmarks), their mean square scaled to `weight`."""
    values, vectors = np.linalg.eigh(block.nearness(block.points.T.unsqueeze(0))[0].double().numpy())
    kept = values > _SMALLEST_EIGENVALUE * values[-1]
    whitening = vectors[:, kept] / np.sqrt(values[kept])
    features = means @ whitening
    factor = np.sqrt(weight / np.mean(np.sum(features**2, axis=1)))
    return _Kernel(factor * features, factor * whitening)


@torch.no_grad()
def _set_linear(layer: nn.Linear | None, weights: Array, bias: Array) -> None:
    if layer is None:
        raise ValueError("the scheme has no such layer")
    layer.weight.copy_(torch.from_numpy(weights))
    layer.bias.copy_(torch.from_numpy(bias))


def _ridge(features: Array, targets: Array, penalty: float) -> _Linear:
    """Each output over its rated excerpts, where its mean is zero; the penalty is relative to the kernel."""
    weights = np.zeros((features.shape[1], targets.shape[1]))
    intercept = np.zeros(targets.shape[1])
    for rated, columns in _rated_alike(targets):
        centre = features[rated].mean(axis=0)
        centred = features[rated] - centre
        kernel: Array = centred @ centred.T
        kernel += penalty * np.trace(kernel) / len(kernel) * np.eye(len(kernel))
        weights[:, columns] = centred.T @ np.linalg.solve(kernel, targets[rated][:, columns])
        intercept[columns] = -centre @ weights[:, columns]
    return _Linear(weights, intercept)


def _rated_alike(targets: Array) -> Iterable[tuple[npt.NDArray[np.intp], list[int]]]:
    """Rows that are rated, with the columns for which they are those."""
    groups: dict[bytes, list[int]] = {}
    for column, rated in enumerate(np.isfinite(targets).T):
        groups.setdefault(rated.tobytes(), []).append(column)
    for columns in groups.values():
        yield np.flatnonzero(np.isfinite(targets[:, columns[0]])), columns


def _fit_bottleneck(features: Array, targets: Array, recipe: RadialRecipe) -> tuple[_Linear, _Linear]:
    """Qualities (7,) from features and emotions (8,) from qualities, all targets standardised.

    Minimises the squared errors of the qualities, plus `emotion_weight` times those of the emotions, plus
    ridge penalties on both maps, by solving for one map at a time, each exactly. Missing ratings are
    filled with what the rest predicts for them.
    """
    midlevel, emotion = np.nan_to_num(targets[:, :QUALITIES]), np.nan_to_num(targets[:, QUALITIES:])
    missing_midlevel = ~np.isfinite(targets[:, :QUALITIES])
    missing_emotion = ~np.isfinite(targets[:, QUALITIES:])
    centre = features.mean(axis=0)
    centred = features - centre
    kernel: Array = centred @ centred.T
    values, vectors = np.linalg.eigh(kernel)
    kept = values > _SMALLEST_EIGENVALUE * values[-1]
    values, vectors = values[kept], vectors[:, kept]
    shrinkage = recipe.ridge * values.sum() / len(features) / values
    head = _head(midlevel, emotion, recipe.head_ridge)
    for _ in range(_ALTERNATIONS):
        average, average_emotion = midlevel.mean(axis=0), emotion.mean(axis=0)
        strengths, axes = np.linalg.eigh(head @ head.T)
        targets_of_both = midlevel - average + recipe.emotion_weight * (emotion - average_emotion) @ head.T
        scores = vectors.T @ targets_of_both @ axes
        scores /= 1 + shrinkage[:, None] + recipe.emotion_weight * strengths
        predicted = vectors @ scores @ axes.T
        head = _head(predicted, emotion - average_emotion, recipe.head_ridge)
        midlevel[missing_midlevel] = (predicted + average)[missing_midlevel]
        emotion[missing_emotion] = (predicted @ head + average_emotion)[missing_emotion]
    weights = centred.T @ vectors @ (scores / values[:, None]) @ axes.T
    return _Linear(weights, average - centre @ weights), _Linear(head, average_emotion - average @ head)


def _head(midlevel: Array, emotion: Array, penalty: float) -> Array:
    """(7, 8): ridge regression of emotions on qualities; `penalty` per excerpt."""
    gram = midlevel.T @ midlevel + penalty * len(midlevel) * np.eye(QUALITIES)
    head: Array = np.asarray(np.linalg.solve(gram, midlevel.T @ emotion), np.float64)
    return head
