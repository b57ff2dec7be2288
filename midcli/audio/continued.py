"""Wav files whose audio goes on in further data chunks, as some recorders write it when they resume."""

import struct

from midcli.audio.chunks import chunks
from midcli.audio.source import Section, Source

_FIRST, _SIZE_FIELD, _OUTER_BYTES = 12, 4, 8
_FRAME_BYTES_FIELD = 12  # of `fmt `


def joined(source: Source) -> Section | None:
    """The same file with all of its audio in one chunk; None if it is, as in most files, or of others."""
    if source.read(0, 4) != b"RIFF":
        return None
    frame_bytes, data = 1, []
    for name, place, size in chunks(source, _FIRST, "<I"):
        if name == b"fmt ":
            frame_bytes = max(1, int.from_bytes(source.read(place + _FRAME_BYTES_FIELD, 2), "little"))
        elif name == b"data" and place < source.size:
            data.append((place, place + size - size % frame_bytes))
    if len(data) < 2:
        return None
    runs = [(start, min(stop, source.size)) for start, stop in data]
    begin, audio = runs[0][0], sum(stop - start for start, stop in data)
    whole = begin + audio - _OUTER_BYTES
    if whole >= 1 << 32:
        return None
    patches = [(_SIZE_FIELD, struct.pack("<I", whole)), (begin - _SIZE_FIELD, struct.pack("<I", audio))]
    return Section(source.file, [(0, runs[0][1]), *runs[1:]], patches)
