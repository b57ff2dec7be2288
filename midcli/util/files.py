"""Files that appear whole or not at all, and whether there is something at a path.

`exists`, `isdir` and `isfile` say no if one may not look or the name cannot be; pathlib raises errors then,
before Python 3.14.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from os.path import exists, isdir, isfile
from pathlib import Path
from typing import IO

from midcli.errors import OutputError

__all__ = ["exists", "isdir", "isfile", "replacing", "write_bytes", "write_bytes_in_new_folder"]

_NEW_FILE_MODE = 0o666
_LONGEST_PREFIX = 50  # characters; the name of a new file may be no longer than that of its target


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A new file that takes the place of `path` when the block ends well, and vanishes when it does not.

    Links are followed and permissions kept. A device or pipe is written to as it is.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        with path.open("wb") as device:
            yield device
        return
    prefix = f".{target.name[:_LONGEST_PREFIX]}."
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=prefix, delete=False) as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            file.close()
            if target.exists():
                shutil.copymode(target, file.name)
            else:
                Path(file.name).chmod(_NEW_FILE_MODE & ~_umask())
            Path(file.name).replace(target)
        except BaseException:
            with suppress(OSError):  # what was not written yet cannot be now
                file.close()
            Path(file.name).unlink(missing_ok=True)
            raise


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


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
