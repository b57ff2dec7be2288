"""About a minute of a long piece, spread over it by seeking: what `predict --quick` hears.

Where a file cannot be sought in reliably, or is hardly longer than that minute, it is read whole.
"""

import os
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from midcli.audio import mp3, ogg
from midcli.audio.limits import MAX_DURATION_S
from midcli.audio.noise import hushed
from midcli.audio.reading import AudioReader
from midcli.audio.source import Source
from midcli.audio.spectrogram import FloatArray

EXCERPTS = 12
EXCERPT_S = 5.12
HEARD_S = EXCERPTS * EXCERPT_S

_LEAST_SHARE = 2.0  # of the minute; of shorter pieces, seeking would save little
_FADE_S = 0.01  # a seam inside a wave would click
_PREROLL_S = 0.25  # the first frames of an mp3 after a seek lack those before that they need
_TOLERANCE_S = 0.25  # encoder delay and padding
_SEAM_S = 1.0  # so far from a seam, a network hears little of what is behind it
_SOUGHT_FORMATS = frozenset({"AIFF", "AU", "CAF", "FLAC", "MP3", "OGG", "RF64", "W64", "WAV", "WAVEX"})


class ExcerptReader:
    """One audio file, of which a minute is read; what is known of it afterwards is as of an AudioReader."""

    def __init__(self, path: str | Path, sample_rate_hz: int, max_duration_s: float = MAX_DURATION_S) -> None:
        self.path = Path(path)
        self.sample_rate_hz = sample_rate_hz
        self.max_duration_s = max_duration_s
        self.heard_s: float | None = None
        """How much was read; None if that was all of it."""
        self._whole = AudioReader(path, sample_rate_hz, max_duration_s)
        self._duration_s = 0.0

    @property
    def duration_s(self) -> float:
        """Of the whole piece."""
        return self._whole.duration_s if self.heard_s is None else self._duration_s

    @property
    def warnings(self) -> list[str]:
        return self._whole.warnings

    def blocks(self) -> Generator[FloatArray, None, None]:
        """Mono blocks (n,), float32, an excerpt each, faded at its ends; or those of the whole piece.

        Raises InputError where nothing useful can be read.
        """
        excerpts = self._excerpts()
        if excerpts is None:
            yield from self._whole.blocks()
        else:
            self.heard_s = HEARD_S
            yield from excerpts

    def _excerpts(self) -> list[FloatArray] | None:
        """None where the piece has to be read whole."""
        import soundfile

        name = os.fsencode(self.path) if os.name == "posix" else self.path
        try:
            with hushed(), closing(soundfile.SoundFile(name)) as file:
                return self._sought(file) if self._can_be_sought(file) else None
        except (soundfile.LibsndfileError, OSError, TypeError, ValueError):
            return None

    def _can_be_sought(self, file: Any) -> bool:
        """Whether the length that libsndfile takes it to have is that of all of it."""
        if file.format not in _SOUGHT_FORMATS:
            return False
        with Source(self.path) as source:
            if file.format == "OGG":
                return len(ogg.links(source)) == 1 and ogg.is_ended(source, source.size)
            if file.format != "MP3":
                return True
            frames = mp3.read_frames(source)
        if frames is None or len(frames.parts) != 1 or frames.junk:
            return False
        return bool(abs(frames.seconds - file.frames / file.samplerate) < _TOLERANCE_S)

    def _sought(self, file: Any) -> list[FloatArray] | None:
        self._duration_s = file.frames / file.samplerate
        if not _LEAST_SHARE * HEARD_S <= self._duration_s <= self.max_duration_s:
            return None
        wanted, preroll = (round(seconds * file.samplerate) for seconds in (EXCERPT_S, _PREROLL_S))
        excerpts = []
        for number in range(EXCERPTS):
            file.seek(int(file.frames * (number + 0.5) / EXCERPTS - wanted / 2) - preroll)
            samples = file.read(preroll + wanted, dtype="float32", always_2d=True)
            if len(samples) < preroll + wanted or not np.isfinite(samples).all():
                return None
            excerpts.append(self._prepared(samples[preroll:], file.samplerate))
        return excerpts

    def _prepared(self, samples: FloatArray, rate_hz: int) -> FloatArray:
        """Mono at the reader's rate, exactly as long as an excerpt, faded at both ends."""
        channels = samples.shape[1]
        mono = samples @ np.full(channels, 1 / channels, np.float32)  # `mean` loops slowly over a short axis
        if rate_hz != self.sample_rate_hz:
            import soxr

            mono = soxr.resample(mono, rate_hz, self.sample_rate_hz)
        excerpt = np.zeros(round(EXCERPT_S * self.sample_rate_hz), np.float32)
        excerpt[: len(mono)] = mono[: len(excerpt)]
        fade = np.minimum(1, np.arange(len(excerpt)) / (_FADE_S * self.sample_rate_hz)).astype(np.float32)
        excerpt *= fade * fade[::-1]
        return excerpt


def clear_of_seams(cell_s: float, cells: int) -> npt.NDArray[np.bool_]:
    """(cells,): which of equal stretches of the excerpts, one after another, are heard as in the piece."""
    within = (np.arange(cells) + 0.5) * cell_s % EXCERPT_S
    clear: npt.NDArray[np.bool_] = (within >= _SEAM_S) & (within <= EXCERPT_S - _SEAM_S)
    return clear
