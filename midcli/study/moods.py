"""The paper's footnote 3: five mood clusters from audio, straight and through the seven qualities.

One JSON file a run, `<folder>/moods/<scheme>-<recipe>-seed<k>.json`. A piece is of the cluster whose output,
a linear estimate of 1 for its own cluster and 0 for others, is highest.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from midcli.corpora.corpus import Corpus
from midcli.corpora.splits import Split, split
from midcli.errors import DataError
from midcli.labels import QUALITY_NAMES
from midcli.study.metrics import accuracy, f1_scores
from midcli.study.results import data_fingerprint
from midcli.study.vocabularies import MOODS
from midcli.util.documents import read_json
from midcli.util.files import write_bytes_in_new_folder

Array = npt.NDArray[np.float64]

PROTOCOL = "moods"
SCHEMES = ("a2e", "a2mid2e", "joint")
CLUSTERS = {said.category: said.label.name for said in MOODS.said}
"""Number of a cluster, as tables have it, to its name."""
MEASURES = ("accuracy", "macro F1", *(f"F1 {name}" for name in CLUSTERS.values()))

_COLUMN = MOODS.said[0].column
_DECIMALS = 6


@dataclass(frozen=True)
class MoodRun:
    """One scheme on one split."""

    scheme: str
    recipe: str
    seed: int
    train: tuple[str, ...]
    test: tuple[str, ...]
    clusters: dict[str, tuple[float, ...]]
    """Outputs (5,) of exactly the test pieces."""
    midlevel: dict[str, tuple[float, ...]] | None
    """Qualities (7,) of them in rating points; None of a2e."""
    weights: tuple[tuple[float, ...], ...] | None
    """(5, 7): what a rating point of a quality adds to the output of a cluster; None of a2e."""
    seconds: float
    date: str
    recipe_fingerprint: str
    data_fingerprint: str

    def path(self, folder: Path) -> Path:
        """Its file in a folder of results."""
        return folder / PROTOCOL / f"{self.scheme}-{self.recipe}-seed{self.seed}.json"


@dataclass(frozen=True)
class MoodScores:
    """What all runs of one recipe reach."""

    recipe: str
    date: str
    seeds: tuple[int, ...]
    schemes: dict[str, Array]
    """(runs, 7): MEASURES, seeds in order."""
    weights: dict[str, Array]
    """(5, 7) by scheme through qualities, mean over runs."""
    pieces: int
    groups: int
    test: int
    """Pieces in the test part of the first run."""
    guess: float
    """Accuracy of naming the most frequent cluster every time."""
    seconds: float


def mood_split(corpus: Corpus, seed: int) -> Split:
    """80:20, whole artists apart."""
    return split(corpus, "album", seed, validate=False)


def clusters_of(corpus: Corpus) -> Array:
    """(pieces, 5): 1 for the cluster of a piece, else 0. Raises DataError if a piece is of none."""
    rows = []
    for excerpt in corpus.excerpts:
        cluster = excerpt.cells.get(_COLUMN, "")
        if cluster not in CLUSTERS:
            raise DataError(
                f"{corpus.name}: {excerpt.id}: {_COLUMN} {cluster!r} is none of {', '.join(CLUSTERS)}"
            )
        rows.append([float(cluster == known) for known in CLUSTERS])
    return np.array(rows)


def write_mood_run(folder: Path, run: MoodRun) -> Path:
    """Write a run, whole or not at all. Raises OutputError if that fails."""
    path = run.path(folder)
    write_bytes_in_new_folder(path, json.dumps(asdict(run), allow_nan=False).encode() + b"\n")
    return path


def find_mood_runs(folder: Path) -> list[MoodRun]:
    """All runs in a folder of results. Raises DataError if one is broken."""
    return [_read(path) for path in sorted((folder / PROTOCOL).glob("*-seed*.json"))]


def _read(path: Path) -> MoodRun:
    try:
        value = read_json(path)
        run = MoodRun(
            **value
            | {
                "train": tuple(value["train"]),
                "test": tuple(value["test"]),
                "clusters": _rows(value["clusters"]),
                "midlevel": value["midlevel"] and _rows(value["midlevel"]),
                "weights": value["weights"] and tuple(tuple(row) for row in value["weights"]),
            }
        )
        if run.scheme not in SCHEMES or sorted(run.clusters) != sorted(run.test):
            raise ValueError("unknown scheme, or predictions are not those of exactly the test pieces")
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path}: not a result of midcli evaluate ({error!r}); move it away") from error
    return run


def _rows(rows: dict[str, list[float]]) -> dict[str, tuple[float, ...]]:
    return {name: tuple(map(float, values)) for name, values in rows.items()}


def rounded_rows(ids: Sequence[str], values: Array) -> dict[str, tuple[float, ...]]:
    """Rows of values by id, as they are stored."""
    return {name: tuple(row) for name, row in zip(ids, values.round(_DECIMALS).tolist(), strict=True)}


def score_moods(runs: Sequence[MoodRun], corpus: Corpus) -> tuple[MoodScores, ...]:
    """Scores by recipe. Raises DataError if runs were made with other data, or recipes under one name."""
    by_recipe: dict[str, list[MoodRun]] = {}
    for run in sorted(runs, key=lambda run: run.seed):
        by_recipe.setdefault(run.recipe, []).append(run)
    return tuple(_scores(recipe, of_recipe, corpus) for recipe, of_recipe in sorted(by_recipe.items()))


def _check_runs(runs: list[MoodRun], corpus: Corpus) -> None:
    data = data_fingerprint(corpus)
    for run in runs:
        same_split = set(run.test) == set(mood_split(corpus, run.seed).test)
        if run.data_fingerprint != data or not same_split:
            raise DataError(f"{PROTOCOL}/{run.path(Path()).name}: was made with another data set or split")
        if run.recipe_fingerprint != runs[0].recipe_fingerprint:
            raise DataError(f"{PROTOCOL}/{run.path(Path()).name}: was made with another recipe than others")


def _scores(recipe: str, runs: list[MoodRun], corpus: Corpus) -> MoodScores:
    _check_runs(runs, corpus)
    classes = clusters_of(corpus)
    true = dict(zip(corpus.ids, classes.argmax(axis=1).tolist(), strict=True))
    by_scheme = {scheme: [run for run in runs if run.scheme == scheme] for scheme in SCHEMES}
    return MoodScores(
        recipe,
        max(run.date for run in runs),
        tuple(sorted({run.seed for run in runs})),
        {name: np.array([_measures(run, true) for run in some]) for name, some in by_scheme.items() if some},
        {
            name: np.mean([run.weights for run in some if run.weights], axis=0)
            for name, some in by_scheme.items()
            if some and some[0].weights
        },
        len(corpus.excerpts),
        len({excerpt.group for excerpt in corpus.excerpts}),
        len(runs[0].test),
        float(classes.mean(axis=0).max()),
        round(sum(run.seconds for run in runs), 1),
    )


def _measures(run: MoodRun, true: dict[str, int]) -> list[float]:
    expected = np.array([true[name] for name in run.test])
    said = np.array([run.clusters[name] for name in run.test]).argmax(axis=1)
    scores = f1_scores(said, expected, len(CLUSTERS))
    return [accuracy(said, expected), float(scores.mean()), *scores.tolist()]


def moods_object(scores: MoodScores) -> dict[str, Any]:
    """For models/scores.json."""
    return vars(scores) | {
        "schemes": {name: runs.round(_DECIMALS).tolist() for name, runs in scores.schemes.items()},
        "weights": {name: rows.round(_DECIMALS).tolist() for name, rows in scores.weights.items()},
    }


def moods_from(value: dict[str, Any]) -> MoodScores:
    """What `moods_object` made."""
    return MoodScores(
        **value
        | {
            "seeds": tuple(value["seeds"]),
            "schemes": {
                name: np.array(runs).reshape(-1, len(MEASURES)) for name, runs in value["schemes"].items()
            },
            "weights": {
                name: np.array(rows).reshape(len(CLUSTERS), len(QUALITY_NAMES))
                for name, rows in value["weights"].items()
            },
        }
    )
