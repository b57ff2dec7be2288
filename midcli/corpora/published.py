"""Annotated corpora as they are published, or a user's own: audio files, ratings, groups.

Soundtracks (Eerola & Vuoskoski 2011, osf.io/p6vkg) carries emotions, Mid-level Perceptual Features
(Aljanaki & Soleymani 2018, osf.io/5aupt) the qualities; the 360 excerpts of the first are songs 3576 to
3935 of the second.
"""

import csv
import hashlib
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from midcli.errors import DataError
from midcli.labels import (
    EMOTION_NAMES,
    EMOTION_RANGE,
    EMOTIONS,
    QUALITIES,
    QUALITY_NAMES,
    QUALITY_RANGE,
    Label,
)
from midcli.util.files import exists, isdir, isfile

Array = npt.NDArray[np.float64]

DATA_VARIABLE = "MIDCLI_DATA"
SOUNDTRACKS_EXCERPTS = 360
MIDLEVEL_EXCERPTS = 5000
SOUNDTRACKS_ADDRESS = "https://osf.io/p6vkg"
MIDLEVEL_ADDRESS = "https://osf.io/5aupt"

_FIRST_SOUNDTRACKS_SONG = 3576
_NUMBERS = tuple(f"{number:03}" for number in range(1, SOUNDTRACKS_EXCERPTS + 1))
_TRACK_COLUMNS = ("Nro", "Album name")
_LONGEST_SHOWN = 40
_NAMED = 3
_MISSPELT_ALBUMS = {"The Portait of a Lady": "The Portrait of a Lady"}


@dataclass(frozen=True)
class _Group:
    """Labels that are rated on one scale."""

    name: str
    labels: tuple[Label, ...]
    scale: tuple[float, float]


_QUALITIES = _Group("qualities", QUALITIES, QUALITY_RANGE)
_EMOTIONS = _Group("emotions", EMOTIONS, EMOTION_RANGE)


@dataclass(frozen=True)
class _Row:
    """A row of a table."""

    table: Path
    line: int
    """On which it ends."""
    cells: dict[str, str]

    @property
    def where(self) -> str:
        return f"{self.table}, line {self.line}"


@dataclass(frozen=True)
class Excerpt:
    """One rated piece of audio. Ratings are in rating points, NaN where there is none."""

    id: str
    path: Path
    midlevel: Array
    """(7,)"""
    emotion: Array
    """(8,)"""
    group: str
    """Excerpts of one group (an album) must not be on both sides of a grouped split."""


@dataclass(frozen=True)
class Corpus:
    """Excerpts whose audio is present, in a fixed order."""

    name: str
    excerpts: tuple[Excerpt, ...]
    fixed_test: tuple[str, ...] = ()
    fixed_validation: tuple[str, ...] = ()
    published: bool = False
    """Whether this is one of the published corpora rather than a user's own."""

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(excerpt.id for excerpt in self.excerpts)

    @property
    def midlevel(self) -> Array:
        """(excerpts, 7) in rating points."""
        return np.stack([excerpt.midlevel for excerpt in self.excerpts])

    @property
    def emotion(self) -> Array:
        """(excerpts, 8) in rating points."""
        return np.stack([excerpt.emotion for excerpt in self.excerpts])


def audio_digest(path: Path) -> str:
    """Sixteen hex digits of a file's SHA-256, by which a model's card tells what it was trained on."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def data_folder(folder: Path | None) -> Path:
    """The folder of corpora that was named. Raises DataError if none was, or it does not exist."""
    if folder is None:
        raise DataError(
            f"no data set named: use --data DIR or set {DATA_VARIABLE}; "
            f"the film excerpts are published at {SOUNDTRACKS_ADDRESS}, their qualities at {MIDLEVEL_ADDRESS}"
        )
    if not exists(folder):
        raise DataError(f"{folder}: no such folder")
    return folder


def load_soundtracks(folder: Path) -> Corpus:
    """The 360 film excerpts with emotions and qualities.

    Raises DataError if any of it is missing or there twice, or if nobody rated a label.
    """
    _check_layout(folder)
    root = folder / "soundtracks"
    table = root / "mean_ratings_set1.csv"
    rows = _read_csv(table, SOUNDTRACKS_ADDRESS, needed=("number",))
    for row in rows:
        _check_number(row, "number")
    numbers = [row.cells["number"] for row in rows]
    emotions = _published_ratings(table, rows, _EMOTIONS, SOUNDTRACKS_ADDRESS)
    albums = _tracks(_read_csv(root / "set1_tracklist.csv", SOUNDTRACKS_ADDRESS, needed=_TRACK_COLUMNS))
    songs = _midlevel_ratings(folder)
    _check_complete(root, Counter(numbers), albums, songs)
    excerpts = (
        Excerpt(
            number,
            _film_audio(root, number),
            songs[_song(number)],
            emotion,
            _MISSPELT_ALBUMS.get(albums[number], albums[number]),
        )
        for number, emotion in zip(numbers, emotions, strict=True)
    )
    return Corpus(
        "soundtracks",
        tuple(excerpts),
        _read_ids(root / "fixed-test-36.txt"),
        _read_ids(root / "fixed-validation-36.txt"),
        published=True,
    )


def load_midlevel(folder: Path) -> Corpus:
    """All excerpts with qualities whose audio is present, film excerpts among them; no emotions.

    Audio lies as <song_id>.mp3 in `midlevel/audio`, or for the film excerpts where Soundtracks keeps it.
    Raises DataError if there is none, if a song is rated twice or if nobody rated a quality.
    """
    _check_layout(folder)
    sources = {row["song id"]: row for row in _midlevel_metadata(folder)}
    tracks = folder / "soundtracks" / "set1_tracklist.csv"
    albums = _tracks(_read_csv(tracks, "", needed=_TRACK_COLUMNS)) if exists(tracks) else {}
    excerpts = []
    for song_id, ratings in _midlevel_ratings(folder).items():
        number = f"{int(song_id) - _FIRST_SOUNDTRACKS_SONG + 1:03}"
        album = albums.get(number, "")
        path = midlevel_audio(folder, song_id)
        if path is None:
            continue
        source = sources.get(song_id, {})
        artist = source.get("artist", "") or _MISSPELT_ALBUMS.get(album, album) or song_id
        excerpts.append(Excerpt(song_id, path, ratings, np.full(len(EMOTIONS), np.nan), artist))
    if not excerpts:
        raise DataError(
            f"{folder}: no audio of the mid-level excerpts; it is published at {MIDLEVEL_ADDRESS}"
        )
    return Corpus("midlevel", tuple(excerpts), published=True)


def _check_layout(folder: Path) -> None:
    if isfile(folder):
        raise DataError(
            f"{folder}: is a file; this needs the folder of the published corpora, with `soundtracks` in it"
        )


def midlevel_audio(folder: Path, song_id: str) -> Path | None:
    """The audio of a mid-level excerpt, if present."""
    number = int(song_id) - _FIRST_SOUNDTRACKS_SONG + 1
    places = [folder / "midlevel" / "audio" / f"{song_id}.mp3", folder / "midlevel" / f"{song_id}.mp3"]
    if 1 <= number <= SOUNDTRACKS_EXCERPTS:
        places.append(_film_audio(folder / "soundtracks", f"{number:03}"))
    return next((path for path in places if exists(path)), None)


def load_own(table: Path) -> Corpus:
    """A user's corpus: a CSV with a `file` column (paths beside it) and any of the label columns.

    An optional `group` column keeps pieces together in grouped splits. Ratings are on the published scales,
    and may be absent. Raises DataError if a file is missing or named twice, a rating is not a number or far
    from its scale, all qualities or all emotions are on a smaller scale, or no label column is there.
    """
    rows = _read_csv(table, "your own files")
    if not rows:
        raise DataError(f"{table}: has no rows")
    columns = set(rows[0].cells)
    if "file" not in columns:
        raise DataError(f"{table}: has no column `file`")
    known = {name for label in (*QUALITIES, *EMOTIONS) for name in (label.name, label.column)}
    if not columns & known:
        raise DataError(f"{table}: has no label column; known are {', '.join(sorted(known))}")
    for row in rows:
        name = row.cells["file"]
        if not isfile(table.parent / name):
            raise DataError(f"{row.where}: {name[:_LONGEST_SHOWN]}: no such file beside the table")
    names = _unique(rows, "file")
    qualities, emotions = (_ratings(table, rows, group) for group in (_QUALITIES, _EMOTIONS))
    excerpts = (
        Excerpt(name, table.parent / name, midlevel, emotion, row.cells.get("group") or name)
        for name, row, midlevel, emotion in zip(names, rows, qualities, emotions, strict=True)
    )
    return Corpus(table.stem, tuple(excerpts))


def load_corpus(place: Path) -> Corpus:
    """The corpus in a folder of published layout, or a user's own from its CSV or the folder of one CSV."""
    if isfile(place):
        return load_own(place)
    if isdir(place / "soundtracks"):
        return load_soundtracks(place)
    tables = sorted(place.glob("*.csv"))
    if len(tables) == 1:
        return load_own(tables[0])
    raise DataError(
        f"{place}: neither the published layout (a folder `soundtracks`) nor one CSV with a column `file`"
    )


def rating_gaps(corpus: Corpus) -> list[str]:
    """Lines that say which labels nobody rated, and of how many excerpts others are not rated."""
    unrated = np.isnan(np.hstack([corpus.midlevel, corpus.emotion])).sum(axis=0)
    counts = dict(zip((*QUALITY_NAMES, *EMOTION_NAMES), unrated.tolist(), strict=True))
    total = len(corpus.excerpts)
    nowhere = [name for name, count in counts.items() if count == total]
    partly = [f"{name} {count}" for name, count in counts.items() if 0 < count < total]
    return [
        *([f"no ratings at all: {', '.join(nowhere)}"] if nowhere else []),
        *([f"excerpts without a rating, of {total}: {', '.join(partly)}"] if partly else []),
    ]


def some(names: Sequence[str]) -> str:
    """The first names and how many more there are."""
    shown = ", ".join(names[:_NAMED])
    return f"{shown} and {len(names) - _NAMED} more" if len(names) > _NAMED else shown


@dataclass(frozen=True)
class Part:
    """What is there of one part of the published corpora."""

    name: str
    place: Path
    present: int
    expected: int
    missing: tuple[str, ...]
    """Names of what is missing, in order."""
    address: str
    """Where it is published."""


def check_published(folder: Path) -> list[Part]:
    """What of the two published corpora is in a folder and what is missing."""
    soundtracks, midlevel = folder / "soundtracks", folder / "midlevel"
    tables = {
        "emotion ratings": (soundtracks / "mean_ratings_set1.csv", SOUNDTRACKS_ADDRESS),
        "album list": (soundtracks / "set1_tracklist.csv", SOUNDTRACKS_ADDRESS),
        "mid-level ratings": (midlevel / "metadata_annotations" / "annotations.csv", MIDLEVEL_ADDRESS),
        "mid-level sources": (midlevel / "metadata_annotations" / "metadata.csv", MIDLEVEL_ADDRESS),
    }
    parts = [
        Part(name, path, int(exists(path)), 1, () if exists(path) else (path.name,), address)
        for name, (path, address) in tables.items()
    ]
    absent = tuple(f"{number}.mp3" for number in _NUMBERS if not exists(_film_audio(soundtracks, number)))
    parts.append(
        Part(
            "film excerpts",
            soundtracks / "Set1",
            len(_NUMBERS) - len(absent),
            len(_NUMBERS),
            absent,
            SOUNDTRACKS_ADDRESS,
        )
    )
    songs = [str(song) for song in range(1, MIDLEVEL_EXCERPTS + 1)]
    silent = tuple(f"{song}.mp3" for song in songs if midlevel_audio(folder, song) is None)
    parts.append(
        Part(
            "mid-level excerpts",
            midlevel / "audio",
            len(songs) - len(silent),
            len(songs),
            silent,
            MIDLEVEL_ADDRESS,
        )
    )
    return parts


def _check_complete(
    root: Path, listed: Counter[str], albums: dict[str, str], songs: dict[str, Array]
) -> None:
    """Raises DataError that says which excerpts are not there once in all tables and as audio, and why."""
    ratings = "mean_ratings_set1.csv"
    problems = {
        f"not in {ratings}": [number for number in _NUMBERS if number not in listed],
        f"more than once in {ratings}": [number for number, times in listed.items() if times > 1],
        f"in {ratings} but not of {_NUMBERS[0]} to {_NUMBERS[-1]}": [
            number for number in listed if number not in _NUMBERS
        ],
        "without audio in Set1": [number for number in _NUMBERS if not exists(_film_audio(root, number))],
        "not in set1_tracklist.csv": [number for number in _NUMBERS if number not in albums],
        f"not in annotations.csv (song_id is {_FIRST_SOUNDTRACKS_SONG - 1} more)": [
            number for number in _NUMBERS if _song(number) not in songs
        ],
    }
    found = [f"{reason}: {some(numbers)}" for reason, numbers in problems.items() if numbers]
    if found:
        complete = set(_NUMBERS).difference(*problems.values())
        raise DataError(
            f"{root}: {len(complete)} of {len(_NUMBERS)} excerpts are complete; {'; '.join(found)}; "
            f"compare with {SOUNDTRACKS_ADDRESS} and {MIDLEVEL_ADDRESS}"
        )


def _midlevel_ratings(folder: Path) -> dict[str, Array]:
    """Song id, which is a number, to ratings (7,)."""
    table = folder / "midlevel" / "metadata_annotations" / "annotations.csv"
    rows = _read_csv(table, MIDLEVEL_ADDRESS, needed=("song_id",))
    for row in rows:
        _check_number(row, "song_id")
    ratings = _published_ratings(table, rows, _QUALITIES, MIDLEVEL_ADDRESS)
    return dict(zip(_unique(rows, "song_id"), ratings, strict=True))


def _unique(rows: list[_Row], column: str) -> list[str]:
    """The cells of a column. Raises DataError if one is there twice."""
    lines: dict[str, int] = {}
    for row in rows:
        cell = row.cells[column]
        if cell in lines:
            raise DataError(f"{row.where}: {cell} is named twice, first in line {lines[cell]}")
        lines[cell] = row.line
    return [*lines]


def _tracks(rows: list[_Row]) -> dict[str, str]:
    """Number of a film excerpt to its album."""
    return {row.cells["Nro"]: row.cells["Album name"] for row in rows}


def _film_audio(root: Path, number: str) -> Path:
    return root / "Set1" / f"{number}.mp3"


def _song(number: str) -> str:
    """The song id of a film excerpt."""
    return str(int(number) + _FIRST_SOUNDTRACKS_SONG - 1)


def _check_number(row: _Row, column: str) -> None:
    """Raises DataError if a cell is not a number short enough to look for audio files under it."""
    cell = row.cells[column]
    try:
        int(cell[: _LONGEST_SHOWN + 1])
    except ValueError as error:
        raise DataError(f"{row.where}: {cell[:_LONGEST_SHOWN]!r} is not a number") from error
    if len(cell) > _LONGEST_SHOWN:
        raise DataError(f"{row.where}: {cell[:_LONGEST_SHOWN]} … is no excerpt's number")


def _midlevel_metadata(folder: Path) -> list[dict[str, str]]:
    """Rows with headers in lower case: releases of the table write them differently."""
    table = folder / "midlevel" / "metadata_annotations" / "metadata.csv"
    if not exists(table):
        return []
    rows = _read_csv(table, "", ";", needed=("song id",))
    return [{column.lower(): cell for column, cell in row.cells.items()} for row in rows]


def _published_ratings(table: Path, rows: list[_Row], group: _Group, address: str) -> Array:
    """As `_ratings`, and raises DataError if nobody rated a label."""
    ratings = _ratings(table, rows, group)
    unrated = [
        label.column for label, column in zip(group.labels, ratings.T, strict=True) if np.isnan(column).all()
    ]
    if rows and unrated:
        raise DataError(
            f"{table}: has no column with ratings named {', '.join(unrated)}; "
            f"it belongs to what is published at {address}"
        )
    return ratings


def _ratings(table: Path, rows: list[_Row], group: _Group) -> Array:
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


def _rating(row: _Row, label: Label, scale: tuple[float, float]) -> float:
    cell = row.cells.get(label.column) or row.cells.get(label.name) or ""
    try:
        rating = float(cell) if cell.strip() else np.nan
    except ValueError as error:
        raise DataError(f"{row.where}: {label.name}: {cell[:_LONGEST_SHOWN]!r} is not a number") from error
    low, high = scale
    if max(low - rating, rating - high) > high - low:
        raise DataError(
            f"{row.where}: {label.name}: {cell[:_LONGEST_SHOWN]} is far from the scale of {low:g} to {high:g}"
        )
    return rating


def _read_csv(path: Path, address: str, delimiter: str = ",", needed: tuple[str, ...] = ()) -> list[_Row]:
    """Rows with blanks around headers and cells stripped; byte-order marks are welcome.

    Raises DataError if the file cannot be read or lacks a needed column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, delimiter=delimiter)
            rows = [
                _Row(
                    path,
                    reader.line_num,
                    {
                        (key or "").strip(): unicodedata.normalize("NFC", value or "").strip()
                        for key, value in row.items()
                        if not isinstance(value, list)
                    },
                )
                for row in reader
            ]
    except FileNotFoundError as error:
        raise DataError(f"{path}: missing; it belongs to what is published at {address}") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read as a table: {error}") from error
    for column in needed:
        if rows and column not in rows[0].cells:
            raise DataError(f"{path}: has no column `{column}`; it belongs to what is published at {address}")
    return rows


def _read_ids(path: Path) -> tuple[str, ...]:
    if not exists(path):
        return ()
    try:
        return tuple(path.read_text(encoding="utf-8-sig").split())
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as text in UTF-8: {error}") from error
