"""A corpus and a recipe to a finished model file: out-of-fold predictions, a fit on everything, export."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from midcli.audio.spectrogram import FRAMES_PER_SECOND, FloatArray
from midcli.corpora.corpus import Corpus, audio_digest
from midcli.corpora.splits import group_folds
from midcli.errors import UsageError
from midcli.study.progress import Progress
from midcli.study.recipes import AnyRecipe
from midcli.training.calibration import (
    Predictions,
    calibration,
    contradicted_correlations,
    held_out_coverage,
    rounded,
    scores,
)
from midcli.training.device import choose_device
from midcli.training.experiment import FittedModel, check_rated, fit_model, library_versions
from midcli.training.export import export
from midcli.training.novelty import fit_novelty

Array = npt.NDArray[np.float64]

_CHECKED_EXCERPTS = 3
_VALIDATION_SHARE = 9  # one part in nine of what is not held out, for recipes that stop by validation
_PUBLISHED_LICENCE = (
    "Code: MIT. Weights: trained on audio and ratings that are published for academic research; "
    "whether other uses are allowed depends on the law where they take place."
)
_OWN_LICENCE = "Code: MIT. Weights: as the rights in the training data allow."


@dataclass(frozen=True)
class Plan:
    """What is to be made."""

    name: str
    version: str
    scheme: str
    recipe: AnyRecipe
    seed: int
    folds: int
    command: str
    """The command line that makes the file again."""
    notes: Mapping[str, Any] | None = None
    """What else the card should say: intended use, limits, checks made elsewhere."""
    half: bool = False
    """Store large arrays as float16."""


@dataclass(frozen=True)
class BuildProgress:
    """Where the work stands."""

    step: int
    """From 1."""
    steps: int
    name: str
    """Such as `fold 2 of 5`."""
    training: Progress
    seconds_left: float
    """All steps together."""


def check(corpus: Corpus, plan: Plan, device: str | None) -> None:
    """Raise, before the audio is read, what `build` would raise of the corpus, the plan or the device."""
    choose_device(device)
    for fold in group_folds(corpus, plan.folds, plan.seed):
        check_rated(corpus, [name for name in corpus.ids if name not in fold], plan.scheme)


def build(
    corpus: Corpus,
    spectrograms: Mapping[str, FloatArray],
    plan: Plan,
    out: Path,
    *,
    checkpoints: Path | None = None,
    device: str | None = None,
    on_progress: Callable[[BuildProgress], None] | None = None,
) -> dict[str, Any]:
    """Write a model file to `out` and return its card.

    Reference, intervals and scores come from models that did not see the excerpt's group; the file's own
    networks are fitted to the whole corpus. Every step keeps a checkpoint in the folder `checkpoints` and a
    second call goes on from there. Raises DataError, ModelError, OutputError, UsageError.
    """
    if plan.folds < 2:
        raise UsageError(f"{plan.folds} folds: reference and intervals need at least 2")
    folds = _Folds(corpus, plan, spectrograms, checkpoints, device, on_progress)
    predictions, registers = folds.predict()
    final = folds.fit_everything()
    metadata: dict[str, Any] = {
        "calibration": calibration(corpus, predictions),
        "card": _card(corpus, plan, folds, predictions),
    }
    metadata["calibration"]["shortest_s"] = min(map(len, spectrograms.values())) // FRAMES_PER_SECOND
    if registers is not None:
        judge, flagged = fit_novelty(spectrograms, folds.folds, plan.seed, folds.report_sounds)
        metadata["calibration"]["novelty"] = judge.to_json()
        metadata["card"]["flagged"] = flagged
        if final.explained.head:
            weights = final.explained.head.weight.detach().double().numpy()
            metadata["card"]["contradicted_correlations"] = contradicted_correlations(corpus, weights)
        bias = final.explained.midlevel_bias.detach().double().numpy()
        metadata["reference"] = {
            "name": f"{len(corpus.ids)} {_kind(corpus)} excerpts",
            "ids": list(corpus.ids),
            "midlevel": rounded(predictions["midlevel"]),
            "register_evidence": rounded(registers - bias[:, np.newaxis]),
        }
    checked = [spectrograms[name] for name in corpus.ids[:_CHECKED_EXCERPTS]]
    export(out, final, metadata, checked, plan.half)
    card: dict[str, Any] = metadata["card"]
    return card


class _Folds:
    """The fits that a model file needs."""

    def __init__(
        self,
        corpus: Corpus,
        plan: Plan,
        spectrograms: Mapping[str, FloatArray],
        checkpoints: Path | None,
        device: str | None,
        on_progress: Callable[[BuildProgress], None] | None,
    ) -> None:
        self.corpus, self.plan, self.spectrograms = corpus, plan, spectrograms
        self.checkpoints, self.device, self.on_progress = checkpoints, device, on_progress
        self.folds = group_folds(corpus, plan.folds, plan.seed)
        self.best_epochs: list[int] = []
        self.step_seconds = 0.0

    @property
    def final_epochs(self) -> int:
        """What stopping by validation came to on average, or what the recipe says."""
        return max(1, round(float(np.mean(self.best_epochs))))

    def predict(self) -> tuple[Predictions, Array | None]:
        """Out-of-fold outputs, and the mean map per register with the bias in it (7, F)."""
        outputs: dict[str, dict[str, Array]] = {}
        registers: list[Array] = []
        for number, fold in enumerate(self.folds):
            model = self._fit_without(number, fold)
            self.best_epochs.append(model.best_epoch)
            for name in fold:
                prediction = model.predict(self.spectrograms[name])
                for group in ("midlevel", "emotion"):
                    values = getattr(prediction, group)
                    if values is not None:
                        outputs.setdefault(group, {})[name] = values
                if prediction.evidence is not None:
                    bias = model.explained.midlevel_bias.detach().double().numpy()
                    registers.append(prediction.evidence.mean(axis=1, dtype=np.float64) + bias[:, np.newaxis])
        predictions = {
            group: np.stack([values[name] for name in self.corpus.ids]) for group, values in outputs.items()
        }
        return predictions, np.mean(registers, axis=0) if registers else None

    def fit_everything(self) -> FittedModel:
        recipe = self.plan.recipe.for_fixed_epochs(self.final_epochs)
        return self._fit(self.corpus.ids, (), recipe, self.plan.folds + 1, "all.pt")

    def _fit_without(self, number: int, fold: Sequence[str]) -> FittedModel:
        rest = [excerpt for excerpt in self.corpus.excerpts if excerpt.id not in fold]
        # where nothing depends on a validation part, the fold itself is watched
        validation = fold
        if self.plan.recipe.stopping == "validation":
            groups = len({excerpt.group for excerpt in rest})
            parts = group_folds(
                replace(self.corpus, excerpts=tuple(rest)), min(_VALIDATION_SHARE, groups), self.plan.seed
            )
            validation = parts[0]
        train = [excerpt.id for excerpt in rest if excerpt.id not in validation]
        return self._fit(train, validation, self.plan.recipe, number + 1, f"fold{number + 1}.pt")

    def _fit(
        self, train: Sequence[str], validation: Sequence[str], recipe: AnyRecipe, step: int, checkpoint: str
    ) -> FittedModel:
        return fit_model(
            self.corpus,
            train,
            validation,
            self.plan.scheme,
            recipe,
            self.plan.seed,
            self.spectrograms,
            checkpoint=self.checkpoints / checkpoint if self.checkpoints else None,
            on_progress=lambda training: self._report(step, training),
            device=self.device,
        )

    def report_sounds(self, progress: Progress) -> None:
        """Progress of the novelty score, the last step."""
        self._report(self.plan.folds + 2, progress)

    def _report(self, step: int, training: Progress) -> None:
        if self.on_progress is None:
            return
        folds = self.plan.folds
        steps = folds + 2
        name = f"fold {step} of {folds}" if step <= folds else ("everything", "novelty")[step - folds - 1]
        if training.epoch < training.epochs and training.seconds_left:
            self.step_seconds = training.seconds_left * training.epochs / (training.epochs - training.epoch)
        left = training.seconds_left + (steps - step) * self.step_seconds
        self.on_progress(BuildProgress(step, steps, name, training, left))


def _kind(corpus: Corpus) -> str:
    return "film" if corpus.published and corpus.name == "soundtracks" else corpus.name


def _card(corpus: Corpus, plan: Plan, folds: _Folds, predictions: Predictions) -> dict[str, Any]:
    protocol = (
        f"out of fold, {plan.folds} folds with no album or group in two of them, "
        f"stopping: {plan.recipe.stopping}; each excerpt predicted by networks that were fitted to the others"
    )
    return {
        "name": plan.name,
        "version": plan.version,
        "scheme": plan.scheme,
        "recipe": {
            "name": plan.recipe.name,
            "fingerprint": plan.recipe.fingerprint(),
            "epochs": folds.final_epochs,
            "command": plan.command,
        },
        "training_data": f"{corpus.name}, {len(corpus.ids)} excerpts",
        "training_ids": list(corpus.ids),
        "training_files": [audio_digest(excerpt.path) for excerpt in corpus.excerpts],
        "seeds": [plan.seed],
        "scores": scores(corpus, predictions, protocol),
        "coverage": held_out_coverage(corpus, predictions, folds.folds),
        "notes": plan.notes or {},
        "licence": _PUBLISHED_LICENCE if corpus.published else _OWN_LICENCE,
        "date": datetime.now(UTC).date().isoformat(),
        "versions": library_versions(),
    }
