"""Headers of recordings that were never finished, and of those that outgrew them, put right.

A recorder that loses power leaves sizes of 0, or of what it had written when it last told, in the header.
The audio then goes on to the end of the file.
"""

import struct
from typing import NamedTuple

from midcli.audio.chunks import MOST_CHUNKS, are_chunks, chunks
from midcli.audio.source import Source
from midcli.audio.tags import padding_end

_LEAST_BYTES = 4096  # after the audio; fewer may be anything
_UNKNOWN_32 = 0x7FFFF000  # what streaming writers declare: this or more
_W64_RIFF, _W64_DATA = b"riff\x2e\x91\xcf\x11", b"data\xf3\xac\xd3\x11"
_W64_HEADER_BYTES = 24


class Correction(NamedTuple):
    """What would make a header right."""

    patches: list[tuple[int, bytes]]
    """(place, bytes)"""
    declared_bytes: int
    present_bytes: int


class _Data(NamedTuple):
    """Where the audio of a file begins, and where its header gives the size of it, as `struct` codes it."""

    start: int
    size: int
    field: int
    code: str
    size_counts_from: int


def correction(source: Source) -> Correction | None:
    """What has to change in the header of a wav, rf64, w64, aiff or au; None if it is right, or of others."""
    size = source.size
    data = _find_data(source)
    if data is None or size - data.start - data.size < _LEAST_BYTES:
        return None
    if data.size and _is_followed_by_chunks(source, data, size):
        return None
    patches = [(data.field, struct.pack(data.code, size - data.size_counts_from))]
    frames = _aiff_frames(source, size - data.start)
    return Correction([*patches, *frames], data.size, size - data.start)


def _find_data(source: Source) -> _Data | None:
    """None also where the header says that it does not know."""
    begin = source.read(0, 16)
    match begin[:4]:
        case b"RIFF" | b"RF64" | b"BW64":
            return _in_riff(source)
        case b"FORM" if begin[8:12] in (b"AIFF", b"AIFC"):
            return _in_aiff(source)
        case b".snd":
            start, size = struct.unpack(">II", begin[4:12]) if len(begin) >= 12 else (0, 1)
            return None if size else _Data(start, 0, 8, ">I", start)
        case b"riff" if begin[:8] == _W64_RIFF:
            return _in_w64(source)
    return None


def _in_riff(source: Source) -> _Data | None:
    ds64: tuple[int, int] | None = None
    for name, place, size in chunks(source, 12, "<I"):
        if name == b"ds64":
            ds64 = int.from_bytes(source.read(place + 8, 8), "little"), place + 8
        if name == b"data" and ds64 and size >= _UNKNOWN_32:
            return _Data(place, ds64[0], ds64[1], "<Q", place)
        if name == b"data":
            return _Data(place, size, place - 4, "<I", place) if size < _UNKNOWN_32 else None
    return None


def _in_aiff(source: Source) -> _Data | None:
    for name, place, size in chunks(source, 12, ">I"):
        if name == b"SSND":
            return _Data(place + 8, max(0, size - 8), place - 4, ">I", place)
    return None


def _in_w64(source: Source) -> _Data | None:
    place = 40
    for _ in range(MOST_CHUNKS):
        header = source.read(place, _W64_HEADER_BYTES)
        size = int.from_bytes(header[16:], "little")
        if header[:8] == _W64_DATA:
            start = place + _W64_HEADER_BYTES
            return None if size > _W64_HEADER_BYTES else _Data(start, 0, place + 16, "<Q", place)
        if size < _W64_HEADER_BYTES or len(header) < _W64_HEADER_BYTES:
            return None
        place += size + -size % 8
    return None


def _is_followed_by_chunks(source: Source, data: _Data, size: int) -> bool:
    """Whether the audio is followed by something else: chunks, tags, zeros."""
    end = data.start + data.size
    code = ">I" if data.code[0] == ">" else "<I"
    if are_chunks(source, [end + end % 2, end], code):
        return True
    return size - padding_end(source.read, end) < _LEAST_BYTES


def _aiff_frames(source: Source, audio_bytes: int) -> list[tuple[int, bytes]]:
    """The number of frames that AIFF gives apart from the size."""
    if source.read(0, 4) != b"FORM":
        return []
    for name, place, _ in chunks(source, 12, ">I"):
        if name == b"COMM":
            channels, _frames, bits = struct.unpack(">HIH", source.read(place, 8).ljust(8, b"\0"))
            frame_bytes = max(1, channels * (bits + 7) // 8)
            return [(place + 2, struct.pack(">I", audio_bytes // frame_bytes))]
    return []
