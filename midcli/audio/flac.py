"""How many samples a FLAC file really holds: the number of its last frame tells (RFC 9639, section 9)."""

import re
from collections.abc import Iterator

from midcli.audio.source import Source

_SYNC = re.compile(rb"\xff[\xf8\xf9]")
_TAIL_BYTES = 1 << 18  # two frames, and tags behind them
_LONGEST_HEADER = 16
_STREAMINFO = 0
_BLOCK_SIZES = {1: 192, 2: 576, 3: 1152, 4: 2304, 5: 4608} | {code: 1 << code for code in range(8, 16)}


def total_samples(source: Source, start: int, declared: int) -> int:
    """Samples of a channel up to the end of the last frame; 0 if that cannot be told.

    `start` is where the stream begins, `declared` what its header counts.
    """
    head = source.read(start, 26)
    if head[:4] != b"fLaC" or head[4] & 0x7F != _STREAMINFO or len(head) < 26:
        return 0
    block_samples = int.from_bytes(head[10:12], "big")  # of the largest block: all have it, if it is fixed
    tail = source.read(max(start, source.size - _TAIL_BYTES), _TAIL_BYTES)
    frames = []
    for first, samples in _frames(tail, block_samples):
        if first + samples == declared:
            return declared
        frames.append((first, samples))
    # noise looks like a frame now and then, but not like two that follow one another
    followed = {first + samples for first, samples in frames}
    return max((first + samples for first, samples in frames if first in followed), default=0)


def _frames(content: bytes, block_samples: int) -> Iterator[tuple[int, int]]:
    """(first sample, samples) of what looks like frames, the last first."""
    for sync in reversed(list(_SYNC.finditer(content))):
        header = content[sync.start() : sync.start() + _LONGEST_HEADER]
        if len(header) == _LONGEST_HEADER and (frame := _parsed(header, block_samples)):
            yield frame


def _parsed(header: bytes, block_samples: int) -> tuple[int, int] | None:
    size_code, rate_code = header[2] >> 4, header[2] & 15
    number = _coded_number(header[4:11])
    if number is None or not size_code or rate_code == 15 or header[3] >> 4 > 10 or header[3] & 1:
        return None
    value, place = number[0], 4 + number[1]
    samples = _BLOCK_SIZES.get(size_code, 0)
    if size_code in (6, 7):
        count = size_code - 5
        samples = int.from_bytes(header[place : place + count], "big") + 1
        place += count
    place += {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    if _crc8(header[:place]) != header[place]:
        return None
    is_sample_number = header[1] & 1
    return (value if is_sample_number else value * block_samples), samples


def _coded_number(content: bytes) -> tuple[int, int] | None:
    """(value, bytes) of a number coded as UTF-8 codes characters, but up to 36 bits long."""
    first = content[0]
    if first < 0x80:
        return first, 1
    length = 8 - (first ^ 0xFF).bit_length()
    if length < 2 or length > 7 or any(byte >> 6 != 2 for byte in content[1:length]):
        return None
    value = first & (0x7F >> length)
    for byte in content[1:length]:
        value = value << 6 | byte & 0x3F
    return value, length


def _crc8(content: bytes) -> int:
    remainder = 0
    for byte in content:
        remainder ^= byte
        for _ in range(8):
            remainder = (remainder << 1 ^ 0x107) if remainder & 0x80 else remainder << 1
    return remainder
