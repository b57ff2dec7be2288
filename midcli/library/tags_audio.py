"""Whether two files hold the same audio and pictures, bit for bit, and the same tags but for midcli's.

FFmpeg reads them, so that what writes tags does not check itself.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from midcli.library.tags import UnnamedFile
from midcli.library.tags_content import is_own
from midcli.util.interrupts import interrupts_deferred

_OPTIONS = {"protocol_whitelist": "none"}
_MOODS = ("MOOD", "TMOO", "WM/MOOD")
_DECODED_PACKETS = 8  # of a track: enough to tell that what decodes it is still there


def content_of(file: IO[bytes]) -> tuple[str, list[Any]]:
    """A digest of every packet of every track, with its times, and of the first samples as they are decoded;
    and all tags but midcli's.

    Raises ValueError for what FFmpeg cannot read.
    """
    with _opened(file) as container:
        return _digest(container), [_others(tagged) for tagged in (container, *container.streams)]


def check_readable(file: IO[bytes]) -> None:
    """Raises ValueError for what FFmpeg does not even open."""
    with _opened(file):
        pass


@contextmanager
def _opened(file: IO[bytes]) -> Iterator[Any]:
    import av

    av.logging.set_level(av.logging.PANIC)
    file.seek(0)
    try:
        with (
            interrupts_deferred(),
            av.open(UnnamedFile(file), options=_OPTIONS, metadata_errors="replace") as container,
        ):
            yield container
    except (av.FFmpegError, OSError, IndexError) as error:
        raise ValueError("its audio cannot be compared before and after") from error


def _digest(container: Any) -> str:
    digest = hashlib.sha256()
    decoded = dict.fromkeys(range(len(container.streams)), 0)
    for packet in container.demux():
        stream = packet.stream
        digest.update(f"{stream.index} {packet.pts} {packet.duration} {packet.size}\n".encode())
        digest.update(bytes(packet))
        if stream.type == "audio" and decoded[stream.index] < _DECODED_PACKETS and packet.size:
            decoded[stream.index] += 1
            for frame in _decoded(packet):
                digest.update(f"{frame.sample_rate} {frame.layout.name} {frame.format.name}\n".encode())
                for plane in frame.planes:
                    digest.update(plane)
    return digest.hexdigest()


def _others(tagged: Any) -> dict[str, str]:
    tags = tagged.metadata.items()
    return {name: text for name, text in tags if not is_own(name) and name.upper() not in _MOODS}


def _decoded(packet: Any) -> list[Any]:
    """The frames of a packet; none of one that is damaged, which stays as it is."""
    import av

    try:
        frames: list[Any] = packet.decode()
    except (av.FFmpegError, ValueError):
        return []
    return frames
