"""One run of a scheme on one split: train on one part, predict another."""

import platform
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from midcli.audio.silence import sounding
from midcli.audio.spectrogram import FloatArray
from midcli.corpora.corpus import Corpus
from midcli.corpora.splits import Split
from midcli.errors import DataError, UsageError
from midcli.labels import QUALITY_NAMES, RATING_SCALE
from midcli.study.enough import check_rated
from midcli.study.progress import Progress
from midcli.study.recipes import SCHEMES, AnyRecipe, RadialRecipe
from midcli.study.regression import LinearMap, fit_linear
from midcli.study.runs import Outcome, Values
from midcli.training.beside import NOTHING, Beside
from midcli.training.device import choose_device, device_words
from midcli.training.loop import Examples, Scaling, fit, standardised
from midcli.training.networks import Explained, NetworkScheme
from midcli.training.radial import Describer, RadialTrunk, fit_radial

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Prediction:
    """Outputs for one excerpt, x 0.1 scale."""

    midlevel: Array | None
    """(7,)"""
    emotion: Array | None
    """(emotions,)"""
    evidence: FloatArray | None
    """(7, T, F)"""


@dataclass(frozen=True)
class FittedModel:
    """A trained network under its last layer, in evaluation mode on the CPU."""

    explained: Explained
    scaling: Scaling
    epochs: int
    """Epochs that were run."""
    best_epoch: int
    """Epoch whose weights were kept."""
    seconds: float

    @property
    def trims(self) -> bool:
        """Whether it was fitted to music without the silence around it."""
        return isinstance(self.explained.network.trunk, RadialTrunk)

    def predict(self, spectrogram: FloatArray) -> Prediction:
        """Outputs for a whole raw spectrogram (frames, 149)."""
        music = spectrogram[sounding(spectrogram)] if self.trims else spectrogram
        with torch.inference_mode():
            outputs = self.explained(standardised(music, self.scaling).unsqueeze(0))
        named = {
            name: output[0].numpy() for name, output in zip(self.explained.output_names, outputs, strict=True)
        }
        midlevel, emotion = (
            named[name].astype(np.float64) if name in named else None for name in ("midlevel", "emotion")
        )
        return Prediction(midlevel, emotion, named.get("evidence"))


def run_experiment(
    corpus: Corpus,
    split: Split,
    scheme: str,
    recipe: AnyRecipe,
    seed: int,
    spectrograms: Mapping[str, FloatArray],
    *,
    beside: Beside = NOTHING,
    describe: Describer | None = None,
    checkpoint: Path | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    device: str | None = None,
) -> Outcome:
    """Train on the split's training part and predict its test part, which nothing else sees.

    `spectrograms` are raw, by id. See `fit_model` for the rest.
    """
    model = fit_model(
        corpus,
        split.train,
        split.validation,
        scheme,
        recipe,
        seed,
        spectrograms,
        beside=beside,
        held_out={excerpt.group for excerpt in corpus.excerpts if excerpt.id in split.test},
        describe=describe,
        checkpoint=checkpoint,
        on_progress=on_progress,
        device=device,
    )
    train_midlevel = None
    if scheme == "a2mid" and np.isfinite(corpus.emotion).any():
        train_midlevel = {name: _midlevel(model, spectrograms[name]).tolist() for name in split.train}
    return Outcome(
        {name: _values(model.predict(spectrograms[name])) for name in split.test},
        train_midlevel,
        model.epochs,
        model.seconds,
        device_words(torch.device("cpu") if isinstance(recipe, RadialRecipe) else choose_device(device)),
        library_versions(),
    )


def a2mid2e_from_a2mid(corpus: Corpus, a2mid: Outcome) -> Outcome:
    """The a2mid2e run that an a2mid run leads to: linear regression on its outputs for its training part."""
    if a2mid.train_midlevel is None:
        raise UsageError("a2mid2e continues from a run of the scheme a2mid")
    head = fit_linear(
        np.array(list(a2mid.train_midlevel.values())),
        _targets(corpus, list(a2mid.train_midlevel))[:, len(QUALITY_NAMES) :],
    )
    predictions: dict[str, Values] = {
        name: {
            "midlevel": values["midlevel"],
            "emotion": head(np.array([values["midlevel"]], np.float64))[0].tolist(),
        }
        for name, values in a2mid.predictions.items()
    }
    return replace(a2mid, predictions=predictions, train_midlevel=None)


def fit_model(
    corpus: Corpus,
    train: Sequence[str],
    validation: Sequence[str],
    scheme: str,
    recipe: AnyRecipe,
    seed: int,
    spectrograms: Mapping[str, FloatArray],
    *,
    beside: Beside = NOTHING,
    held_out: Collection[str] = (),
    describe: Describer | None = None,
    checkpoint: Path | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    device: str | None = None,
) -> FittedModel:
    """Train what a recipe says on the excerpts of these ids, and on what is beside, without some groups.

    The validation part decides only where the recipe stops by it. For the checkpoint see `loop.fit`;
    `describe` keeps descriptors for the next fit of the same recipe. Raises DataError if a label that is
    learned is hardly rated or the recipe needs a validation part and gets none, UsageError if the scheme or
    device does not exist.
    """
    if scheme not in SCHEMES:
        raise UsageError(f"scheme {scheme}: known are {', '.join(SCHEMES)}")
    processor = choose_device(device)
    check_rated(corpus, train, scheme)
    if recipe.stopping == "validation" and not validation:
        raise DataError(f"recipe {recipe.name} stops by validation and the split has no validation part")
    network_scheme = cast(NetworkScheme, "a2mid" if scheme == "a2mid2e" else scheme)
    train_examples = _examples(corpus, train, spectrograms)
    if isinstance(recipe, RadialRecipe):
        others = beside.examples(recipe, held_out, corpus.vocabulary)
        fitted = fit_radial(recipe, network_scheme, seed, train_examples, others, describe, on_progress)
    else:
        fitted = fit(
            recipe,
            network_scheme,
            _start_seed(seed),
            train_examples,
            _examples(corpus, validation, spectrograms) if validation else None,
            processor,
            checkpoint,
            on_progress,
        )
    model = FittedModel(
        Explained(fitted.network, fitted.network.to_emotion if scheme == "joint" else None),
        fitted.scaling,
        fitted.epochs,
        fitted.best_epoch,
        fitted.seconds,
    )
    if scheme == "a2mid2e":
        ratings = _targets(corpus, train)[:, len(QUALITY_NAMES) :]
        midlevel = np.stack([_midlevel(model, spectrograms[name]) for name in train])
        model.explained.head = _linear_layer(fit_linear(midlevel, ratings))
    return model


def library_versions() -> dict[str, str]:
    """What the numbers may depend on."""
    return {"python": platform.python_version()} | {
        name: version(name) for name in ("midcli", "numpy", "torch", "torchaudio")
    }


def _examples(corpus: Corpus, ids: Sequence[str], spectrograms: Mapping[str, FloatArray]) -> Examples:
    return Examples([spectrograms[name] for name in ids], _targets(corpus, ids).astype(np.float32))


def _targets(corpus: Corpus, ids: Sequence[str]) -> Array:
    """(ids, 7 + emotions): qualities, then emotions, x 0.1 scale."""
    ratings = {excerpt.id: np.concatenate([excerpt.midlevel, excerpt.emotion]) for excerpt in corpus.excerpts}
    targets: Array = np.stack([ratings[name] for name in ids]) * RATING_SCALE
    return targets


@torch.no_grad()
def _linear_layer(fitted: LinearMap) -> nn.Linear:
    outputs, inputs = fitted.weights.shape
    layer = nn.Linear(inputs, outputs)
    layer.weight.copy_(torch.from_numpy(fitted.weights))
    layer.bias.copy_(torch.from_numpy(fitted.intercept))
    return layer


def _midlevel(model: FittedModel, spectrogram: FloatArray) -> Array:
    midlevel = model.predict(spectrogram).midlevel
    if midlevel is None:
        raise UsageError("a2e networks have no qualities")
    return midlevel


def _values(prediction: Prediction) -> Values:
    return {
        "midlevel": None if prediction.midlevel is None else prediction.midlevel.tolist(),
        "emotion": None if prediction.emotion is None else prediction.emotion.tolist(),
    }


def _start_seed(seed: int) -> int:
    """Of a network's start, apart from what draws the split from the same seed."""
    return int(np.random.SeedSequence([seed, 0]).generate_state(1)[0])
