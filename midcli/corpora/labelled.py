"""A user's own labels of songs: a table with a column `file` and columns of ratings or categories."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path

import numpy as np
import numpy.typing as npt

from midcli.corpora.corpus import LONGEST_SHOWN, Row
from midcli.corpora.own_table import audio_path, group_of, own_rows
from midcli.errors import DataError
from midcli.library.spreadsheets import ALL
from midcli.library.tables import in_emotions
from midcli.model.head import LONGEST_SCALE, SHORTEST_SCALE

Array = npt.NDArray[np.float64]

FEWEST_SONGS = 15
FEWEST_OF_A_KIND = 5
"""Songs of a category, and of the others, at least."""
SHARE_SCALE = (0.0, 100.0)
"""Of categories: per cent, 100 where a song is of the kind."""

_SHARES = "in per cent, 100 for songs that are called so"
_WAYS = "in per cent of the way from the lowest to the highest rating"
IN_TENTHS = {
    _SHARES: "in tenths, 10 for songs that are called so",
    _WAYS: "in tenths of the way from the lowest to the highest rating",
}
"""Units in per cent, and what a tenth of such values is in."""

_UNEVEN = 3.0  # a label whose ratings reach this many times as far as those of another has another scale
_TAKEN = frozenset(in_emotions(ALL, ()))
_MOST_CATEGORIES = 16
_LONGEST_NAME = 40


@dataclass(frozen=True)
class OwnLabel:
    """One thing to be learned."""

    name: str
    values: Array
    """(songs,), NaN where there is none."""
    scale: tuple[float, float]
    is_category: bool


@dataclass(frozen=True)
class Labelled:
    """Songs and what they are called."""

    paths: tuple[Path, ...]
    groups: tuple[str, ...]
    """Songs of one group (artist, album) say the same thing twice."""
    labels: tuple[OwnLabel, ...]
    """All on one scale."""
    unit: str = ""
    """What their values are."""


def read_labelled(table: Path, columns: Sequence[str]) -> Labelled:
    """Songs of a table with the labels in those columns.

    A column of numbers is a rating, any other column names categories, each of which becomes a label.
    Ratings on scales that are very short or long, or differ much, become per cent of the way from a column's
    lowest to its highest. Raises DataError as `own_rows`, or if there are fewer than 15 songs for a label.
    """
    rows = own_rows(table, columns)
    paths = tuple(map(audio_path, rows))
    labels = [label for column in columns for label in _labels(table, rows, column)]
    twice = [name for name, count in Counter(label.name for label in labels).items() if count > 1]
    if twice:
        raise DataError(f"{table}: the label {twice[0]} is there twice")
    if len({label.is_category for label in labels}) > 1:
        raise DataError(f"{table}: ratings and categories are on different scales; make a model of each")
    for label in labels:
        _check_enough(table, label)
    groups = tuple(map(group_of, rows))
    return Labelled(paths, groups, *_on_one_scale(labels))


def _on_one_scale(labels: Sequence[OwnLabel]) -> tuple[tuple[OwnLabel, ...], str]:
    """The labels, and what their values are."""
    if any(label.is_category for label in labels):
        return tuple(labels), _SHARES
    spans = [label.scale[1] - label.scale[0] for label in labels]
    low = float(np.floor(min(label.scale[0] for label in labels)))
    high = float(np.ceil(max(label.scale[1] for label in labels)))
    if SHORTEST_SCALE <= high - low <= LONGEST_SCALE and max(spans) < _UNEVEN * min(spans):
        rated = tuple(replace(label, scale=(low, high)) for label in labels)
        return rated, f"ratings from {low:g} to {high:g}"
    return tuple(map(_in_per_cent, labels)), _WAYS


def _in_per_cent(label: OwnLabel) -> OwnLabel:
    (low, high), (lowest, highest) = label.scale, SHARE_SCALE
    values = lowest + (label.values - low) * (highest - lowest) / (high - low)
    return replace(label, values=values, scale=SHARE_SCALE)


def _labels(table: Path, rows: Sequence[Row], column: str) -> list[OwnLabel]:
    cells = [row.cells[column] for row in rows]
    numbers = [_number(cell) if cell else np.nan for cell in cells]
    if None in numbers:
        return _categories(table, column, cells)
    values = np.array(numbers, np.float64)
    if np.isnan(values).all():
        raise DataError(f"{table}: the column {column} is empty")
    scale = float(np.nanmin(values)), float(np.nanmax(values))
    if scale[0] == scale[1]:
        raise DataError(f"{table}: {column} is {scale[0]:g} everywhere, so there is nothing to learn")
    return [OwnLabel(_name(table, column), values, scale, is_category=False)]


def _categories(table: Path, column: str, cells: Sequence[str]) -> list[OwnLabel]:
    kinds = sorted({cell for cell in cells if cell})
    if len(kinds) > _MOST_CATEGORIES:
        raise DataError(
            f"{table}: {column} has {len(kinds)} different values; ratings are numbers, and there may be "
            f"{_MOST_CATEGORIES} categories"
        )
    return [
        OwnLabel(_name(table, kind), _is_of(kind, cells), SHARE_SCALE, is_category=True) for kind in kinds
    ]


def _is_of(kind: str, cells: Sequence[str]) -> Array:
    lowest, highest = SHARE_SCALE
    return np.array([np.nan if not cell else highest if cell == kind else lowest for cell in cells])


def _check_enough(table: Path, label: OwnLabel) -> None:
    rated = int(np.isfinite(label.values).sum())
    if rated < FEWEST_SONGS:
        raise DataError(f"{table}: {label.name}: {rated} songs; a label needs at least {FEWEST_SONGS}")
    if label.is_category:
        of_the_kind = int((label.values == SHARE_SCALE[1]).sum())
        if min(of_the_kind, rated - of_the_kind) < FEWEST_OF_A_KIND:
            raise DataError(
                f"{table}: {label.name}: {of_the_kind} of {rated} songs are called so; at least "
                f"{FEWEST_OF_A_KIND} must be and {FEWEST_OF_A_KIND} not"
            )


def _name(table: Path, text: str) -> str:
    name = text.strip().lower().replace(" ", "_").replace("-", "_")
    if name in _TAKEN:
        raise DataError(f"{table}: the label {name} would be called like a column of results; rename it")
    if not name.isprintable() or not 1 <= len(name) <= _LONGEST_NAME:
        raise DataError(f"{table}: {text[:LONGEST_SHOWN]!r} cannot be the name of a label")
    return name


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) and abs(number) < 1e6 else None
