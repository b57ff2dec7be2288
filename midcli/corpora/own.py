"""A user's own corpus: a table of files and ratings; and whichever corpus a folder holds."""

from pathlib import Path

from midcli.corpora.corpus import (
    EMOTION_GROUP,
    LONGEST_SHOWN,
    QUALITY_GROUP,
    Corpus,
    Excerpt,
    ratings_of,
    read_csv,
    unique,
)
from midcli.corpora.published import load_soundtracks
from midcli.errors import DataError
from midcli.labels import EMOTIONS, QUALITIES
from midcli.util.files import isdir, isfile


def load_own(table: Path) -> Corpus:
    """A user's corpus: a CSV with a `file` column (paths beside it) and any of the label columns.

    An optional `group` column keeps pieces together in grouped splits. Ratings are on the published scales,
    and may be absent. Raises DataError if a file is missing or named twice, a rating is not a number or far
    from its scale, all qualities or all emotions are on a smaller scale, or no label column is there.
    """
    rows = read_csv(table, "your own files")
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
            raise DataError(f"{row.where}: {name[:LONGEST_SHOWN]}: no such file beside the table")
    names = unique(rows, "file")
    qualities, emotions = (ratings_of(table, rows, group) for group in (QUALITY_GROUP, EMOTION_GROUP))
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
