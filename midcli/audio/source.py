"""A file by its path, or an open file of whatever kind, to what decoders read from."""

import errno
import io
import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

from midcli.errors import FolderError, InputError, UsageError

NAMELESS = "<file object>"


class Source:
    """Opened when it is entered. Open files, whose `path` is None, are read from their start and stay open.

    Raises InputError where there is nothing that can be read, UsageError if it is no file at all.
    """

    file: BinaryIO

    def __init__(self, given: str | Path | BinaryIO) -> None:
        self.path: Path | None = None
        self._given: BinaryIO | None = None
        if isinstance(given, str | os.PathLike):
            self.path = Path(given)
            self.name = str(self.path)
        elif not hasattr(given, "read"):
            raise UsageError(
                "audio is a path, an open binary file, or samples with their rate, (samples, 44100), not "
                f"{type(given).__name__}"
            )
        else:
            self._given = given
            name = getattr(given, "name", None)
            self.name = name if isinstance(name, str) else NAMELESS
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        if self.path is not None:
            self.file = self._opened.enter_context(self._open(self.path))
        elif self._given is not None:
            self.file = _seekable(self._given, self.name)
        first = self._first_byte()
        if not first or not isinstance(first, bytes):
            self._opened.close()
            raise InputError(
                self.name, "the file is empty" if not first else "is opened as text, not as bytes"
            )
        self.file.seek(0)
        return self

    def _first_byte(self) -> bytes:
        try:
            return self.file.read(1)
        except io.UnsupportedOperation as error:  # of a file that is open for writing only
            raise InputError(self.name, f"cannot be read as a binary file: {error}") from error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    @property
    def size(self) -> int:
        """In bytes."""
        return self.file.seek(0, os.SEEK_END)

    def read(self, start: int, count: int) -> bytes:
        """Up to `count` bytes from there on; none from places that a broken header points to."""
        if not 0 <= start < self.size:
            return b""
        self.file.seek(start)
        return self.file.read(count)

    def without(self, stretches: Sequence[tuple[int, int]]) -> "Source":
        """The same without those (start, stop) of it."""
        starts = [0, *(stop for _, stop in stretches)]
        stops = [*(start for start, _ in stretches), self.size]
        return self.read_as(Section(self.file, list(zip(starts, stops, strict=True))))

    def read_as(self, section: "Section") -> "Source":
        """The same by way of a section of it."""
        other = Source(self.file)
        other.name = self.name
        other.file = cast("BinaryIO", section)
        return other

    def _open(self, path: Path) -> BinaryIO:
        try:
            if path.is_dir():
                raise FolderError(path, "is a folder, not an audio file")
            problem = _what_else_it_is(path)
            if problem is None:
                return path.open("rb")
        except InputError:
            raise
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise InputError(path, f"cannot be opened: {reason}") from error
        raise InputError(path, problem)


class Section:
    """Stretches of a file as if they were one, with some bytes replaced: for decoders, and without a name.

    (By its name FFmpeg takes any content for mp3, ac3 ... and collects it in memory in search of a start.)
    It raises nothing: decoders call it from C. What cannot be read ends it.
    """

    def __init__(
        self, file: BinaryIO, runs: Sequence[tuple[int, int]], patches: Sequence[tuple[int, bytes]] = ()
    ) -> None:
        """`runs` are (start, stop) in the file, `patches` (place in the section, new bytes)."""
        self._file = file
        self._runs = runs
        self._patches = patches
        self._position = 0
        self._starts = [0]
        for start, stop in runs:
            self._starts.append(self._starts[-1] + stop - start)

    @property
    def size(self) -> int:
        """In bytes."""
        return self._starts[-1]

    def read(self, count: int = -1) -> bytes:
        left = max(0, self.size - self._position)
        left = left if count < 0 else min(count, left)
        first = self._position
        parts = []
        while left:
            part = self._read_from_one_run(left)
            if not part:
                break
            parts.append(part)
            self._position += len(part)
            left -= len(part)
        return self._patched(first, parts[0] if len(parts) == 1 else b"".join(parts))

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Returns what FFmpeg takes for a failure where a broken header points to no place."""
        position = offset + {os.SEEK_CUR: self._position, os.SEEK_END: self.size}.get(whence, 0)
        if not 0 <= position < 1 << 62:
            return -errno.EINVAL
        self._position = position
        return position

    def _read_from_one_run(self, count: int) -> bytes:
        number = next(k for k, start in enumerate(self._starts) if start > self._position) - 1
        start, stop = self._runs[number]
        place = start + self._position - self._starts[number]
        try:
            self._file.seek(place)
            return self._file.read(min(count, stop - place))
        except (OSError, ValueError):
            return b""

    def _patched(self, first: int, content: bytes) -> bytes:
        for place, replacement in self._patches:
            start, stop = max(place, first), min(place + len(replacement), first + len(content))
            if start < stop:
                before, after = content[: start - first], content[stop - first :]
                content = before + replacement[start - place : stop - place] + after
        return content


def _what_else_it_is(path: Path) -> str | None:
    """Why there is no file to be opened."""
    if not path.exists():
        return "no such file" + (" (audio is read from files, not from a pipe)" if str(path) == "-" else "")
    return None if path.is_file() else "is not a regular file"


def _seekable(given: BinaryIO, name: str) -> BinaryIO:
    """The open file at its start; all of it in memory where it can only be read forwards."""
    try:
        if given.seekable():
            given.seek(0)
            return given
        return io.BytesIO(given.read())
    except (AttributeError, OSError, TypeError, ValueError) as error:
        raise InputError(name, f"cannot be read as a binary file: {error}") from error
