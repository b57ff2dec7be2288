"""Files, folders and patterns on the command line to the audio files that they mean."""

import glob
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from midcli.audio.formats import AUDIO_SUFFIXES
from midcli.errors import InputError, UsageError
from midcli.library.lists import PLAYLIST_SUFFIXES, is_address, read_playlist
from midcli.util.files import isdir, isfile

_SEPARATORS = re.escape(os.sep + (os.altsep or ""))
_ANY_FOLDERS = re.compile(rf"(?<![^{_SEPARATORS}])\*\*(?:[{_SEPARATORS}]+|$)")


@dataclass(frozen=True)
class AudioFile:
    """One file to analyse, and the folder on the command line in which it was found, if any."""

    path: Path
    folder: Path | None = None

    @property
    def name_in_folder(self) -> str:
        """The same on every machine that has the folder, wherever it is mounted."""
        return (self.path.relative_to(self.folder) if self.folder else self.path).as_posix()


def find_files(paths: Iterable[str]) -> tuple[list[AudioFile], list[InputError]]:
    """Audio files that the paths mean, each once, folders sorted; and what could not be found or listed.

    A folder means the audio files in it and below, without hidden ones and without following linked folders.
    A playlist (.m3u, .m3u8) means the files that it names. A path that does not exist may be a pattern (`*`,
    `**`, `?`, `[]`).
    """
    found: dict[Path, AudioFile] = {}
    problems: dict[str, InputError] = {}
    for path in paths:
        for item in _expand(path):
            if isinstance(item, InputError):
                problems.setdefault(str(item), item)
            else:
                found.setdefault(item.path, item)
    return list(found.values()), list(problems.values())


def take_shard(files: Iterable[AudioFile], shard: str) -> list[AudioFile]:
    """The files of part `i/n`: by their names, so that a file stays in its part when others come and go."""
    part, parts = check_shard(shard)
    return [file for file in files if _bucket(file, parts) == part - 1]


def check_shard(shard: str) -> tuple[int, int]:
    """Part and number of parts of `i/n`. Raises UsageError for anything else."""
    numbers = re.fullmatch("([0-9]{1,9})/([0-9]{1,9})", shard)
    part, parts = map(int, numbers.groups()) if numbers else (0, 0)
    if not 1 <= part <= parts:
        raise UsageError(f"{shard}: expected i/n with i from 1 to n, such as 1/4")
    return part, parts


def _bucket(file: AudioFile, buckets: int) -> int:
    digest = hashlib.sha256(os.fsencode(file.name_in_folder)).digest()
    return int.from_bytes(digest[:8], "big") % buckets


def _expand(named: str) -> Iterator[AudioFile | InputError]:
    if not named:  # of pathlib, the working folder
        yield InputError('""', "names no file; a variable may be unset")
        return
    path = Path(named)
    if is_address(named):
        yield InputError(named, "is an address on the net; download it, and name the file")
        return
    if path.suffix.lower() in PLAYLIST_SUFFIXES and isfile(path):
        yield from _in_playlist(path)
        return
    # pathlib raises errors for names that cannot be, which analysing them will explain
    if isdir(path):
        found = list(_walk(path))
        yield from found
        if not found:
            yield InputError(path, "the folder contains no audio files")
    elif os.path.lexists(path) or not glob.has_magic(named):
        yield AudioFile(path)
    else:
        matches = [Path(match) for match in sorted(set(paths_matching(named)))]
        matched: list[AudioFile | InputError] = [
            AudioFile(match) for match in matches if isfile(match) and _is_audio_name(match.name)
        ]
        for folder in filter(isdir, matches):
            matched.extend(_walk(folder))
        yield from matched
        if not matched:
            yield InputError(path, "no audio file matches this pattern")


def _in_playlist(path: Path) -> Iterator[AudioFile | InputError]:
    try:
        entries = read_playlist(path)
    except InputError as error:
        yield error
        return
    for entry in entries:
        if is_address(entry):
            yield InputError(entry, f"is an address on the net, named in {path}; download it")
        elif isdir(entry):
            yield from _walk(Path(entry))
        else:
            yield AudioFile(Path(entry))
    if not entries:
        yield InputError(path, "the playlist names no files")


def paths_matching(pattern: str, folder: str = "") -> Iterator[str]:
    """What `glob` finds in a folder, but `**` follows no linked folders, which may be loops."""
    any_folders = _ANY_FOLDERS.search(pattern)
    if not any_folders:
        yield from (folder + match for match in glob.glob(pattern, root_dir=folder or None))  # noqa: PTH207
        return
    before, after = pattern[: any_folders.start()], pattern[any_folders.end() :]
    for top in paths_matching(before, folder) if before else [folder]:
        for parent, folders, names in os.walk(top or os.curdir):
            folders[:] = [name for name in folders if not name.startswith(".")]
            below = os.path.join(parent if top else parent[2:], "")  # noqa: PTH118
            if after:
                yield from paths_matching(after, below)
            elif pattern.endswith("**"):
                yield from (below + name for name in names if not name.startswith("."))
            if below and not after:
                yield below


def _walk(folder: Path) -> Iterator[AudioFile | InputError]:
    problems: list[OSError] = []
    for parent, folders, names in os.walk(folder, onerror=problems.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(filter(_is_audio_name, names)):
            yield AudioFile(Path(parent, name), folder)
    for problem in problems:
        yield InputError(problem.filename or folder, f"the folder cannot be listed: {problem.strerror}")


def _is_audio_name(name: str) -> bool:
    # a leading dot hides a file, and marks the resource forks that macOS leaves beside its files
    return not name.startswith(".") and Path(name).suffix.lower() in AUDIO_SUFFIXES
