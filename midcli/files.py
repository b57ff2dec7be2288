"""Files, folders and patterns on the command line to the audio files that they mean."""

import glob
import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from midcli.errors import InputError, UsageError

# what libsndfile and FFmpeg open under the name of music; a file named by itself may be called anything
AUDIO_SUFFIXES = frozenset(
    ".aac .aif .aifc .aiff .au .caf .flac .m4a .m4b .mka .mkv .mov .mp2 .mp3 .mp4 .oga .ogg .opus .rf64 .w64"
    " .wav .webm .wma".split()
)


@dataclass(frozen=True)
class AudioFile:
    """One file to analyse, and the folder on the command line in which it was found, if any."""

    path: str
    folder: str | None = None

    @property
    def name_in_folder(self) -> str:
        """The same on every machine that has the folder, wherever it is mounted."""
        return os.path.relpath(self.path, self.folder) if self.folder else self.path


def find_files(paths: Iterable[str]) -> tuple[list[AudioFile], list[InputError]]:
    """Audio files that the paths mean, each once, folders sorted; and what could not be found or listed.

    A folder means the audio files in it and below, without hidden ones and without following linked folders.
    A path that does not exist may be a pattern (`*`, `**`, `?`, `[]`).
    """
    found: dict[str, AudioFile] = {}
    problems: list[InputError] = []
    for path in paths:
        for item in _expand(path):
            if isinstance(item, InputError):
                problems.append(item)
            else:
                found.setdefault(item.path, item)
    return list(found.values()), problems


def take_shard(files: Iterable[AudioFile], shard: str) -> list[AudioFile]:
    """The files of part `i/n`: by their names, so that a file stays in its part when others come and go."""
    part, _, parts = shard.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise UsageError(f"--shard {shard}: expected i/n with i from 1 to n, such as 1/4")
    return [file for file in files if _bucket(file, int(parts)) == int(part) - 1]


def _bucket(file: AudioFile, buckets: int) -> int:
    name = file.name_in_folder.replace(os.sep, "/")
    return int.from_bytes(hashlib.sha256(os.fsencode(name)).digest()[:8]) % buckets


def _expand(path: str) -> Iterator[AudioFile | InputError]:
    path = str(Path(path))
    if os.path.isdir(path):
        yield from _walk(path)
    elif not os.path.lexists(path) and glob.has_magic(path):
        matches = [match for match in sorted(glob.glob(path, recursive=True)) if _is_audio_or_folder(match)]
        if not matches:
            yield InputError(path, "no audio file matches this pattern")
        for match in matches:
            if os.path.isdir(match):
                yield from (item for item in _walk(match) if isinstance(item, AudioFile))
            else:
                yield AudioFile(match)
    else:
        yield AudioFile(path)


def _walk(folder: str) -> Iterator[AudioFile | InputError]:
    problems: list[OSError] = []
    empty = True
    for parent, folders, names in os.walk(folder, onerror=problems.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if _is_audio_name(name):
                empty = False
                yield AudioFile(os.path.join(parent, name), folder)
    for problem in problems:
        yield InputError(str(problem.filename or folder), f"cannot be listed: {problem.strerror}")
    if empty and not problems:
        yield InputError(folder, "the folder contains no audio files")


def _is_audio_or_folder(path: str) -> bool:
    return os.path.isdir(path) or _is_audio_name(os.path.basename(path))


def _is_audio_name(name: str) -> bool:
    # names with a leading dot are hidden, or the resource forks that macOS leaves beside its files
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in AUDIO_SUFFIXES
