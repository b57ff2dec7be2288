"""Spectrograms of files, kept under the user's cache directory by content and front end."""

import contextlib
import hashlib
import json
import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np

from midcli.audio.reading import AudioReader
from midcli.audio.spectrogram import BANDS, FRONTEND, SAMPLE_RATE_HZ, FloatArray, spectrogram_of
from midcli.corpora.corpus import Corpus
from midcli.util.files import replacing
from midcli.util.stopwatch import Stopwatch

_log = logging.getLogger(__name__)


def cached_spectrograms(
    corpus: Corpus, on_progress: Callable[[int, int], None] | None = None
) -> dict[str, FloatArray]:
    """Spectrogram (frames, 149) of each excerpt by id; `on_progress` hears how many are done, of how many.

    Raises InputError if a file cannot be read.
    """
    watch = Stopwatch(_log)
    spectrograms = {}
    for done, excerpt in enumerate(corpus.excerpts, start=1):
        spectrograms[excerpt.id] = cached_spectrogram(excerpt.path)
        if on_progress:
            on_progress(done, len(corpus.excerpts))
    watch.lap("%s: %d spectrograms read or made", corpus.name, len(spectrograms))
    return spectrograms


def cached_spectrogram(path: Path) -> FloatArray:
    """Spectrogram (frames, 149) of an audio file; computed once for the same content and front end.

    Raises InputError if the file cannot be read.
    """
    reader = AudioReader(path, SAMPLE_RATE_HZ)
    try:
        entry = cache_folder() / f"{_key(path)}.npy"
    except OSError:
        return spectrogram_of(reader.blocks())  # which says what is wrong with the file
    stored = _load(entry)
    if stored is not None:
        return stored
    spectrogram = spectrogram_of(reader.blocks())
    _store(entry, spectrogram)
    return spectrogram


def cache_folder() -> Path:
    """Where the spectrograms lie."""
    from platformdirs import user_cache_path

    return user_cache_path("midcli", appauthor=False) / "spectrograms"


def _key(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    digest.update(json.dumps(FRONTEND, sort_keys=True).encode())
    return digest.hexdigest()


def _load(entry: Path) -> FloatArray | None:
    """The stored array, or None where there is none that is whole."""
    try:
        stored = np.load(entry, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    whole = (
        isinstance(stored, np.ndarray)
        and stored.dtype == np.float32
        and stored.ndim == 2
        and stored.shape[1] == BANDS
        and np.isfinite(stored).all()
    )
    return stored if whole else None


def _store(entry: Path, spectrogram: FloatArray) -> None:
    """Write at once and whole; a cache that cannot be written costs time, not the result."""
    with contextlib.suppress(OSError):
        entry.parent.mkdir(parents=True, exist_ok=True)
        with replacing(entry) as file:
            np.save(file, spectrogram, allow_pickle=False)
