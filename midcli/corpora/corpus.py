"""A corpus: rated pieces of audio, and the tables that tell of them."""

import csv
import hashlib
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from midcli.errors import DataError
from midcli.labels import (
    EMOTION_RANGE,
    EMOTIONS,
    QUALITIES,
    QUALITY_NAMES,
    QUALITY_RANGE,
    Label,
)
from midcli.util.documents import MAX_DOCUMENT_BYTES, ContentError, document_lines
from midcli.util.text import brief

Array = npt.NDArray[np.float64]

LONGEST_SHOWN = 40
"""Characters of a cell in a message."""

_NAMED = 3


@dataclass(frozen=True)
class Vocabulary:
    """Emotions that are rated on one scale."""

    name: str
    labels: tuple[Label, ...]
    scale: tuple[float, float]
    unit: str = ""
    """What the values are."""

    @property
    def names(self) -> tuple[str, ...]:
        """In the order of the ratings."""
        return tuple(label.name for label in self.labels)


THE_EIGHT = Vocabulary("emotions", EMOTIONS, EMOTION_RANGE)


@dataclass(frozen=True)
class Excerpt:
    """One rated piece of audio. Ratings are in rating points, NaN where there is none."""

    id: str
    path: Path
    midlevel: Array
    """(7,)"""
    emotion: Array
    """(emotions,): the eight, or those of the corpus's own vocabulary."""
    group: str
    """Excerpts of one group (an album) must not be on both sides of a grouped split."""
    cells: Mapping[str, str] = field(default_factory=dict)
    """What else its table says, by column."""


@dataclass(frozen=True)
class Corpus:
    """Excerpts whose audio is present, in a fixed order."""

    name: str
    excerpts: tuple[Excerpt, ...]
    fixed_test: tuple[str, ...] = ()
    fixed_validation: tuple[str, ...] = ()
    published: bool = False
    """Whether this is one of the published corpora rather than a user's own."""
    vocabulary: Vocabulary = THE_EIGHT
    """What `emotion` rates."""

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(excerpt.id for excerpt in self.excerpts)

    @property
    def midlevel(self) -> Array:
        """(excerpts, 7) in rating points."""
        return np.stack([excerpt.midlevel for excerpt in self.excerpts])

    @property
    def emotion(self) -> Array:
        """(excerpts, emotions) in rating points."""
        return np.stack([excerpt.emotion for excerpt in self.excerpts])


def audio_digest(path: Path) -> str:
    """Sixteen hex digits of a file's SHA-256, by which a model's card tells what it was trained on."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def rating_gaps(corpus: Corpus) -> list[str]:
    """Lines that say which labels nobody rated, and of how many excerpts others are not rated."""
    unrated = np.isnan(np.hstack([corpus.midlevel, corpus.emotion])).sum(axis=0)
    counts = dict(zip((*QUALITY_NAMES, *corpus.vocabulary.names), unrated.tolist(), strict=True))
    total = len(corpus.excerpts)
    nowhere = [name for name, count in counts.items() if count == total]
    partly = [f"{name} {count}" for name, count in counts.items() if 0 < count < total]
    return [
        *([f"no ratings at all: {', '.join(nowhere)}"] if nowhere else []),
        *([f"excerpts without a rating, of {total}: {', '.join(partly)}"] if partly else []),
    ]


def some(names: Sequence[str]) -> str:
    """The first names and how many more there are."""
    shown = ", ".join(brief(name, LONGEST_SHOWN) for name in names[:_NAMED])
    return f"{shown} and {len(names) - _NAMED} more" if len(names) > _NAMED else shown


@dataclass(frozen=True)
class Group:
    """Labels that are rated on one scale."""

    name: str
    labels: tuple[Label, ...]
    scale: tuple[float, float]


QUALITY_GROUP = Group("qualities", QUALITIES, QUALITY_RANGE)
EMOTION_GROUP = Group("emotions", EMOTIONS, EMOTION_RANGE)


@dataclass(frozen=True)
class Row:
    """A row of a table."""

    table: Path
    line: int
    """On which it ends."""
    cells: dict[str, str]
    spills: bool = False
    """Whether it has more cells than the header."""

    @property
    def where(self) -> str:
        return f"{self.table}, line {self.line}"


def read_csv(path: Path, address: str = "", delimiter: str = ",", needed: tuple[str, ...] = ()) -> list[Row]:
    """Rows with blanks around headers and cells stripped; byte-order marks are welcome.

    `address` is where the table is published, if it is. Raises DataError if the file cannot be read, lacks a
    needed column or has one twice.
    """
    origin = f"; it belongs to what is published at {address}" if address else ""
    try:
        reader = csv.DictReader(document_lines(path, MAX_DOCUMENT_BYTES, newline=""), delimiter=delimiter)
        _check_header(path, reader.fieldnames or ())
        rows = [
            Row(
                path,
                reader.line_num,
                {
                    (key or "").strip(): unicodedata.normalize("NFC", value or "").strip()
                    for key, value in row.items()
                    if not isinstance(value, list)
                },
                any(cell.strip() for cell in row.get(None, ())),
            )
            for row in reader
        ]
    except FileNotFoundError as error:
        raise DataError(f"{path}: missing{origin}") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    except (ContentError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read as a table: {error}") from error
    for column in needed:
        if rows and column not in rows[0].cells:
            raise DataError(f"{path}: has no column `{column}`{origin}")
    return rows


def _check_header(path: Path, columns: Sequence[str]) -> None:
    counts = Counter(column.strip() for column in columns)
    twice = [column for column, count in counts.items() if column and count > 1]
    if twice:
        raise DataError(f"{path}: has several columns `{brief(twice[0], LONGEST_SHOWN)}`")


def ratings_of(table: Path, rows: list[Row], group: Group) -> Array:
    """(rows, labels), NaN where there is none.

    Raises DataError if one is not a number or far from the scale, or if all are on a smaller scale.
    """
    ratings = np.array([[_rating(row, label, group.scale) for label in group.labels] for row in rows])
    given = ratings[np.isfinite(ratings)]
    low, high = group.scale
    if given.size and given.max() <= low and given.min() < low:
        raise DataError(
            f"{table}: {group.name} are rated from {given.min():g} to {given.max():g}; "
            f"the scale is {low:g} to {high:g}: convert the ratings to it"
        )
    return ratings.reshape(len(rows), len(group.labels))


def unique(rows: list[Row], column: str) -> list[str]:
    """The cells of a column. Raises DataError if one is there twice."""
    lines: dict[str, int] = {}
    for row in rows:
        cell = row.cells[column]
        if cell in lines:
            raise DataError(f"{row.where}: {cell} is named twice, first in line {lines[cell]}")
        lines[cell] = row.line
    return [*lines]


def _rating(row: Row, label: Label, scale: tuple[float, float]) -> float:
    cell = row.cells.get(label.column) or row.cells.get(label.name) or ""
    try:
        rating = float(cell) if cell.strip() else np.nan
    except ValueError as error:
        raise DataError(f"{row.where}: {label.name}: {cell[:LONGEST_SHOWN]!r} is not a number") from error
    low, high = scale
    if max(low - rating, rating - high) > high - low:
        raise DataError(
            f"{row.where}: {label.name}: {cell[:LONGEST_SHOWN]} is far from the scale of {low:g} to {high:g}"
        )
    return rating
