"""Runs of the five mood clusters: features of a recipe's kernel, then least squares in closed form."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from midcli.audio.spectrogram import FloatArray
from midcli.corpora.corpus import Corpus
from midcli.study.moods import MoodRun, clusters_of, mood_split, rounded_rows
from midcli.study.recipes import RadialRecipe
from midcli.study.regression import fit_linear
from midcli.study.results import data_fingerprint
from midcli.training.bottleneck import Lessons, fit_bottleneck, fit_direct
from midcli.training.kernel_features import KernelFeatures
from midcli.training.lessons import Scale
from midcli.training.radial import Describer

Array = npt.NDArray[np.float64]


def run_moods(
    corpus: Corpus,
    recipe: RadialRecipe,
    seed: int,
    spectrograms: Mapping[str, FloatArray],
    describe: Describer,
) -> list[MoodRun]:
    """The runs of all schemes on one split: they share their features. `spectrograms` are raw, by id."""
    started = time.monotonic()
    parts = mood_split(corpus, seed)
    rows = {name: number for number, name in enumerate(corpus.ids)}
    train, test = ([rows[name] for name in part] for part in (parts.train, parts.test))
    described = describe.all([spectrograms[name] for name in corpus.ids], [], None)
    features = KernelFeatures(recipe, [described[row] for row in train], np.random.default_rng(seed))
    fits = _fits(
        recipe,
        features.learned,
        features.of([described[row] for row in test]),
        corpus.midlevel[train],
        clusters_of(corpus)[train],
    )
    seconds = (time.monotonic() - started) / len(fits)
    return [
        MoodRun(
            scheme,
            recipe.name,
            seed,
            parts.train,
            parts.test,
            rounded_rows(parts.test, clusters),
            None if midlevel is None else rounded_rows(parts.test, midlevel),
            None if weights is None else tuple(tuple(row) for row in weights.round(6).tolist()),
            round(seconds, 1),
            datetime.now(UTC).date().isoformat(),
            recipe.fingerprint(),
            data_fingerprint(corpus),
        )
        for scheme, (clusters, midlevel, weights) in fits.items()
    ]


Fit = tuple[Array, Array | None, Array | None]
"""Clusters (test, 5), qualities (test, 7) in rating points, weights (5, 7)."""


def _fits(
    recipe: RadialRecipe, train: Array, test: Array, midlevel: Array, clusters: Array
) -> dict[str, Fit]:
    """Every scheme from the features of the training and test parts."""
    quality_scale, cluster_scale = Scale.of(midlevel), Scale.of(clusters)
    qualities, targets = quality_scale.standardised(midlevel), cluster_scale.standardised(clusters)
    direct = fit_direct(train, targets, np.ones_like(targets), recipe.ridge)
    first = fit_direct(train, qualities, np.ones_like(qualities), recipe.ridge)
    heard, hearing = (quality_scale.restored(first(part)) for part in (train, test))
    second = fit_linear(heard, clusters)
    lessons = Lessons(
        qualities,
        targets,
        np.ones_like(qualities),
        np.full_like(targets, recipe.emotion_weight),
        np.zeros(len(targets), np.intp),
    )
    joint, head = fit_bottleneck(train, lessons, recipe.ridge, recipe.head_ridge, recipe.turns)
    weights = head.weights.T * cluster_scale.deviation[:, np.newaxis] / quality_scale.deviation
    return {
        "a2e": (cluster_scale.restored(direct(test)), None, None),
        "a2mid2e": (second(hearing), hearing, second.weights),
        "joint": (
            cluster_scale.restored(head(joint(test))),
            quality_scale.restored(joint(test)),
            weights,
        ),
    }
