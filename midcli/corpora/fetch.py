"""The published corpora from where they are published into the layout that midcli reads.

What is downloaded first is trusted, and its checksums are kept beside it (SHA256SUMS, as sha256sum reads
it); what is downloaded or found there later has to agree with them.
"""

import hashlib
import logging
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from midcli.corpora.archives import TooLargeError, unpack
from midcli.corpora.corpus import some
from midcli.corpora.download import Patience, Progress, download, require_pooch
from midcli.corpora.published import (
    MIDLEVEL_ADDRESS,
    MIDLEVEL_EXCERPTS,
    SOUNDTRACKS_ADDRESS,
    SOUNDTRACKS_EXCERPTS,
)
from midcli.errors import DataError, MidcliError, OutputError, UsageError
from midcli.util.documents import ContentError, read_document
from midcli.util.files import exists, isdir, isfile, write_bytes
from midcli.util.stopwatch import Stopwatch

CHECKSUMS = "SHA256SUMS"
MAX_BYTES = 4_000_000_000

_log = logging.getLogger(__name__)

_STORAGE = "https://files.osf.io/v1/resources/{}/providers/osfstorage/?zip="  # all of a project, as one zip
_SUM = re.compile(r"([0-9a-f]{64}) [ *](.+)")


class ChangedError(DataError):
    """Files that are not what was first downloaded."""


class UndeliveredError(DataError):
    """No address delivers the corpus."""


class ForeignError(DataError):
    """An archive with other files than were first downloaded."""


_KEPT = (TooLargeError, ForeignError)
"""Why an archive is refused that may be sound, and that the user may allow after all."""


@dataclass(frozen=True)
class Published:
    """A corpus, where it is published, and which of it midcli needs."""

    name: str
    addresses: tuple[str, ...]
    tables: dict[str, str]
    """File name in the archive to place in the layout."""
    audio: re.Pattern[str]
    """Path of a piece of audio in the archive, its number in the first group."""
    audio_place: str
    excerpts: int

    def place(self, path: PurePosixPath) -> str | None:
        """Where a member of the archive belongs; None if it is not needed."""
        if path.name in self.tables:
            return self.tables[path.name]
        found = self.audio.fullmatch(str(path))
        if found and 1 <= int(found[1]) <= self.excerpts:
            return self.audio_place.format(int(found[1]))
        return None

    @property
    def places(self) -> list[str]:
        """Everything that may be there."""
        numbers = range(1, self.excerpts + 1)
        return [*self.tables.values(), *(self.audio_place.format(number) for number in numbers)]


PUBLISHED = {
    corpus.name: corpus
    for corpus in (
        Published(
            "soundtracks",
            (_STORAGE.format(SOUNDTRACKS_ADDRESS.rpartition("/")[2]),),
            {name: name for name in ("mean_ratings_set1.csv", "set1_tracklist.csv")},
            re.compile(r".*set1.*/(\d{3})\.mp3", re.IGNORECASE),  # a second set has the same numbers
            "Set1/{:03}.mp3",
            SOUNDTRACKS_EXCERPTS,
        ),
        Published(
            "midlevel",
            (_STORAGE.format(MIDLEVEL_ADDRESS.rpartition("/")[2]),),
            {name: f"metadata_annotations/{name}" for name in ("annotations.csv", "metadata.csv")},
            re.compile(r"(?:.*/)?(\d{1,4})\.mp3", re.IGNORECASE),
            "audio/{}.mp3",
            MIDLEVEL_EXCERPTS,
        ),
    )
}


@dataclass(frozen=True)
class Fetched:
    """What came of it."""

    source: str | None
    """The address or file it came from; None if nothing was missing."""
    placed: int
    kept: int
    """Files that were there before."""
    differing: tuple[str, ...]
    """Those of them that are not as published."""


def fetch(
    corpus: Published,
    folder: Path,
    sources: Sequence[str] = (),
    *,
    max_bytes: int = MAX_BYTES,
    overwrite: bool = False,
    patience: Patience = Patience(),  # noqa: B008
    on_progress: Progress = lambda done, total: None,  # noqa: ARG005
) -> Fetched:
    """Put a corpus under `folder`, from the first source (an address or an archive on disk) that has it.

    Without anything missing, what is there is checked against its checksums and nothing is downloaded. What
    is missing is what was there, or of the whole corpus if sources are named, which may bring more of it.
    Existing files are replaced only with `overwrite`. Raises UndeliveredError, which is a DataError, if no
    source delivers; DataError if checksums disagree; ExtraError without pooch; OutputError if the folder
    cannot be written.
    """
    root = folder / corpus.name
    if exists(root) and not isdir(root):
        raise OutputError(f"{root}: is no folder")
    recorded = read_checksums(root / CHECKSUMS)
    wanted = corpus.places if sources or not recorded else recorded
    missing = [place for place in wanted if not exists(root / place)]
    if not missing and not overwrite:
        check_checksums(root, recorded)
        return Fetched(None, 0, len(recorded) or len(corpus.places), ())
    problems = []
    with _staging(folder, corpus.name) as staging:
        for source in sources or corpus.addresses:
            try:
                archive = _archive(source, staging, max_bytes, patience, on_progress)
                with _discarded_if_useless(archive, staging):
                    sums = _unpacked(corpus, archive, staging, max_bytes)
                    _check_content(corpus, root, sums, recorded)
            except DataError as error:
                _log.info("%s: %s", source, error)
                problems.append((source, error))
                continue
            fetched = _place(source, staging / "unpacked", root, sums, recorded, overwrite)
            shutil.rmtree(staging)
            return fetched
    allowable = next((type(error) for _, error in problems if isinstance(error, _KEPT)), UndeliveredError)
    raise allowable("; ".join(f"{source}: {error}" for source, error in problems))


def read_checksums(path: Path) -> dict[str, str]:
    """Path to SHA-256; empty if there is no file. Raises DataError if it is not in sha256sum's format."""
    try:
        lines = read_document(path).splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    except ContentError as error:
        raise DataError(f"{path}: {error}") from error
    found = [_SUM.fullmatch(line) for line in lines]
    if not all(found):
        raise DataError(f"{path}: is not a list of SHA-256 checksums")
    return {match[2]: match[1] for match in found if match}


def check_checksums(root: Path, recorded: dict[str, str]) -> None:
    """Raises ChangedError if a file is not what was first downloaded."""
    watch = Stopwatch(_log)
    changed = [place for place, sha256 in recorded.items() if _sha256(root / place) != sha256]
    watch.lap("%s: %d checksums compared", root, len(recorded))
    if changed:
        raise ChangedError(f"{root}: {some(changed)} changed since the download")


def _archive(source: str, staging: Path, max_bytes: int, patience: Patience, on_progress: Progress) -> Path:
    """The archive on disk. Raises DataError if there is none."""
    if "://" in source:
        require_pooch()
        watch = Stopwatch(_log)
        archive = download(source, staging, max_bytes, patience, on_progress)
        watch.lap("%s: %d bytes downloaded", source, archive.stat().st_size)
        return archive
    if not isfile(source):
        raise DataError("neither an address nor a file")
    return Path(source)


@contextmanager
def _staging(folder: Path, name: str) -> Iterator[Path]:
    """A folder for what arrives, with no other download in it; it stays only while an archive is in it.

    Raises OutputError if it cannot be made, UsageError if another download is going on.
    """
    staging = folder / f".{name}.download"
    made = [place for place in (folder, *folder.parents) if not exists(place)]
    try:
        staging.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror}") from error
    with _alone(staging):
        try:
            yield staging
        finally:
            if not any(staging.glob("*.zip")):
                shutil.rmtree(staging, ignore_errors=True)
            with suppress(OSError):  # what holds something stays
                for place in made:
                    place.rmdir()


@contextmanager
def _alone(staging: Path) -> Iterator[None]:
    """One download at a time goes on with what is there."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    with (staging / "lock").open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(f"{staging}: another midcli is downloading into it") from error
        except OSError:
            _log.debug("%s: a file system without locks", staging)
        yield


@contextmanager
def _discarded_if_useless(archive: Path, staging: Path) -> Iterator[None]:
    """Let the next run download anew what turns out to be something else; a user's own file stays."""
    try:
        yield
    except _KEPT:
        raise
    except DataError:
        if archive.parent == staging:
            archive.unlink()
        raise


def _unpacked(corpus: Published, archive: Path, staging: Path, max_bytes: int) -> dict[str, str]:
    watch = Stopwatch(_log)
    unpacked = staging / "unpacked"
    shutil.rmtree(unpacked, ignore_errors=True)
    sums = unpack(archive, unpacked, corpus.place, max_bytes)
    watch.lap("%s: %d files unpacked", archive, len(sums))
    return sums


def _check_content(corpus: Published, root: Path, sums: dict[str, str], recorded: dict[str, str]) -> None:
    there = [place for place in corpus.places if place in sums or exists(root / place)]
    lacking = [place for place in corpus.tables.values() if place not in there]
    if lacking or len(there) == len(corpus.tables) or not sums:
        raise DataError(f"is not the corpus {corpus.name}: lacks {some(lacking) or 'audio'}")
    changed = [place for place, sha256 in sums.items() if recorded.get(place, sha256) != sha256]
    if changed:
        raise ForeignError(
            f"{some(changed)} not as first downloaded; to trust what is published now, "
            f"remove {root / CHECKSUMS}"
        )


def _place(
    source: str, unpacked: Path, root: Path, sums: dict[str, str], recorded: dict[str, str], overwrite: bool
) -> Fetched:
    """Move files to where they belong; into a folder that does not exist yet, all at once."""
    try:
        if not exists(root):
            write_bytes(unpacked / CHECKSUMS, _as_text(sums))
            unpacked.rename(root)
            return Fetched(source, len(sums), 0, ())
        kept, agreed = [], dict(recorded)
        for place, sha256 in sums.items():
            target = root / place
            if exists(target) and not overwrite:
                kept.append(place)
                if place in recorded or _sha256(target) == sha256:
                    agreed[place] = sha256
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            (unpacked / place).replace(target)
            agreed[place] = sha256
        write_bytes(root / CHECKSUMS, _as_text(agreed))
    except MidcliError:
        raise
    except OSError as error:
        raise OutputError(f"{root}: cannot be written: {error.strerror}") from error
    differing = tuple(place for place in kept if _sha256(root / place) != sums[place])
    return Fetched(source, len(sums) - len(kept), len(kept), differing)


def _as_text(sums: dict[str, str]) -> bytes:
    return "".join(f"{sha256}  {place}\n" for place, sha256 in sorted(sums.items())).encode()


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
