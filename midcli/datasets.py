"""Annotated corpora as they are published, or a user's own: audio files, ratings, groups.

Soundtracks (Eerola & Vuoskoski 2011, osf.io/p6vkg) carries emotions, Mid-level Perceptual Features
(Aljanaki & Soleymani 2018, osf.io/5aupt) the qualities; the 360 excerpts of the first are songs 3576 to
3935 of the second.
"""

import csv
import hashlib
import os
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from midcli.errors import DataError
from midcli.labels import EMOTION_RANGE, EMOTIONS, QUALITIES, QUALITY_RANGE, Label
from midcli.paths import exists, isdir, isfile

Array = npt.NDArray[np.float64]

DATA_VARIABLE = "MIDCLI_DATA"
SOUNDTRACKS_EXCERPTS = 360
MIDLEVEL_EXCERPTS = 5000
SOUNDTRACKS_ADDRESS = "https://osf.io/p6vkg"
MIDLEVEL_ADDRESS = "https://osf.io/5aupt"

_FIRST_SOUNDTRACKS_SONG = 3576
_TRACK_COLUMNS = ("Nro", "Album name")
_LONGEST_SHOWN = 40
_MISSPELT_ALBUMS = {"The Portait of a Lady": "The Portrait of a Lady"}


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


def data_folder(named: Path | None) -> Path:
    """The folder of corpora: the one named, or that of MIDCLI_DATA. Raises DataError without either."""
    folder = named or (Path(os.environ[DATA_VARIABLE]) if os.environ.get(DATA_VARIABLE) else None)
    if folder is None:
        raise DataError(
            f"no data set named: use --data DIR or set {DATA_VARIABLE}; "
            f"the film excerpts are published at {SOUNDTRACKS_ADDRESS}, their qualities at {MIDLEVEL_ADDRESS}"
        )
    if not exists(folder):
        raise DataError(f"{folder}: no such folder")
    return folder


def load_soundtracks(folder: Path) -> Corpus:
    """The 360 film excerpts with emotions and qualities. Raises DataError if any of it is missing."""
    root = folder / "soundtracks"
    ratings = _read_csv(root / "mean_ratings_set1.csv", SOUNDTRACKS_ADDRESS, needed=("number",))
    tracks = _tracks(_read_csv(root / "set1_tracklist.csv", SOUNDTRACKS_ADDRESS, needed=_TRACK_COLUMNS))
    songs = _midlevel_ratings(folder)
    excerpts, missing = [], []
    for row in ratings:
        number = row["number"]
        path = root / "Set1" / f"{number}.mp3"
        song_id = str(_number(number, root / "mean_ratings_set1.csv") + _FIRST_SOUNDTRACKS_SONG - 1)
        if not exists(path) or number not in tracks or song_id not in songs:
            missing.append(number)
            continue
        album = tracks[number]
        excerpts.append(
            Excerpt(
                number,
                path,
                songs[song_id],
                _ratings(row, EMOTIONS, EMOTION_RANGE, root / "mean_ratings_set1.csv"),
                _MISSPELT_ALBUMS.get(album, album),
            )
        )
    if missing or len(excerpts) != SOUNDTRACKS_EXCERPTS:
        raise DataError(
            f"{root}: {len(excerpts)} of {SOUNDTRACKS_EXCERPTS} excerpts are complete; "
            f"`midcli data check {folder}` says what is missing"
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
    Raises DataError if there is none.
    """
    sources = {row["song id"]: row for row in _midlevel_metadata(folder)}
    tracks = folder / "soundtracks" / "set1_tracklist.csv"
    albums = _tracks(_read_csv(tracks, "", needed=_TRACK_COLUMNS)) if exists(tracks) else {}
    excerpts = []
    for song_id, ratings in _midlevel_ratings(folder).items():
        number = f"{_number(song_id, _annotations(folder)) - _FIRST_SOUNDTRACKS_SONG + 1:03}"
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


def midlevel_audio(folder: Path, song_id: str) -> Path | None:
    """The audio of a mid-level excerpt, if present."""
    number = int(song_id) - _FIRST_SOUNDTRACKS_SONG + 1
    places = [folder / "midlevel" / "audio" / f"{song_id}.mp3", folder / "midlevel" / f"{song_id}.mp3"]
    if 1 <= number <= SOUNDTRACKS_EXCERPTS:
        places.append(folder / "soundtracks" / "Set1" / f"{number:03}.mp3")
    return next((path for path in places if exists(path)), None)


def load_own(table: Path) -> Corpus:
    """A user's corpus: a CSV with a `file` column (paths beside it) and any of the label columns.

    An optional `group` column keeps pieces together in grouped splits. Raises DataError if a file is
    missing, a rating is not a number or far from its scale, or no label column is there.
    """
    rows = _read_csv(table, "your own files")
    if not rows:
        raise DataError(f"{table}: has no rows")
    columns = set(rows[0])
    if "file" not in columns:
        raise DataError(f"{table}: has no column `file`")
    known = {name for label in (*QUALITIES, *EMOTIONS) for name in (label.name, label.column)}
    if not columns & known:
        raise DataError(f"{table}: has no label column; known are {', '.join(sorted(known))}")
    excerpts = []
    for row in rows:
        path = table.parent / row["file"]
        if not isfile(path):
            name = row["file"][:_LONGEST_SHOWN]
            raise DataError(f"{table}: {name}: no such file beside the table")
        excerpts.append(
            Excerpt(
                row["file"],
                path,
                _ratings(row, QUALITIES, QUALITY_RANGE, table),
                _ratings(row, EMOTIONS, EMOTION_RANGE, table),
                row.get("group") or row["file"],
            )
        )
    if len({excerpt.id for excerpt in excerpts}) != len(excerpts):
        raise DataError(f"{table}: a file is named twice")
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
    excerpts = [f"{number:03}.mp3" for number in range(1, SOUNDTRACKS_EXCERPTS + 1)]
    absent = tuple(name for name in excerpts if not exists(soundtracks / "Set1" / name))
    parts.append(
        Part(
            "film excerpts",
            soundtracks / "Set1",
            len(excerpts) - len(absent),
            len(excerpts),
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


def _midlevel_ratings(folder: Path) -> dict[str, Array]:
    table = _annotations(folder)
    rows = _read_csv(table, MIDLEVEL_ADDRESS, needed=("song_id",))
    return {row["song_id"]: _ratings(row, QUALITIES, QUALITY_RANGE, table) for row in rows}


def _annotations(folder: Path) -> Path:
    return folder / "midlevel" / "metadata_annotations" / "annotations.csv"


def _tracks(rows: list[dict[str, str]]) -> dict[str, str]:
    """Number of a film excerpt to its album."""
    return {row["Nro"]: row["Album name"] for row in rows}


def _number(cell: str, table: Path) -> int:
    try:
        number = int(cell[: _LONGEST_SHOWN + 1])
    except ValueError as error:
        raise DataError(f"{table}: {cell[:_LONGEST_SHOWN]!r} is not a number") from error
    if len(cell) > _LONGEST_SHOWN:  # audio files are looked for under it
        raise DataError(f"{table}: {cell[:_LONGEST_SHOWN]} … is no excerpt's number")
    return number


def _midlevel_metadata(folder: Path) -> list[dict[str, str]]:
    """Rows with headers in lower case: releases of the table write them differently."""
    table = folder / "midlevel" / "metadata_annotations" / "metadata.csv"
    if not exists(table):
        return []
    rows = _read_csv(table, "", ";", needed=("song id",))
    return [{column.lower(): cell for column, cell in row.items()} for row in rows]


def _ratings(row: dict[str, str], labels: Iterable[Label], scale: tuple[float, float], table: Path) -> Array:
    values = []
    for label in labels:
        cell = row.get(label.column) or row.get(label.name) or ""
        try:
            value = float(cell) if cell.strip() else np.nan
        except ValueError as error:
            raise DataError(f"{table}: {label.name}: {cell[:_LONGEST_SHOWN]!r} is not a number") from error
        low, high = scale
        if max(low - value, value - high) > high - low:
            raise DataError(
                f"{table}: {label.name}: {cell[:_LONGEST_SHOWN]} is far from the scale of {low:g} to {high:g}"
            )
        values.append(value)
    return np.array(values)


def _read_csv(
    path: Path, address: str, delimiter: str = ",", needed: tuple[str, ...] = ()
) -> list[dict[str, str]]:
    """Rows with blanks around headers and cells stripped; byte-order marks are welcome.

    Raises DataError if the file cannot be read or lacks a needed column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [
                {
                    (key or "").strip(): unicodedata.normalize("NFC", value or "").strip()
                    for key, value in row.items()
                    if not isinstance(value, list)
                }
                for row in csv.DictReader(file, delimiter=delimiter)
            ]
    except FileNotFoundError as error:
        raise DataError(f"{path}: missing; it belongs to what is published at {address}") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read as a table: {error}") from error
    for column in needed:
        if rows and column not in rows[0]:
            raise DataError(f"{path}: has no column `{column}`; it belongs to what is published at {address}")
    return rows


def _read_ids(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8").split()) if exists(path) else ()
