"""Chunks of wav and aiff files, also of writers that forget to pad those of odd size."""

import re
import struct
from collections.abc import Iterator

from midcli.audio.source import Source

MOST_CHUNKS = 1000
"""That are looked at in one file."""
_FIRST = 12
_HEADER_BYTES = 8
_AUDIO = (b"data", b"SSND")
_ORDERS = {b"RIFF": "<I", b"RF64": "<I", b"BW64": "<I", b"FORM": ">I"}

CHUNK_NAME = re.compile(rb"[ -~]{4}")


def chunks(source: Source, place: int, code: str) -> Iterator[tuple[bytes, int, int]]:
    """(name, where its content begins, its size) of one chunk after another; `code` is that of sizes."""
    for _ in range(MOST_CHUNKS):
        header = source.read(place, _HEADER_BYTES)
        if len(header) < _HEADER_BYTES:
            return
        size = struct.unpack(code, header[4:])[0]
        yield header[:4], place + _HEADER_BYTES, size
        place += _HEADER_BYTES + size + size % 2


def unpadded(source: Source) -> list[tuple[int, int]]:
    """(start, stop) of chunks before the audio that were not padded, which hide it; none of most files."""
    code = _ORDERS.get(source.read(0, 4))
    ways = _followed(source, [_FIRST], code) if code else iter(())
    return next((hidden for name, _, hidden in ways if name in _AUDIO), [])


def are_chunks(source: Source, begins: list[int], code: str) -> bool:
    """Whether chunks, padded or not, lead from one of those places to the end of the file."""
    return any(source.size - stop < _HEADER_BYTES for _, stop, _ in _followed(source, begins, code))


def _followed(
    source: Source, begins: list[int], code: str
) -> Iterator[tuple[bytes, int, list[tuple[int, int]]]]:
    """(name of a chunk, where it ends, which before it were not padded), along all ways through the file."""
    ways: list[tuple[int, list[tuple[int, int]]]] = [(place, []) for place in reversed(begins)]
    tried: set[int] = set()
    while ways and len(tried) < MOST_CHUNKS:
        place, hidden = ways.pop()
        name, start, size = next(chunks(source, place, code), (b"", 0, 0))
        stop = start + size
        if place in tried or not CHUNK_NAME.fullmatch(name) or (stop > source.size and name not in _AUDIO):
            continue
        tried.add(place)
        yield name, stop, hidden
        if size % 2:
            ways.append((stop, [*hidden, (place, stop)]))
        ways.append((stop + size % 2, hidden))  # first, as it ought to be
