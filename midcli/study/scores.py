"""Result files and ratings to scores: the one place where published scores are computed and read."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from midcli.corpora.corpus import Corpus
from midcli.corpora.splits import FIXED_TEST, MIDLEVEL_PROTOCOLS, split
from midcli.errors import DataError
from midcli.labels import EMOTION_NAMES
from midcli.model.bundled import models_folder
from midcli.study.metrics import bootstrap_difference_interval, bootstrap_interval, pearson
from midcli.study.moods import PROTOCOL as MOODS
from midcli.study.moods import MoodScores, moods_from, moods_object
from midcli.study.regression import fit_linear
from midcli.study.results import Fingerprints, RunResult, data_fingerprint, difference
from midcli.study.transfer import PROTOCOL as CORPORA
from midcli.study.transfer import TransferScores, transfer_from, transfer_object
from midcli.util.documents import read_json
from midcli.util.files import write_bytes

Array = npt.NDArray[np.float64]
Ends = tuple[Array, Array]

SCHEMA = "midcli.scores/1"
REGRESSION_SEEDS = {"random": tuple(range(10)), "album": tuple(range(10)), "fixed36": (0,)}
"""Splits over which regression on the annotations is cross-validated; that of fixed36 knows no seed."""

_DECIMALS = 6


@dataclass(frozen=True)
class Scores:
    """Pearson's r of several runs, and how far their mean depends on the test excerpts."""

    runs: Array
    """(runs, labels)"""
    interval: Ends | None = None
    """95 % bootstrap ends (labels + 1,), labels and their mean, if every run tests the same excerpts."""

    @property
    def with_means(self) -> Array:
        """(runs, labels + 1): the last column is the mean over the labels."""
        return np.column_stack([self.runs, self.runs.mean(axis=1)])


@dataclass(frozen=True)
class SchemeScores:
    """The finished runs of one scheme under one protocol and recipe."""

    seeds: tuple[int, ...]
    emotion: Scores | None
    midlevel: Scores | None
    train: int
    """Excerpts of each part of the first run."""
    validation: int
    test: int
    tested: int
    """How many different excerpts were tested in all."""
    known_groups: tuple[int, ...]
    """Test excerpts of each run whose group (album) is in its training or validation part too."""
    never_seen: tuple[str, ...]
    """Excerpts that no run saw before it was scored: those in every run's test part."""
    stopping: str
    epochs: tuple[int, ...]
    seconds: float
    """All runs together."""
    devices: dict[str, int]
    """Runs on each."""
    beside: dict[str, int] = field(default_factory=dict)
    """Pieces of other corpora that the first run learned from too."""


@dataclass(frozen=True)
class Study:
    """One recipe under one protocol."""

    protocol: str
    recipe: str
    date: str
    """On which the latest run was finished."""
    schemes: dict[str, SchemeScores]
    cost_intervals: dict[str, Ends]
    """By explainable scheme: 95 % bootstrap ends (labels + 1,) of a2e minus it, on the same draws of
    excerpts, if every run tests the same."""

    def differences(self, first: str, second: str) -> Array:
        """(runs, labels + 1): emotions of one scheme minus those of another, where both ran on a split."""
        one, other = (self._by_seed(name) for name in (first, second))
        rows = [one[seed] - other[seed] for seed in one if seed in other]
        return np.array(rows) if rows else np.empty((0, len(EMOTION_NAMES) + 1))

    def _by_seed(self, scheme: str) -> dict[int, Array]:
        scores = self.schemes.get(scheme)
        if scores is None or scores.emotion is None:
            return {}
        return dict(zip(scores.seeds, scores.emotion.with_means, strict=True))


@dataclass(frozen=True)
class ScoreBook:
    """All that is known: studies, what regression on the annotations reaches (by protocol), moods, and what
    becomes of learning on another corpus."""

    date: str
    regression: dict[str, Scores]
    studies: tuple[Study, ...]
    moods: tuple[MoodScores, ...] = ()
    transfers: tuple[TransferScores, ...] = ()

    @property
    def known(self) -> list[tuple[str, str]]:
        """(protocol, recipe) of everything that was run."""
        return [
            *((study.protocol, study.recipe) for study in self.studies),
            *((MOODS, scores.recipe) for scores in self.moods),
            *((CORPORA, scores.recipe) for scores in self.transfers),
        ]

    def seeds(self, protocol: str, recipe: str) -> int:
        """Of how many seeds there are runs."""
        study = self.study(protocol, recipe)
        counts = [
            *(len(scores.seeds) for scores in (study.schemes.values() if study else ())),
            *(len(one.seeds) for one in self.moods if (MOODS, one.recipe) == (protocol, recipe)),
            *(len(one.seeds) for one in self.transfers if (CORPORA, one.recipe) == (protocol, recipe)),
        ]
        return max(counts, default=0)

    def beside(self, protocol: str, recipe: str) -> dict[str, int]:
        """Pieces of other corpora that a study learned from too."""
        study = self.study(protocol, recipe)
        return next(iter(study.schemes.values())).beside if study else {}

    def study(self, protocol: str, recipe: str) -> Study | None:
        return next((s for s in self.studies if (s.protocol, s.recipe) == (protocol, recipe)), None)


def compute_scores(
    results: Iterable[RunResult], film: Corpus | None, midlevel: Corpus | None = None
) -> ScoreBook:
    """Scores of all runs against the ratings.

    `midlevel` is needed for runs of its protocols, `film` for all others and for regression on its
    annotations.

    Raises DataError if runs of one recipe were made with different ones under that name, or if a run was
    made with other data than these, with another split than that of its protocol and seed, or beside other
    corpora than the other runs of its study.
    """
    studies: dict[tuple[str, str], list[RunResult]] = {}
    recipes: dict[str, str] = {}
    for result in results:
        studies.setdefault((result.protocol, result.recipe), []).append(result)
        recipes.setdefault(result.recipe, result.fingerprints.recipe)
    made = []
    for (protocol, recipe), runs in sorted(studies.items()):
        corpus = midlevel if protocol in MIDLEVEL_PROTOCOLS else film
        if corpus is None:
            raise DataError(f"runs of the protocol {protocol} cannot be scored without its corpus")
        _check_origin(runs, Fingerprints(recipes[recipe], data_fingerprint(corpus)), corpus)
        made.append(_study(protocol, recipe, runs, corpus))
    book = ScoreBook(
        max((study.date for study in made), default=""),
        {protocol: regression_scores(film, protocol) for protocol in REGRESSION_SEEDS} if film else {},
        tuple(made),
    )
    return from_json(to_json(book))  # with as many decimals as published ones, so that both round alike


def regression_scores(corpus: Corpus, protocol: str) -> Scores:
    """The paper's Mid2E: regression on annotated qualities, scored on the test part of each split."""
    rows = {name: number for number, name in enumerate(corpus.ids)}
    midlevel, emotion = corpus.midlevel, corpus.emotion
    runs = []
    for seed in REGRESSION_SEEDS[protocol]:
        parts = split(corpus, protocol, seed, validate=False)
        train, test = ([rows[name] for name in part] for part in (parts.train, parts.test))
        predicted = fit_linear(midlevel[train], emotion[train])(midlevel[test])
        runs.append(pearson(predicted, emotion[test]))
    return Scores(np.array(runs))


def read_published() -> ScoreBook:
    """The scores that come with midcli. Raises DataError if they are missing or broken."""
    return read_scores(models_folder() / "scores.json")


def read_scores(path: Path) -> ScoreBook:
    """Read a file of scores. Raises DataError if it is missing or none."""
    try:
        return from_json(read_json(path))
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path}: not a file of scores ({error!r})") from error


def write_scores(path: Path, book: ScoreBook) -> None:
    """Write a file of scores, whole or not at all. Raises OutputError if that fails."""
    write_bytes(path, json.dumps(to_json(book), indent=1, allow_nan=False).encode() + b"\n")


def to_json(book: ScoreBook) -> dict[str, Any]:
    """The object of models/scores.json: r of every run, so that all statistics follow from it."""
    return {
        "schema": SCHEMA,
        "date": book.date,
        "regression": {protocol: _scores_object(scores) for protocol, scores in book.regression.items()},
        "studies": [
            {
                "protocol": study.protocol,
                "recipe": study.recipe,
                "date": study.date,
                "schemes": {name: _scheme_object(scores) for name, scores in study.schemes.items()},
                "cost_intervals": {
                    name: [_numbers(end) for end in ends] for name, ends in study.cost_intervals.items()
                },
            }
            for study in book.studies
        ],
        MOODS: [moods_object(scores) for scores in book.moods],
        CORPORA: [transfer_object(scores) for scores in book.transfers],
    }


def from_json(value: dict[str, Any]) -> ScoreBook:
    """What `to_json` made."""
    if value["schema"] != SCHEMA:
        raise ValueError(f"schema {value['schema']}")
    return ScoreBook(
        value["date"],
        {protocol: _scores_from(scores) for protocol, scores in value["regression"].items()},
        tuple(
            Study(
                study["protocol"],
                study["recipe"],
                study["date"],
                {name: _scheme_from(scores) for name, scores in study["schemes"].items()},
                {name: _ends_from(ends) for name, ends in study["cost_intervals"].items()},
            )
            for study in value["studies"]
        ),
        tuple(moods_from(scores) for scores in value.get(MOODS, [])),
        tuple(transfer_from(scores) for scores in value.get(CORPORA, [])),
    )


def _check_origin(runs: list[RunResult], fingerprints: Fingerprints, corpus: Corpus) -> None:
    for run in runs:
        if differs := difference(run, fingerprints, corpus):
            than = "other runs of that name" if differs == "recipe" else f"the one at hand ({corpus.name})"
            raise DataError(
                f"{run.protocol}/{run.key.name}.json: was made with another {differs} than {than}; keep such "
                "runs in a folder of their own"
            )
        if run.beside.keys() != runs[0].beside.keys():
            raise DataError(
                f"{run.protocol}/{run.key.name}.json: learned from {_named(run)} beside, "
                f"{runs[0].key.name}.json from {_named(runs[0])}; keep such runs in a folder of their own"
            )


def _named(run: RunResult) -> str:
    return ", ".join(run.beside) or "nothing"


def _study(protocol: str, recipe: str, runs: list[RunResult], corpus: Corpus) -> Study:
    schemes: dict[str, list[RunResult]] = {}
    for run in sorted(runs, key=lambda run: (run.scheme, run.seed)):
        schemes.setdefault(run.scheme, []).append(run)
    return Study(
        protocol,
        recipe,
        max(run.date for run in runs),
        {name: _scheme_scores(of_scheme, corpus) for name, of_scheme in schemes.items()},
        _cost_intervals(schemes, corpus) if protocol in FIXED_TEST else {},
    )


def _cost_intervals(schemes: dict[str, list[RunResult]], corpus: Corpus) -> dict[str, Ends]:
    """What an explanation costs on the test part that all runs share."""
    if "a2e" not in schemes:
        return {}
    found: dict[str, Ends] = {}
    for name in ("a2mid2e", "joint"):
        if name not in schemes:
            continue
        shared = {run.seed for run in schemes["a2e"]} & {run.seed for run in schemes[name]}
        both = [[run for run in schemes[scheme] if run.seed in shared] for scheme in ("a2e", name)]
        if not shared:
            continue
        (direct, rated), (explained, _) = (_tested(runs, corpus, "emotion") for runs in both)
        if np.isfinite(rated[0]).all() and all(np.ptp(run, axis=0).all() for run in (*direct, *explained)):
            found[name] = bootstrap_difference_interval(np.array(direct), np.array(explained), rated[0])
    return found


def _scheme_scores(runs: list[RunResult], corpus: Corpus) -> SchemeScores:
    first = runs[0]
    return SchemeScores(
        seeds=tuple(run.seed for run in runs),
        emotion=_scores(runs, corpus, "emotion"),
        midlevel=_scores(runs, corpus, "midlevel"),
        train=len(first.train),
        validation=len(first.validation),
        test=len(first.test),
        tested=len({name for run in runs for name in run.test}),
        known_groups=tuple(_known_groups(run, corpus) for run in runs),
        never_seen=tuple(sorted(set.intersection(*(set(run.test) for run in runs)))),
        stopping=first.stopping,
        epochs=tuple(run.epochs for run in runs),
        seconds=round(sum(run.seconds for run in runs), 1),
        devices=dict(sorted(Counter(run.device for run in runs).items())),
        beside=first.beside,
    )


def _scores(runs: list[RunResult], corpus: Corpus, output: str) -> Scores | None:
    if getattr(runs[0], output) is None:
        return None
    predicted, rated = _tested(runs, corpus, output)
    scores = np.array([pearson(p, r) for p, r in zip(predicted, rated, strict=True)])
    if runs[0].protocol in FIXED_TEST and np.isfinite(scores).all() and np.isfinite(rated[0]).all():
        return Scores(scores, bootstrap_interval(np.array(predicted), rated[0]))
    return Scores(scores)


def _tested(runs: list[RunResult], corpus: Corpus, output: str) -> tuple[list[Array], list[Array]]:
    """Predictions and ratings (excerpts, labels) of each run's test part."""
    rows = {excerpt.id: getattr(excerpt, output) for excerpt in corpus.excerpts}
    rated = [np.stack([rows[name] for name in run.test]) for run in runs]
    return [getattr(run, output) for run in runs], rated


def _known_groups(run: RunResult, corpus: Corpus) -> int:
    groups = {excerpt.id: excerpt.group for excerpt in corpus.excerpts}
    known = {groups[name] for name in (*run.train, *run.validation)}
    return sum(groups[name] in known for name in run.test)


def _scheme_object(scores: SchemeScores) -> dict[str, Any]:
    return vars(scores) | {
        "emotion": scores.emotion and _scores_object(scores.emotion),
        "midlevel": scores.midlevel and _scores_object(scores.midlevel),
    }


def _scheme_from(value: dict[str, Any]) -> SchemeScores:
    facts: dict[str, Any] = {
        key: tuple(item) if isinstance(item, list) else item for key, item in value.items()
    }
    facts["emotion"] = value["emotion"] and _scores_from(value["emotion"])
    facts["midlevel"] = value["midlevel"] and _scores_from(value["midlevel"])
    return SchemeScores(**facts)


def _scores_object(scores: Scores) -> dict[str, Any]:
    value: dict[str, Any] = {"runs": _numbers(scores.runs)}
    if scores.interval:
        value["interval"] = [_numbers(ends) for ends in scores.interval]
    return value


def _scores_from(value: dict[str, Any]) -> Scores:
    interval = value.get("interval")
    return Scores(np.array(value["runs"], dtype=np.float64), _ends_from(interval) if interval else None)


def _ends_from(ends: list[list[float]]) -> Ends:
    low, high = (np.array(end, np.float64) for end in ends)
    return low, high


def _numbers(values: Array) -> Any:
    """Nested lists of rounded numbers, None where there is none."""
    if values.ndim == 1:
        return [round(value, _DECIMALS) if np.isfinite(value) else None for value in values.tolist()]
    return [_numbers(row) for row in values]
