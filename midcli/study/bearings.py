"""What the columns of other corpora say of the eight emotions."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from midcli.corpora.corpus import LONGEST_SHOWN, Corpus, Excerpt
from midcli.errors import DataError
from midcli.labels import EMOTION_NAMES, EMOTION_RANGE, EMOTIONS, Label
from midcli.study.recipes import Bearing, Lesson

Array = npt.NDArray[np.float64]


def lesson_of(corpus: Corpus, lessons: Mapping[str, Lesson], labels: Sequence[Label] = EMOTIONS) -> Lesson:
    """What a recipe learns from a corpus of that name; of one it does not know, whatever has our labels.

    Of emotions (`labels`) that the recipe does not know, it learns what has their names.
    """
    known = lessons.get(corpus.name)
    if known is not None and labels is EMOTIONS:
        return known
    columns = set(corpus.excerpts[0].cells)
    bearings = [
        Bearing(label.name, name)
        for label in labels
        for name in dict.fromkeys((label.name, label.column))
        if name in columns
    ]
    return Lesson(known.quality_weight if known else 1.0, tuple(bearings))


def emotions_of(corpus: Corpus, lesson: Lesson, names: Sequence[str] = EMOTION_NAMES) -> Array:
    """(excerpts, names) on whatever scale the corpus has, NaN where nothing bears on it.

    Raises DataError if a column is missing or is not of numbers.
    """
    values = np.full((len(corpus.excerpts), len(names)), np.nan)
    for bearing in lesson.bearings:
        column = names.index(bearing.emotion)
        values[:, column] = [_value(corpus, excerpt, bearing) for excerpt in corpus.excerpts]
    return values


def emotion_weights(lesson: Lesson, names: Sequence[str] = EMOTION_NAMES) -> Array:
    """(names,)"""
    weights = np.zeros(len(names))
    for bearing in lesson.bearings:
        weights[names.index(bearing.emotion)] = bearing.weight
    return weights


def _value(corpus: Corpus, excerpt: Excerpt, bearing: Bearing) -> float:
    cell = excerpt.cells.get(bearing.column)
    if cell is None:
        raise DataError(f"{corpus.name}: has no column `{bearing.column}`, which bears on {bearing.emotion}")
    if not cell:
        return float("nan")
    if bearing.categories:
        return float(cell in bearing.categories)
    subtracted = _number(corpus, excerpt, bearing.minus) if bearing.minus else 0.0
    return _number(corpus, excerpt, bearing.column) - subtracted


def _number(corpus: Corpus, excerpt: Excerpt, column: str) -> float:
    cell = excerpt.cells.get(column, "")
    try:
        number = float(cell)
    except ValueError as error:
        raise DataError(
            f"{corpus.name}: {excerpt.id}: {column}: {cell[:LONGEST_SHOWN]!r} is not a number"
        ) from error
    if not np.isfinite(number):
        raise DataError(f"{corpus.name}: {excerpt.id}: {column}: {cell[:LONGEST_SHOWN]!r} is not a number")
    return number


def ratings_of_heard(corpus: Corpus, lesson: Lesson) -> Array:
    """(excerpts, 8): emotions that listeners rated as they heard them, the ends of their scale brought to
    those of ours; NaN for all else."""
    ratings = np.full((len(corpus.excerpts), len(EMOTION_NAMES)), np.nan)
    values = emotions_of(corpus, lesson)
    lowest, highest = EMOTION_RANGE
    for bearing in lesson.bearings:
        if bearing.scale:
            low, high = bearing.scale
            column = EMOTION_NAMES.index(bearing.emotion)
            ratings[:, column] = lowest + (values[:, column] - low) * (highest - lowest) / (high - low)
    return ratings
