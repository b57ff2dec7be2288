"""What audio files say of their own length, where the libraries that decode them do not tell."""

import mmap
import os
import re
from pathlib import Path
from typing import Any

_ENDLESS = 1 << 62  # frames of what libsndfile knows no end of
_UNKNOWN_LENGTH = 0x7FFFF000  # what streaming writers declare: this or more, or 0
_LONGEST_MP3_FRAME = 1441  # bytes
_MOST_OF_TAGS = 2048  # bytes after the audio that are not looked into


def is_chained_ogg(ogg: Path) -> bool:
    """Whether streams follow one another, as in recordings of internet radio."""
    with ogg.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        begin, later = b"OggS\0\x02", b"OggS\0\x00"
        first_later = content.find(later)
        return first_later >= 0 and content.find(begin, first_later) >= 0


def is_ended_ogg(ogg: Path) -> bool:
    """Whether the last page says that it is the last one."""
    with ogg.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        last = content.rfind(b"OggS\0")
        return last >= 0 and bool(content[last + 5 : last + 6] >= b"\4")


def mp3_tells_its_length(mp3: Path) -> bool:
    """Whether the first frame of an mp3 is a header, as LAME writes it, with the length of what follows."""
    with mp3.open("rb") as file:
        start = file.read(10)
        if start[:3] == b"ID3":
            size = 0
            for digit in start[6:10]:
                size = size << 7 | digit & 0x7F
            file.seek(10 + size)
        else:
            file.seek(0)
        begin = file.tell()
        first_frame = file.read(_LONGEST_MP3_FRAME)
        following = file.seek(0, os.SEEK_END) - begin
    header = re.search(rb"(?:Xing|Info)\0\0\0(?:[\x03\x07\x0b\x0f]....(....)|.)", first_frame, re.DOTALL)
    if header is None:
        return b"VBRI" in first_frame
    return not header[1] or int.from_bytes(header[1], "big") > following - _MOST_OF_TAGS


def declared_frames(file: Any) -> int:
    """Frames that the file's header promises; libsndfile itself trims wav and aiff headers to the file."""
    chunk = re.search(
        r"^\s*(?:data|SSND|Data Size|Riff size|riff)\s*:\s*(\d+) \(should be (\d+)\)",
        file.extra_info,
        re.MULTILINE,
    )
    if not chunk or not 0 < int(chunk[1]) < _UNKNOWN_LENGTH:
        return int(file.frames) if file.frames < _ENDLESS else 0
    promised_bytes, present_bytes = int(chunk[1]), max(1, int(chunk[2]))
    return int(file.frames * promised_bytes / present_bytes)
