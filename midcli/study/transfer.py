"""From one corpus to another: emotions learned from each corpus, tested on each, straight and explained.

One JSON file a pair and scheme, `<folder>/corpora/<scheme>-<recipe>-<trained>-on-<tested>-seed<k>.json`, with
values of the labels alone that something was learned of.
Explained (joint) emotions pass through seven qualities, which are learned beside them from the corpora that
rate qualities, but from that which is tested only where it is the one that is learned from, too.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from midcli.corpora.corpus import Corpus
from midcli.errors import DataError
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.study.bearings import emotions_of, lesson_of
from midcli.study.metrics import pearson
from midcli.study.recipes import RadialRecipe
from midcli.study.results import data_fingerprint
from midcli.util.documents import read_json
from midcli.util.files import write_bytes_in_new_folder

Array = npt.NDArray[np.float64]

PROTOCOL = "corpora"
SCHEMES = ("a2e", "joint")
LABELS = (*EMOTION_NAMES, *QUALITY_NAMES)

_DECIMALS = 6
_STORED_DECIMALS = 4


@dataclass(frozen=True)
class TransferRun:
    """One scheme, learned from one corpus and tested on one."""

    scheme: str
    recipe: str
    trained: str
    tested: str
    seed: int
    train: int
    """Pieces whose emotions (of joint, or qualities) were learned from."""
    predictions: dict[str, tuple[float | None, ...]]
    """By id of the test pieces, (15,): emotions and qualities, on the scales of what was learned from; None
    where nothing was."""
    seconds: float
    date: str
    recipe_fingerprint: str
    data_fingerprint: str
    """Of the corpus that is tested."""

    def path(self, folder: Path) -> Path:
        """Its file in a folder of results."""
        pair = f"{self.trained}-on-{self.tested}"
        return folder / PROTOCOL / f"{self.scheme}-{self.recipe}-{pair}-seed{self.seed}.json"


@dataclass(frozen=True)
class PairScores:
    """What one scheme reaches on one corpus, learned from another, or from other groups of the same."""

    scheme: str
    trained: str
    tested: str
    train: int
    test: int
    """Pieces of the first run."""
    r: Array
    """(runs, 15): Pearson's r by LABELS, NaN where one of the two says nothing of a label."""


@dataclass(frozen=True)
class TransferScores:
    """All pairs of one recipe."""

    recipe: str
    date: str
    seeds: tuple[int, ...]
    pairs: tuple[PairScores, ...]
    seconds: float

    def pair(self, scheme: str, trained: str, tested: str) -> PairScores | None:
        """The scores of a pair, if it was run."""
        wanted = (scheme, trained, tested)
        return next((pair for pair in self.pairs if (pair.scheme, pair.trained, pair.tested) == wanted), None)

    @property
    def corpora(self) -> tuple[str, ...]:
        """Names, in the order of the first runs."""
        return tuple(dict.fromkeys(name for pair in self.pairs for name in (pair.trained, pair.tested)))


def ratings_of(corpus: Corpus, recipe: RadialRecipe) -> Array:
    """(pieces, 15): what a corpus says of LABELS, on whatever scale it has; NaN where nothing."""
    rated = np.isfinite(corpus.emotion).any()
    emotions = corpus.emotion if rated else emotions_of(corpus, lesson_of(corpus, recipe.beside))
    return np.hstack([emotions, corpus.midlevel])


def write_transfer_run(folder: Path, run: TransferRun) -> Path:
    """Write a run, whole or not at all. Raises OutputError if that fails."""
    path = run.path(folder)
    known = [
        column
        for column in range(len(LABELS))
        if any(row[column] is not None for row in run.predictions.values())
    ]
    stored = asdict(run) | {
        "labels": [LABELS[column] for column in known],
        "predictions": {name: [row[column] for column in known] for name, row in run.predictions.items()},
    }
    text = json.dumps(stored, allow_nan=False, separators=(",", ":"))
    write_bytes_in_new_folder(path, text.encode() + b"\n")
    return path


def find_transfer_runs(folder: Path) -> list[TransferRun]:
    """All runs in a folder of results. Raises DataError if one is broken."""
    return [_read(path) for path in sorted((folder / PROTOCOL).glob("*-seed*.json"))]


def _read(path: Path) -> TransferRun:
    try:
        value = read_json(path)
        columns = [LABELS.index(name) for name in value.pop("labels")]
        predictions = {name: _wide(row, columns) for name, row in value["predictions"].items()}
        run = TransferRun(**value | {"predictions": predictions})
        if run.scheme not in SCHEMES:
            raise ValueError("unknown scheme")
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path}: not a result of midcli evaluate ({error!r}); move it away") from error
    return run


def _wide(row: Sequence[float | None], columns: Sequence[int]) -> tuple[float | None, ...]:
    """Values of these columns among those of all LABELS."""
    known = dict(zip(columns, row, strict=True))
    return tuple(known.get(column) for column in range(len(LABELS)))


def stored_rows(ids: Sequence[str], values: Array) -> dict[str, tuple[float | None, ...]]:
    """Rows (pieces, 15) by id, as they are stored."""
    return {
        name: tuple(round(value, _STORED_DECIMALS) if np.isfinite(value) else None for value in row)
        for name, row in zip(ids, values.tolist(), strict=True)
    }


def score_transfer(
    runs: Sequence[TransferRun], corpora: Sequence[Corpus], recipes: dict[str, RadialRecipe]
) -> tuple[TransferScores, ...]:
    """Scores by recipe. Raises DataError if a run was made with other data or with an unknown recipe."""
    names = [corpus.name for corpus in corpora]
    for run in runs:
        if run.recipe not in recipes or run.tested not in names:
            raise DataError(f"{PROTOCOL}/{run.path(Path()).name}: its recipe or corpus is not at hand")
    found = sorted({run.recipe for run in runs})
    return tuple(
        _scores([run for run in runs if run.recipe == name], corpora, recipes[name]) for name in found
    )


def _scores(runs: list[TransferRun], corpora: Sequence[Corpus], recipe: RadialRecipe) -> TransferScores:
    order = {corpus.name: number for number, corpus in enumerate(corpora)}
    rated = {corpus.name: _Rated(corpus, recipe) for corpus in corpora}
    pairs: dict[tuple[str, str, str], list[TransferRun]] = {}
    for run in sorted(runs, key=lambda run: (order[run.trained], order[run.tested], run.scheme, run.seed)):
        if run.data_fingerprint != rated[run.tested].fingerprint:
            raise DataError(f"{PROTOCOL}/{run.path(Path()).name}: was made with another data set")
        if run.recipe_fingerprint != runs[0].recipe_fingerprint:
            raise DataError(f"{PROTOCOL}/{run.path(Path()).name}: was made with another recipe than others")
        pairs.setdefault((run.scheme, run.trained, run.tested), []).append(run)
    return TransferScores(
        recipe.name,
        max(run.date for run in runs),
        tuple(sorted({run.seed for run in runs})),
        tuple(
            PairScores(
                *pair,
                some[0].train,
                len(some[0].predictions),
                np.array([rated[pair[2]].r(one) for one in some]),
            )
            for pair, some in pairs.items()
        ),
        round(sum(run.seconds for run in runs), 1),
    )


class _Rated:
    """What a corpus says of its pieces."""

    def __init__(self, corpus: Corpus, recipe: RadialRecipe) -> None:
        self.fingerprint = data_fingerprint(corpus)
        self._ratings = dict(zip(corpus.ids, ratings_of(corpus, recipe), strict=True))

    def r(self, run: TransferRun) -> Array:
        predicted = np.array([*run.predictions.values()], dtype=np.float64)
        return pearson(predicted, np.array([self._ratings[name] for name in run.predictions]))


def transfer_object(scores: TransferScores) -> dict[str, Any]:
    """For models/scores.json."""
    pairs = [vars(pair) | {"r": [_numbers(row) for row in pair.r]} for pair in scores.pairs]
    return vars(scores) | {"pairs": pairs}


def transfer_from(value: dict[str, Any]) -> TransferScores:
    """What `transfer_object` made."""
    pairs = (PairScores(**pair | {"r": np.array(pair["r"], np.float64)}) for pair in value["pairs"])
    return TransferScores(**value | {"seeds": tuple(value["seeds"]), "pairs": tuple(pairs)})


def _numbers(row: Array) -> list[float | None]:
    return [round(value, _DECIMALS) if np.isfinite(value) else None for value in row.tolist()]
