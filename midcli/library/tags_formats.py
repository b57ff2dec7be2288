"""midcli's own tags in files of every format that mutagen writes, beside everything else that is in them.

In ID3 they are TXXX frames and TMOO, in MP4 freeform atoms of `com.apple.iTunes`, which is where players
look; in Vorbis comments, APEv2 and ASF plain names.
"""

import os
import re
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from midcli.errors import ExtraError, InputError
from midcli.library.tags_content import MOOD, Tags, is_own

_ID3V1_BYTES = 128
_FREEFORM = "----:com.apple.iTunes:"
_ASF_MOOD = "WM/Mood"
_ID3_HEADER_BYTES = 10  # of a tag, and of a frame
_UNSYNCHRONISED_OR_EXTENDED = 0xC0
_FRAME_NAME = re.compile(b"[A-Z0-9]{4}")
_LATIN1, _UTF8 = 0, 3  # encodings of ID3


def require_mutagen() -> None:
    """Raises ExtraError without the library."""
    try:
        import mutagen  # noqa: F401
    except ImportError as error:
        raise ExtraError("Writing tags", "tags") from error


def kind_of(path: Path) -> type[Any]:
    """The class of mutagen for a file. Raises InputError for one whose tags it cannot write, or OSError."""
    import mutagen
    from mutagen import aac, ac3, smf

    try:
        opened = mutagen.File(path)
    except Exception as error:  # of many kinds, whatever a broken file leads it to
        if isinstance(error, mutagen.MutagenError) and isinstance(error.__cause__, OSError):
            raise error.__cause__ from error
        raise broken(path, error) from error
    if opened is None or isinstance(opened, aac.AAC | ac3.AC3 | smf.SMF):
        raise InputError(path, "its format has no tags that can be written")
    return type(opened)


def broken(path: str | Path, error: Exception) -> InputError:
    """What is said of a file whose tags cannot be understood."""
    said = f" ({error})" if str(error) else ""
    return InputError(path, f"its tags are broken{said}; the file is left as it is")


class TaggedFile:
    """The tags of an open file, read and saved in place. What goes wrong is whatever mutagen raises."""

    def __init__(self, kind: type[Any], file: IO[bytes]) -> None:
        from mutagen.id3 import ID3

        self._file = file
        self._id3v1 = _id3v1(file)
        self.frames = _frames(file)
        """Of the ID3 tag at the start, as it stands there: mutagen leaves out what it does not understand."""
        self._opened = self._open(kind)
        self.had_tags = self._opened.tags is not None
        if not self.had_tags and self._id3v1 and _has_id3(kind):
            # a new tag hides the old one, and so must say the same
            self._opened = self._open(kind, load_v1=True)
        if self._opened.tags is None:
            self._opened.add_tags()
        self._tags = self._opened.tags
        self._is_id3 = isinstance(self._tags, ID3)

    def own(self) -> dict[str, tuple[str, ...]]:
        """midcli's tags and the moods, by name in capitals."""
        return {name: values for name, _, values in self._texts()}

    def others(self) -> list[Any]:
        """All other tags, to be compared."""
        own = {key for _, key, _ in self._texts()}
        return sorted((repr(key), value) for key, value in self._items() if key not in own)

    def set(self, tags: Tags) -> None:
        """Change tags; those without values go."""
        for name, key, _ in self._texts():
            if name in tags:
                del self._tags[key]
        for name, values in tags.items():
            if values:
                self._add(name, values)

    def save(self, drop_if_empty: bool = False) -> bool:
        """Write the tags into the file; if wanted, without a tag at all where nothing is left of it, which is
        what comes back.
        """
        drop = drop_if_empty and self._is_empty()
        self._file.seek(0)
        if drop:
            self._opened.delete(self._file)
        elif self._is_id3:
            self._opened.save(self._file, v2_version=self._version(), v23_sep=None)
        else:
            self._opened.save(self._file)
        self._restore_id3v1()
        return drop

    def loses_tags(self) -> bool:
        """Whether frames of an ID3 tag would be lost or changed by saving it."""
        from mutagen.id3 import ID3

        if not self._is_id3:
            return False
        saved = BytesIO()
        ID3.save(self._tags, saved, v1=0, v2_version=self._version(), v23_sep=None)
        saved.seek(0)
        again = ID3(saved, translate=False, load_v1=False)
        same = [(key, again.get(key)) for key, _ in self._items()] == self._items()
        return bool(self.frames - _frames(saved)) or not same

    def _version(self) -> int:
        """Of ID3: the one that is there, as some players know no other."""
        return 3 if self.had_tags and self._tags.version < (2, 4) else 4

    def _is_empty(self) -> bool:
        """Whether there is nothing in it but what the old tag at the end says too."""
        from mutagen.id3 import ParseID3v1

        old = ParseID3v1(self._id3v1) if self._id3v1 and self._is_id3 else None
        return dict(self._items()) == (old or {})

    def _open(self, kind: type[Any], load_v1: bool = False) -> Any:
        self._file.seek(0)
        return kind(self._file, translate=False, load_v1=load_v1) if _has_id3(kind) else kind(self._file)

    def _items(self) -> list[tuple[Any, Any]]:
        return [(key, self._tags[key]) for key in list(self._tags.keys())]  # some are lists of pairs

    def _texts(self) -> list[tuple[str, Any, tuple[str, ...]]]:
        """Name in capitals, key and values of midcli's tags and of the moods."""
        named = [(_name(key).upper(), key, value) for key, value in self._items()]
        return [(name, key, _values(value)) for name, key, value in named if is_own(name) or name == MOOD]

    def _add(self, name: str, values: tuple[str, ...]) -> None:
        from mutagen import apev2, asf, id3, mp4

        if self._is_id3:
            encoding = _LATIN1 if all(value.isascii() for value in values) else _UTF8
            frame = id3.TMOO if name == MOOD else id3.TXXX
            described = {} if name == MOOD else {"desc": name}
            self._tags.add(frame(encoding=encoding, text=list(values), **described))
        elif isinstance(self._tags, mp4.MP4Tags):
            self._tags[_FREEFORM + name] = [mp4.MP4FreeForm(value.encode()) for value in values]
        elif isinstance(self._tags, asf.ASFTags):
            self._tags[_ASF_MOOD if name == MOOD else name] = list(values)
        elif isinstance(self._tags, apev2.APEv2):
            self._tags[name.capitalize() if name == MOOD else name] = list(values)
        else:
            self._tags[name] = list(values)

    def _restore_id3v1(self) -> None:
        """The old tag at the end as it was, which mutagen fills with what is in the new one."""
        if self._id3v1:
            self._file.seek(-_ID3V1_BYTES if _id3v1(self._file) else 0, os.SEEK_END)
            self._file.write(self._id3v1)


def _has_id3(kind: type[Any]) -> bool:
    from mutagen import aiff, dsdiff, dsf, id3, wave

    return issubclass(kind, id3.ID3FileType | aiff.AIFF | dsdiff.DSDIFF | dsf.DSF | wave.WAVE)


def _id3v1(file: IO[bytes]) -> bytes:
    """The tag of the first version at the end of a file, if it has one."""
    if file.seek(0, os.SEEK_END) < _ID3V1_BYTES:
        return b""
    file.seek(-_ID3V1_BYTES, os.SEEK_END)
    end = file.read(_ID3V1_BYTES)
    return end if end.startswith(b"TAG") else b""


def _frames(file: IO[bytes]) -> Counter[str]:
    """How many frames of each kind an ID3 tag has at the start of a file; none of those that say nothing,
    that are midcli's, or of tags that are compressed as a whole or of the first versions.
    """
    file.seek(0)
    head = file.read(_ID3_HEADER_BYTES)
    if head[:3] != b"ID3" or head[3] not in (3, 4) or head[5] & _UNSYNCHRONISED_OR_EXTENDED:
        return Counter()
    tag = file.read(_synchsafe(head[6:10]))
    found: Counter[str] = Counter()
    place = 0
    while _FRAME_NAME.fullmatch(name := tag[place : place + 4]):
        size = tag[place + 4 : place + 8]
        length = _synchsafe(size) if head[3] == 4 and max(size) < 0x80 else int.from_bytes(size, "big")
        place += _ID3_HEADER_BYTES + length
        content = tag[place - length : place]
        is_ours = name == b"TMOO" or (
            name == b"TXXX" and is_own(content[1:].decode("latin-1").lstrip("\xff\xfe"))
        )
        if content[1:].strip(b"\0\xff\xfe") and not is_ours:
            found[name.decode()] += 1
    return found


def _synchsafe(size: bytes) -> int:
    """A number of seven bits a byte."""
    return size[0] << 21 | size[1] << 14 | size[2] << 7 | size[3]


def _name(key: str) -> str:
    """The name of a tag in the terms of Vorbis comments, as far as it can be one of ours."""
    if key in ("TMOO", _ASF_MOOD):
        return MOOD
    return key.removeprefix("TXXX:").removeprefix(_FREEFORM)


def _values(value: Any) -> tuple[str, ...]:
    """Of a frame, a list of atoms or attributes, or a text of several values."""
    values = getattr(value, "text", value)
    return tuple(one.decode(errors="replace") if isinstance(one, bytes) else str(one) for one in values)
