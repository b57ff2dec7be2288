"""A library as it is looked at: what of it is shown, in which order, and what is marked."""

import math
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from midcli.errors import UsageError
from midcli.explanation.words.certainty import OUTER_FIFTHS
from midcli.explanation.words.numbers import decimal, duration
from midcli.explanation.words.vocabulary import QUALITY_WORDS
from midcli.library.columns import Library
from midcli.library.query import Bound, Condition, Query, bound, in_words, understand
from midcli.library.search import rank
from midcli.library.tags import Titles
from midcli.util.text import printable

Rows = npt.NDArray[np.intp]

PIECE, LENGTH = "piece", "length"
_BOUND = re.compile(r"(?P<name>[^<>=]+?)\s*(?P<sign>>=?|<=?)\s*(?P<points>-?[0-9]+(?:\.[0-9]+)?)$")
_NUMBER_WIDTH = len("−10.2")


@dataclass(frozen=True)
class Column:
    """One column of numbers."""

    name: str
    head: str
    """A quality is headed by its high pole, so that more of it is told from less."""

    @property
    def width(self) -> int:
        return max(len(self.head), _NUMBER_WIDTH)


@dataclass(frozen=True)
class Filter:
    """Which pieces are shown: words and bounds as `find` understands them, and text in names and titles."""

    query: Query = field(default_factory=Query)
    texts: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self.query.is_empty and not self.texts

    def __str__(self) -> str:
        said = [] if self.query.is_empty else [in_words(self.query)]
        return " · ".join([*said, *(f"“{printable(text)}”" for text in self.texts)])


class Shelf:
    """The pieces of a library in the order in which they are shown."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.titles: dict[int, Titles] = {}
        """Of the pieces whose files have been asked."""
        self._names = [_harmless_name(file) for file in library.files]
        self._keys = [name.casefold() for name in self._names]
        """What names are sorted by and searched in."""
        self.marked: set[int] = set()
        self.filter = Filter()
        self.only_marked = False
        self.sorted_by = PIECE
        self.descending = False
        self.in_order = True
        """Whether the pieces still stand as they were sorted; titles that come later change names."""
        self.columns = (
            Column(LENGTH, LENGTH),
            *(Column(name, name.replace("_", " ")) for name in library.emotion_names),
            *(Column(name, words.high) for name, words in QUALITY_WORDS.items()),
        )
        self._places = {name: place for place, name in enumerate(library.names)}
        self.rows: Rows = np.arange(len(library))
        """Rows of the library that are shown, in order."""
        self.arrange()

    def __len__(self) -> int:
        return len(self.rows)

    def name(self, row: int) -> str:
        """Title and artist, in that order as artists repeat themselves; else the name of the file."""
        return self._names[row]

    def take_titles(self, titles: Mapping[int, Titles]) -> None:
        """Call pieces by their titles from now on; their order stays until it is asked for anew."""
        self.titles.update(titles)
        self.in_order &= self.sorted_by != PIECE or not any(one.title for one in titles.values())
        for row, one in titles.items():
            if one.title:
                self._names[row] = f"{one.title} · {one.artist}" if one.artist else one.title
                self._keys[row] = self._names[row].casefold()

    def cell(self, row: int, column: Column) -> str:
        if column.name == LENGTH:
            return duration(float(self.library.rows["duration_s"][row]))
        return decimal(float(self._values(column.name)[row]))

    def leaning(self, row: int, column: Column) -> int:
        """1 for a value among the highest fifth of the library, -1 among the lowest, else 0."""
        if column.name == LENGTH:
            return 0
        low, high = self._fifths[:, self._places[column.name]]
        value = self._values(column.name)[row]
        return int(value >= high) - int(value <= low)

    def is_flagged(self, row: int) -> bool:
        """Whether it does not sound like music."""
        return bool(self.library.rows["flagged"][row])

    def sort(self, name: str) -> None:
        """By a column, the largest first; the same column again turns it round. Names start with A, and are
        sorted anew before they are turned round.
        """
        again = name == self.sorted_by and self.in_order
        self.descending = not self.descending if again else name != PIECE
        self.sorted_by = name
        self.arrange()

    def arrange(self) -> None:
        """Filter and sort anew."""
        rows = self._shown()
        self.in_order = True
        if self.sorted_by == PIECE:
            by_name = sorted(rows.tolist(), key=self._keys.__getitem__, reverse=self.descending)
            self.rows = np.array(by_name, np.intp)
            return
        values = self._values(self.sorted_by)[rows]
        self.rows = rows[np.argsort(-values if self.descending else values, kind="stable")]

    def place_of(self, row: int) -> int | None:
        """Where a piece stands in what is shown."""
        found = np.flatnonzero(self.rows == row)
        return int(found[0]) if len(found) else None

    def toggle_mark(self, row: int) -> None:
        self.marked ^= {row}

    def mark_shown(self) -> None:
        """All that is shown; if all of it is marked, none."""
        shown = set(self.rows.tolist())
        self.marked = self.marked - shown if shown <= self.marked else self.marked | shown

    def bounded_like(self, row: int, column: Column, sign: int) -> Filter:
        """The filter with all that have at least (1) or at most (-1) as much as a piece.

        Raises UsageError where the column has no points.
        """
        if column.name == LENGTH:
            raise UsageError("length is no emotion or quality; choose another column")
        points = sign * math.floor(100 * sign * float(self._values(column.name)[row])) / 100
        query = self.filter.query
        bounds = [one for one in query.bounds if (one.name, one.sign) != (column.name, sign)]
        return Filter(Query(query.conditions, (*bounds, Bound(column.name, sign, points))), self.filter.texts)

    def understood(self, text: str) -> Filter:
        """What a typed filter means: between commas, `energy > 6`, words such as `not tense`, or any text.

        Raises UsageError for a contradiction, or a bound on something else.
        """
        conditions: list[Condition] = []
        bounds: list[Bound] = []
        texts: list[str] = []
        for term in filter(None, map(str.strip, text.split(","))):
            if found := _BOUND.fullmatch(term):
                sign = 1 if found["sign"].startswith(">") else -1
                bounds.append(bound(found["name"], sign, float(found["points"]), self.library.head))
                continue
            meant = understand(term, self.library.head)
            if meant.conditions and not meant.unknown and not term.startswith('"'):
                conditions += meant.conditions
            else:
                texts.append(term.strip('"'))
        return Filter(Query(tuple(conditions), tuple(bounds)), tuple(texts))

    @cached_property
    def _fifths(self) -> npt.NDArray[np.float64]:
        """(2, names): where the lowest and the highest fifth of the library's music begin."""
        music = self.library.is_music
        fifths: npt.NDArray[np.float64] = np.percentile(
            self.library.values[music if music.any() else slice(None)], OUTER_FIFTHS, axis=0
        )
        return fifths

    def _shown(self) -> Rows:
        rows: Rows = np.arange(len(self.library))
        if not self.filter.query.is_empty:
            rows = np.sort(rank(self.library, self.filter.query, flagged=True).rows)
        wanted = [text.casefold() for text in self.filter.texts]
        if wanted:
            rows = np.array([row for row in rows.tolist() if self._has(row, wanted)], np.intp)
        if self.only_marked:
            rows = rows[np.isin(rows, list(self.marked))]
        return rows

    def _has(self, row: int, texts: Iterable[str]) -> bool:
        searched = f"{self.library.files[row].casefold()}\n{self._keys[row]}"
        return all(text in searched for text in texts)

    def _values(self, name: str) -> npt.NDArray[np.float64]:
        if name == LENGTH:
            lengths: npt.NDArray[np.float64] = self.library.rows["duration_s"]
            return lengths
        values: npt.NDArray[np.float64] = self.library.values[:, self._places[name]]
        return values


def _harmless_name(file: str) -> str:
    """The name of a file without its folder, on one line."""
    name = os.path.basename(file)  # noqa: PTH119 (of 100 000 files)
    return name if name.isprintable() else printable(name)
