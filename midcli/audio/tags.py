"""Tags around and between audio: ID3, APE, Lyrics3."""

import re
from collections.abc import Callable

Read = Callable[[int, int], bytes]
"""(start, count) -> up to `count` bytes of a file from there on."""

_APE = b"APETAGEX"
_ID3V1_BYTES, _APE_HEADER_BYTES, _LONGEST_LYRICS = 128, 32, 1_000_000
_APE_IS_HEADER = 1 << 29
_CHUNK_BYTES, _MOST_PADDING = 1 << 16, 1 << 24
_LYRICS_END = re.compile(rb"LYRICS200|LYRICSEND")


def tag_bytes(read: Read, start: int) -> int:
    """How many bytes the tag takes that begins there; 0 if none does."""
    begin = read(start, _APE_HEADER_BYTES)
    if begin[:3] == b"ID3" and len(begin) >= 10 and max(begin[6:10]) < 0x80:
        size = begin[6] << 21 | begin[7] << 14 | begin[8] << 7 | begin[9]
        return 10 + size + (10 if begin[5] & 0x10 else 0)
    if begin[:8] == _APE and len(begin) == _APE_HEADER_BYTES:
        size = int.from_bytes(begin[12:16], "little")
        is_header = int.from_bytes(begin[20:24], "little") & _APE_IS_HEADER
        return size + _APE_HEADER_BYTES if is_header else _APE_HEADER_BYTES
    if begin[:3] == b"TAG":
        return _ID3V1_BYTES
    if begin[:11] == b"LYRICSBEGIN":
        end = _LYRICS_END.search(read(start, _LONGEST_LYRICS))
        return end.end() if end else 0
    return 0


def audio_start(read: Read, start: int = 0) -> int:
    """Where the tags end that begin there, one after another."""
    while size := tag_bytes(read, start):
        start += size
    return start


def padding_end(read: Read, start: int) -> int:
    """Where tags and zeros end that begin there; of zeros, so many megabytes are no padding."""
    farthest = start + _MOST_PADDING
    while start < farthest and (content := read(start, _CHUNK_BYTES)):
        zeros = len(content) - len(content.lstrip(b"\0"))
        step = zeros or tag_bytes(read, start)
        if not step:
            break
        start += step
    return start
