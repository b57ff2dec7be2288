"""Title and artist of a file from its own tags, whatever its format: for people, never an error."""

import errno
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from midcli.util.text import printable

_OPTIONS = {
    "protocol_whitelist": "none",  # a playlist in disguise must not make the demuxer open files or addresses
    "probesize": "32768",  # bytes of audio that are looked at, which no title needs
}
_ARTISTS = ("artist", "album_artist", "albumartist", "author", "performer")


@dataclass(frozen=True)
class Titles:
    """What a file calls itself, each on one line and harmless to print; None where it does not say."""

    title: str | None = None
    artist: str | None = None

    def named(self, file: str | Path) -> str:
        """`Artist – Title`, the title alone, or the name of the file."""
        if self.title is None:
            return printable(Path(file).name)
        return f"{self.artist} – {self.title}" if self.artist else self.title


def read_titles(path: str | Path) -> Titles:
    """Title and artist, in about a millisecond; none of a file that is gone, broken or silent about it.

    >>> from midcli.library.tags import read_titles
    >>> read_titles("song.ogg").title is None
    True
    """
    try:
        tags = _read_tags(Path(path))
    except Exception:  # whatever a library makes of a broken file: no title is worth an error
        return Titles()
    return Titles(_text(tags.get("title")), next(filter(None, map(_text, map(tags.get, _ARTISTS))), None))


def _read_tags(path: Path) -> dict[str, str]:
    """Tags of the container and of its first track that has any, names in lower case."""
    import av

    if not stat.S_ISREG(path.stat().st_mode):
        return {}
    av.logging.set_level(av.logging.PANIC)
    with (
        path.open("rb", buffering=0) as file,
        av.open(UnnamedFile(file), options=_OPTIONS, metadata_errors="replace") as container,
    ):
        streams = [dict(stream.metadata) for stream in container.streams.audio]
        found: dict[str, str] = {}
        for tags in (dict(container.metadata), *streams[:1]):
            for name, text in tags.items():
                found.setdefault(name.lower(), text)
        return found


def _text(value: Any) -> str | None:
    """A tag on one line; None if nothing is left of it."""
    return printable(" ".join(str(value).replace("\0", " ").split())) or None if value else None


class UnnamedFile:
    """A file as FFmpeg sees it: without a name, by which it would take any content for mp3, ac3 ..."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.read, self.tell = file.read, file.tell

    def seek(self, offset: int, whence: int) -> int:
        """Returns what FFmpeg takes for a failure where a broken header points to no place."""
        try:
            return self._file.seek(offset, whence)
        except (OSError, OverflowError, ValueError):
            return -errno.EINVAL
