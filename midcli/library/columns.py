"""A library as columns: the qualities of 100 000 pieces at once, and where to find each piece."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from midcli.errors import DataError
from midcli.explanation.records import ModelInfo, Prediction, read_record
from midcli.explanation.sections import Contrast
from midcli.explanation.words.names import known_name
from midcli.explanation.words.vocabulary import QUALITY_WORDS, QualityWords, emotion_words
from midcli.labels import QUALITY_NAMES, EmotionWords
from midcli.library.places import located
from midcli.model.head import Array, Head, Interval


@dataclass(frozen=True)
class Library:
    """The pieces of a file that `predict` wrote, in rating points; failures are only counted.

    >>> from midcli.library.index import open_library
    >>> library = open_library("library.jsonl")
    >>> len(library), library.values.shape
    (2, (2, 15))
    """

    path: Path
    model: ModelInfo
    heads: Mapping[str, Head]
    """The vocabularies of the model, by name."""
    vocabulary: str
    """The one that emotions are named in."""
    midlevel_interval: Interval | None
    files: tuple[str, ...]
    """Names as they were given to `predict`."""
    rows: npt.NDArray[Any]
    """(pieces,): offset in the file, duration_s, midlevel, flagged, sha256, heard_whole, contrast."""
    failures: int
    contrast_names: tuple[str, ...] = ()
    """The emotions that pieces change in, as their rows number them; -1 is a piece that does not change."""
    origins: tuple[str, ...] = ()
    """The folders that relative names count from, seen from that of the library; empty: that one itself."""
    folder: str = ""
    """Name of the folder that it was made of, if it is kept for one."""

    def __len__(self) -> int:
        return len(self.files)

    @property
    def called(self) -> str:
        """What people know it by: its folder, or its file."""
        return self.folder or self.path.name

    @property
    def head(self) -> Head:
        return self.heads[self.vocabulary]

    def in_words_of(self, vocabulary: str) -> "Library":
        """The same pieces with the emotions of another vocabulary. Raises UsageError if there is none."""
        return replace(self, vocabulary=known_name(vocabulary, tuple(self.heads)))

    @property
    def emotion_names(self) -> tuple[str, ...]:
        return self.head.names

    def words_of(self, name: str) -> EmotionWords | QualityWords:
        """How one speaks of an emotion of the vocabulary, or of a quality."""
        if name in QUALITY_WORDS:
            return QUALITY_WORDS[name]
        return emotion_words(self.head.labels[self.emotion_names.index(name)])

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of `values`: emotions, then qualities."""
        return (*self.emotion_names, *QUALITY_NAMES)

    @property
    def midlevel(self) -> Array:
        """(pieces, 7)"""
        midlevel: Array = self.rows["midlevel"]
        return midlevel

    @cached_property
    def values(self) -> Array:
        """(pieces, emotions + 7)"""
        return self.all_values(self.midlevel)

    def all_values(self, midlevel: Array) -> Array:
        """Emotions and qualities (..., emotions + 7) of qualities (..., 7)."""
        return np.concatenate([self.head.emotions(midlevel), midlevel], axis=-1)

    @cached_property
    def reach(self) -> tuple[Array, Array]:
        """How far below and above a value its 80 % interval goes, (emotions + 7,) each; infinite where the
        model gives none.
        """
        down, up = [], []
        for interval, count in (
            (self.head.interval, len(self.emotion_names)),
            (self.midlevel_interval, len(QUALITY_NAMES)),
        ):
            down.append(np.full(count, np.inf) if interval is None else -interval.low)
            up.append(np.full(count, np.inf) if interval is None else interval.high)
        return np.concatenate(down), np.concatenate(up)

    @cached_property
    def is_music(self) -> npt.NDArray[np.bool_]:
        """(pieces,): what is not flagged."""
        return ~self.rows["flagged"]

    def contrast(self, row: int) -> Contrast | None:
        """The emotion that differs most between two sections of a piece; None if it does not change."""
        emotion, *numbers = self.rows["contrast"][row].item()
        return None if emotion < 0 else Contrast(self.contrast_names[emotion], *numbers)

    def locate(self, row: int) -> Path:
        """Where a piece is: where its name counts from, else beside the library or seen from here."""
        return located(self.files[row], self.origins[row] if self.origins else "", self.path)

    def record(self, row: int) -> Prediction:
        """All that was kept of a piece. Raises DataError if the file has changed since it was opened."""
        try:
            with self.path.open("rb") as file:
                file.seek(int(self.rows["offset"][row]))
                record = read_record(json.loads(file.readline()))
        except (OSError, ValueError, RecursionError) as error:
            raise DataError(f"{self.path}: has changed since it was opened; run again") from error
        if not isinstance(record, Prediction) or record.file != self.files[row]:
            raise DataError(f"{self.path}: has changed since it was opened; run again")
        return record

    def row_of(self, path: str | Path) -> int | None:
        """The piece that a file is, by its place or its content; None for one that is not in the library."""
        wanted = os.path.realpath(path)
        for row, file in enumerate(self.files):
            if os.path.basename(file) == os.path.basename(str(path)) and (  # noqa: PTH119
                os.path.realpath(self.locate(row)) == wanted
            ):
                return row
        try:
            with Path(path).open("rb") as opened:
                digest = hashlib.file_digest(opened, "sha256").digest()
        except OSError:
            return None
        same = np.flatnonzero(self.rows["sha256"] == np.void(digest))
        return int(same[0]) if len(same) else None
