"""Radial basis functions of local descriptors, averaged over time, under linear layers fitted in closed form.

A cell of the network's last layer says how near the music around it is to a moment of the training part;
the average over time is then a kernel mean embedding (Smola et al., ALT 2007) on landmarks (Nyström:
Williams & Seeger, NIPS 2000), and the linear layers are kernel ridge regression through a bottleneck of
seven qualities. The solution is unique but for the choice of landmarks: no start, no early stopping.
"""

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from midcli.audio.silence import sounding
from midcli.audio.spectrogram import FloatArray
from midcli.study.progress import Progress
from midcli.study.recipes import RadialRecipe
from midcli.training.bottleneck import Linear, fit_bottleneck, fit_direct
from midcli.training.cells import members
from midcli.training.damage import damaged
from midcli.training.descriptors import REGISTERS, FilmDescriptors
from midcli.training.lessons import OtherExamples, Scales, lessons_of, scales_of
from midcli.training.loop import Examples, FittedNetwork, spectrogram_scaling
from midcli.training.music_descriptors import MusicDescriptors
from midcli.training.networks import Network, NetworkScheme

Array = npt.NDArray[np.float64]

DESCRIPTORS: dict[str, type[FilmDescriptors | MusicDescriptors]] = {
    "film": FilmDescriptors,
    "music": MusicDescriptors,
}

_SMALLEST_EIGENVALUE = 1e-4  # relative; smaller ones carry rounding errors into the weights


class RadialTrunk(nn.Module):
    """Standardised spectrograms (batch, 1, frames, 149) to nearness to landmarks (batch, channels, T, 3).

    Landmarks of a register's descriptors answer in that register alone; those of tonality and rhythm,
    which are heard across registers, answer in all three alike.
    """

    def __init__(
        self,
        descriptors: FilmDescriptors | MusicDescriptors,
        blocks: Sequence["Landmarks"],
        mean: float,
        deviation: float,
    ) -> None:
        super().__init__()
        self.descriptors = descriptors
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
        maps = []
        for number, nearness in enumerate(self.nearness(image)):
            silent = 0 * nearness  # zeros_like is exported as of the length that was traced
            registers = [
                # times three, so that the mean over registers is the nearness itself
                nearness * REGISTERS if number == register else silent
                for register in range(REGISTERS)
            ]
            maps.append(torch.stack(registers if number < REGISTERS else [nearness] * REGISTERS, dim=3))
        return torch.cat(maps, dim=1)

    def nearness(self, image: Tensor) -> list[Tensor]:
        """Of each block (batch, landmarks, T)."""
        described = self.descriptors(image.squeeze(1) * self.deviation + self.mean)
        scaling = joined([block.scaling for block in self.landmarks])
        scaled = scaling(torch.cat([family for families in described for family in families], dim=1))
        sizes = [block.descriptors for block in self.landmarks]
        edges = itertools.pairwise(itertools.accumulate(sizes, initial=0))
        of_block = members([slice(*pair) for pair in edges], sum(sizes))
        squares = torch.split(torch.matmul(of_block, scaled * scaled), 1, dim=1)
        parts = torch.split(scaled, sizes, dim=1)
        return [block.nearness(*one) for block, *one in zip(self.landmarks, parts, squares, strict=True)]

    def weighted(self, image: Tensor, weights: Tensor) -> Tensor:
        """(batch, outputs, T, 3): a linear layer (outputs, channels) of the map, which is never made."""
        sizes = [block.size for block in self.landmarks]
        parts = [
            torch.matmul(part, nearness)
            for part, nearness in zip(torch.split(weights, sizes, dim=1), self.nearness(image), strict=True)
        ]
        everywhere = torch.stack(parts[REGISTERS:]).sum(dim=0)
        return REGISTERS * torch.stack(parts[:REGISTERS], dim=3) + everywhere.unsqueeze(3)


class RadialNetwork(Network):
    """A trunk of landmarks under linear layers."""

    trunk: RadialTrunk

    def evidence(self, spectrogram: Tensor) -> Tensor:
        if self.to_midlevel is None:
            raise ValueError("the scheme has no qualities")
        return self.trunk.weighted(spectrogram.unsqueeze(1), self.to_midlevel.weight)


class Landmarks(nn.Module):
    """Gaussian functions around descriptor vectors that occur in the training part."""

    points: Tensor

    def __init__(self, scaling: "DescriptorScaling", points: Tensor, width: float) -> None:
        super().__init__()
        self.scaling = scaling
        self.register_buffer("points", points)
        self.width = width

    @property
    def size(self) -> int:
        return int(self.points.shape[0])

    @property
    def descriptors(self) -> int:
        return int(self.points.shape[1])

    def forward(self, described: Tensor) -> Tensor:
        """(batch, descriptors, T) to (batch, landmarks, T), 1 at a landmark, 0 far from it."""
        scaled = self.scaling(described)
        return self.nearness(scaled, (scaled * scaled).sum(dim=1, keepdim=True))

    def nearness(self, scaled: Tensor, squares: Tensor) -> Tensor:
        """The same for descriptors that are centred and scaled, and sums of their squares (batch, 1, T)."""
        of_points = (self.points * self.points).sum(dim=1)[:, None]
        distance = of_points + squares - torch.matmul(2 * self.points, scaled)
        return torch.exp(-self.width * distance.clamp_min(0))


class DescriptorScaling(nn.Module):
    """Descriptors in deviations from their mean, bent where they are far from it; families weigh alike."""

    centre: Tensor
    scale: Tensor
    share: Tensor

    def __init__(self, centre: Tensor, scale: Tensor, share: Tensor, clip: float) -> None:
        super().__init__()
        self.clip = clip
        for name, column in (("centre", centre), ("scale", scale), ("share", share)):
            self.register_buffer(name, column.reshape(-1, 1))

    @classmethod
    def of(cls, cells: Tensor, families: Sequence[int], clip: float) -> "DescriptorScaling":
        """For cells (descriptors, n) like these, with so many descriptors in each family."""
        sizes = torch.cat([torch.full((size,), float(size)) for size in families])
        deviation = cells.std(dim=1).clamp_min(1e-6)
        return cls(cells.mean(dim=1), 1 / deviation, 1 / (sizes * len(families)).sqrt(), clip)

    def forward(self, described: Tensor) -> Tensor:
        """(..., descriptors, T) to the same."""
        if not self.clip:
            return (described - self.centre) * (self.scale * self.share)
        bent = torch.tanh((described - self.centre) * (self.scale / self.clip))
        return bent * (self.clip * self.share)


def joined(scalings: Sequence[DescriptorScaling]) -> DescriptorScaling:
    """One for the descriptors of all, one after another."""
    centre, scale, share = (
        torch.cat([getattr(one, column) for one in scalings]) for column in ("centre", "scale", "share")
    )
    return DescriptorScaling(centre, scale, share, scalings[0].clip)


def fit_radial(
    recipe: RadialRecipe,
    scheme: NetworkScheme,
    seed: int,
    train: Examples,
    beside: Sequence[OtherExamples] = (),
    describe: "Describer | None" = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> FittedNetwork:
    """Fit a network to a training part, damaged copies of it, and other corpora beside it.

    The seed chooses damage and landmarks. Progress counts the excerpts and copies that have been described,
    which is most of the work; `describe` keeps what it has described for the next fit.
    """
    started = time.monotonic()
    describe = describe or Describer(recipe)
    spectrograms = [*train.spectrograms, *(one for other in beside for one in other.spectrograms)]
    scaling = spectrogram_scaling(spectrograms)
    rng = np.random.default_rng(seed)
    copies = [
        damaged(rng, music(spectrogram), recipe.damage)
        for _ in range(recipe.copies)
        for spectrogram in train.spectrograms
    ]
    described = describe.all(spectrograms, copies, on_progress)
    blocks = choose_landmarks(recipe, described, rng)
    kernels = [
        weighted_kernel(block, embed(block, described, number), weight)
        for number, (block, weight) in enumerate(zip(blocks, recipe.block_weights, strict=True))
    ]
    features = np.concatenate([kernel.features for kernel in kernels], axis=1)
    scales = scales_of(train, beside)
    from_features, head = _fit_layers(recipe, scheme, features, train, beside, scales)
    parts = np.split(from_features.weights, np.cumsum([kernel.features.shape[1] for kernel in kernels])[:-1])
    to_landmarks = np.concatenate(
        [kernel.whitening @ part for kernel, part in zip(kernels, parts, strict=True)]
    )
    trunk = RadialTrunk(DESCRIPTORS[recipe.descriptors](), blocks, scaling.mean, scaling.deviation)
    network = RadialNetwork(trunk, trunk.channels, scheme, emotions=train.emotions)
    first, outputs = (
        (network.to_emotion, scales.emotion) if scheme == "a2e" else (network.to_midlevel, scales.midlevel)
    )
    _set_linear(
        first,
        (to_landmarks * outputs.deviation).T,
        outputs.mean + from_features.intercept * outputs.deviation,
    )
    if head is not None:
        weights = head.weights.T * scales.emotion.deviation[:, None] / scales.midlevel.deviation
        bias = (
            scales.emotion.mean + head.intercept * scales.emotion.deviation - weights @ scales.midlevel.mean
        )
        _set_linear(network.to_emotion, weights, bias)
    return FittedNetwork(network.eval(), scaling, recipe.epochs, recipe.epochs, time.monotonic() - started)


def _fit_layers(
    recipe: RadialRecipe,
    scheme: NetworkScheme,
    features: Array,
    train: Examples,
    beside: Sequence[OtherExamples],
    scales: Scales,
) -> tuple[Linear, Linear | None]:
    """Weights of the first layer and, of joint, of the last; all outputs standardised."""
    lessons = lessons_of(recipe, train, beside, scales)
    if scheme == "joint":
        return fit_bottleneck(features, lessons, recipe.ridge, recipe.head_ridge, recipe.turns)
    if scheme == "a2mid":
        return fit_direct(features, lessons.midlevel, lessons.midlevel_weight, recipe.ridge), None
    return fit_direct(features, lessons.emotion, lessons.emotion_weight, recipe.ridge), None


@dataclass(frozen=True)
class Kernel:
    """One block's share of the kernel, as features whose inner products it is."""

    features: Array
    """(excerpts, rank)"""
    whitening: Array
    """(landmarks, rank): features = mean nearness to the landmarks @ whitening."""


Described = list[list[Tensor]]
"""By block and family: (descriptors, T)."""


class Describer:
    """Descriptors of spectrograms by a recipe; what was described before is not described again."""

    def __init__(self, recipe: RadialRecipe) -> None:
        self.descriptors = DESCRIPTORS[recipe.descriptors]()
        self._known: dict[int, tuple[FloatArray, Described]] = {}

    def all(
        self,
        spectrograms: Sequence[FloatArray],
        copies: Sequence[FloatArray],
        on_progress: Callable[[Progress], None] | None,
    ) -> list[Described]:
        """Of spectrograms, which are kept, and of copies, which are not."""
        described: list[Described] = []
        started = time.monotonic()
        total = len(spectrograms) + len(copies)
        for number, spectrogram in enumerate([*spectrograms, *copies]):
            described.append(self._kept(spectrogram) if number < len(spectrograms) else self._of(spectrogram))
            if on_progress:
                left_s = (time.monotonic() - started) / len(described) * (total - len(described))
                on_progress(Progress(len(described), total, float("nan"), None, left_s))
        return described

    def _kept(self, spectrogram: FloatArray) -> Described:
        # the array is kept too, so that its address stays its own
        if id(spectrogram) not in self._known:
            self._known[id(spectrogram)] = spectrogram, self._of(music(spectrogram))
        return self._known[id(spectrogram)][1]

    @torch.inference_mode()
    def _of(self, spectrogram: FloatArray) -> Described:
        blocks = self.descriptors(torch.from_numpy(spectrogram).unsqueeze(0))
        return [[family[0] for family in block] for block in blocks]


def music(spectrogram: FloatArray) -> FloatArray:
    """Without the silence around it."""
    return np.ascontiguousarray(spectrogram[sounding(spectrogram)])


def choose_landmarks(
    recipe: RadialRecipe, described: Sequence[Described], rng: np.random.Generator
) -> list[Landmarks]:
    """Random cells of the training part, in each block of descriptors."""
    blocks = []
    for number, families in enumerate(described[0]):
        cells = torch.cat([torch.cat(piece[number]) for piece in described], dim=1)
        sizes = [len(family) for family in families]
        scaling = DescriptorScaling.of(cells, sizes, recipe.clip)
        chosen = rng.choice(cells.shape[1], min(recipe.landmarks, cells.shape[1]), replace=False)
        points = scaling(cells[:, chosen]).T.contiguous()
        blocks.append(Landmarks(scaling, points, recipe.kernel_widths[number]))
    return blocks


@torch.inference_mode()
def embed(block: Landmarks, described: Sequence[Described], number: int) -> Array:
    """(excerpts, landmarks): the mean nearness of each excerpt to each landmark."""
    return np.stack(
        [block(torch.cat(piece[number]).unsqueeze(0))[0].mean(dim=1).double().numpy() for piece in described]
    )


@torch.inference_mode()
def weighted_kernel(block: Landmarks, means: Array, weight: float) -> Kernel:
    """Nyström features of the mean nearness (excerpts, landmarks), their mean square scaled to `weight`."""
    points = block.points.T.unsqueeze(0)
    squares = (points * points).sum(dim=1, keepdim=True)
    values, vectors = np.linalg.eigh(block.nearness(points, squares)[0].double().numpy())
    kept = values > _SMALLEST_EIGENVALUE * values[-1]
    whitening = vectors[:, kept] / np.sqrt(values[kept])
    features = means @ whitening
    factor = np.sqrt(weight / np.mean(np.sum(features**2, axis=1)))
    return Kernel(factor * features, factor * whitening)


@torch.no_grad()
def _set_linear(layer: nn.Linear | None, weights: Array, bias: Array) -> None:
    if layer is None:
        raise ValueError("the scheme has no such layer")
    layer.weight.copy_(torch.from_numpy(weights))
    layer.bias.copy_(torch.from_numpy(bias))
