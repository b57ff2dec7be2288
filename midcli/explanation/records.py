"""What is kept of a file that was analysed, or that could not be: one typed record, checked in one place.

A record is an object of `predict --json`. It may also say which content was analysed (`source`), so that a
later run can tell what is new.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, TypeVar

from midcli.errors import InputError
from midcli.explanation.sections import Contrast
from midcli.labels import EMOTION_NAMES, EMOTION_RANGE, QUALITY_NAMES
from midcli.model.head import EIGHT
from midcli.model.novelty import Novelty
from midcli.util.text import brief, has_lost_bytes, json_text, rounded

if TYPE_CHECKING:
    from midcli.explanation.effects import EmotionValue, QualityValue

PREDICT_SCHEMA = "midcli.predict/1"
EXPLAIN_SCHEMA = "midcli.explain/1"

Kept = TypeVar("Kept")

_GREATEST = 1e30  # nanoseconds are the largest numbers in a record


class ModelInfo(NamedTuple):
    """Which model made an analysis."""

    name: str
    version: str
    sha256: str

    @property
    def build(self) -> str:
        """Name and version with the beginning of the digest: several builds may share a version."""
        return f"{brief(f'{self.name} {self.version}')}, {short(self.sha256)}"


class Source(NamedTuple):
    """The content of a file, and what a file of the same name must have to be taken for the same."""

    sha256: str
    bytes: int
    modified_ns: int
    folder: str | None = None
    """Which a relative name counts from, seen from the folder of the results; None: that folder itself."""


@dataclass(frozen=True)
class Value:
    """A quality or emotion of a piece in points; its interval's ends are None if the model gives none.

    >>> from midcli.explanation.records import Value
    >>> Value(5.0, 4.5, 70.0).to_dict()
    {'value': 5.0, 'average': 4.5, 'percentile': 70.0}
    """

    value: float
    average: float
    percentile: float
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, value: "EmotionValue | QualityValue") -> "Value":
        return cls(value.value, value.average, value.percentile, value.low, value.high)

    def to_dict(self) -> dict[str, float]:
        """The numbers by name, rounded as the JSON has them."""
        return {name: rounded(number) for name, number in vars(self).items() if number is not None}


@dataclass(frozen=True)
class Prediction:
    """What a file sounds like, without the reasons.

    >>> import midcli
    >>> piece = midcli.predict("song.ogg")[0]
    >>> piece.file, sorted(piece.midlevel)[0], piece.flagged
    ('song.ogg', 'articulation', False)
    """

    file: str
    duration_s: float
    model: ModelInfo
    reference: str | None
    """What averages and percentiles refer to; None in files of early versions."""
    midlevel: Mapping[str, Value]
    emotions: Mapping[str, Value]
    warnings: tuple[str, ...]
    novelty: Novelty | None
    source: Source | None = None
    vocabulary: str = EIGHT
    """Which emotions of the model these are."""
    scale: tuple[float, float] = EMOTION_RANGE
    """Of the emotions."""
    contrast: Contrast | None = None
    """The emotion that differs most between two sections; None if the piece does not change."""
    heard_s: float | None = None
    """How much was heard, spread over the piece (`--quick`); None: all of it."""
    facts: Mapping[str, Any] | None = None
    """What was measured, as `explain --json` has it; None if nothing was."""
    track: int | None = None
    """Which one was asked for (`--track`), from 1; None: the one that players play."""

    @property
    def key(self) -> str:
        """What a later record must share to replace this one."""
        return record_key(self.file, self.source)

    @property
    def flagged(self) -> bool:
        """Whether it does not sound like music."""
        return bool(self.novelty and self.novelty.flagged)

    def to_dict(self) -> dict[str, Any]:
        """The object of `predict --json`."""
        record: dict[str, Any] = {
            "schema": PREDICT_SCHEMA,
            "file": json_text(self.file),
            "duration_s": rounded(self.duration_s),
            "model": self.model._asdict(),
        }
        if self.heard_s is not None:
            record["heard_s"] = rounded(self.heard_s)
        if self.track is not None:
            record["track"] = self.track
        if self.reference is not None:
            record["reference"] = json_text(self.reference)
        if self.vocabulary != EIGHT:
            record |= {"vocabulary": self.vocabulary, "scale": list(self.scale)}
        record |= {
            "midlevel": {name: value.to_dict() for name, value in self.midlevel.items()},
            "emotions": {name: value.to_dict() for name, value in self.emotions.items()},
            "warnings": [json_text(warning) for warning in self.warnings],
        }
        if self.contrast:
            record["contrast"] = self.contrast.to_dict()
        if self.novelty:
            record["novelty"] = self.novelty._asdict() | {"score": rounded(self.novelty.score)}
        if self.facts:
            record["facts"] = dict(self.facts)
        return record | _source_object(self.source)


@dataclass(frozen=True)
class Failure:
    """Why a file could not be analysed.

    >>> import midcli
    >>> midcli.predict("missing.ogg").failures[0].message
    'no such file'
    """

    file: str
    kind: str
    message: str
    source: Source | None = None

    @classmethod
    def of(cls, error: InputError, source: Source | None = None) -> "Failure":
        return cls(error.path, error.kind, error.problem, source)

    @property
    def key(self) -> str:
        """What a later record must share to replace this one."""
        return record_key(self.file, self.source)

    def to_dict(self) -> dict[str, Any]:
        """The object of a file that failed."""
        error = {"kind": self.kind, "message": self.message}
        return {"schema": PREDICT_SCHEMA, "file": json_text(self.file), "error": error} | _source_object(
            self.source
        )


Record = Prediction | Failure


def short(sha256: str) -> str:
    """As much of a digest as a message needs to tell builds of a model apart."""
    return f"sha256 {brief(sha256[:8])}"


def of_several_models(first: ModelInfo, other: "Prediction") -> str:
    """What is wrong with results of a model among which one is of another."""
    by_other = f"of {brief(other.file)} by {other.model.build}"
    return f"holds results of several models (the first by {first.build}; {by_other})"


def record_key(file: str, source: Source | None) -> str:
    """Names that are not valid text may look alike here; their contents tell them apart."""
    if source is None:
        return file
    name = os.path.join(source.folder or "", file)  # noqa: PTH118
    return f"{name}\0{source.sha256}" if has_lost_bytes(file) else name


def read_record(row: Any) -> Record:
    """The record of an object of `predict --json` or `explain --json`.

    Raises ValueError for anything else: it may have been edited, or be a stranger's.
    """
    try:
        if row["schema"] not in (PREDICT_SCHEMA, EXPLAIN_SCHEMA):
            _refuse()
        return _read_failure(row) if "error" in row else _read_prediction(row)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError("not a prediction of midcli") from error


def _read_failure(row: Any) -> Failure:
    error = row["error"]
    source = _optional(row, "source", _read_source)
    return Failure(_name(row["file"]), _text(error["kind"]), _text(error["message"]), source)


def _read_prediction(row: Any) -> Prediction:
    return Prediction(
        _name(row["file"]),
        _number(row["duration_s"]),
        ModelInfo(*(_text(row["model"][name]) for name in ("name", "version", "sha256"))),
        _optional(row, "reference", _text),
        {name: _read_value(row["midlevel"][name]) for name in QUALITY_NAMES},
        _read_emotions(row),
        tuple(map(_text, row["warnings"])),
        _optional(row, "novelty", _read_novelty),
        _optional(row, "source", _read_source),
        _optional(row, "vocabulary", _text) or EIGHT,
        _optional(row, "scale", _read_scale) or EMOTION_RANGE,
        _optional(row, "contrast", _read_contrast),
        _optional(row, "heard_s", _number),
        _optional(row, "facts", _read_facts),
        _optional(row, "track", _whole),
    )


def _optional(row: Any, name: str, read: Callable[[Any], Kept]) -> Kept | None:
    return read(row[name]) if name in row else None


def _read_emotions(row: Any) -> dict[str, Value]:
    emotions = {_text(name): _read_value(value) for name, value in row["emotions"].items()}
    eight = row.get("vocabulary", EIGHT) == EIGHT
    return emotions if emotions and (not eight or emotions.keys() == set(EMOTION_NAMES)) else _refuse()


def _read_value(value: Any) -> Value:
    ends = [_number(value[name]) if name in value else None for name in ("low", "high")]
    return Value(*(_number(value[name]) for name in ("value", "average", "percentile")), *ends)


def _read_novelty(novelty: Any) -> Novelty:
    return Novelty(_number(novelty["score"]), bool(_number(novelty["flagged"])), _text(novelty["resembles"]))


def _read_contrast(contrast: Any) -> Contrast:
    numbers = (_number(contrast[name]) for name in ("low", "high", "low_from_s", "high_from_s"))
    return Contrast(_text(contrast["emotion"]), *numbers)


def _read_source(source: Any) -> Source:
    return Source(
        _text(source["sha256"]),
        _whole(source["bytes"]),
        _whole(source["modified_ns"]),
        _optional(source, "folder", _name),
    )


def _read_facts(facts: Any) -> Mapping[str, Any]:
    return {_text(name): _read_fact(value) for name, value in facts.items()}


def _read_fact(value: Any) -> Any:
    """A number, a word, nothing, or a list of some by name, such as several tempi."""
    if isinstance(value, list):
        return [{_text(name): _read_scalar(one) for name, one in item.items()} for item in value]
    return _read_scalar(value)


def _read_scalar(value: Any) -> float | str | None:
    return value if value is None or isinstance(value, str) else _number(value)


def _read_scale(ends: Any) -> tuple[float, float]:
    lowest, highest = map(_number, ends)
    return (lowest, highest) if lowest < highest else _refuse()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else _refuse()


def _name(value: Any) -> str:
    """What may be the name of a file, and is one as `to_dict` writes it."""
    name = _text(value)
    return name if name and "\0" not in name and name == json_text(name) else _refuse()


def _number(value: Any) -> float:
    return value if isinstance(value, int | float) and abs(value) < _GREATEST else _refuse()


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and abs(value) < _GREATEST else _refuse()


def _refuse() -> NoReturn:
    raise ValueError("a value of another type or size")


def _source_object(source: Source | None) -> dict[str, Any]:
    if source is None:
        return {}
    return {"source": {name: value for name, value in source._asdict().items() if value is not None}}
