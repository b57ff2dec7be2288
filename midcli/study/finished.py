"""A finished model on an annotated corpus: r, error and coverage of its intervals."""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from midcli.analyser import Analyser
from midcli.corpora.corpus import Corpus, audio_digest
from midcli.errors import DataError, InputError
from midcli.explanation.analysis import Analysis
from midcli.explanation.effects import EmotionValue, QualityValue
from midcli.explanation.records import ModelInfo
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.library.tables import harmless_cell
from midcli.study.metrics import pearson, rmse
from midcli.util.files import write_bytes_in_new_folder
from midcli.util.text import json_text

Array = npt.NDArray[np.float64]

LABELS = (*QUALITY_NAMES, *EMOTION_NAMES)
FEWEST_EXCERPTS = 3
"""Fewer say nothing about correlation."""


@dataclass(frozen=True)
class LabelScore:
    """How well one label is predicted; None where it cannot be said."""

    rated: int
    """Excerpts with a rating."""
    r: float | None
    rmse: float | None
    """Rating points."""
    coverage: float | None
    """Share of ratings inside the model's interval, 0 to 1; None if the model gives no intervals."""


@dataclass(frozen=True)
class ModelScores:
    """A model's predictions for a corpus, and how they compare with its ratings."""

    model: ModelInfo
    corpus: str
    ids: tuple[str, ...]
    predicted: Array
    """(excerpts, 15): qualities, then emotions, in rating points."""
    rated: Array
    """(excerpts, 15), NaN where unrated."""
    ends: Array | None
    """(2, excerpts, 15): low and high ends of the model's intervals."""
    seen: tuple[str, ...]
    """Excerpts whose very files the model was trained on, as its card says."""
    training_known: bool
    """Whether the card says so at all."""
    failures: tuple[InputError, ...]

    @property
    def labels(self) -> dict[str, LabelScore]:
        """Scores over all excerpts, by label."""
        return self._scores(np.ones(len(self.ids), bool))

    @property
    def unseen_labels(self) -> dict[str, LabelScore] | None:
        """Scores over excerpts outside the training set, if there are both kinds and enough of these."""
        unseen = ~np.isin(self.ids, self.seen)
        if not self.seen or np.count_nonzero(unseen) < FEWEST_EXCERPTS:
            return None
        return self._scores(unseen)

    def _scores(self, chosen: npt.NDArray[np.bool_]) -> dict[str, LabelScore]:
        predicted, rated = self.predicted[chosen], self.rated[chosen]
        correlations = pearson(predicted, rated)
        scores = {}
        for column, label in enumerate(LABELS):
            present = np.isfinite(rated[:, column])
            error = coverage = None
            if present.any():
                one = slice(column, column + 1)
                error = float(rmse(predicted[present, one], rated[present, one])[0])
                if self.ends is not None:
                    low, high = self.ends[:, chosen, column][:, present]
                    inside = (low <= rated[present, column]) & (rated[present, column] <= high)
                    coverage = float(inside.mean())
            r = float(correlations[column])
            scores[label] = LabelScore(
                int(np.count_nonzero(present)), r if np.isfinite(r) else None, error, coverage
            )
        return scores


def mean_of(scores: Mapping[str, LabelScore], labels: tuple[str, ...], what: str) -> float | None:
    """Mean of `r`, `rmse` or `coverage` over those of the labels that have one."""
    values = [value for label in labels if (value := getattr(scores[label], what)) is not None]
    return float(np.mean(values)) if values else None


def score_model(
    analyser: Analyser, corpus: Corpus, on_progress: Callable[[int, int], None] | None = None
) -> ModelScores:
    """Analyse every excerpt as `predict` would and compare; files that cannot be read are left out.

    Raises DataError if fewer than three can be read.
    """
    analyses, failures = _analysed(analyser, corpus, on_progress)
    values = [_values(analysis) for analysis in analyses.values()]
    excerpts = [excerpt for excerpt in corpus.excerpts if excerpt.id in analyses]
    ends = [[(value.low, value.high) for value in row] for row in values]
    training_files = analyser.model.card.get("training_files")
    known = set(map(str, training_files)) if isinstance(training_files, list) else set()
    return ModelScores(
        analyser.context.model,
        corpus.name,
        tuple(analyses),
        np.array([[value.value for value in row] for row in values]),
        np.array([np.concatenate([excerpt.midlevel, excerpt.emotion]) for excerpt in excerpts]),
        None if values[0][0].low is None else np.array(ends, dtype=np.float64).transpose(2, 0, 1),
        tuple(excerpt.id for excerpt in excerpts if known and audio_digest(excerpt.path) in known),
        isinstance(training_files, list),
        failures,
    )


def _analysed(
    analyser: Analyser, corpus: Corpus, on_progress: Callable[[int, int], None] | None
) -> tuple[dict[str, Analysis], tuple[InputError, ...]]:
    analyses: dict[str, Analysis] = {}
    failures = []
    for number, excerpt in enumerate(corpus.excerpts, 1):
        try:
            analyses[excerpt.id] = analyser.analyse(excerpt.path)
        except InputError as error:
            failures.append(error)
        if on_progress:
            on_progress(number, len(corpus.excerpts))
    if len(analyses) < FEWEST_EXCERPTS:
        raise DataError(
            f"{corpus.name}: {len(analyses)} of its {len(corpus.excerpts)} files can be analysed; "
            f"scores need at least {FEWEST_EXCERPTS}"
        )
    return analyses, tuple(failures)


def predictions_csv(scores: ModelScores) -> str:
    """One line an excerpt: predicted and rated values of every label in rating points."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    kinds = ("predicted", "rated") if scores.ends is None else ("predicted", "rated", "low", "high")
    writer.writerow(["id", "in_training_set", *(f"{label}_{kind}" for label in LABELS for kind in kinds)])
    arrays = [scores.predicted, scores.rated, *([] if scores.ends is None else scores.ends)]
    seen = set(scores.seen)
    for row, name in enumerate(scores.ids):
        cells = [
            f"{array[row, column]:.4f}" if np.isfinite(array[row, column]) else ""
            for column in range(len(LABELS))
            for array in arrays
        ]
        known = str(name in seen).lower() if scores.training_known else ""
        writer.writerow([harmless_cell(name), known, *cells])
    return file.getvalue()


def write_predictions(folder: Path, scores: ModelScores) -> Path:
    """Write the predictions under a name that says model and corpus. Raises OutputError if that fails."""
    name = f"{scores.model.name}-{scores.model.sha256[:8]}-on-{scores.corpus}.csv"
    path = folder / "models" / "".join(c if c.isalnum() or c in "-_." else "_" for c in name)
    write_bytes_in_new_folder(path, predictions_csv(scores).encode())
    return path


def scores_object(scores: ModelScores) -> dict[str, Any]:
    """For JSON."""
    unseen = scores.unseen_labels
    value: dict[str, Any] = {
        "schema": "midcli.evaluate-model/1",
        "model": scores.model._asdict(),
        "corpus": scores.corpus,
        "excerpts": len(scores.ids),
        "in_training_set": len(scores.seen) if scores.training_known else None,
        "scores": _labels_object(scores.labels),
        "scores_outside_training_set": _labels_object(unseen) if unseen else None,
        "failed": [{"file": json_text(error.path), "message": error.problem} for error in scores.failures],
    }
    return value


def overlap_warning(scores: ModelScores) -> str | None:
    """What the reader must know about excerpts that the model was trained on."""
    if not scores.training_known:
        return "the model's card does not say which files it was trained on; it may have seen these excerpts"
    if len(scores.seen) == len(scores.ids):
        return (
            "the model was trained on all of these excerpts; these scores flatter it and say nothing about "
            "other music"
        )
    if scores.seen:
        return (
            f"the model was trained on {len(scores.seen)} of these {len(scores.ids)} excerpts; scores over "
            "all of them flatter it"
        )
    return None


def _labels_object(labels: dict[str, LabelScore]) -> dict[str, Any]:
    return {
        label: {
            key: round(value, 4) if isinstance(value, float) else value for key, value in vars(score).items()
        }
        for label, score in labels.items()
    }


def _values(analysis: Analysis) -> list[QualityValue | EmotionValue]:
    return [*analysis.midlevel.values(), *analysis.emotions.values()]
