"""The JSON lines that a batch writes: every row on disk as soon as it is known; later runs go on from them.

A later row of a file replaces an earlier one. Rows are only ever appended during a run, so that nothing
can be lost; `tidy` drops replaced rows at its end, by way of a new file. A lock is held from the opening to
the end, also while that file takes the place of the first and while a new file without rows is removed: runs
that start and end at the same moment see one file or the other, never one that is about to vanish.

A row can be read by others at once. It is on the disk within SYNC_S, so that a power cut costs no more.
"""

import codecs
import errno
import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from threading import Timer
from typing import IO

from midcli.errors import OutputError, UsageError
from midcli.explanation.records import (
    PREDICT_SCHEMA,
    Failure,
    ModelInfo,
    Prediction,
    Record,
    Source,
    of_several_models,
    read_record,
    record_key,
)
from midcli.library.tasks import Outcome
from midcli.util.files import exists, lock, remove_unfinished, replacing, sync_folder, write_all
from midcli.util.text import has_lost_bytes, json_line, json_text

SYNC_S = 2.0
"""Rows are on the disk so soon after they were written, or when the run ends."""
_CANNOT_SYNC = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EBADF}
_LONGEST_ROW_BYTES = 1 << 20
_FIRST_BYTES = b'{"schema": "' + PREDICT_SCHEMA.encode() + b'"'


@dataclass(frozen=True)
class _Entry:
    """Where a row stands, and what of it decides whether its file is new."""

    key: str
    """What a later row must share to replace it."""
    file: str
    offset: int
    source: Source | None
    failed: bool
    quick: bool
    """Whether only a part of the piece was heard."""
    measured: bool
    """Whether facts were measured."""
    track: int | None
    """Which one was asked for."""


class Journal:
    """A file of rows, opened for appending. What a crash left at its end is put right: a row without its
    newline gets one, part of a row is dropped, and so are the empty bytes of a power cut, as `repair` tells.

    In a run that is not `quick`, what was heard in part only counts as not analysed, in one that measures
    `facts` what has none, and what is of another `track` than the run's.

    Raises UsageError if the file is something else, or if another run is writing to it; OutputError if
    it cannot be read or written.
    """

    def __init__(
        self, path: Path, quick: bool = False, facts: bool = False, track: int | None = None
    ) -> None:
        self.path = path
        self._folder = os.path.dirname(os.path.realpath(path))  # noqa: PTH120
        self._quick = quick
        self._facts = facts
        self._track = track
        self._created = not exists(path)
        self._syncing: Timer | None = None
        self._lost: OSError | None = None
        self._file: IO[bytes]
        self._open()

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_empty(self) -> bool:
        """Whether no row is in the file."""
        return not self._end

    def close(self) -> None:
        """Close the file; it vanishes if it is new and no row was written."""
        if self._file.closed:
            return
        self._sync()
        if not (self._created and self.is_empty):
            self._file.close()
            self._check_disk()
            return
        if sys.platform == "win32":  # it removes no open file
            self._file.close()
        if sys.platform == "win32" or _is_at(self._file, self.path):
            Path(os.path.realpath(self.path)).unlink(missing_ok=True)
        self._file.close()

    def has(self, file: Path) -> bool:
        """Whether the file was analysed and has kept its name, size and time of change."""
        entry = self._entries.get(self._key(str(file), None))
        return entry is not None and self._suffices(entry) and _is_unchanged(entry, file)

    def contents_like(self, file: Path) -> frozenset[str]:
        """Hashes of analysed contents that are as long as the file."""
        try:
            known = self._by_size.get(file.stat().st_size, {})
        except OSError:
            return frozenset()
        return frozenset(sha256 for sha256, entry in known.items() if self._suffices(entry))

    def _suffices(self, entry: _Entry) -> bool:
        heard = (self._quick or not entry.quick) and entry.track == self._track
        return heard and (entry.measured or not self._facts)

    def is_copy(self, file: str, source: Source) -> bool:
        """Whether that content, which is known, is known of another file only, which is still there."""
        entry = self._entries.get(self._key(file, self._from_here(file, source)))
        if entry and not entry.failed and entry.source and entry.source.sha256 == source.sha256:
            return False
        return not self._is_renamed(self._analysed(source), file)

    def add(self, outcome: Outcome) -> Record:
        """Append the record of an outcome. For known content it is the earlier one under the new name."""
        file = json_text(outcome.file)
        source = self._from_here(outcome.file, outcome.source)
        entry = self._entries.get(self._key(file, source))
        if outcome.record is None:
            assert source is not None  # noqa: S101
            earlier = self._analysed(source)
            record = replace(self._record(earlier), file=file, source=source)
            if self._is_renamed(earlier, outcome.file):
                self._forget(earlier)
        else:
            record = replace(outcome.record, source=source)
        if entry and (_outlives(entry, record, outcome.file) or self._record(entry) == _as_kept(record)):
            return record
        self._append(record)
        return record

    def update(self, record: Record) -> None:
        """Append a later record of a file, under the name that it has in an earlier one."""
        self._append(record)

    def _from_here(self, file: str, source: Source | None) -> Source | None:
        """The source with the folder that a relative name counts from, unless that is the results' own."""
        here = _real("", str(Path.cwd()))
        if source is None or Path(file).is_absolute() or here == self._folder:
            return source
        try:
            folder = os.path.relpath(here, self._folder)
        except ValueError:  # of another drive
            folder = here
        return source._replace(folder=json_text(folder))

    def _analysed(self, source: Source) -> _Entry:
        return self._by_size[source.bytes][source.sha256]

    def records(self) -> Iterator[Record]:
        """The latest record of every file, by their names."""
        for entry in sorted(self._entries.values(), key=lambda entry: entry.file):
            yield self._record(entry)

    def tidy(self) -> None:
        """Drop replaced rows. Raises OutputError if that fails; the file then stays as it is."""
        if not self._replaced:
            return
        self._sync()
        try:
            with replacing(self.path) as file:
                for entry in sorted(self._entries.values(), key=lambda entry: entry.offset):
                    file.write(self._line(entry))
                if sys.platform == "win32":  # it replaces no open file
                    self._file.close()
                else:
                    tidied = os.dup(file.fileno())  # with the lock
        except OSError as error:
            raise self._cannot("be tidied of outdated rows", error) from error
        self._file.close()
        if sys.platform == "win32":
            self._open()
        else:
            self._file = _appending(tidied)
            self._load()

    def _open(self) -> None:
        self.repair = ""
        """What of the file was lost in a crash, in words; empty if nothing was."""
        try:
            # through a link, so that tidying does not replace the link
            self._file = open(os.path.realpath(self.path), "a+b", buffering=0)  # noqa: PTH123, SIM115
        except OSError as error:
            raise self._cannot("be written", error) from error
        try:
            if not lock(self._file):
                raise UsageError(
                    f"{self.path}: another midcli is writing to it; every run needs an output of its own"
                )
            if sys.platform != "win32" and not _is_at(self._file, self.path):  # tidied by another meanwhile
                self._file.close()
                self._open()
                return
            remove_unfinished(self.path)
            if self._created:
                sync_folder(self.path)
            self._load()
        except BaseException:
            self._file.close()
            raise

    def _load(self) -> None:
        self.model: ModelInfo | None = None
        """Model of the rows; None without any."""
        self._entries: dict[str, _Entry] = {}
        self._failures: dict[str, list[_Entry]] = {}
        """Contents that could not be analysed: hash to the rows, which may have been replaced since."""
        self._by_size: dict[int, dict[str, _Entry]] = {}
        """Analysed contents: length to hash to a row, which may be one that has been replaced since."""
        self._replaced = 0
        self._end = number = 0
        self._file.seek(0)
        with open(self._file.fileno(), "rb", closefd=False) as lines:
            while line := lines.readline(_LONGEST_ROW_BYTES):
                number += 1
                if not line.endswith(b"\n"):
                    self._mend(line, lines, number)
                    break
                try:
                    self._remember(self._end, _read_row(line))
                except UsageError:
                    raise
                except (ValueError, RecursionError) as error:
                    raise self._foreign(number) from error
                self._end += len(line)
        for entry in list(self._entries.values()):  # what a run noticed and did not tidy
            if self._was_renamed(entry):
                self._forget(entry)

    def _mend(self, last: bytes, rest: IO[bytes], number: int) -> None:
        """Put the end of the file right, whose last line lacks its newline."""
        row = last.removeprefix(codecs.BOM_UTF8).rstrip(b"\0")
        empty = len(last.rstrip(b"\0")) < len(last)
        while part := rest.read(_LONGEST_ROW_BYTES):
            if part.strip(b"\0"):
                raise self._foreign(number)
        try:
            record = _read_row(row)
        except (ValueError, RecursionError) as error:
            if not (row.startswith(_FIRST_BYTES) or _FIRST_BYTES.startswith(row)):
                raise self._foreign(number) from error
            self._truncate()
        else:
            end = self._end
            self._remember(end, record)
            self._end += len(last.rstrip(b"\0"))
            self._truncate()
            self._write(b"\n")
        if empty:
            self.repair = (
                "a power cut left empty bytes at its end, which were removed; the rows before are whole"
            )

    def _was_renamed(self, entry: _Entry) -> bool:
        """Whether its file has left its name, and a later row has its content under a name that is there."""
        if entry.failed or entry.source is None:
            return False
        later = self._analysed(entry.source)
        return later.file != entry.file and self._is_gone(entry) and not self._is_gone(later)

    def _remember(self, offset: int, record: Record) -> None:
        failed = isinstance(record, Failure)
        quick = isinstance(record, Prediction) and record.heard_s is not None
        measured = isinstance(record, Prediction) and record.facts is not None
        key = self._key(record.file, record.source)
        track = record.track if isinstance(record, Prediction) else None
        entry = _Entry(key, record.file, offset, record.source, failed, quick, measured, track)
        if key in self._entries:
            self._forget(self._entries[key])
        self._entries[key] = entry
        self._forget_failures_like(entry)
        if not isinstance(record, Failure):
            self.model = self.model or record.model
            if record.model.sha256 != self.model.sha256:
                several = of_several_models(self.model, record)
                raise UsageError(f"{self.path}: {several}; choose another output")
            if record.source:
                known = self._by_size.setdefault(record.source.bytes, {})
                best = known.get(record.source.sha256)
                if best is None or best.quick or not quick:  # of copies, the one that was heard whole
                    known[record.source.sha256] = entry

    def _forget(self, entry: _Entry) -> None:
        """Leave a row out of what the file means from now on."""
        if self._entries.get(entry.key) is entry:
            del self._entries[entry.key]
            self._replaced += 1

    def _forget_failures_like(self, entry: _Entry) -> None:
        """Leave out failures of the same content under names that lead nowhere from here any more."""
        if entry.source is None:
            return
        alike = self._failures.setdefault(entry.source.sha256, [])
        for earlier in alike:
            if earlier.file != entry.file and self._is_gone(earlier) and not self._is_gone(entry):
                self._forget(earlier)
        if entry.failed:
            alike.append(entry)

    def _key(self, file: str, source: Source | None) -> str:
        """What a later row must share to replace this one, by whichever path the file was reached."""
        place = os.path.join(*self._place(file, source))  # noqa: PTH118
        return record_key(json_text(place), source._replace(folder=None) if source else None)

    def _place(self, file: str, source: Source | None) -> tuple[str, str]:
        """The same for all paths to a folder; links to a file, which are files of a library too, differ."""
        folder, name = os.path.split(self._seen(file, source))
        return _real(folder, "" if Path(folder).is_absolute() else str(Path.cwd())), name

    def _seen(self, file: str, source: Source | None) -> str:
        """Where a file is: where its name counts from, else beside the results or seen from here."""
        if Path(file).is_absolute():
            return file
        beside = os.path.join(self._folder, file)  # noqa: PTH118
        places = [beside, file] if source else [file, beside]
        if self._folder == _real("", str(Path.cwd())):
            places = [file]
        if source and source.folder:
            places.insert(0, os.path.join(self._folder, source.folder, file))  # noqa: PTH118
        if len(places) == 1:
            return file
        return next(filter(os.path.lexists, places), places[0])

    def _is_renamed(self, entry: _Entry, file: str) -> bool:
        """Whether an entry of the same content is of that very file under another name."""
        place = self._place(entry.file, entry.source)
        return (entry.file != json_text(file) and place == self._place(file, None)) or self._is_gone(entry)

    def _is_gone(self, entry: _Entry) -> bool:
        """Whether a file has left its name; of a name that is not valid text nobody knows."""
        gone = not os.path.lexists(self._seen(entry.file, entry.source))
        return gone and not has_lost_bytes(entry.file)

    def _record(self, entry: _Entry) -> Record:
        return _read_row(self._line(entry))

    def _line(self, entry: _Entry) -> bytes:
        self._file.seek(entry.offset)
        with open(self._file.fileno(), "rb", closefd=False) as lines:
            return lines.readline()

    def _append(self, record: Record) -> None:
        offset = self._end
        self._write(json_line(record.to_dict()).encode() + b"\n")
        self._remember(offset, record)

    def _write(self, line: bytes) -> None:
        self._check_disk()
        try:
            write_all(self._file, line)
        except OSError as error:
            with suppress(OSError):
                self._truncate()
            raise self._cannot("be written", error) from error
        self._end += len(line)
        if self._syncing is None:
            self._syncing = Timer(SYNC_S, self._sync)
            self._syncing.daemon = True
            self._syncing.start()

    def _sync(self) -> None:
        """Let what was written be on the disk."""
        syncing, self._syncing = self._syncing, None
        if syncing:
            syncing.cancel()
            try:
                os.fsync(self._file.fileno())
            except ValueError:  # closed by now
                pass
            except OSError as error:
                if error.errno not in _CANNOT_SYNC:
                    self._lost = error

    def _check_disk(self) -> None:
        """Raises OutputError if rows that were written did not reach the disk."""
        if self._lost:
            raise self._cannot("be written", self._lost)

    def _truncate(self) -> None:
        """Cut what is left of an incomplete row."""
        if self._file.seek(0, os.SEEK_END) > self._end:
            self._file.truncate(self._end)

    def _cannot(self, verb: str, error: OSError) -> OutputError:
        return OutputError(f"{self.path}: cannot {verb}: {error.strerror}")

    def _foreign(self, line: int) -> UsageError:
        return UsageError(
            f"{self.path}: exists, and its line {line} is no result of `midcli predict`; "
            "choose another output"
        )


def _appending(descriptor: int) -> IO[bytes]:
    import fcntl

    fcntl.fcntl(descriptor, fcntl.F_SETFL, os.O_APPEND)
    return open(descriptor, "a+b", buffering=0)


def _is_unchanged(entry: _Entry, file: Path) -> bool:
    """Whether the file of an analysis has kept its size and time of change."""
    if entry.failed or entry.source is None:
        return False
    try:
        state = file.stat()
    except OSError:
        return False
    return (state.st_size, state.st_mtime_ns) == (entry.source.bytes, entry.source.modified_ns)


def _outlives(entry: _Entry, record: Record, file: str) -> bool:
    """Whether an analysis stays although the file failed: it is out of reach, or was asked for more now."""
    if entry.failed or not isinstance(record, Failure):
        return False
    return not os.path.lexists(file) or _is_unchanged(entry, Path(file))


def _is_at(file: IO[bytes], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except OSError:
        return False


def _read_row(line: bytes) -> Record:
    row = json.loads(line)
    record = read_record(row)
    if row["schema"] != PREDICT_SCHEMA:
        raise ValueError("a row of another command")
    return record


def _as_kept(record: Record) -> Record:
    """The record as it is read back: rounded."""
    return read_record(record.to_dict())


@lru_cache(maxsize=4096)
def _real(folder: str, _: str) -> str:
    """The real place of a folder, seen from the working folder."""
    return os.path.realpath(folder)
