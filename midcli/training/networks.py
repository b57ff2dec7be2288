"""The networks: convolutions, global average pooling, then linear layers only.

A network sees standardised spectrograms (batch, frames, 149) and ends in 7 qualities, 8 emotions or both
(Chowdhury et al., ISMIR 2019, Figures 1 and 2).
"""

from collections.abc import Iterator
from typing import Literal, cast

import torch
from torch import Tensor, nn

from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.study.recipes import Recipe

NetworkScheme = Literal["a2e", "a2mid", "joint"]

QUALITIES = len(QUALITY_NAMES)
EMOTIONS = len(EMOTION_NAMES)

_PAPER_CHANNELS = 256


class ConvNorm(nn.Module):
    """Convolution that keeps the size (but for its stride), then batch norm."""

    def __init__(self, channels_in: int, channels_out: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels_in, channels_out, kernel, stride, kernel // 2, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(channels_out)

    def forward(self, x: Tensor) -> Tensor:
        normalised: Tensor = self.norm(self.conv(x))
        return normalised


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions beside a 1x1 shortcut (He et al., CVPR 2016)."""

    def __init__(self, channels_in: int, channels_out: int, stride: int) -> None:
        super().__init__()
        self.first = ConvNorm(channels_in, channels_out, 3, stride)
        self.second = ConvNorm(channels_out, channels_out, 3)
        self.shortcut = ConvNorm(channels_in, channels_out, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.second(torch.relu(self.first(x))) + self.shortcut(x))


def paper_trunk(dropout: float) -> nn.Sequential:
    """The paper's VGG-style network, Figure 2, up to its pooling: 256 channels."""
    return nn.Sequential(
        *_conv_relu(1, 64, 5, 2),
        *_conv_relu(64, 64, 3),
        nn.MaxPool2d(2),
        nn.Dropout(dropout),
        *_conv_relu(64, 128, 3),
        *_conv_relu(128, 128, 3),
        nn.MaxPool2d(2),
        nn.Dropout(dropout),
        *_conv_relu(128, 256, 3),
        *_conv_relu(256, 256, 3),
        *_conv_relu(256, 384, 3),
        *_conv_relu(384, 512, 3),
        *_conv_relu(512, _PAPER_CHANNELS, 1),
    )


def compact_trunk(
    stem_channels: int, stage_channels: tuple[int, ...], stage_strides: tuple[int, ...], dropout: float
) -> nn.Sequential:
    """A 5x5 stride-2 stem and residual blocks, dropout between blocks."""
    layers: list[nn.Module] = [*_conv_relu(1, stem_channels, 5, 2)]
    channels_in = stem_channels
    for stage, (channels, stride) in enumerate(zip(stage_channels, stage_strides, strict=True)):
        if stage:
            layers.append(nn.Dropout(dropout))
        layers.append(ResidualBlock(channels_in, channels, stride))
        channels_in = channels
    return nn.Sequential(*layers)


def _conv_relu(channels_in: int, channels_out: int, kernel: int, stride: int = 1) -> list[nn.Module]:
    return [ConvNorm(channels_in, channels_out, kernel, stride), nn.ReLU()]


class Network(nn.Module):
    """A trunk, global average pooling and the linear layers of a scheme."""

    def __init__(
        self,
        trunk: nn.Module,
        channels: int,
        scheme: NetworkScheme,
        dropout: float = 0.0,
        emotions: int = EMOTIONS,
    ) -> None:
        super().__init__()
        self.trunk = trunk
        self.dropout = nn.Dropout(dropout)
        self.to_midlevel = None if scheme == "a2e" else nn.Linear(channels, QUALITIES)
        self.to_emotion = {
            "a2e": nn.Linear(channels, emotions),
            "a2mid": None,
            "joint": nn.Linear(QUALITIES, emotions),
        }[scheme]

    def features(self, spectrogram: Tensor) -> Tensor:
        """(batch, channels, T, F) of standardised spectrograms (batch, frames, 149)."""
        image = spectrogram.unsqueeze(1)
        features: Tensor = self.trunk(image)
        return features

    def evidence(self, spectrogram: Tensor) -> Tensor:
        """What each place adds to the qualities (batch, 7, T, F): their first layer before the mean."""
        if self.to_midlevel is None:
            raise ValueError("the scheme has no qualities")
        return nn.functional.conv2d(self.features(spectrogram), self.to_midlevel.weight[:, :, None, None])

    def forward(self, spectrogram: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """Qualities (batch, 7) and emotions (batch, n) of standardised spectrograms (batch, frames, 149)."""
        hidden = self.dropout(self.features(spectrogram).mean(dim=(2, 3)))
        midlevel = None
        if self.to_midlevel is not None:
            midlevel = hidden = self.to_midlevel(hidden)
        emotion = None if self.to_emotion is None else self.to_emotion(hidden)
        return midlevel, emotion


def convolutional_network(recipe: Recipe, scheme: NetworkScheme, emotions: int = EMOTIONS) -> Network:
    """The network of a recipe, at a random start."""
    if recipe.network == "paper":
        return Network(paper_trunk(recipe.dropout), _PAPER_CHANNELS, scheme, emotions=emotions)
    trunk = compact_trunk(recipe.stem_channels, recipe.stage_channels, recipe.stage_strides, recipe.dropout)
    return Network(trunk, recipe.stage_channels[-1], scheme, recipe.dropout, emotions)


class Explained(nn.Module):
    """A network as the model file holds it: the map, its mean as qualities, then the last layer.

    Pooling and the layer after it are linear, so the mean of the map and a bias give exactly the network's
    qualities. An a2e network has no map; a2mid and a2mid2e networks have no last layer of their own.
    """

    def __init__(self, network: Network, head: nn.Linear | None) -> None:
        super().__init__()
        self.network = network
        self.head = head

    @property
    def output_names(self) -> tuple[str, ...]:
        if self.explains:
            return ("evidence", "midlevel", "emotion") if self.head else ("evidence", "midlevel")
        return ("emotion",)

    @property
    def explains(self) -> bool:
        """Whether it has qualities, and a map of them."""
        return self.network.to_midlevel is not None

    @property
    def midlevel_bias(self) -> Tensor:
        """(7,)"""
        return self._to_midlevel.bias

    def forward(self, spectrogram: Tensor) -> tuple[Tensor, ...]:
        """Outputs in the order of `output_names` for standardised spectrograms (batch, frames, 149).

        `evidence` (batch, 7, T, F), `midlevel` (batch, 7) and `emotion` (batch, emotions).
        """
        if not self.explains:
            _, emotion = self.network(spectrogram)
            return (emotion,)
        evidence = self.network.evidence(spectrogram)
        midlevel = evidence.mean(dim=(2, 3)) + self.midlevel_bias
        return (evidence, midlevel, self.head(midlevel)) if self.head else (evidence, midlevel)

    @property
    def _to_midlevel(self) -> nn.Linear:
        return cast(nn.Linear, self.network.to_midlevel)


def receptive_field(trunk: nn.Module) -> tuple[int, int]:
    """How many frames (and bands) one position of the last layer sees, and how many lie between two."""
    seen, stride = 1, 1
    for kernel, step in _main_path(trunk):
        seen += (kernel - 1) * stride
        stride *= step
    return seen, stride


def _main_path(module: nn.Module) -> Iterator[tuple[int, int]]:
    """Kernel and stride of every layer along the longest path."""
    if isinstance(module, nn.Conv2d):
        yield int(module.kernel_size[0]), int(module.stride[0])
    elif isinstance(module, nn.MaxPool2d):
        yield int(module.kernel_size), int(module.stride)  # type: ignore[arg-type]
    elif isinstance(module, ResidualBlock):
        yield from _main_path(module.first)
        yield from _main_path(module.second)
    else:
        for child in module.children():
            yield from _main_path(child)
