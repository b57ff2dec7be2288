"""One network from its start to its last epoch, with checkpoints that resume to the same result."""

import contextlib
import hashlib
import io
import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from midcli.audio.spectrogram import FloatArray
from midcli.errors import OutputError
from midcli.study.metrics import pearson
from midcli.study.progress import Progress
from midcli.study.recipes import Recipe
from midcli.training.augmentation import BatchMaker
from midcli.training.device import autocast
from midcli.training.networks import (
    QUALITIES,
    Network,
    NetworkScheme,
    convolutional_network,
)
from midcli.util.files import write_bytes

CHECKPOINT_EVERY_S = 10.0
_VALIDATE_EVERY_EPOCHS = 5  # where nothing depends on it
TARGET_COLUMNS = {
    "a2e": slice(QUALITIES, None),
    "a2mid": slice(0, QUALITIES),
    "joint": slice(0, None),
}
"""Which of the qualities and emotions a scheme learns."""


@dataclass(frozen=True)
class Examples:
    """Excerpts as the loop takes them."""

    spectrograms: Sequence[FloatArray]
    """(frames, 149) each, as the front end makes them."""
    targets: FloatArray
    """(excerpts, 7 + emotions): qualities, then emotions, x 0.1 scale, NaN where unrated."""

    @property
    def emotions(self) -> int:
        """How many emotions there are."""
        return int(self.targets.shape[1]) - QUALITIES


@dataclass(frozen=True)
class Scaling:
    """What networks subtract and divide by; from the training part only."""

    mean: float
    deviation: float


@dataclass(frozen=True)
class FittedNetwork:
    """A trained network in evaluation mode on the CPU; its outputs are on the x 0.1 scale."""

    network: Network
    scaling: Scaling
    epochs: int
    """Epochs that were run."""
    best_epoch: int
    """Epoch whose weights these are."""
    seconds: float


def fit(
    recipe: Recipe,
    scheme: NetworkScheme,
    seed: int,
    train: Examples,
    validation: Examples | None,
    device: torch.device,
    checkpoint: Path | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> FittedNetwork:
    """Train one network. The validation part decides only where the recipe stops by it.

    A checkpoint of the same run (recipe, scheme, seed, data) is resumed, to the same result as without the
    interruption; one of another run is replaced. It is written atomically, and not deleted at the end.
    """
    with _random_state(seed, device):
        training = Training(recipe, scheme, train, validation, device)
        key = run_key(recipe, scheme, seed, train, validation)
        if checkpoint:
            training.restore(checkpoint, key)
        return training.run(checkpoint, key, on_progress)


def spectrogram_scaling(spectrograms: Sequence[FloatArray]) -> Scaling:
    """One mean and one deviation of all cells."""
    cells = sum(spectrogram.size for spectrogram in spectrograms)
    mean = sum(float(spectrogram.sum(dtype=np.float64)) for spectrogram in spectrograms) / cells
    squares = sum(
        float(np.square(spectrogram - mean, dtype=np.float64).sum()) for spectrogram in spectrograms
    )
    return Scaling(float(np.float32(mean)), float(np.float32(max(np.sqrt(squares / cells), 1e-6))))


class Training:
    """The state of one run: everything that a checkpoint holds."""

    def __init__(
        self,
        recipe: Recipe,
        scheme: NetworkScheme,
        train: Examples,
        validation: Examples | None,
        device: torch.device,
    ) -> None:
        self.recipe, self.scheme, self.device = recipe, scheme, device
        self.scaling = spectrogram_scaling(train.spectrograms)
        self.spectrograms = [torch.from_numpy(spectrogram) for spectrogram in train.spectrograms]
        columns = TARGET_COLUMNS[scheme]
        self.target_mean, self.target_deviation = _target_scale(train.targets[:, columns], recipe)
        self.targets = self._scaled_targets(train.targets[:, columns])
        self.validation: list[Tensor] = []
        if validation is not None:
            self.validation = [
                standardised(spectrogram, self.scaling).unsqueeze(0).to(device)
                for spectrogram in validation.spectrograms
            ]
            self.validation_targets = self._scaled_targets(validation.targets[:, columns])
        self.batches = BatchMaker(
            recipe.augmentation, recipe.crop_frames, self.scaling.mean, self.scaling.deviation
        )
        self.network = convolutional_network(recipe, scheme, train.emotions).to(device)
        self.network.to(memory_format=torch.channels_last)
        self.optimiser = _optimiser(recipe, self.network)
        self.schedule = None
        if recipe.schedule == "one-cycle":
            steps = recipe.epochs * -(-len(self.targets) // recipe.batch_size)
            self.schedule = torch.optim.lr_scheduler.OneCycleLR(
                self.optimiser, recipe.learning_rate, total_steps=steps
            )
        self.epoch = 0
        self.seconds = 0.0
        self.validation_r: float | None = None
        self.best_epoch = 0
        self.best_loss = float("inf")
        self.best_weights: dict[str, Tensor] = {}
        self.finished = False

    def run(
        self, checkpoint: Path | None, key: str, on_progress: Callable[[Progress], None] | None
    ) -> FittedNetwork:
        started, seconds_before, epochs_before = time.monotonic(), self.seconds, self.epoch
        saved = started
        while not self.finished:
            loss = self._train_epoch()
            self.epoch += 1
            self._judge()
            now = time.monotonic()
            self.seconds = seconds_before + now - started
            if checkpoint and (self.finished or now - saved > CHECKPOINT_EVERY_S):
                self._save(checkpoint, key)
                saved = now
            if on_progress:
                per_epoch = (now - started) / (self.epoch - epochs_before)
                left = 0.0 if self.finished else per_epoch * (self.recipe.epochs - self.epoch)
                on_progress(Progress(self.epoch, self.recipe.epochs, loss, self.validation_r, left))
        self.network.load_state_dict(self.best_weights)
        network = self.network.to("cpu").eval()
        fold_target_scale(network, self.target_mean, self.target_deviation)
        return FittedNetwork(network, self.scaling, self.epoch, self.best_epoch, self.seconds)

    def restore(self, checkpoint: Path, key: str) -> None:
        """Continue where a checkpoint of the same run left off, if there is one."""
        try:
            state: Any = torch.load(checkpoint, map_location="cpu", weights_only=True)
        except (OSError, RuntimeError, EOFError, ValueError, pickle.UnpicklingError):
            return
        if not isinstance(state, dict) or state.get("key") != key:
            return
        self.epoch, self.seconds = state["epoch"], state["seconds"]
        self.validation_r, self.finished = state["validation_r"], state["finished"]
        self.best_epoch, self.best_loss = state["best_epoch"], state["best_loss"]
        self.best_weights = state["best_weights"]
        if self.finished:
            return
        self.network.load_state_dict(state["weights"])
        self.optimiser.load_state_dict(state["optimiser"])
        if self.schedule:
            self.schedule.load_state_dict(state["schedule"])
        torch.set_rng_state(state["random"])
        if self.device.type == "cuda" and "random_cuda" in state:
            torch.cuda.set_rng_state(state["random_cuda"], self.device)

    def _save(self, checkpoint: Path, key: str) -> None:
        state: dict[str, Any] = {
            "key": key,
            "epoch": self.epoch,
            "seconds": self.seconds,
            "validation_r": self.validation_r,
            "finished": self.finished,
            "best_epoch": self.best_epoch,
            "best_loss": self.best_loss,
            "best_weights": self.best_weights,
        }
        if not self.finished:
            state |= {
                "weights": self.network.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "schedule": self.schedule.state_dict() if self.schedule else None,
                "random": torch.get_rng_state(),
            }
            if self.device.type == "cuda":
                state["random_cuda"] = torch.cuda.get_rng_state(self.device)
        content = io.BytesIO()
        torch.save(state, content)
        try:
            checkpoint.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{checkpoint.parent}: cannot be made: {error.strerror}") from error
        write_bytes(checkpoint, content.getvalue())

    def _train_epoch(self) -> float:
        self.network.train()
        losses = []
        for rows in torch.split(torch.randperm(len(self.targets)), self.recipe.batch_size):
            batch, targets = self.batches([self.spectrograms[row] for row in rows], self.targets[rows])
            with autocast(self.device):
                outputs = self._outputs(batch.to(self.device))
            loss = self._loss(outputs.float(), targets.to(self.device))
            self.optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            self.optimiser.step()
            if self.schedule:
                self.schedule.step()
            losses.append(loss.detach())
        return float(torch.stack(losses).mean())

    def _judge(self) -> None:
        """Validate, keep the best (or last) weights, and decide whether this was the last epoch."""
        by_validation = self.recipe.stopping == "validation"
        last = self.epoch >= self.recipe.epochs
        if self.validation and (by_validation or last or self.epoch % _VALIDATE_EVERY_EPOCHS == 0):
            loss, self.validation_r = self._validate()
        if by_validation:
            if loss < self.best_loss or not self.best_epoch:
                self.best_loss, self.best_epoch = loss, self.epoch
                self.best_weights = _copied_weights(self.network)
            self.finished = last or self.epoch - self.best_epoch >= self.recipe.patience
        elif last:
            self.best_epoch, self.best_weights = self.epoch, _copied_weights(self.network)
            self.finished = True

    def _validate(self) -> tuple[float, float]:
        """Loss and mean r on whole spectrograms."""
        self.network.eval()
        with torch.inference_mode():
            outputs = torch.cat([self._outputs(spectrogram) for spectrogram in self.validation]).cpu()
        loss = float(self._loss(outputs, self.validation_targets))
        judged = slice(QUALITIES, None) if self.scheme == "joint" else slice(None)
        scores = pearson(
            outputs[:, judged].double().numpy(), self.validation_targets[:, judged].double().numpy()
        )
        return loss, float(np.nanmean(scores)) if np.isfinite(scores).any() else float("nan")

    def _outputs(self, batch: Tensor) -> Tensor:
        """(batch, labels): qualities, then emotions, as far as the scheme has them."""
        return torch.cat([part for part in self.network(batch) if part is not None], dim=1)

    def _loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Mean squared error over rated cells; of both label groups, the sum (the paper, section 5.3)."""
        labels = outputs.shape[1]
        sizes = [QUALITIES, labels - QUALITIES] if self.scheme == "joint" else [labels]
        parts = zip(torch.split(outputs, sizes, 1), torch.split(targets, sizes, 1), strict=True)
        return torch.stack([masked_mse(output, target) for output, target in parts]).sum()

    def _scaled_targets(self, targets: FloatArray) -> Tensor:
        return (torch.from_numpy(targets) - self.target_mean) / self.target_deviation


def standardised(spectrogram: FloatArray, scaling: Scaling) -> Tensor:
    """A spectrogram (frames, 149) as networks see it."""
    return (torch.from_numpy(spectrogram) - scaling.mean) / scaling.deviation


def masked_mse(outputs: Tensor, targets: Tensor) -> Tensor:
    rated = targets.isfinite()
    errors = torch.where(rated, outputs - targets.nan_to_num(), 0.0)
    return errors.square().sum() / rated.sum().clamp(min=1)


def _target_scale(targets: FloatArray, recipe: Recipe) -> tuple[Tensor, Tensor]:
    """Mean and deviation of each label; (0, 1) where the recipe learns the ratings as they are."""
    labels = targets.shape[1]
    if not recipe.standardise_targets:
        return torch.zeros(labels), torch.ones(labels)
    deviation = np.nanstd(targets, axis=0)
    return (
        torch.from_numpy(np.nanmean(targets, axis=0)),
        torch.from_numpy(np.where(deviation > 0, deviation, 1).astype(np.float32)),
    )


@torch.no_grad()
def fold_target_scale(network: Network, mean: Tensor, deviation: Tensor) -> None:
    """Change the linear layers so that their outputs are on the scale of the targets."""
    midlevel, emotion = network.to_midlevel, network.to_emotion
    if midlevel is not None:
        _rescale_output(midlevel, mean[:QUALITIES], deviation[:QUALITIES])
    if emotion is not None:
        emotions = emotion.out_features
        _rescale_output(emotion, mean[-emotions:], deviation[-emotions:])
    if midlevel is not None and emotion is not None:
        emotion.weight.div_(deviation[:QUALITIES])
        emotion.bias.sub_(emotion.weight @ mean[:QUALITIES])


def _rescale_output(layer: nn.Linear, mean: Tensor, deviation: Tensor) -> None:
    layer.weight.mul_(deviation.unsqueeze(1))
    layer.bias.mul_(deviation).add_(mean)


def _optimiser(recipe: Recipe, network: nn.Module) -> torch.optim.AdamW:
    """AdamW, decaying weight matrices only; without decay it is Adam."""
    parameters = list(network.parameters())
    return torch.optim.AdamW(
        [
            {"params": [p for p in parameters if p.ndim > 1], "weight_decay": recipe.weight_decay},
            {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
        ],
        lr=recipe.learning_rate,
    )


def _copied_weights(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().to("cpu", copy=True) for name, value in network.state_dict().items()}


def run_key(recipe: Recipe, scheme: str, seed: int, train: Examples, validation: Examples | None) -> str:
    """Identifies a run by everything that decides its result."""
    digest = hashlib.sha256(f"{recipe.fingerprint()} {scheme} {seed}".encode())
    for part in (train, validation):
        if part is not None:
            digest.update(part.targets.tobytes())
            for spectrogram in part.spectrograms:
                digest.update(spectrogram.tobytes())
        digest.update(b"|")
    return digest.hexdigest()


@contextlib.contextmanager
def _random_state(seed: int, device: torch.device) -> Iterator[None]:
    """torch's generators seeded inside, and as they were outside."""
    devices = [device] if device.type == "cuda" else []
    deterministic = torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True)
    with torch.random.fork_rng(devices=devices), deterministic:
        torch.manual_seed(seed)
        yield
