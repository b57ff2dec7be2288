"""Where the programmes of an MPEG transport stream change (ISO 13818-1): broadcasts recorded, files joined.

Decoders look at the beginning only, and lose what goes on in other streams.
"""

import re
from collections.abc import Iterator

from midcli.audio.source import Source

# a packet without adaptation field in which a list of programmes (0) or of a programme's streams (2) begins
_TABLE = re.compile(rb"\x47[\x40-\x5f].[\x10-\x1f]\0[\0\x02][\xb0-\xbf]", re.DOTALL)
_PATTERN_BYTES, _PACKET_BYTES, _SECTION, _HEADER_BYTES, _CHECKSUM_BYTES = 7, 188, 5, 8, 4
_HEAD_BYTES, _CHUNK = 1 << 16, 1 << 20
_LIST_OF_PROGRAMMES = 0
_NO_AUDIO = frozenset({0x01, 0x02, 0x05, 0x0B, 0x0D, 0x10, 0x1B, 0x20, 0x21, 0x24, 0x33, 0x86})

Streams = tuple[tuple[int, int], ...]
"""(type, number) of each audio stream of a programme."""


def links(source: Source) -> list[tuple[int, int]]:
    """(start, stop) in bytes of what has the same audio streams throughout; one if they never change."""
    starts = [0]
    listed_at = 0
    listed: set[int] = set()
    seen: dict[int, Streams] = {}
    for place, number, section in _tables(source):
        if number == _LIST_OF_PROGRAMMES and section[0] == 0:
            if listed and _listed(section) != listed:
                starts.append(place)
                seen.clear()
            listed, listed_at = _listed(section), place
        elif number in listed and section[0] == 2 and (streams := _audio_streams(section)):
            if seen.get(number, streams) != streams:
                starts.append(listed_at if listed_at > starts[-1] else place)
            seen[number] = streams
    return list(zip(starts, [*starts[1:], source.size], strict=True))


def _tables(source: Source) -> Iterator[tuple[int, int, bytes]]:
    """(place of its packet, number of its stream, table without checksum) of those that fit into a packet."""
    if not _TABLE.search(source.read(0, _HEAD_BYTES)):
        return
    for start in range(0, source.size, _CHUNK):
        content = source.read(start, _CHUNK + _PACKET_BYTES)
        for found in _TABLE.finditer(content, 0, _CHUNK + _PATTERN_BYTES - 1):
            packet = content[found.start() : found.start() + _PACKET_BYTES]
            stop = _SECTION + 3 + (int.from_bytes(packet[_SECTION + 1 : _SECTION + 3], "big") & 0xFFF)
            if _SECTION + _HEADER_BYTES + _CHECKSUM_BYTES <= stop <= len(packet):
                number = int.from_bytes(packet[1:3], "big") & 0x1FFF
                yield start + found.start(), number, packet[_SECTION : stop - _CHECKSUM_BYTES]


def _listed(section: bytes) -> set[int]:
    """Numbers of the streams in which programmes say what they consist of."""
    entries = [section[place : place + 4] for place in range(8, len(section) - 3, 4)]
    return {int.from_bytes(entry[2:], "big") & 0x1FFF for entry in entries if entry[:2] != b"\0\0"}


def _audio_streams(section: bytes) -> Streams:
    place = 12 + (int.from_bytes(section[10:12], "big") & 0xFFF)
    streams = []
    while place + 5 <= len(section):
        if section[place] not in _NO_AUDIO:
            streams.append((section[place], int.from_bytes(section[place + 1 : place + 3], "big") & 0x1FFF))
        place += 5 + (int.from_bytes(section[place + 3 : place + 5], "big") & 0xFFF)
    return tuple(streams)
