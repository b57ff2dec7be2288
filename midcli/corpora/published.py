"""The published corpora in a folder: audio files, ratings, groups, and what is missing of them.

Soundtracks (Eerola & Vuoskoski 2011, osf.io/p6vkg) carries emotions, Mid-level Perceptual Features
(Aljanaki & Soleymani 2018, osf.io/5aupt) the qualities; the 360 excerpts of the first are songs 3576 to
3935 of the second.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from midcli.corpora.corpus import (
    EMOTION_GROUP,
    LONGEST_SHOWN,
    QUALITY_GROUP,
    Array,
    Corpus,
    Excerpt,
    Group,
    Row,
    ratings_of,
    read_csv,
    some,
    unique,
)
from midcli.errors import DataError
from midcli.labels import EMOTIONS
from midcli.util.documents import ContentError, read_document
from midcli.util.files import exists, isfile

SOUNDTRACKS_EXCERPTS = 360
MIDLEVEL_EXCERPTS = 5000
SOUNDTRACKS_ADDRESS = "https://osf.io/p6vkg"
MIDLEVEL_ADDRESS = "https://osf.io/5aupt"

_FIRST_SOUNDTRACKS_SONG = 3576
_NUMBERS = tuple(f"{number:03}" for number in range(1, SOUNDTRACKS_EXCERPTS + 1))
_TRACK_COLUMNS = ("Nro", "Album name")
_POPULAR_COLUMNS = ("file", "group")
_MISSPELT_ALBUMS = {"The Portait of a Lady": "The Portrait of a Lady"}


def load_soundtracks(folder: Path) -> Corpus:
    """The 360 film excerpts with emotions and qualities.

    Raises DataError if any of it is missing or there twice, or if nobody rated a label.
    """
    _check_layout(folder)
    root = folder / "soundtracks"
    table = root / "mean_ratings_set1.csv"
    rows = read_csv(table, SOUNDTRACKS_ADDRESS, needed=("number",))
    for row in rows:
        _check_number(row, "number")
    numbers = [row.cells["number"] for row in rows]
    emotions = _published_ratings(table, rows, EMOTION_GROUP, SOUNDTRACKS_ADDRESS)
    albums = _tracks(read_csv(root / "set1_tracklist.csv", SOUNDTRACKS_ADDRESS, needed=_TRACK_COLUMNS))
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

    Audio lies as <song_id>.mp3 in `midlevel/audio`, or where other corpora keep it: film excerpts in
    Soundtracks, popular music as `songs/mirex/<song_id>.ogg`, whose artists `songs/mirex.csv` tells.
    Raises DataError if there is none, if a song is rated twice or if nobody rated a quality.
    """
    _check_layout(folder)
    sources = {row["song id"]: row for row in _midlevel_metadata(folder)}
    tracks = folder / "soundtracks" / "set1_tracklist.csv"
    albums = _tracks(read_csv(tracks, "", needed=_TRACK_COLUMNS)) if exists(tracks) else {}
    artists = _popular_artists(folder)
    excerpts = []
    for song_id, ratings in _midlevel_ratings(folder).items():
        number = f"{int(song_id) - _FIRST_SOUNDTRACKS_SONG + 1:03}"
        album = albums.get(number, "")
        path = midlevel_audio(folder, song_id)
        if path is None:
            continue
        source = sources.get(song_id, {})
        artist = source.get("artist", "") or artists.get(song_id) or _MISSPELT_ALBUMS.get(album, album)
        excerpts.append(Excerpt(song_id, path, ratings, np.full(len(EMOTIONS), np.nan), artist or song_id))
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
    places.append(folder / "songs" / "mirex" / f"{song_id}.ogg")
    return next((path for path in places if exists(path)), None)


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
    rows = read_csv(table, MIDLEVEL_ADDRESS, needed=("song_id",))
    for row in rows:
        _check_number(row, "song_id")
    ratings = _published_ratings(table, rows, QUALITY_GROUP, MIDLEVEL_ADDRESS)
    return dict(zip(unique(rows, "song_id"), ratings, strict=True))


def _tracks(rows: list[Row]) -> dict[str, str]:
    """Number of a film excerpt to its album."""
    return {row.cells["Nro"]: row.cells["Album name"] for row in rows}


def _popular_artists(folder: Path) -> dict[str, str]:
    """Song id to the artist, of popular music among the mid-level excerpts."""
    table = folder / "songs" / "mirex.csv"
    if not exists(table):
        return {}
    rows = read_csv(table, MIDLEVEL_ADDRESS, needed=_POPULAR_COLUMNS)
    return {Path(row.cells["file"]).stem: row.cells["group"] for row in rows}


def _film_audio(root: Path, number: str) -> Path:
    return root / "Set1" / f"{number}.mp3"


def _song(number: str) -> str:
    """The song id of a film excerpt."""
    return str(int(number) + _FIRST_SOUNDTRACKS_SONG - 1)


def _check_number(row: Row, column: str) -> None:
    """Raises DataError if a cell is not a number short enough to look for audio files under it."""
    cell = row.cells[column]
    try:
        int(cell[: LONGEST_SHOWN + 1])
    except ValueError as error:
        raise DataError(f"{row.where}: {cell[:LONGEST_SHOWN]!r} is not a number") from error
    if len(cell) > LONGEST_SHOWN:
        raise DataError(f"{row.where}: {cell[:LONGEST_SHOWN]} … is no excerpt's number")


def _midlevel_metadata(folder: Path) -> list[dict[str, str]]:
    """Rows with headers in lower case: releases of the table write them differently."""
    table = folder / "midlevel" / "metadata_annotations" / "metadata.csv"
    if not exists(table):
        return []
    rows = read_csv(table, "", ";", needed=("song id",))
    return [{column.lower(): cell for column, cell in row.cells.items()} for row in rows]


def _published_ratings(table: Path, rows: list[Row], group: Group, address: str) -> Array:
    """As `ratings_of`, and raises DataError if nobody rated a label."""
    ratings = ratings_of(table, rows, group)
    unrated = [
        label.column for label, column in zip(group.labels, ratings.T, strict=True) if np.isnan(column).all()
    ]
    if rows and unrated:
        raise DataError(
            f"{table}: has no column with ratings named {', '.join(unrated)}; "
            f"it belongs to what is published at {address}"
        )
    return ratings


def _read_ids(path: Path) -> tuple[str, ...]:
    if not exists(path):
        return ()
    try:
        return tuple(read_document(path).split())
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    except ContentError as error:
        raise DataError(f"{path}: {error}") from error
