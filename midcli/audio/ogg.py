"""Links of a chained Ogg file, and whether it is whole (RFC 3533)."""

from collections.abc import Iterator

from midcli.audio.source import Source

_PAGE, _BEGIN = b"OggS\0", b"OggS\0\2"
_ENDS = 4
_FLAGS, _SEGMENTS, _HEADER_BYTES = 5, 26, 27  # places in the header of a page, and its least size
_CHUNK = 1 << 20
_LONGEST_PAGE = 65_307


def links(source: Source) -> list[tuple[int, int]]:
    """(start, stop) in bytes of the streams that follow one another, as in recordings of internet radio."""
    starts, behind_begin = [0], 0
    for place in _begins(source):
        if place != behind_begin and place > 0:  # streams beside one another begin one right after another
            starts.append(place)
        behind_begin = place + _page_bytes(source.read(place, _LONGEST_PAGE))
    return list(zip(starts, [*starts[1:], source.size], strict=True))


def is_ended(source: Source, stop: int) -> bool:
    """Whether the last page before that place is whole, and says that it is the last one."""
    tail = source.read(max(0, stop - 2 * _LONGEST_PAGE), min(stop, 2 * _LONGEST_PAGE))
    last = tail.rfind(_PAGE)
    if not 0 <= last < len(tail) - _HEADER_BYTES or last + _page_bytes(tail[last:]) > len(tail):
        return False
    return bool(tail[last + _FLAGS] & _ENDS)


def _begins(source: Source) -> Iterator[int]:
    """Where the first pages of streams are."""
    for start in range(0, source.size, _CHUNK):
        content = source.read(start, _CHUNK + len(_BEGIN) - 1)
        place = content.find(_BEGIN)
        while place >= 0:
            yield start + place
            place = content.find(_BEGIN, place + 1)


def _page_bytes(page: bytes) -> int:
    segments = page[_SEGMENTS : _SEGMENTS + 1]
    lengths = page[_HEADER_BYTES : _HEADER_BYTES + (segments[0] if segments else 0)]
    return _HEADER_BYTES + len(lengths) + sum(lengths)
