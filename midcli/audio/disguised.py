"""Wav and aiff files whose samples are not what libsndfile takes them for."""

import re

from midcli.audio.source import Source

_HEAD_BYTES = 1 << 16
# sync words of DTS in its four packings, and the preamble of IEC 61937, in which players send DTS or AC-3
_ENCODED = re.compile(
    rb"\xfe\x7f\x01\x80|\x7f\xfe\x80\x01|\xff\x1f\x00\xe8|\x1f\xff\xe8\x00|\x72\xf8\x1f\x4e", re.DOTALL
)
_LITTLE_ENDIAN = {b"in24": b"42n1", b"in32": b"23ni"}  # libsndfile's names for the same the other way round
_ENDA = b"enda\0\1"


def holds_encoded_audio(source: Source) -> bool:
    """Whether a wav carries a compressed stream as if it were samples: it would be analysed as noise."""
    return len(_ENCODED.findall(source.read(0, _HEAD_BYTES))) > 1


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
