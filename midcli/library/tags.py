"""Title and artist of a file from its own tags, whatever its format: for people, never an error."""

import errno
import os
import stat
from pathlib import Path
from typing import IO, Any, NamedTuple

from midcli.audio.noise import hushed
from midcli.util.interrupts import interrupts_deferred
from midcli.util.text import brief, printable

_OPTIONS = {
    "protocol_whitelist": "none",  # a playlist in disguise must not make the demuxer open files or addresses
    "probesize": "32768",  # bytes of audio that are looked at, which no title needs
}
_OF_LIBSNDFILE = frozenset({".aif", ".aiff", ".flac", ".mp3", ".oga", ".ogg", ".opus", ".wav"})
_APE_FOOTER_BYTES, _ID3V1_BYTES = 32, 128
_COMMENTS_WITHIN_BYTES = 64 << 10
_ARTISTS = ("artist", "album_artist", "albumartist", "author", "performer")


class Titles(NamedTuple):
    """What a file calls itself, each on one line and harmless to print; None where it does not say.

    >>> from midcli.library.tags import Titles
    >>> Titles("Can-Can", "Offenbach").named("song.ogg")
    'Offenbach – Can-Can'
    """

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
    if not stat.S_ISREG(path.stat().st_mode):
        return {}
    if path.suffix.lower() not in _OF_LIBSNDFILE:
        return _read_by_ffmpeg(path)
    tags = _read_by_libsndfile(path)
    if {"title", "artist"} <= set(tags):
        return tags
    return _read_by_ffmpeg(path) if "title" in tags or _has_others(path) else tags


def _read_by_libsndfile(path: Path) -> dict[str, str]:
    """Its tags, as far as libsndfile knows them; it is loaded anyway, where FFmpeg costs 50 ms."""
    import soundfile

    with hushed():
        try:
            with soundfile.SoundFile(path) as file:
                tags: dict[str, str] = file.copy_metadata()
                return tags
        except soundfile.LibsndfileError:
            return _read_by_ffmpeg(path)


def _has_others(path: Path) -> bool:
    """Whether there may be tags that libsndfile does not read: APE, ID3 in a chunk, some Vorbis comments."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(-min(_APE_FOOTER_BYTES + _ID3V1_BYTES, size), os.SEEK_END)
        if b"APETAGEX" in file.read():
            return True
        file.seek(0)
        kind = file.read(12)[:4]
        if kind not in (b"RIFF", b"FORM"):
            return kind in (b"fLaC", b"OggS") and _has_comments(file.read(_COMMENTS_WITHIN_BYTES))
        place = 12
        while len(head := file.read(8)) == 8:
            if head[:4].lower() == b"id3 ":
                return True
            length = int.from_bytes(head[4:], "little" if kind == b"RIFF" else "big")
            place += 8 + length + length % 2
            file.seek(place)
        return False


def _has_comments(start: bytes) -> bool:
    start = start.lower()
    return any(f"{name}=".encode() in start for name in ("title", *_ARTISTS))


def _read_by_ffmpeg(path: Path) -> dict[str, str]:
    """Tags of the container and of its first track that has any, names in lower case."""
    import av

    av.logging.set_level(av.logging.PANIC)
    with (
        path.open("rb", buffering=0) as file,
        interrupts_deferred(),
        av.open(UnnamedFile(file), options=_OPTIONS, metadata_errors="replace") as container,
    ):
        streams = [dict(stream.metadata) for stream in container.streams.audio]
        found: dict[str, str] = {}
        for tags in (dict(container.metadata), *streams[:1]):
            for name, text in tags.items():
                found.setdefault(name.lower(), text)
        return found


def _text(value: Any) -> str | None:
    """A tag on one line, and not much of it; None if nothing is left of it."""
    return brief(str(value).replace("\0", " ")) or None if value else None


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
