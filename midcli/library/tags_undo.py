"""The journal of what was in files before midcli wrote tags into them: JSON lines, only ever appended.

They are ASCII, in which names of files that are not valid text can be told too.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from midcli.errors import OutputError
from midcli.library.tags_content import Tags

SCHEMA = "midcli.tags/1"


@dataclass(frozen=True)
class Change:
    """What was done to the tags of one file."""

    file: str
    """Its whole path."""
    before: Tags
    """Values of the tags that were changed, none of those that were not there."""
    after: Tags
    had_tags: bool
    """Whether the file had tags of any kind before."""
    sha256: str
    """Of the file afterwards."""
    undone: bool = False
    """Whether this took back all that was done before."""

    def to_dict(self) -> dict[str, Any]:
        tags = {name: {key: list(values) for key, values in getattr(self, name).items()} for name in _SIDES}
        return {"schema": SCHEMA} | vars(self) | tags


_SIDES = ("before", "after")


class UndoJournal:
    """All changes, by the place of a file or by its content where it was moved since.

    >>> from pathlib import Path
    >>> from midcli.library.tags_undo import UndoJournal
    >>> UndoJournal(Path("undo.jsonl")).of(Path("song.ogg"))
    []
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def note(self, change: Change) -> None:
        """Append a change, on disk when this returns. Raises OutputError."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                torn = file.tell() and not self._ends_with_a_line()
                file.write((b"\n" if torn else b"") + json.dumps(change.to_dict()).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise OutputError(f"{self.path}: cannot be written: {error.strerror}") from error
        if "_changes" in self.__dict__:
            _apply(self._changes, change)

    def places_in(self, folder: Path) -> list[Path]:
        """Files in a folder and below it, or that links there lead to, with changes that were not taken back,
        by name.
        """
        top = Path(_place(folder))
        linked = set(_linked_from(top))
        places = (Path(file) for file, changes in self._changes.items() if changes)
        return sorted(place for place in places if top in place.parents or place in linked)

    def of(self, path: Path) -> list[Change]:
        """What was done to the file at a place and not taken back, in order."""
        return [*self._changes.get(_place(path), ())]

    def of_content(self, sha256: str) -> list[Change]:
        """The same of a file that was moved or copied since, by its content; of several, of one that is gone
        from its place.
        """
        found = [changes for changes in self._changes.values() if changes and changes[-1].sha256 == sha256]
        return [*min(found, key=lambda changes: os.path.lexists(changes[0].file), default=())]

    @cached_property
    def _changes(self) -> dict[str, list[Change]]:
        by_place: dict[str, list[Change]] = {}
        for change in self._read():
            _apply(by_place, change)
        return by_place

    def _read(self) -> Iterator[Change]:
        try:
            lines = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return
        except OSError as error:
            raise OutputError(f"{self.path}: cannot be read: {error.strerror}") from error
        for line in lines:
            try:
                yield _change(json.loads(line))
            except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
                continue  # torn by a crash, before its file was touched, or none of ours

    def _ends_with_a_line(self) -> bool:
        with self.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read() == b"\n"


def _apply(by_place: dict[str, list[Change]], change: Change) -> None:
    so_far = by_place.setdefault(change.file, [])
    if change.undone:
        so_far.clear()
    else:
        so_far.append(change)


def _change(row: Any) -> Change:
    """Raises ValueError, LookupError, TypeError or AttributeError for what is none."""
    before, after = (
        {key: tuple(map(_text, list[Any](values))) for key, values in row[name].items()} for name in _SIDES
    )
    if b"\0" in os.fsencode(_text(row["file"])):
        raise ValueError("a place that no file can have")
    had_tags, undone = bool(row["had_tags"]), bool(row["undone"])
    return Change(row["file"], before, after, had_tags, _text(row["sha256"]), undone)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _linked_from(folder: Path) -> Iterator[Path]:
    """Where the links to files in a folder and below it lead."""
    for parent, _, names in os.walk(folder):
        for path in (Path(parent, name) for name in names):
            if path.is_symlink():
                yield Path(_place(path))


def _place(path: Path) -> str:
    return os.path.realpath(path)
