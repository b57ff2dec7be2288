"""Many pieces and their tags: what would be written, writing it, taking it back; their library follows.

A library's row takes over the content that its file has afterwards, so that no piece is analysed again.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from midcli.errors import InputError
from midcli.explanation.records import Prediction, Source
from midcli.library.columns import Library
from midcli.library.journal import Journal
from midcli.library.tags_content import moods_of, tags_of
from midcli.library.tags_undo import UndoJournal
from midcli.library.tags_writing import pending, rehearsed, undo_tags, write_tags
from midcli.library.tasks import read_source
from midcli.util.files import remove_all_unfinished
from midcli.util.text import json_text

TAG_SCHEMA = "midcli.tag/1"

Changes = Mapping[str, tuple[str, ...]]
"""Tags and their values; none of those that go."""


@dataclass(frozen=True)
class Piece:
    """A piece and where its file is from here.

    >>> from midcli.library.index import open_library
    >>> from midcli.library.tagging import pieces_of
    >>> [str(piece.path) for piece in pieces_of(open_library("library.jsonl"))]
    ['other.ogg', 'song.ogg']
    """

    record: Prediction
    path: Path


@dataclass(frozen=True)
class Rewritten:
    """A file whose tags have changed: its place, the hash of what it contained, and what it contains now."""

    path: Path
    before: str
    now: Source


@dataclass(frozen=True)
class Tagged:
    """What became of the tags of one file, or would become.

    >>> from midcli.library.tagging import Tagged
    >>> Tagged("song.ogg", {"MOOD": ("tense",)}).to_dict(written=True)["changes"]
    {'MOOD': ['tense']}
    """

    file: str
    changes: Changes
    """Empty if all is there already."""
    moods: tuple[str, ...] = ()
    flagged: bool = False
    """Whether it was left out as it does not sound like music."""
    kept: tuple[str, ...] = ()
    """Tags that were not taken back, as somebody else has changed them."""
    problem: str | None = None
    """Why nothing could be done."""
    gone: bool = False
    """Whether nothing is where the file was when it was analysed or tagged."""
    rewritten: "Rewritten | None" = None
    """If the file was changed."""

    def to_dict(self, written: bool) -> dict[str, Any]:
        """The object of `tag --json`."""
        row: dict[str, Any] = {"schema": TAG_SCHEMA, "file": json_text(self.file)}
        if self.problem is not None:
            return row | {"error": {"kind": InputError.kind, "message": json_text(self.problem)}}
        return row | {
            "written": written and bool(self.changes),
            "moods": list(self.moods),
            "changes": {name: list(values) for name, values in self.changes.items()},
            "flagged": self.flagged,
            "kept": list(self.kept),
            "gone": self.gone,
        }


def pieces_of(library: Library) -> Iterator[Piece]:
    """All pieces of a library, by the names of their files.

    >>> from midcli.library.index import open_library
    >>> from midcli.library.tagging import pieces_of
    >>> len(list(pieces_of(open_library("library.jsonl"))))
    2
    """
    for row in sorted(range(len(library)), key=library.files.__getitem__):
        yield Piece(library.record(row), library.locate(row))


def preview(pieces: Iterable[Piece]) -> Iterator[Tagged]:
    """What `tag` would do to each piece, and what it would refuse; nothing is written.

    Raises ExtraError without mutagen.

    >>> from midcli.library.index import open_library
    >>> from midcli.library.tagging import pieces_of, preview
    >>> all(tagged.changes for tagged in preview(pieces_of(open_library("library.jsonl"))))
    True
    """
    return _each(
        pieces, lambda piece: (rehearsed(piece.path, tags_of(piece.record), piece.record.source), None)
    )


def tag(pieces: Iterable[Piece], undo: UndoJournal, rows: Journal | None = None) -> Iterator[Tagged]:
    """Write tags into the file of each piece, as they are taken; one that cannot be written does not stop
    the others.

    `rows` is the journal of their library. Raises ExtraError without mutagen, OutputError if a journal
    cannot be written.

    >>> from pathlib import Path
    >>> from midcli.library.index import open_library
    >>> from midcli.library.journal import Journal
    >>> from midcli.library.tagging import pieces_of, tag
    >>> from midcli.library.tags_undo import UndoJournal
    >>> pieces = list(pieces_of(open_library("library.jsonl")))
    >>> with Journal(Path("library.jsonl")) as rows:
    ...     [one.problem for one in tag(pieces, UndoJournal(Path("undo.jsonl")), rows)]
    [None, None]
    """

    swept: set[str] = set()

    def write(piece: Piece) -> tuple[Changes, Rewritten | None]:
        _sweep(piece.path, swept)
        tags = tags_of(piece.record)
        changes = pending(piece.path, tags)
        if not changes:
            return changes, None
        known = piece.record.source
        source = write_tags(piece.path, tags, undo, known.sha256 if known else None)
        _take_over(rows, piece.record, source)
        return changes, Rewritten(piece.path, known.sha256, source) if known else None

    return _each(pieces, write)


def untag(
    paths: Iterable[Path],
    undo: UndoJournal,
    library: Library | None = None,
    rows: Journal | None = None,
) -> Iterator[Tagged]:
    """Take back what was written into files, as they are taken; those of a library keep their rows.

    >>> from pathlib import Path
    >>> from midcli.library.index import open_library
    >>> from midcli.library.tagging import pieces_of, tag, untag
    >>> from midcli.library.tags_undo import UndoJournal
    >>> undo = UndoJournal(Path("undo.jsonl"))
    >>> written = list(tag(pieces_of(open_library("library.jsonl")), undo))
    >>> [one.problem for one in untag([Path("song.ogg")], undo)]
    [None]
    """
    records = {_place(piece.path): piece.record for piece in pieces_of(library)} if library else {}
    swept: set[str] = set()
    for path in paths:
        _sweep(path, swept)
        record = records.get(_place(path))
        name = record.file if record else str(path)
        if not os.path.lexists(path):
            yield Tagged(name, {}, gone=True)
            continue
        try:
            before = read_source(str(path))
            source, taken_back, kept = undo_tags(path, undo)
        except InputError as error:
            yield Tagged(name, {}, problem=error.problem)
            continue
        if record and before and record.source and record.source.sha256 == before.sha256:
            _take_over(rows, record, source)
        rewritten = Rewritten(path, before.sha256, source) if before else None
        yield Tagged(name, taken_back, kept=kept, rewritten=rewritten)


def follow(library: Library, several: Iterable[Rewritten]) -> None:
    """Let the rows of another library take over what files contain whose tags have changed.

    Raises UsageError or OutputError if it cannot be written now.
    """
    changed = {_place(one.path): one for one in several}
    before = {bytes.fromhex(one.before) for one in changed.values()}
    found = [row for row, sha256 in enumerate(library.rows["sha256"].tolist()) if sha256 in before]
    known = [(row, changed[place]) for row in found if (place := _place(library.locate(row))) in changed]
    if known:
        with Journal(library.path) as rows:
            for row, one in known:
                record = library.record(row)
                if record.source and record.source.sha256 == one.before:
                    _take_over(rows, record, one.now)
            rows.tidy()


Work = Callable[[Piece], tuple[Changes, Rewritten | None]]


def _each(pieces: Iterable[Piece], work: Work) -> Iterator[Tagged]:
    from midcli.library.tags_formats import require_mutagen

    require_mutagen()
    return (_one(piece, work) for piece in pieces)


def _one(piece: Piece, work: Work) -> Tagged:
    record = piece.record
    if record.flagged:
        return Tagged(record.file, {}, flagged=True)
    if not os.path.lexists(piece.path):
        return Tagged(record.file, {}, gone=True)
    try:
        changes, rewritten = work(piece)
        return Tagged(record.file, changes, moods_of(record), rewritten=rewritten)
    except InputError as error:
        return Tagged(record.file, {}, problem=error.problem)


def _sweep(path: Path, swept: set[str]) -> None:
    """Remove what killed runs left in the folder of a file, once."""
    folder = os.path.dirname(_place(path))  # noqa: PTH120
    if folder not in swept:
        swept.add(folder)
        remove_all_unfinished(Path(folder))


def _place(path: Path) -> str:
    return os.path.realpath(path)


def _take_over(rows: Journal | None, record: Prediction, source: Source) -> None:
    if rows:
        folder = record.source.folder if record.source else None
        rows.update(replace(record, source=source._replace(folder=folder)))
