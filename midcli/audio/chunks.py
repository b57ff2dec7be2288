"""Chunks of wav and aiff files, also of writers that forget to pad those of odd size."""

import re
import struct
from collections.abc import Iterator

from midcli.audio.source import Source

_MOST_CHUNKS = 1000
_FIRST = 12
_HEADER_BYTES = 8
_AUDIO = (b"data", b"SSND")
_ORDERS = {b"RIFF": "<I", b"RF64": "<I", b"BW64": "<I", b"FORM": ">I"}

CHUNK_NAME = re.compile(rb"[ -~]{4}")


def chunks(source: Source, place: int, code: str) -> Iterator[tuple[bytes, int, int]]:
    """(name, where its content begins, its size) of one chunk after another; `code` is that of sizes."""
    for _ in range(_MOST_CHUNKS):
        header = source.read(place, _HEADER_BYTES)
        if len(header) < _HEADER_BYTES:
            return
        size = struct.unpack(code, header[4:])[0]
        yield header[:4], place + _HEADER_BYTES, size
        place += _HEADER_BYTES + size + size % 2


def unpadded(source: Source) -> list[tuple[int, int]]:
    """(start, stop) of chunks before the audio that were not padded, which hide it; none of most files."""
    code = _ORDERS.get(source.read(0, 4))
    tried: set[int] = set()
    ways: list[tuple[int, list[tuple[int, int]]]] = [(_FIRST, [])] if code else []
    while ways and len(tried) < _MOST_CHUNKS:
        place, hidden = ways.pop()
        name, start, size = next(chunks(source, place, str(code)), (b"", 0, 0))
        if name in _AUDIO:
            return hidden
        stop = start + size
        if place not in tried and CHUNK_NAME.fullmatch(name) and stop <= source.size:
            if size % 2:
                ways.append((stop, [*hidden, (place, stop)]))
            ways.append((stop + size % 2, hidden))  # first, as it ought to be
        tried.add(place)
    return []
