"""Zip archives from strangers: wanted members go where we say, never where the archive says."""

import hashlib
import re
import stat
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from midcli.errors import DataError, MidcliError, OutputError

Wanted = Callable[[PurePosixPath], str | None]
"""The path under the target folder for a member, or None to leave it in the archive."""

_CHUNK_BYTES = 1 << 16
_MAX_MEMBERS = 100_000
_ENCRYPTED = 0x1
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DRIVE = re.compile("[A-Za-z]:")
_DEEPEST = 1  # archives in the archive, but none in those


class TooLargeError(DataError):
    """An archive that is, or unpacks to, more than allowed."""


def unpack(archive: Path, folder: Path, wanted: Wanted, max_bytes: int) -> dict[str, str]:
    """Unpack what is wanted of an archive, and of those in it, into a folder: path to SHA-256.

    A member of an archive in the archive is asked for as `inner.zip/its/path`. Raises DataError, whatever
    is wrong with the archive: a name that leads out, a link, more than `max_bytes` by its own account or
    in truth, two different files for the same place, damage.
    """
    unpacking = _Unpacking(folder, wanted, max_bytes)
    unpacking.open(archive, PurePosixPath(), 0)
    return unpacking.sums


@dataclass
class _Unpacking:
    folder: Path
    wanted: Wanted
    max_bytes: int
    declared: int = 0
    real: int = 0
    sums: dict[str, str] = field(default_factory=dict)

    def open(self, archive: Path, prefix: PurePosixPath, depth: int) -> None:
        try:
            with zipfile.ZipFile(archive) as opened:
                self._check(opened.infolist())
                for member in opened.infolist():
                    if not member.is_dir():
                        self._take(opened, member, prefix / _path(member), depth)
        except MidcliError:
            raise
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError) as error:
            raise DataError(f"the archive is damaged: {error}") from error
        except NotImplementedError as error:  # how zipfile refuses what it cannot read of the format
            raise DataError(f"the archive is packed in an unusual way: {error}") from error
        except OSError as error:
            raise DataError(f"the archive cannot be read: {error.strerror}") from error

    def _check(self, members: list[zipfile.ZipInfo]) -> None:
        if len(members) > _MAX_MEMBERS:
            raise DataError(f"the archive has {len(members)} members, more than {_MAX_MEMBERS}")
        for member in members:
            path = _path(member)
            if not member.filename or path.is_absolute() or ".." in path.parts or _DRIVE.match(str(path)):
                raise DataError(f"the archive has a member that leads out of it: {member.filename!r}")
            kind = stat.S_IFMT(member.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise DataError(f"the archive has a member that is no file: {member.filename!r}")

    def _too_large(self) -> TooLargeError:
        return TooLargeError(f"the archive unpacks to more than {self.max_bytes / 1e6:,.1f} MB")

    def _take(
        self, opened: zipfile.ZipFile, member: zipfile.ZipInfo, path: PurePosixPath, depth: int
    ) -> None:
        is_archive = path.suffix.lower() == ".zip" and depth < _DEEPEST
        target = self.wanted(path)
        if not is_archive and target is None:
            return
        if member.flag_bits & _ENCRYPTED:
            raise DataError(f"the archive has an encrypted member: {member.filename!r}")
        if member.compress_type not in _COMPRESSIONS:
            raise DataError(f"the archive has a member that is packed in an unusual way: {member.filename!r}")
        self.declared += member.file_size
        if self.declared > self.max_bytes:
            raise self._too_large()
        place = self.folder / (target or f".{depth}.zip")
        with opened.open(member) as source:
            digest = self._write(source, place, target)
        if target is None:
            self.open(place, path, depth + 1)
            place.unlink()
        else:
            self.sums[target] = digest

    def _write(self, source: IO[bytes], place: Path, target: str | None) -> str:
        digest = hashlib.sha256()
        known = self.sums.get(target) if target else None
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("r+b" if known else "wb") as file:
                while chunk := _read(source):
                    self.real += len(chunk)
                    if self.real > self.max_bytes:
                        raise TooLargeError(
                            f"the archive unpacks to more than {self.max_bytes / 1e6:,.1f} MB"
                        )
                    digest.update(chunk)
                    if not known:
                        file.write(chunk)
        except OSError as error:
            raise OutputError(f"{place}: cannot be written: {error.strerror}") from error
        if known and known != digest.hexdigest():
            raise DataError(f"the archive has two different files for {target}")
        return digest.hexdigest()


def _path(member: zipfile.ZipInfo) -> PurePosixPath:
    return PurePosixPath(member.filename.replace("\\", "/"))


def _read(source: IO[bytes]) -> bytes:
    try:
        return source.read(_CHUNK_BYTES)
    except OSError as error:
        raise zipfile.BadZipFile(str(error)) from error
