"""A corpus and a recipe to a finished model file: out-of-fold predictions, a fit on everything, export."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from midcli.audio.spectrogram import FRAMES_PER_SECOND, FloatArray
from midcli.corpora.corpus import THE_EIGHT, Corpus, Vocabulary, audio_digest
from midcli.corpora.splits import folds_of_groups, group_folds
from midcli.errors import DataError, UsageError
from midcli.labels import QUALITY_NAMES, RATING_SCALE
from midcli.model.head import head_object
from midcli.study.bearings import emotions_of, lesson_of, ratings_of_heard
from midcli.study.enough import check_enough
from midcli.study.progress import Progress
from midcli.study.recipes import FILM, AnyRecipe, RadialRecipe
from midcli.study.vocabularies import VOCABULARIES, fitted
from midcli.training.beside import NOTHING, Beside
from midcli.training.calibration import (
    FEWEST_FOR_SCALE,
    Predictions,
    calibration,
    contradicted_correlations,
    held_out_coverage,
    rounded,
    scores,
)
from midcli.training.device import choose_device
from midcli.training.error_scale import Residuals
from midcli.training.experiment import FittedModel, Prediction, fit_model, library_versions
from midcli.training.export import export
from midcli.training.novelty import OF_FILM_1_2, USUAL, fit_novelty
from midcli.training.radial import Describer

Array = npt.NDArray[np.float64]

_CHECKED_EXCERPTS = 3
_FEWEST_OF_A_KIND = 30
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
    check_enough(corpus, plan.scheme, plan.folds, plan.seed)


def check_beside(beside: Sequence[Corpus], plan: Plan, vocabulary: Vocabulary = THE_EIGHT) -> None:
    """Raise DataError if a corpus beside lacks what the recipe learns from it, or offers nothing."""
    if not isinstance(plan.recipe, RadialRecipe):
        return
    for corpus in beside:
        lesson = lesson_of(corpus, plan.recipe.beside, vocabulary.labels)
        emotions_of(corpus, lesson, vocabulary.names)
        if not lesson.bearings and not np.isfinite(corpus.midlevel).any():
            raise DataError(f"{corpus.name}: has neither qualities nor emotions to learn from")


def build(
    corpus: Corpus,
    spectrograms: Mapping[str, FloatArray],
    plan: Plan,
    out: Path,
    *,
    beside: Beside = NOTHING,
    checkpoints: Path | None = None,
    device: str | None = None,
    on_progress: Callable[[BuildProgress], None] | None = None,
) -> dict[str, Any]:
    """Write a model file to `out` and return its card.

    Reference, intervals and scores come from models that did not see the excerpt's group; the file's own
    networks are fitted to the whole corpus, and to what is `beside` it. Every step keeps a checkpoint in the
    folder `checkpoints` and a second call goes on from there. Raises DataError, ModelError, OutputError,
    UsageError.
    """
    if plan.folds < 2:
        raise UsageError(f"{plan.folds} folds: reference and intervals need at least 2")
    folds = _Folds(corpus, beside, plan, spectrograms, checkpoints, device, on_progress)
    measured, registers = folds.measure()
    final = folds.fit_everything()
    card = _card(plan, folds, measured)
    metadata: dict[str, Any] = {"card": card, "calibration": {}} | _labels(corpus.vocabulary)
    textures = None
    if registers is not None:
        manner = OF_FILM_1_2 if plan.recipe.name == FILM.name else USUAL
        judged = fit_novelty(
            measured.spectrograms, measured.fold, measured.corpora, plan.seed, manner, folds.report_sounds
        )
        textures = judged.textures if len(judged.textures) >= FEWEST_FOR_SCALE else None
        metadata["calibration"]["novelty"] = judged.judge.to_json()
        card["flagged"] = judged.flagged
        bias = final.explained.midlevel_bias.detach().double().numpy()
        metadata["reference"] = {
            "name": _reference_name(folds.corpora),
            "ids": list(measured.ids),
            "midlevel": rounded(measured.predictions["midlevel"]),
            "register_evidence": rounded(registers - bias[:, np.newaxis]),
            "parts": _reference_parts(plan, folds.corpora),
        }
        if final.explained.head:
            weights = final.explained.head.weight.detach().double().numpy()
            card["contradicted_correlations"] = contradicted_correlations(corpus, weights)
            metadata["heads"] = _heads(plan, folds.corpora, measured)
    residuals = measured.residuals
    metadata["calibration"] |= calibration(residuals, textures, measured.fold)
    card["coverage"] = held_out_coverage(
        residuals, textures, measured.fold, measured.corpora, corpus.vocabulary.names
    )
    shortest = min(map(len, measured.spectrograms))
    metadata["calibration"]["shortest_s"] = shortest // FRAMES_PER_SECOND
    checked = [spectrograms[name] for name in corpus.ids[:_CHECKED_EXCERPTS]]
    export(out, final, metadata, checked, plan.half)
    return card


@dataclass(frozen=True)
class Measured:
    """All pieces of all corpora, in order, predicted by networks that were fitted without their groups."""

    ids: tuple[str, ...]
    corpora: tuple[str, ...]
    fold: npt.NDArray[np.intp]
    spectrograms: tuple[FloatArray, ...]
    predictions: Predictions
    ratings: Predictions
    """x 0.1 scale, NaN where unrated."""

    @property
    def residuals(self) -> Residuals:
        """Ratings minus predictions."""
        return {group: self.ratings[group] - values for group, values in self.predictions.items()}


class _Folds:
    """The fits that a model file needs."""

    def __init__(
        self,
        corpus: Corpus,
        beside: Beside,
        plan: Plan,
        spectrograms: Mapping[str, FloatArray],
        checkpoints: Path | None,
        device: str | None,
        on_progress: Callable[[BuildProgress], None] | None,
    ) -> None:
        self.corpus, self.beside, self.plan, self.spectrograms = corpus, beside, plan, spectrograms
        self.checkpoints, self.device, self.on_progress = checkpoints, device, on_progress
        self.corpora = (corpus, *beside.corpora)
        self.groups = folds_of_groups(self.corpora, plan.folds, plan.seed)
        self.describe = Describer(plan.recipe) if isinstance(plan.recipe, RadialRecipe) else None
        self.best_epochs: list[int] = []
        self.step_seconds = 0.0

    @property
    def final_epochs(self) -> int:
        """What stopping by validation came to on average, or what the recipe says."""
        return max(1, round(float(np.mean(self.best_epochs))))

    def measure(self) -> tuple[Measured, Array | None]:
        """Out-of-fold outputs, and the mean map per register with the bias in it (7, F)."""
        pieces = [(corpus, excerpt) for corpus in self.corpora for excerpt in corpus.excerpts]
        fold = np.array([self._fold_of(excerpt.group) for _, excerpt in pieces])
        spectrograms = tuple(self._spectrogram(corpus, excerpt.id) for corpus, excerpt in pieces)
        outputs, registers = self._out_of_fold(fold, spectrograms)
        predictions = {
            group: np.stack([getattr(outputs[row], group) for row in range(len(pieces))])
            for group in ("midlevel", "emotion")
            if getattr(outputs[0], group) is not None
        }
        measured = Measured(
            tuple(_piece(corpus, excerpt.id, corpus is self.corpus) for corpus, excerpt in pieces),
            tuple(corpus.name for corpus, _ in pieces),
            fold,
            spectrograms,
            predictions,
            {
                "midlevel": np.concatenate([corpus.midlevel for corpus in self.corpora]) * RATING_SCALE,
                "emotion": np.concatenate(list(self._emotions(predictions.get("emotion")))) * RATING_SCALE,
            },
        )
        return measured, np.mean(registers, axis=0) if registers else None

    def _out_of_fold(
        self, fold: npt.NDArray[np.intp], spectrograms: Sequence[FloatArray]
    ) -> tuple[dict[int, Prediction], list[Array]]:
        """Predictions by row, and maps per register, of what explains (7, F)."""
        outputs: dict[int, Prediction] = {}
        registers: list[Array] = []
        for number, groups in enumerate(self.groups):
            model = self._fit_without(number, groups)
            self.best_epochs.append(model.best_epoch)
            for row in np.flatnonzero(fold == number).tolist():
                outputs[row] = prediction = model.predict(spectrograms[row])
                if prediction.evidence is not None:
                    bias = model.explained.midlevel_bias.detach().double().numpy()
                    registers.append(prediction.evidence.mean(axis=1, dtype=np.float64) + bias[:, np.newaxis])
        return outputs, registers

    def _emotions(self, predicted: Array | None) -> Iterator[Array]:
        """Ratings of each corpus in rating points, given what is predicted of all (pieces, 8), x 0.1 scale.

        Those of corpora beside the first are moved by an offset of their own, so that they agree with the
        predictions on average: what listeners took a scale's middle for differs from study to study.
        """
        vocabulary = self.corpus.vocabulary
        yield self.corpus.emotion
        start = len(self.corpus.excerpts)
        for corpus in self.beside.corpora:
            stop = start + len(corpus.excerpts)
            ratings = np.full((stop - start, len(vocabulary.names)), np.nan)
            heard = isinstance(self.plan.recipe, RadialRecipe) and vocabulary is THE_EIGHT
            if isinstance(self.plan.recipe, RadialRecipe) and heard and predicted is not None:
                ratings = ratings_of_heard(corpus, lesson_of(corpus, self.plan.recipe.beside))
                errors = ratings - predicted[start:stop] / RATING_SCALE
                rated = np.isfinite(errors)
                ratings -= np.where(rated, errors, 0).sum(axis=0) / np.maximum(rated.sum(axis=0), 1)
            yield ratings
            start = stop

    def _spectrogram(self, corpus: Corpus, name: str) -> FloatArray:
        return (
            self.spectrograms[name] if corpus is self.corpus else self.beside.spectrograms[corpus.name][name]
        )

    def _fold_of(self, group: str) -> int:
        return next(number for number, groups in enumerate(self.groups) if group in groups)

    def fit_everything(self) -> FittedModel:
        recipe = self.plan.recipe.for_fixed_epochs(self.final_epochs)
        return self._fit(self.corpus.ids, (), recipe, self.plan.folds + 1, "all.pt", ())

    def _fit_without(self, number: int, groups: frozenset[str]) -> FittedModel:
        rest = [excerpt for excerpt in self.corpus.excerpts if excerpt.group not in groups]
        # where nothing depends on a validation part, the fold itself is watched
        validation: Sequence[str] = [name.id for name in self.corpus.excerpts if name.group in groups]
        if self.plan.recipe.stopping == "validation":
            left = len({excerpt.group for excerpt in rest})
            parts = group_folds(
                replace(self.corpus, excerpts=tuple(rest)), min(_VALIDATION_SHARE, left), self.plan.seed
            )
            validation = parts[0]
        train = [excerpt.id for excerpt in rest if excerpt.id not in validation]
        return self._fit(train, validation, self.plan.recipe, number + 1, f"fold{number + 1}.pt", groups)

    def _fit(
        self,
        train: Sequence[str],
        validation: Sequence[str],
        recipe: AnyRecipe,
        step: int,
        checkpoint: str,
        held_out: Collection[str],
    ) -> FittedModel:
        return fit_model(
            self.corpus,
            train,
            validation,
            self.plan.scheme,
            recipe,
            self.plan.seed,
            self.spectrograms,
            beside=self.beside,
            held_out=held_out,
            describe=self.describe,
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


def _piece(corpus: Corpus, name: str, is_first: bool) -> str:
    return name if is_first or name.startswith(f"{corpus.name}/") else f"{corpus.name}/{name}"


def _reference_name(corpora: Sequence[Corpus]) -> str:
    pieces = sum(len(corpus.excerpts) for corpus in corpora)
    if len(corpora) > 1:
        return f"{pieces} pieces of many genres"
    (only,) = corpora
    return f"{pieces} {'film' if only.published and only.name == 'soundtracks' else only.name} excerpts"


def _reference_parts(plan: Plan, corpora: Sequence[Corpus]) -> dict[str, list[int]]:
    """Rows of the reference by the kinds of music that the recipe names."""
    if not isinstance(plan.recipe, RadialRecipe):
        return {}
    excerpts = [(corpus.name, excerpt) for corpus in corpora for excerpt in corpus.excerpts]
    parts = {
        kind.name: [row for row, (corpus, excerpt) in enumerate(excerpts) if kind.has(corpus, excerpt.cells)]
        for kind in plan.recipe.kinds
    }
    return {name: rows for name, rows in parts.items() if len(rows) >= _FEWEST_OF_A_KIND}


def _labels(vocabulary: Vocabulary) -> dict[str, Any]:
    """What emotions of a user's own are called and how one speaks of them; nothing of the eight."""
    if vocabulary is THE_EIGHT:
        return {}
    labels = {"midlevel": list(QUALITY_NAMES), "emotion": list(vocabulary.names)}
    own = {
        "name": vocabulary.name,
        "poles": [[label.low_pole, label.high_pole] for label in vocabulary.labels],
        "scale": list(vocabulary.scale),
        "about": vocabulary.unit,
    }
    return {"labels": labels, "emotions": own}


def _heads(plan: Plan, corpora: Sequence[Corpus], measured: Measured) -> dict[str, Any]:
    """Vocabularies of the recipe whose corpora are there."""
    if not isinstance(plan.recipe, RadialRecipe):
        return {}
    heads = {}
    of = np.array(measured.corpora)
    for corpus in corpora:
        for vocabulary in VOCABULARIES:
            if vocabulary.corpus == corpus.name and corpus.name in plan.recipe.beside:
                qualities = measured.predictions["midlevel"][of == corpus.name] / RATING_SCALE
                heads[vocabulary.name] = head_object(*fitted(vocabulary, corpus, qualities))
    return heads


def _card(plan: Plan, folds: _Folds, measured: Measured) -> dict[str, Any]:
    protocol = (
        f"out of fold, {plan.folds} folds with no album, artist or group in two of them, "
        f"stopping: {plan.recipe.stopping}; each excerpt predicted by networks that were fitted to the others"
    )
    corpus = folds.corpus
    here = np.array(measured.corpora) == corpus.name
    own = {group: values[here] for group, values in measured.predictions.items()}
    excerpts = [excerpt for part in folds.corpora for excerpt in part.excerpts]
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
        "training_data": "; ".join(f"{part.name}, {len(part.ids)} excerpts" for part in folds.corpora),
        "training_ids": list(measured.ids),
        "training_files": [audio_digest(excerpt.path) for excerpt in excerpts],
        "seeds": [plan.seed],
        "scores": scores(corpus.midlevel, corpus.emotion, own, protocol, corpus.vocabulary.names)
        | {"beside": _scores_beside(measured, corpus)},
        "notes": plan.notes or {},
        "licence": _PUBLISHED_LICENCE if corpus.published else _OWN_LICENCE,
        "date": datetime.now(UTC).date().isoformat(),
        "versions": library_versions(),
    }


def _scores_beside(measured: Measured, first: Corpus) -> dict[str, Any]:
    """Scores of every other corpus; its emotions on a scale of their own."""
    found = {}
    of = np.array(measured.corpora)
    for name in dict.fromkeys(measured.corpora):
        if name != first.name:
            here = of == name
            parts = {group: values[here] for group, values in measured.predictions.items()}
            ratings = {group: values[here] / RATING_SCALE for group, values in measured.ratings.items()}
            found[name] = scores(
                ratings["midlevel"], ratings["emotion"], parts, "as above", first.vocabulary.names
            )
    return found
