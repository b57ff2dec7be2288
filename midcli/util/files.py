"""Files that appear whole or not at all, and whether there is something at a path.

`exists`, `isdir` and `isfile` say no if one may not look or the name cannot be; pathlib raises errors then,
before Python 3.14.
"""

import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from os.path import exists, isdir, isfile
from pathlib import Path
from typing import IO, Any

from midcli.errors import OutputError

__all__ = [
    "exists",
    "isdir",
    "isfile",
    "lock",
    "locked",
    "remove_all_unfinished",
    "remove_unfinished",
    "replacing",
    "sync_folder",
    "write_all",
    "write_bytes",
    "write_bytes_in_new_folder",
]

_NEW_FILE_MODE = 0o666
_LONGEST_PREFIX = 50  # characters; the name of a new file may be no longer than that of its target
_UNFINISHED = ".midcli-new"
_BETWEEN_TRIES_S = 0.1
_OLD_S = 2.0  # an unfinished file that is younger may not have been locked yet


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A new file that takes the place of `path` when the block ends well, and vanishes when it does not.

    Links are followed and permissions kept. A device or pipe is written to as it is. What a killed process
    left of such a file is removed by the next.
    """
    # both take 10 ms to load, which looking whether a file exists must not
    import shutil
    import tempfile

    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        with path.open("wb") as device:
            yield device
        return
    remove_unfinished(target)
    with tempfile.NamedTemporaryFile(
        dir=target.parent, prefix=_prefix(target), suffix=_UNFINISHED, delete=False
    ) as file:
        try:
            lock(file)
            yield file
            file.flush()
            os.fsync(file.fileno())
            if sys.platform == "win32":  # it renames no open file; elsewhere the lock lasts until then
                file.close()
            if target.exists():
                shutil.copymode(target, file.name)
            else:
                Path(file.name).chmod(_NEW_FILE_MODE & ~_umask())
            Path(file.name).replace(target)
            sync_folder(target)
        except BaseException:
            with suppress(OSError):  # what was not written yet cannot be now
                file.close()
            Path(file.name).unlink(missing_ok=True)
            raise


def lock(file: IO[Any]) -> bool:
    """Whether nobody else has locked the file, which is ours until the last descriptor of it is closed.

    Always, where the system or the file system has no such locks.
    """
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Waits until nobody else has locked a file, which is made if it is not there, and locks it meanwhile.

    Waits for nobody where the system or the file system has no such locks. Raises OSError if it cannot be
    made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        while not lock(file):
            time.sleep(_BETWEEN_TRIES_S)
        yield


def write_all(file: IO[bytes], content: bytes) -> None:
    """Write to an unbuffered file, which may take a part at a time: as much as a disk has room for, or as a
    pipe had when the process was stopped. Raises OSError."""
    left = memoryview(content)
    while left:
        left = left[file.write(left) :]


def sync_folder(file: Path) -> None:
    """Let the name of a new file be on the disk too, where a folder can be told so."""
    if sys.platform == "win32":
        return
    with suppress(OSError):
        descriptor = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def remove_unfinished(path: Path) -> None:
    """Remove new files that were to replace that one and whose processes are gone."""
    from glob import escape

    target = Path(os.path.realpath(path))
    _remove_unused(target.parent.glob(f"{escape(_prefix(target))}*{_UNFINISHED}"))


def remove_all_unfinished(folder: Path) -> None:
    """The same of all files in a folder."""
    _remove_unused(folder.glob(f".*{_UNFINISHED}"))


def _remove_unused(files: Iterable[Path]) -> None:
    for left in files:
        with suppress(OSError):  # on Windows: in use
            if time.time() - left.stat().st_mtime < _OLD_S:
                continue
            with left.open("rb") as file:
                unused = lock(file)
            if unused:
                left.unlink()


def write_bytes(path: Path, content: bytes) -> None:
    """The content in place of `path`. Raises OutputError if it cannot be written."""
    try:
        with replacing(path) as file:
            file.write(content)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error


def write_bytes_in_new_folder(path: Path, content: bytes) -> None:
    """The same where the folder of `path` may not be there yet."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path.parent}: cannot be made: {error.strerror}") from error
    write_bytes(path, content)


def _prefix(target: Path) -> str:
    return f".{target.name[:_LONGEST_PREFIX]}."


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
