"""Lists of files: M3U playlists, and plain lists of paths."""

import codecs
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from midcli.errors import InputError, UsageError
from midcli.util.documents import ContentError, read_bytes
from midcli.util.files import exists

PLAYLIST_SUFFIXES = (".m3u", ".m3u8")

_HEADER, _COMMENT, _SEGMENTS = b"#EXTM3U", b"#", b"#EXT-X-TARGETDURATION"
_ADDRESS = re.compile("[A-Za-z][A-Za-z0-9+.-]+://")
_FEWEST_CHARACTERS = 8  # characters of a path, where NULs may also stand between names of one letter
_MOST_BYTES = 64 << 20


def read_playlist(path: Path) -> list[str]:
    """The paths and addresses that a playlist names, paths from where it lies.

    Raises InputError if it cannot be read.
    """
    try:
        content = read_bytes(path, _MOST_BYTES)
    except OSError as error:
        raise InputError(path, f"cannot be opened: {error.strerror}") from error
    except ContentError as error:
        raise InputError(path, "is too large for a playlist") from error
    if _SEGMENTS in content:
        raise InputError(path, "lists the segments of one stream, not files")
    if _is_utf16(content):
        raise InputError(path, "the playlist is UTF-16; it must be UTF-8")
    return _entries(_lines(content), path.parent)


def listed_paths(content: bytes) -> list[str]:
    """The paths of a list: an M3U, or else one a line, or with NUL between them.

    Raises UsageError if it is UTF-16.
    """
    if _is_utf16(content):
        raise UsageError("-: the list on stdin is UTF-16; it must be UTF-8")
    lines = _lines(content)
    if lines and lines[0].strip() == _HEADER:
        return _entries(lines, Path())
    return [os.fsdecode(line) for line in lines if line]


def is_address(named: str) -> bool:
    """Whether it is an address on the net and not a path."""
    return bool(_ADDRESS.match(named)) and not exists(named)


def _is_utf16(content: bytes) -> bool:
    lengths = [len(item) for item in content.split(b"\0")]
    without_mark = len(lengths) > _FEWEST_CHARACTERS and lengths.count(1) > len(lengths) / 2
    return without_mark or content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


def _lines(content: bytes) -> list[bytes]:
    content = content.removeprefix(codecs.BOM_UTF8)
    return content.split(b"\0") if b"\0" in content else content.splitlines()


def _entries(lines: list[bytes], folder: Path) -> list[str]:
    """Without comments, but some names begin as those do."""
    written = [line.strip() for line in lines if line.strip()]
    return [
        _located(line, folder)
        for line in written
        if not line.startswith(_COMMENT) or exists(folder / os.fsdecode(line))
    ]


def _located(line: bytes, folder: Path) -> str:
    """The file that is meant, on whatever system its name was written."""
    entry = os.fsdecode(line)
    if _ADDRESS.match(entry):
        address = urlsplit(entry)
        if address.scheme.lower() != "file":
            return entry
        from urllib.request import url2pathname

        return url2pathname(address.path)
    spellings = [entry, line.decode("cp1252", "replace")]
    if os.sep == "/":
        spellings += [spelling.replace("\\", "/") for spelling in spellings]
    paths = [str(folder / spelling) for spelling in spellings]
    return _tidy(next(filter(exists, paths), paths[0]))


def _tidy(path: str) -> str:
    """Without `..`, if that is the same file, which it may not be where folders are linked."""
    short = os.path.normpath(path)
    return short if exists(path) and exists(short) and os.path.samefile(short, path) else path  # noqa: PTH121
