"""Wav and aiff files whose samples are not what libsndfile takes them for."""

import re
from itertools import pairwise

from midcli.audio.source import Source

_HEAD_BYTES = 1 << 16
_FRAMES_BYTES = 1 << 17  # the longest frames, of E-AC-3, are 24 KB apart
_FEWEST_FRAMES = 3  # two words are found in music, too: where channels are inverted, samples of +384 and -385
# sync words of DTS in its four packings, and the preamble of IEC 61937, in which players send DTS or AC-3
_DTS = (b"\xfe\x7f\x01\x80", b"\x7f\xfe\x80\x01", b"\xff\x1f\x00\xe8", b"\x1f\xff\xe8\x00")
_SYNC_WORDS = (*_DTS, b"\x72\xf8\x1f\x4e")
_LITTLE_ENDIAN = {b"in24": b"42n1", b"in32": b"23ni"}  # libsndfile's names for the same the other way round
_ENDA = b"enda\0\1"


def holds_encoded_audio(source: Source) -> bool:
    """Whether a wav carries a compressed stream as if it were samples: it would be analysed as noise."""
    head = source.read(0, _FRAMES_BYTES)
    return any(_recurs(word, head) for word in _SYNC_WORDS)


def _recurs(word: bytes, head: bytes) -> bool:
    """Whether it is found at equal distances, as frames begin."""
    places = [match.start() for match in re.finditer(re.escape(word), head)]
    distances = {later - earlier for earlier, later in pairwise(places)}
    return len(places) >= _FEWEST_FRAMES and len(distances) == 1


def little_endian_aiff(source: Source) -> list[tuple[int, bytes]] | None:
    """What to replace in an aiff-c that is little-endian by its `wave` chunk, as QuickTime wrote them.

    (place, bytes); none if it is not of that kind; None if it is, but of an encoding without another name.
    """
    head = source.read(0, _HEAD_BYTES)
    comm = head.find(b"COMM")
    if head[:4] != b"FORM" or head[8:12] != b"AIFC" or comm < 0 or not _tells_byte_order(head):
        return []
    encoding = head[comm + 26 : comm + 30]
    if encoding == b"sowt":
        return []
    return [(comm + 26, _LITTLE_ENDIAN[encoding])] if encoding in _LITTLE_ENDIAN else None


def _tells_byte_order(head: bytes) -> bool:
    wave = head.find(b"wave")
    return wave >= 0 and _ENDA in head[wave : wave + 8 + int.from_bytes(head[wave + 4 : wave + 8], "big")]
