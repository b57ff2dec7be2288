"""The frames of an MPEG audio file, counted: what it really holds, whatever its header says (ISO 11172-3)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from midcli.audio.source import Source
from midcli.audio.tags import audio_start, tag_bytes

_BIT_RATES = {  # kbit/s by (MPEG-1?, layer)
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES_HZ = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8000)}
_MPEG_1 = 3
_MONO = 3

# version and layer that exist, a bit rate that is told, a sample rate that exists
_SYNC = re.compile(rb"\xff[\xe2-\xe7\xf2-\xf7\xfa-\xff][\x10-\xef]")
_HEADER_BYTES = 4
_FRAMES_IN_A_ROW = 4  # with fewer, what looks like a frame may be none
_CHUNK = 1 << 20
_COUNT = re.compile(rb"(?:Xing|Info)\0\0\0(.)(.{4})|VBRI.{10}(.{4})", re.DOTALL)
_COUNT_NAMES = (b"Xing\0\0\0", b"Info\0\0\0", b"VBRI\0\1")
_COUNT_DISTANCES = (36, 21, 13, 38, 23, 15)  # behind header, side information and perhaps a checksum
_FARTHEST_COUNT = 64
_HAS_COUNT, _HAS_BOTH = 1, 3  # frames, and bytes too
_LONGEST_SIDE = 8  # of a frame, up to where it says how far back its data begin
_PADDED_BYTES = 4


class Format(NamedTuple):
    """What a frame says of itself that is the same for its neighbours."""

    rate_hz: int
    channels: int
    frame_samples: int


@dataclass
class Part:
    """Frames of one format that follow one another, with nothing between; healthy files have one part."""

    start: int
    """In bytes."""
    format: Format
    stop: int = 0
    last_frame: int = 0
    """Where it begins."""
    frames: int = 0
    """Of audio."""
    is_behind_flaw: bool = False
    """Its first frames need others that are lost."""
    declared_frames: int = 0
    """What a header in its first frame counts; 0 if none does."""
    correction: list[tuple[int, bytes]] = field(default_factory=list)
    """(place from its start, bytes) that makes this header right."""

    @property
    def is_honest(self) -> bool:
        """Whether its header, if it has one that counts, counts all of it; it may count what was cut off."""
        return not self.correction or self.declared_frames >= self.frames - _FRAMES_IN_A_ROW

    @property
    def seconds(self) -> float:
        return self.frames * self.format.frame_samples / self.format.rate_hz

    @property
    def declared_s(self) -> float:
        return self.declared_frames * self.format.frame_samples / self.format.rate_hz


@dataclass
class Mp3:
    """The frames of a file."""

    parts: list[Part] = field(default_factory=list)
    junk: list[tuple[float, int]] = field(default_factory=list)
    """(seconds, bytes): what stands between frames and is no tag."""

    @property
    def seconds(self) -> float:
        return sum(part.seconds for part in self.parts)

    @property
    def declared_s(self) -> float:
        """What headers count, of all parts; 0 if none does."""
        return sum(part.declared_s for part in self.parts)

    @property
    def is_whole(self) -> bool:
        """Whether it is one stream with nothing between its frames."""
        return len(self.parts) == 1 and not self.junk


def read_frames(source: Source) -> Mp3 | None:
    """Goes from frame to frame through the file. None if there are none, or only some of free bit rate."""
    walk = _Walk(source)
    place = walk.next_frames(audio_start(source.read))
    if place is None:
        return None
    mp3, is_behind_flaw = Mp3(), False
    while place is not None:
        number = len(mp3.parts)
        stop = walk.follow(place, mp3.parts)
        mp3.parts[number].is_behind_flaw = is_behind_flaw
        behind_tags = audio_start(source.read, stop)
        place = walk.next_frames(behind_tags)
        is_behind_flaw = place is not None and place > behind_tags and not _begins_anew(source, place)
        if place is not None and place > behind_tags and _header_at(source, place) is None:
            mp3.junk.append((mp3.seconds, place - behind_tags))
            if behind_tags == stop and not _is_padded(source, stop, place):
                # its last frame reaches into the junk: decoded, it may be a bang
                mp3.parts[-1].stop = mp3.parts[-1].last_frame
                mp3.parts[-1].frames -= 1
    mp3.parts = [part for whole in mp3.parts if whole.frames for part in _split(source, walk, whole)]
    return mp3


def _begins_anew(source: Source, place: int) -> bool:
    """Whether the frame there needs none of those before: its data begin in it, or it is a header."""
    header = source.read(place, _LONGEST_SIDE)
    is_layer_3, has_checksum = header[1] >> 1 & 3 == 1, not header[1] & 1
    bits = 9 if header[1] >> 3 & 3 == _MPEG_1 else 8
    side = int.from_bytes(header[4 + 2 * has_checksum :][:2], "big")
    return not is_layer_3 or side >> 16 - bits == 0


def _is_padded(source: Source, stop: int, place: int) -> bool:
    """Whether nothing but zeros lies between, which do not begin within the frame before."""
    between = source.read(stop, min(place - stop, _CHUNK))
    return not between.strip(b"\0") and source.read(stop - _PADDED_BYTES, _PADDED_BYTES).strip(b"\0") != b""


class _Headers(dict[bytes, tuple[int, Format | None]]):
    """Size and format of the frame with that header of four bytes; (0, None) if it is none."""

    def __missing__(self, header: bytes) -> tuple[int, Format | None]:
        self[header] = meaning = _meaning(header)
        return meaning


_FORMATS: dict[Format, Format] = {}


def _meaning(header: bytes) -> tuple[int, Format | None]:
    if len(header) < _HEADER_BYTES or not _SYNC.match(header):
        return 0, None
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    rate_index, padding = header[2] >> 2 & 3, header[2] >> 1 & 1
    if rate_index == 3:
        return 0, None
    rate_hz = _RATES_HZ[version][rate_index]
    bit_rate = 1000 * _BIT_RATES[version == _MPEG_1, layer][(header[2] >> 4) - 1]
    frame_samples = 384 if layer == 1 else 576 if layer == 3 and version != _MPEG_1 else 1152
    slot = 4 if layer == 1 else 1
    size = (frame_samples // 8 // slot * bit_rate // rate_hz + padding) * slot
    format_ = Format(rate_hz, 1 if header[3] >> 6 == _MONO else 2, frame_samples)
    return size, _FORMATS.setdefault(format_, format_)


class _Walk:
    """A window on the file that moves along."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._size = source.size
        self._headers = _Headers()

    def follow(self, place: int, parts: list[Part], end: int | None = None) -> int:
        """Adds the frames that follow one another from there on; returns where they end."""
        end = self._size if end is None else end
        part: Part | None = None
        format_, frames, last = None, 0, place
        headers, content, base = self._headers, b"", place
        while True:  # six thousand times for a song
            offset = place - base
            header = content[offset : offset + _HEADER_BYTES]
            if len(header) < _HEADER_BYTES and place < end:
                content, base = self._source.read(place, _CHUNK), place
                header = content[:_HEADER_BYTES]
            size, following = headers[header]
            if following is not format_ or place + size > end:
                if part:
                    part.stop, part.last_frame, part.frames = place, last, frames
                if following is None or place + size > end:
                    return place
                part, format_, frames = Part(place, following), following, 0
                parts.append(part)
            frames += 1
            last = place
            place += size

    def next_frames(self, place: int) -> int | None:
        """The first place from there on where frames begin."""
        while place < self._size:
            content = self._source.read(place, _CHUNK)
            for found in _SYNC.finditer(content):
                if self._frames_begin(place + found.start()):
                    return place + found.start()
            place += len(content) if len(content) <= _HEADER_BYTES else len(content) - _HEADER_BYTES
        return None

    def _frames_begin(self, place: int) -> bool:
        for number in range(_FRAMES_IN_A_ROW):
            size, _ = self._headers[self._source.read(place, _HEADER_BYTES)]
            if not size or place + size > self._size:
                return number > 0 and (place + size >= self._size or tag_bytes(self._source.read, place) > 0)
            place += size
        return True


def _split(source: Source, walk: _Walk, whole: Part) -> list[Part]:
    """The part or, if its header does not count all of it, those joined in it, each with a header."""
    _read_header(source, whole)
    if whole.declared_frames and whole.is_honest:
        return [whole]
    headers = [whole.start, *sorted(_later_headers(source, whole))]
    ends = (_declared_end(source, start, whole.format) for start in headers)
    starts = sorted({*headers, *(end for end in ends if whole.start < end < whole.stop)})
    if len(starts) == 1:
        return [whole]
    parts: list[Part] = []
    for start, stop in zip(starts, [*starts[1:], whole.stop], strict=True):
        walk.follow(start, parts, stop)
        _read_header(source, parts[-1])
    return parts


def _read_header(source: Source, part: Part) -> None:
    """What its first frame counts, if that is a header, which is no audio then."""
    found = _header_at(source, part.start)
    if found is None:
        return
    part.frames -= 1
    if found[3] or found[1][0] & _HAS_COUNT:
        part.declared_frames = int.from_bytes(found[3] or found[2], "big")
        part.correction = [(found.start(3 if found[3] else 2), part.frames.to_bytes(4, "big"))]
    else:  # decoders take it for music
        part.start += len(found.string)


def _header_at(source: Source, place: int) -> re.Match[bytes] | None:
    """Where the frame that begins there counts those that follow, if it does instead of holding audio."""
    frame_bytes, _ = _Headers()[source.read(place, _HEADER_BYTES)]
    return _COUNT.search(source.read(place, frame_bytes))


def _declared_end(source: Source, start: int, format_: Format) -> int:
    """Where the stream ends by the bytes that the header there counts, and frames of the format go on; or 0.

    A header that counts the bytes of its own stream right lies in nothing: what follows was joined to it.
    """
    found = _header_at(source, start)
    if found is None or found[3] or found[1][0] & _HAS_BOTH != _HAS_BOTH:
        return 0
    end = start + int.from_bytes(source.read(start + found.end(), 4), "big")
    return end if _Headers()[source.read(end, _HEADER_BYTES)][1] is format_ else 0


def _later_headers(source: Source, whole: Part) -> Iterator[int]:
    """Where further frames begin that are headers."""
    for start in range(whole.start + 1, whole.stop, _CHUNK):
        content = source.read(start, min(whole.stop - start, _CHUNK + _FARTHEST_COUNT))
        for name in _COUNT_NAMES:
            place = content.find(name)
            while place >= 0:
                frame = _frame_of(source, start + place, whole.format)
                if frame is not None and start <= frame < start + _CHUNK:
                    yield frame
                place = content.find(name, place + 1)


def _frame_of(source: Source, count: int, format_: Format) -> int | None:
    """Where the frame begins whose header counts there."""
    for distance in _COUNT_DISTANCES:
        if distance <= count and _Headers()[source.read(count - distance, _HEADER_BYTES)][1] is format_:
            return count - distance
    return None
