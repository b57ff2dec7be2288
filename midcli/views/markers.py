"""Sections and turning points for audio editors: Audacity labels (.txt), Reaper regions (.csv), cue points of
a wav (.wav).
"""

import csv
import io
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from midcli.errors import InputError, UsageError

if TYPE_CHECKING:
    from midcli.explanation.analysis import Analysis

ENDINGS = (".txt", ".csv", ".wav")

_DECIMALS = 6
_RIFF_LIMIT = 2**32 - 1


@dataclass(frozen=True)
class Marker:
    """A stretch of a piece, with what happens there."""

    start_s: float
    end_s: float
    text: str


def markers_of(analysis: "Analysis") -> list[Marker]:
    """Sections, if there are several, and the important turning points; by time.

    Of what is unlike known music the first says that they are guesses.
    """
    from midcli.explanation.curves import important
    from midcli.explanation.words.differences import turning_point_label
    from midcli.explanation.words.sections import section_words
    from midcli.explanation.words.sentences import flagged_note

    parts = analysis.sections()
    words = section_words(parts, analysis.doubtful) if len(parts) > 1 else []
    markers = [Marker(part.start_s, part.end_s, word) for part, word in zip(parts, words, strict=False)]
    markers += [
        Marker(point.start_s, point.end_s, turning_point_label(point))
        for point in important(analysis.turning_points(), analysis.spreads)
    ]
    if markers and analysis.doubtful:
        markers.insert(0, Marker(0.0, analysis.duration_s, flagged_note()))
    return sorted(markers, key=lambda marker: marker.start_s)


def check_markers(path: Path, source: Path) -> None:
    """Raises UsageError for an ending that names no format, or cue points of what is no wav."""
    suffix = path.suffix.lower()
    if suffix not in ENDINGS:
        raise UsageError(f"{path}: labels are written as {', '.join(ENDINGS)}")
    if suffix == ".wav" and source.suffix.lower() not in (".wav", ".wave"):
        raise UsageError(f"{path}: cue points are written into a copy of a wav, which {source} is not")


def marker_file(path: Path, markers: Sequence[Marker], source: Path) -> bytes:
    """The content of a file of markers, in the format that its ending names.

    Raises InputError if the wav that is to be copied cannot be read, or has no place for cue points.
    """
    suffix = path.suffix.lower()
    if suffix == ".wav":
        return wav_with_cues(source, markers)
    return reaper_regions(markers) if suffix == ".csv" else audacity_labels(markers)


def audacity_labels(markers: Sequence[Marker]) -> bytes:
    """Audacity's label format (UTF-8): start and end in seconds, a tab between, and the text."""
    lines = (f"{one.start_s:.{_DECIMALS}f}\t{one.end_s:.{_DECIMALS}f}\t{one.text}\n" for one in markers)
    return "".join(lines).encode()


def reaper_regions(markers: Sequence[Marker]) -> bytes:
    """What Reaper's region and marker manager imports (UTF-8): minutes and seconds."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["#", "Name", "Start", "End", "Length"])
    for number, one in enumerate(markers, 1):
        times = (one.start_s, one.end_s, one.end_s - one.start_s)
        writer.writerow([f"R{number}", one.text, *map(_clock, times)])
    return table.getvalue().encode()


def wav_with_cues(source: Path, markers: Sequence[Marker]) -> bytes:
    """A copy of a wav whose cue points and their labels are these; its audio stays bit for bit.

    Raises InputError if the source cannot be read, is no RIFF wav, or would become too large for one.
    """
    try:
        content = source.read_bytes()
    except OSError as error:
        raise InputError(source, f"cannot be read: {error.strerror}") from error
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise InputError(source, "is no RIFF wav, so it has no place for cue points")
    kept, rate_hz = [], 0
    for name, body in _chunks(content):
        if name == b"fmt ":
            rate_hz = struct.unpack_from("<I", body, 4)[0] if len(body) >= 8 else 0
        if name != b"cue " and not (name == b"LIST" and body[:4] == b"adtl"):
            kept.append(_chunk(name, body))
    if not rate_hz:
        raise InputError(source, "its header is broken: it has no sample rate")
    parts = b"".join([b"WAVE", *kept, *_cue_chunks(markers, rate_hz)])
    if len(parts) > _RIFF_LIMIT:
        raise InputError(source, "is too large for cue points")
    return b"RIFF" + struct.pack("<I", len(parts)) + parts


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """What was written to a pipe says that its audio has no bytes: then it is all that follows."""
    place = 12
    while place + 8 <= len(content):
        name, size = content[place : place + 4], struct.unpack_from("<I", content, place + 4)[0]
        if name == b"data" and not size:
            size = len(content) - place - 8
        yield name, content[place + 8 : place + 8 + size]
        place += 8 + size + size % 2


def _cue_chunks(markers: Sequence[Marker], rate_hz: int) -> list[bytes]:
    """Cue points, and a list of their labels and lengths, which editors show as regions."""
    places = [round(one.start_s * rate_hz) for one in markers]
    points = [
        struct.pack("<II4sIII", number, place, b"data", 0, 0, place) for number, place in enumerate(places, 1)
    ]
    notes = [b"adtl"]
    for number, one in enumerate(markers, 1):
        length = max(0, round((one.end_s - one.start_s) * rate_hz))
        notes.append(_chunk(b"labl", struct.pack("<I", number) + one.text.encode() + b"\0"))
        notes.append(_chunk(b"ltxt", struct.pack("<II4sHHHH", number, length, b"rgn ", 0, 0, 0, 0)))
    cues = struct.pack("<I", len(points)) + b"".join(points)
    return [_chunk(b"cue ", cues), _chunk(b"LIST", b"".join(notes))]


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _clock(seconds: float) -> str:
    """`3:07.250`"""
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    return f"{minutes}:{rest / 1000:06.3f}"
