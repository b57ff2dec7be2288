"""Raw predictions of experiments: one JSON file a run, from which every published score is computed.

`<folder>/<protocol>/<scheme>-<recipe>-seed<k>.json`; values are on the x 0.1 scale.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from midcli.corpora.corpus import Corpus
from midcli.corpora.splits import PROTOCOLS, Split, split
from midcli.errors import DataError
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.study.recipes import SCHEMES
from midcli.util.documents import read_json
from midcli.util.files import write_bytes_in_new_folder

Array = npt.NDArray[np.float64]

_DECIMALS = 6
_STOPPING = ("validation", "fixed")


@dataclass(frozen=True)
class Prediction:
    """Outputs for one excerpt, x 0.1 scale; None where the scheme has no such output."""

    midlevel: tuple[float, ...] | None
    """(7,)"""
    emotion: tuple[float, ...] | None
    """(8,)"""


@dataclass(frozen=True)
class RunKey:
    """Which run it is."""

    protocol: str
    scheme: str
    recipe: str
    seed: int

    @property
    def name(self) -> str:
        return f"{self.scheme}-{self.recipe}-seed{self.seed}"

    def path(self, folder: Path) -> Path:
        """Its file in a folder of results."""
        return folder / self.protocol / f"{self.name}.json"


@dataclass(frozen=True)
class Fingerprints:
    """What a run was made with; runs that differ in it must not be mixed."""

    recipe: str
    data: str


@dataclass(frozen=True)
class RunResult:
    """One finished run. The test excerpts touched nothing but `predictions`."""

    scheme: str
    recipe: str
    protocol: str
    seed: int
    stopping: str
    """`validation`: early, on the validation part; `fixed`: after a number of epochs set in advance."""
    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]
    predictions: dict[str, Prediction]
    """Of exactly the test excerpts."""
    epochs: int
    seconds: float
    device: str
    versions: dict[str, str]
    date: str
    """Year-month-day on which it was finished."""
    fingerprints: Fingerprints
    beside: dict[str, int] = field(default_factory=dict)
    """Other corpora that were learned from, and how many of their pieces."""

    @property
    def key(self) -> RunKey:
        return RunKey(self.protocol, self.scheme, self.recipe, self.seed)

    @property
    def parts(self) -> Split:
        return Split(self.train, self.validation, self.test)

    @property
    def midlevel(self) -> Array | None:
        """(test excerpts, 7), in the order of `test`."""
        return self._values("midlevel")

    @property
    def emotion(self) -> Array | None:
        """(test excerpts, 8), in the order of `test`."""
        return self._values("emotion")

    def _values(self, output: str) -> Array | None:
        rows = [getattr(self.predictions[name], output) for name in self.test]
        return None if rows[0] is None else np.array(rows, dtype=np.float64)


def prediction(midlevel: Iterable[float] | None, emotion: Iterable[float] | None) -> Prediction:
    """Outputs rounded as they are stored."""
    return Prediction(_rounded(midlevel), _rounded(emotion))


def data_fingerprint(corpus: Corpus) -> str:
    """Twelve hex digits that change with the excerpts, their groups, ratings or the size of their audio."""
    digest = hashlib.sha256()
    for excerpt in corpus.excerpts:
        ratings = np.concatenate([excerpt.midlevel, excerpt.emotion]).round(_DECIMALS).tolist()
        facts = [excerpt.id, excerpt.group, ratings, excerpt.path.stat().st_size]
        digest.update(json.dumps(facts).encode())
    return digest.hexdigest()[:12]


def difference(result: RunResult, fingerprints: Fingerprints, corpus: Corpus) -> str | None:
    """What a run was made with that is not of these: `recipe`, `data set` or `split`; None if nothing."""
    if result.fingerprints.recipe != fingerprints.recipe:
        return "recipe"
    if result.fingerprints.data != fingerprints.data:
        return "data set"
    expected = split(corpus, result.protocol, result.seed, validate=result.stopping == "validation")
    return None if result.parts == expected else "split"


def write_result(folder: Path, result: RunResult) -> Path:
    """Write a run into a folder of results, whole or not at all. Raises OutputError if that fails."""
    _check(result)
    path = result.key.path(folder)
    write_bytes_in_new_folder(path, json.dumps(asdict(result), allow_nan=False).encode() + b"\n")
    return path


def read_result(path: Path) -> RunResult:
    """Read and check one run. Raises DataError if the file is not one, or is named like another."""
    try:
        value = read_json(path)
        result = _from_json(value)
        _check(result)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path}: not a result of midcli evaluate ({error!r}); move it away") from error
    if (path.parent.name, path.stem) != (result.protocol, result.key.name):
        raise DataError(
            f"{path}: contains the run {result.protocol}/{result.key.name}; "
            "a file must be named after its content"
        )
    return result


def find_results(folder: Path) -> list[RunResult]:
    """All runs in a folder of results, in the order of their names. Raises DataError if one is broken."""
    paths = [path for protocol in PROTOCOLS for path in (folder / protocol).glob("*-seed*.json")]
    return [read_result(path) for path in sorted(paths)]


def _from_json(value: dict[str, Any]) -> RunResult:
    parts = {part: tuple(str(name) for name in value[part]) for part in ("train", "validation", "test")}
    predictions = {
        str(name): Prediction(_floats(row["midlevel"]), _floats(row["emotion"]))
        for name, row in value["predictions"].items()
    }
    return RunResult(
        scheme=str(value["scheme"]),
        recipe=str(value["recipe"]),
        protocol=str(value["protocol"]),
        seed=int(value["seed"]),
        stopping=str(value["stopping"]),
        **parts,
        predictions=predictions,
        epochs=int(value["epochs"]),
        seconds=float(value["seconds"]),
        device=str(value["device"]),
        versions={str(name): str(version) for name, version in value["versions"].items()},
        date=str(value["date"]),
        fingerprints=Fingerprints(**value["fingerprints"]),
        beside={str(name): int(pieces) for name, pieces in value.get("beside", {}).items()},
    )


def _check(result: RunResult) -> None:
    if result.scheme not in SCHEMES or result.protocol not in PROTOCOLS or result.stopping not in _STOPPING:
        raise ValueError("unknown scheme, protocol or way of stopping")
    ids = [*result.train, *result.validation, *result.test]
    if len(set(ids)) != len(ids):
        raise ValueError("an excerpt is in two parts of the split")
    if not result.test or sorted(result.predictions) != sorted(result.test):
        raise ValueError("predictions are not those of exactly the test excerpts")
    sizes = {
        "midlevel": None if result.scheme == "a2e" else len(QUALITY_NAMES),
        "emotion": None if result.scheme == "a2mid" else len(EMOTION_NAMES),
    }
    for row in result.predictions.values():
        for output, size in sizes.items():
            values = getattr(row, output)
            if (None if values is None else len(values)) != size:
                raise ValueError(f"{output} values do not fit the scheme")
            if values is not None and not np.isfinite(values).all():
                raise ValueError(f"a {output} value is not finite")


def _rounded(values: Iterable[float] | None) -> tuple[float, ...] | None:
    return None if values is None else tuple(round(float(value), _DECIMALS) for value in values)


def _floats(values: Any) -> tuple[float, ...] | None:
    return None if values is None else tuple(float(value) for value in values)
