"""Spectrograms of excerpts to varied training batches. All chance comes from torch's CPU generator."""

import math
from collections.abc import Sequence

import torch
import torchaudio
from torch import Tensor, nn

from midcli.study.recipes import Augmentation

_DB_TO_LN = math.log(10) / 20
_LN_10 = math.log(10)


class BatchMaker(nn.Module):
    """Raw spectrograms (frames, 149) of any lengths to one standardised batch (batch, crop_frames, 149)."""

    def __init__(self, augmentation: Augmentation, crop_frames: int, mean: float, deviation: float) -> None:
        super().__init__()
        self.augmentation = augmentation
        self.crop_frames = crop_frames
        self.mean = mean
        self.deviation = deviation
        self.frequency_mask = torchaudio.transforms.FrequencyMasking(
            augmentation.frequency_mask_bands, iid_masks=True
        )
        self.time_mask = torchaudio.transforms.TimeMasking(augmentation.time_mask_frames, iid_masks=True)

    def forward(self, spectrograms: Sequence[Tensor], targets: Tensor) -> tuple[Tensor, Tensor]:
        """The batch and its targets (batch, labels), mixed alike."""
        options = self.augmentation
        batch = torch.stack([self._crop(spectrogram) for spectrogram in spectrograms])
        if options.gain_db or options.equaliser_db:
            batch = self._equalise(batch)
        batch = (batch - self.mean) / self.deviation
        if options.mixup_beta:
            batch, targets = self._mix(batch, targets)
        return self._mask(batch), targets

    def _crop(self, spectrogram: Tensor) -> Tensor:
        """A random stretch at a random tempo, shifted along frequency; short excerpts are repeated."""
        frames, bands = spectrogram.shape
        pace = 1 + self.augmentation.tempo * _uniform()
        needed = math.ceil((self.crop_frames - 1) * pace) + 1
        start = int(torch.randint(max(frames - needed, 0) + 1, ()))
        position = start + torch.arange(self.crop_frames) * pace
        first = position.floor().long()
        crop = torch.lerp(
            spectrogram[first % frames],
            spectrogram[(first + 1) % frames],
            (position - first).unsqueeze(1),
        )
        if not self.augmentation.shift_bands:
            return crop
        shift = int(torch.randint(-self.augmentation.shift_bands, self.augmentation.shift_bands + 1, ()))
        return crop[:, (torch.arange(bands) - shift).clamp(0, bands - 1)]

    def _equalise(self, batch: Tensor) -> Tensor:
        """Random level and smooth equaliser, applied to magnitudes, not to their logarithm."""
        size, _, bands = batch.shape
        points = torch.randn(size, 1, self.augmentation.equaliser_points) * self.augmentation.equaliser_db
        curve_db = nn.functional.interpolate(points, bands, mode="linear", align_corners=True)
        gain_db = curve_db + self.augmentation.gain_db * (2 * torch.rand(size, 1, 1) - 1)
        return torch.log1p(torch.expm1(batch * _LN_10) * torch.exp(gain_db * _DB_TO_LN)) / _LN_10

    def _mix(self, batch: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Each excerpt mixed with another one of the batch (Zhang et al., ICLR 2018)."""
        beta = torch.tensor(self.augmentation.mixup_beta)
        share = torch.distributions.Beta(beta, beta).sample((len(batch),))
        other = torch.randperm(len(batch))
        return (
            torch.lerp(batch[other], batch, share.reshape(-1, 1, 1)),
            torch.lerp(targets[other], targets, share.reshape(-1, 1)),
        )

    def _mask(self, batch: Tensor) -> Tensor:
        """SpecAugment (Park et al., Interspeech 2019); what is hidden becomes the mean, zero."""
        image = batch.transpose(1, 2).unsqueeze(1)
        for _ in range(self.augmentation.frequency_masks):
            image = self.frequency_mask(image)
        for _ in range(self.augmentation.time_masks):
            image = self.time_mask(image)
        return image.squeeze(1).transpose(1, 2)


def _uniform() -> float:
    return float(2 * torch.rand(()) - 1)
