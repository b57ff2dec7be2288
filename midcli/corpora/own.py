"""A user's own corpus: a table of files and ratings; and whichever corpus a folder holds."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from midcli.corpora.corpus import (
    EMOTION_GROUP,
    QUALITY_GROUP,
    Array,
    Corpus,
    Excerpt,
    Row,
    Vocabulary,
    ratings_of,
)
from midcli.corpora.labelled import IN_TENTHS, read_labelled
from midcli.corpora.own_table import audio_path, group_of, own_rows
from midcli.corpora.published import load_soundtracks
from midcli.errors import DataError, UsageError
from midcli.labels import EMOTIONS, QUALITIES, Label
from midcli.util.files import isdir, isfile

_TENTH = 0.1


def load_own(table: Path) -> Corpus:
    """A user's corpus: a CSV with a `file` column (paths beside it) and any of the label columns.

    An optional `group` column keeps pieces together in grouped splits. Ratings are on the published scales,
    and may be absent. Raises DataError as `own_rows`, and if a rating is not a number or far from its scale,
    all qualities or all emotions are on a smaller scale, a label never varies, or no label column is there.
    """
    rows = own_rows(table)
    known = {name for label in (*QUALITIES, *EMOTIONS) for name in (label.name, label.column)}
    if not set(rows[0].cells) & known:
        raise DataError(f"{table}: has no label column; known are {', '.join(sorted(known))}")
    corpus = _corpus(table, rows, ratings_of(table, rows, EMOTION_GROUP))
    _check_varying(table, QUALITIES, [excerpt.midlevel for excerpt in corpus.excerpts])
    _check_varying(table, EMOTIONS, [excerpt.emotion for excerpt in corpus.excerpts])
    return corpus


def _check_varying(table: Path, labels: Sequence[Label], ratings: Sequence[Array]) -> None:
    for label, values in zip(labels, np.array(ratings).T, strict=True):
        rated = values[np.isfinite(values)]
        if len(rated) > 1 and np.ptp(rated) == 0:
            raise DataError(
                f"{table}: {label.name} is {rated[0]:g} everywhere, so there is nothing to learn: "
                "leave the column out"
            )


def load_labelled(place: Path, columns: Sequence[str]) -> Corpus:
    """A user's corpus with emotions of its own: a CSV (or the folder of one), and what is in those columns.

    Ratings stay as they are; what is in per cent (categories, scales that cannot be shown beside each other)
    is learned and shown in tenths, from 0 to 10. Raises DataError as `load_own` and `read_labelled`.
    """
    table = _own_table(place)
    labelled = read_labelled(table, columns)
    in_per_cent = labelled.unit in IN_TENTHS
    factor, unit = (_TENTH, IN_TENTHS[labelled.unit]) if in_per_cent else (1.0, labelled.unit)
    emotions = factor * np.stack([label.values for label in labelled.labels], axis=1)
    low, high = labelled.labels[0].scale
    names = [label.name for label in labelled.labels]
    said = [name.replace("_", " ") for name in names]
    labels = tuple(Label(name, name, f"not {one}", one) for name, one in zip(names, said, strict=True))
    vocabulary = Vocabulary(table.stem, labels, (factor * low, factor * high), unit)
    return replace(_corpus(table, own_rows(table, columns), emotions), vocabulary=vocabulary)


def load_beside(table: Path) -> Corpus:
    """Music that is learned from beside a corpus: a CSV with a `file` column and any others.

    Qualities are on the published scale. Emotions may be anything, numbers or categories, so they are only
    kept as cells: what bears on what is said elsewhere. Raises DataError as `load_own`.
    """
    rows = own_rows(table)
    return _corpus(table, rows, np.full((len(rows), len(EMOTIONS)), np.nan))


def _corpus(table: Path, rows: list[Row], emotions: Array) -> Corpus:
    qualities = ratings_of(table, rows, QUALITY_GROUP)
    excerpts = (
        Excerpt(row.cells["file"], audio_path(row), midlevel, emotion, group_of(row), row.cells)
        for row, midlevel, emotion in zip(rows, qualities, emotions, strict=True)
    )
    return Corpus(table.stem, tuple(excerpts))


def check_apart(corpora: Sequence[Corpus]) -> None:
    """Raises UsageError if two corpora have one name, DataError if they hold one file in different groups: it
    would be tested on what was learned from it.
    """
    names = [corpus.name for corpus in corpora]
    if len(set(names)) < len(names):
        raise UsageError(f"two corpora to be learned from are called {_twice(names)}; rename a table")
    groups: dict[str, tuple[str, str]] = {}
    for corpus in corpora:
        for excerpt in corpus.excerpts:
            place = os.path.realpath(excerpt.path)
            other, group = groups.setdefault(place, (corpus.name, excerpt.group))
            if group != excerpt.group:
                raise DataError(
                    f"{excerpt.path}: is in {other} (group {group}) and in {corpus.name} (group "
                    f"{excerpt.group}); what is learned from must not be tested: give it one group"
                )


def _twice(names: Sequence[str]) -> str:
    return next(name for name in names if names.count(name) > 1)


def load_corpus(place: Path) -> Corpus:
    """The corpus in a folder of published layout, or a user's own from its CSV or the folder of one CSV."""
    if isdir(place / "soundtracks"):
        return load_soundtracks(place)
    return load_own(_own_table(place))


def _own_table(place: Path) -> Path:
    """A CSV, or the only one of a folder."""
    if isfile(place):
        return place
    tables = sorted(place.glob("*.csv"))
    if len(tables) == 1:
        return tables[0]
    raise DataError(
        f"{place}: neither the published layout (a folder `soundtracks`) nor one CSV with a column `file`"
    )


def load_all_beside(place: Path) -> list[Corpus]:
    """What a CSV, or each CSV of a folder, holds to be learned from beside a corpus."""
    tables = [place] if isfile(place) else sorted(place.glob("*.csv"))
    if not tables:
        raise DataError(f"{place}: no CSV with a column `file` in it")
    return [load_beside(table) for table in tables]
