"""Tags into files and out of them again: atomic, undoable, the audio and all other tags as they were.

A file is copied, the copy tagged and compared with the file, the change noted in the journal, and only then
does the copy take the file's place.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from midcli.errors import InputError, MidcliError
from midcli.explanation.records import Source
from midcli.library.tags_audio import check_readable, content_of
from midcli.library.tags_content import MOOD, MOODS, Tags
from midcli.library.tags_formats import TaggedFile, broken, kind_of
from midcli.library.tags_undo import Change, UndoJournal
from midcli.util.files import replacing

Content = tuple[str, list[Any]]
"""Digest of the audio, and the other tags as FFmpeg reads them."""

_OTHERS = "writing would change other tags in it; the file is left as it is"
_CHANGED_SINCE = "has changed since it was analysed; predict again"
_ANY_WRITE_BIT = 0o222


def pending(path: Path, tags: Tags) -> dict[str, tuple[str, ...]]:
    """What would change in a file: nothing if it has the tags already. Raises InputError."""
    with _reading(path), path.open("rb") as file:
        _check_writable(path)
        return _changed(_tagged(path, kind_of(path), file).own(), tags)


def rehearsed(path: Path, tags: Tags, known: Source | None = None) -> dict[str, tuple[str, ...]]:
    """What would change in a file; `known` is what it contained when it was analysed.

    Raises InputError for all that writing refuses, but for what only the finished copy shows.
    """
    changes = pending(path, tags)
    if changes:
        with _reading(path), path.open("rb") as file:
            _check_unchanged(path, file, known)
            with _comparable(path):
                check_readable(file)
            tagged = _tagged(path, kind_of(path), file)
            with _understood(path):
                tagged.set(changes)
                if tagged.loses_tags():
                    raise InputError(path, _OTHERS)
    return changes


def write_tags(path: Path, tags: Tags, journal: UndoJournal, sha256: str | None = None) -> Source:
    """Write tags into a file and return what it contains then; `sha256` is what it must contain before.

    Raises InputError, and the file is as it was, OutputError if the journal cannot be written.
    """

    def edit(tagged: TaggedFile) -> tuple[Tags, bool]:
        return _changed(tagged.own(), tags), False

    return _rewrite(path, edit, journal, sha256)


def undo_tags(path: Path, journal: UndoJournal) -> tuple[Source, Tags, tuple[str, ...]]:
    """Put back what was in a file before midcli wrote into it: what it contains then, the tags that changed,
    and the names of those that were left as somebody else has changed them since.

    Raises InputError if the journal knows nothing of it, or for a file that cannot be written.
    """
    with _reading(path), path.open("rb") as file:
        sha256 = _sha256(file)
        done = journal.of(path) or journal.of_content(sha256)
        if not done:
            raise InputError(path, "nothing that midcli wrote into it is known")
        own = _tagged(path, kind_of(path), file).own()
        state = os.fstat(file.fileno())
    before: dict[str, tuple[str, ...]] = {}
    after: dict[str, tuple[str, ...]] = {}
    for change in done:
        before = {**change.before, **before}
        after |= change.after
    # what was tagged before it was copied keeps its changes
    place = os.path.realpath(path) if os.path.lexists(done[0].file) else done[0].file
    changed = [name for name in after if own.get(name, ()) != before.get(name, ())]
    kept = tuple(name for name in changed if own.get(name, ()) != after[name])
    restored = {name: before.get(name, ()) for name in changed if name not in kept}
    if not restored:  # as it was killed before it wrote, say
        journal.note(Change(place, {}, {}, done[0].had_tags, sha256, undone=True))
        return Source(sha256, state.st_size, state.st_mtime_ns), {}, kept

    def edit(_: TaggedFile) -> tuple[Tags, bool]:
        return restored, not done[0].had_tags

    return _rewrite(path, edit, journal, sha256, undone_from=place), restored, kept


def _changed(own: Tags, wanted: Tags) -> dict[str, tuple[str, ...]]:
    """Tags that differ from those of a file. A mood that is not ours stays."""
    tags = {name: () for name in own if name != MOOD} | dict(wanted)
    if own.get(MOOD, ()) in ((), own.get(MOODS, ())):
        tags[MOOD] = wanted.get(MOODS, ())
    return {name: values for name, values in tags.items() if own.get(name, ()) != values}


def _rewrite(
    path: Path,
    edit: Callable[[TaggedFile], tuple[Tags, bool]],
    journal: UndoJournal,
    sha256: str | None,
    undone_from: str = "",
) -> Source:
    """Change the tags of a file by way of a copy; `edit` says what, and whether an empty tag is to go."""
    with _reading(path), path.open("rb") as original:
        _check_writable(path)
        kind = kind_of(path)
        content = _content(path, original)
        with _placed(path) as copy:
            _copy(path, original, copy, sha256)
            original.close()  # Windows replaces no open file
            tagged = _tagged(path, kind, copy)
            others, own, frames = tagged.others(), tagged.own(), tagged.frames
            changes, drop_if_empty = edit(tagged)
            with _understood(path):
                tagged.set(changes)
                dropped = tagged.save(drop_if_empty)
            again = _tagged(path, kind, copy)
            if (frames - again.frames and not dropped) or again.others() != others:
                raise InputError(path, _OTHERS)
            _check(path, again, _content(path, copy), content, {**own, **changes})
            after = _sha256(copy)
            before = {name: own.get(name, ()) for name in changes}
            place = undone_from or os.path.realpath(path)
            journal.note(Change(place, before, dict(changes), tagged.had_tags, after, bool(undone_from)))
        state = path.stat()
        return Source(after, state.st_size, state.st_mtime_ns)


def _check(path: Path, again: TaggedFile, now: Content, before: Content, own: Tags) -> None:
    """Raises InputError unless the copy has the tags, and all else is as it was."""
    if again.own() != {name: values for name, values in own.items() if values}:
        raise InputError(path, "its format does not hold these tags; the file is left as it is")
    if now[1] != before[1]:
        raise InputError(path, _OTHERS)
    if now[0] != before[0]:
        raise InputError(path, "writing would change its audio; the file is left as it is")


@contextmanager
def _placed(path: Path) -> Iterator[IO[bytes]]:
    """A copy that takes the place of the file when all is well, with its owner, mode and attributes."""
    with replacing(path) as copy:
        yield copy
        copy.flush()
        shutil.copystat(path, copy.name)
        os.utime(copy.name)  # it has changed
        with suppress(OSError, AttributeError):
            state = path.stat()
            os.chown(copy.name, state.st_uid, state.st_gid)


def _copy(path: Path, original: IO[bytes], copy: IO[bytes], sha256: str | None) -> None:
    if sha256 and _sha256(original) != sha256:
        raise InputError(path, _CHANGED_SINCE)
    original.seek(0)
    shutil.copyfileobj(original, copy)


def _sha256(file: Any) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def _check_unchanged(path: Path, file: IO[bytes], known: Source | None) -> None:
    """A file of the same size and time is taken for the same, as by `predict`."""
    state = path.stat()
    is_same = known is None or (known.bytes, known.modified_ns) == (state.st_size, state.st_mtime_ns)
    if known and not is_same and _sha256(file) != known.sha256:
        raise InputError(path, _CHANGED_SINCE)


def _check_writable(path: Path) -> None:
    if not path.stat().st_mode & _ANY_WRITE_BIT or not os.access(path, os.W_OK):
        raise InputError(path, "is write-protected; nothing was written")
    if not os.access(path.resolve().parent, os.W_OK | os.X_OK):
        raise InputError(path, "its folder is write-protected; nothing was written")


@contextmanager
def _comparable(path: Path) -> Iterator[None]:
    try:
        yield
    except MidcliError:
        raise
    except ValueError as error:
        raise InputError(path, f"{error}; the file is left as it is") from error


def _content(path: Path, file: IO[bytes]) -> Content:
    with _comparable(path):
        return content_of(file)


def _tagged(path: Path, kind: type[Any], file: IO[bytes]) -> TaggedFile:
    with _understood(path):
        file.seek(0)
        return TaggedFile(kind, file)


@contextmanager
def _understood(path: Path) -> Iterator[None]:
    """Whatever a broken tag makes of mutagen, said in one line; a full disk is said as what it is."""
    try:
        yield
    except (OSError, MidcliError):
        raise
    except Exception as error:
        if isinstance(error.__cause__, OSError):
            raise error.__cause__ from error
        raise broken(path, error) from error


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except MidcliError:
        raise
    except FileNotFoundError as error:
        raise InputError(path, "no such file; nothing was written") from error
    except OSError as error:
        raise InputError(path, f"{error.strerror or error}; the file is left as it is") from error
