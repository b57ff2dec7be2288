"""From raw predictions: scores against their targets, agreement of runs, and what the qualities smuggle."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from midcli.corpora.corpus import Corpus
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES, RATING_SCALE
from midcli.study.regression import LinearMap, fit_linear
from midcli.study.results import RunResult
from midcli.study.scores import ScoreBook, compute_scores

Array = npt.NDArray[np.float64]

RECIPE = "film"


def scores(runs: Sequence[RunResult], corpus: Corpus) -> dict[str, Any]:
    """Mean r of each protocol and scheme, the weakest label, and the cost of explainability."""
    book = compute_scores(runs, corpus)
    values: dict[str, Any] = {}
    for study in book.studies:
        if study.recipe != RECIPE:
            continue
        for scheme, measured in study.schemes.items():
            entry: dict[str, Any] = {"seeds": len(measured.seeds)}
            for group, names in (("emotion", EMOTION_NAMES), ("midlevel", QUALITY_NAMES)):
                part = getattr(measured, group)
                if part is None:
                    continue
                means = part.with_means.mean(axis=0)
                weakest = int(means[:-1].argmin())
                entry[group] = {"mean": means[-1], "weakest": names[weakest], "weakest_r": means[weakest]}
                if part.interval:
                    entry[group]["bootstrap_95"] = [float(end[-1]) for end in part.interval]
            values[f"{study.protocol} {scheme}"] = entry
    values["cost of explainability, random"] = _cost(book, "random", "joint")
    return values


def agreement(runs: Sequence[RunResult]) -> dict[str, Any]:
    """How alike the last layers of joint runs are, and the relative effects on the same excerpts."""
    values: dict[str, Any] = {}
    for protocol in ("random", "album", "fixed36"):
        chosen = _chosen(runs, protocol, "joint")
        pairs = list(itertools.combinations([_head(run).weights for run in chosen], 2))
        cosines = [np.sum(a * b) / np.sqrt(np.sum(a * a) * np.sum(b * b)) for a, b in pairs]
        values[protocol] = {
            "seeds": len(chosen),
            "weights_cosine_mean": np.mean(cosines),
            "weights_cosine_least": np.min(cosines),
        }
        if protocol == "fixed36":
            effects = [_relative_effects(run) for run in chosen]
            values[protocol]["relative_effects_r_mean"] = np.mean(
                [_correlation(a, b) for a, b in itertools.combinations(effects, 2)]
            )
    return values


def smuggling(runs: Sequence[RunResult], corpus: Corpus) -> dict[str, Any]:
    """Whether jointly trained qualities carry emotion beyond their meaning.

    `shared` is the mean correlation, over emotions, of what the annotated qualities leave unexplained with
    its regression on the errors of the predicted qualities: 0 if these errors know nothing of emotion.
    """
    values: dict[str, Any] = {}
    for scheme in ("joint", "a2mid2e"):
        chosen = _chosen(runs, "random", scheme)
        values[f"{scheme} shared"] = np.mean([_shared(run, corpus) for run in chosen])
    book = compute_scores(runs, corpus)
    values["emotions: joint - a2mid2e"] = -_cost(book, "random", "joint") + _cost(book, "random", "a2mid2e")
    study = book.study("random", RECIPE)
    if study is None:
        raise ValueError("no random runs")
    midlevel = {
        scheme: study.schemes[scheme].midlevel.with_means[:, -1].mean()  # type: ignore[union-attr]
        for scheme in ("a2mid", "joint")
    }
    values["qualities: a2mid - joint"] = midlevel["a2mid"] - midlevel["joint"]
    return values


def _chosen(runs: Sequence[RunResult], protocol: str, scheme: str) -> list[RunResult]:
    return [run for run in runs if (run.protocol, run.recipe, run.scheme) == (protocol, RECIPE, scheme)]


def _cost(book: ScoreBook, protocol: str, scheme: str) -> float:
    """Mean r of the emotions of a2e less that of the scheme."""
    study = book.study(protocol, RECIPE)
    if study is None:
        raise ValueError(f"no {protocol} runs")
    means = [study.schemes[name].emotion.with_means[:, -1].mean() for name in ("a2e", scheme)]  # type: ignore[union-attr]
    return float(means[0] - means[1])


def _head(run: RunResult) -> LinearMap:
    """The last layer of a joint run, which its predictions determine."""
    midlevel, emotion = _predictions(run)
    head = fit_linear(midlevel, emotion)
    if not np.allclose(head(midlevel), emotion, atol=1e-4):
        raise ValueError(f"seed {run.seed}: the emotions are not a linear map of the qualities")
    return head


def _relative_effects(run: RunResult) -> Array:
    midlevel, _ = _predictions(run)
    return _head(run).weights * (midlevel - midlevel.mean(axis=0))[:, np.newaxis]


def _shared(run: RunResult, corpus: Corpus) -> float:
    rows = [corpus.ids.index(name) for name in run.predictions]
    midlevel, emotion = corpus.midlevel[rows] * RATING_SCALE, corpus.emotion[rows] * RATING_SCALE
    unexplained = emotion - fit_linear(corpus.midlevel * RATING_SCALE, corpus.emotion * RATING_SCALE)(
        midlevel
    )
    errors = _predictions(run)[0] - midlevel
    found_again = fit_linear(errors, unexplained)(errors)
    return float(np.mean([_correlation(a, b) for a, b in zip(found_again.T, unexplained.T, strict=True)]))


def _predictions(run: RunResult) -> tuple[Array, Array]:
    values = run.predictions.values()
    return np.array([value.midlevel for value in values]), np.array([value.emotion for value in values])


def _correlation(a: Array, b: Array) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])
