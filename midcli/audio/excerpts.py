"""About a minute of a long piece, spread over it by seeking: what `predict --quick` hears.

Where a file cannot be sought in reliably, or is hardly longer than that minute, it is read whole.
"""

import logging
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt

from midcli.audio import libsndfile
from midcli.audio.blocks import Block
from midcli.audio.findings import Findings
from midcli.audio.intact import is_intact
from midcli.audio.libsndfile import LibsndfileStream
from midcli.audio.limits import MAX_DURATION_S
from midcli.audio.mixing import Mixer
from midcli.audio.offset import without_offset
from midcli.audio.reading import AudioReader
from midcli.audio.source import Source
from midcli.audio.spectrogram import FloatArray

EXCERPTS = 12
EXCERPT_S = 5.12
HEARD_S = EXCERPTS * EXCERPT_S

_LEAST_SHARE = 2.0  # of the minute; of shorter pieces, seeking would save little
_FADE_S = 0.01  # a seam inside a wave would click
_PREROLL_S = 0.25  # the first frames of an mp3 after a seek lack those before that they need
_SEAM_S = 1.0  # so far from a seam, a network hears little of what is behind it
_SOUGHT_FORMATS = frozenset({"AIFF", "AU", "CAF", "FLAC", "MP3", "OGG", "RF64", "W64", "WAV", "WAVEX"})

_log = logging.getLogger(__name__)


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

    @property
    def cancelled(self) -> list[tuple[float, float]]:
        return self._whole.cancelled

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
        with Source(self.path) as source:
            stream = libsndfile.opened(self.path)
            if stream is None:
                return None
            with closing(stream):
                if not self._is_long(stream):
                    return None
                if stream.format in _SOUGHT_FORMATS and is_intact(source, stream):
                    excerpts = self._sought(stream)
                    if excerpts is not None:
                        return excerpts
                _log.info("%s: read whole: places in it cannot be told for certain", self.path)
                return None

    def _is_long(self, stream: LibsndfileStream) -> bool:
        self._duration_s = stream.frames / stream.rate_hz
        return _LEAST_SHARE * HEARD_S <= self._duration_s <= self.max_duration_s

    def _sought(self, stream: LibsndfileStream) -> list[FloatArray] | None:
        """None also where channels cancel each other: where they do, the whole tells."""
        wanted, preroll = (round(seconds * stream.rate_hz) for seconds in (EXCERPT_S, _PREROLL_S))
        mixer, findings, excerpts = Mixer(), Findings(), []
        for number in range(EXCERPTS):
            start = int(stream.frames * (number + 0.5) / EXCERPTS - wanted / 2) - preroll
            try:
                rate_hz, channels = stream.stretch(start, preroll + wanted)
            except OSError:
                return None
            if channels.shape[1] < preroll + wanted or not np.isfinite(channels).all():
                return None
            mono = mixer.mixed(Block(rate_hz, np.ascontiguousarray(channels[:, preroll:])))
            excerpts.append(self._of_equal_length(mono, rate_hz))
        mixer.tell(findings)
        return None if findings.cancelled else self._faded(excerpts)

    def _of_equal_length(self, mono: FloatArray, rate_hz: int) -> FloatArray:
        """An excerpt at the reader's rate."""
        if rate_hz != self.sample_rate_hz:
            import soxr

            mono = soxr.resample(mono, rate_hz, self.sample_rate_hz)
        excerpt = np.zeros(round(EXCERPT_S * self.sample_rate_hz), np.float32)
        excerpt[: len(mono)] = mono[: len(excerpt)]
        return excerpt

    def _faded(self, excerpts: list[FloatArray]) -> list[FloatArray]:
        """Without an offset, and faded at both ends."""
        level = np.concatenate(list(without_offset(excerpts))).reshape(len(excerpts), -1)
        samples = level.shape[1]
        fade = np.minimum(1, np.arange(samples) / (_FADE_S * self.sample_rate_hz)).astype(np.float32)
        return list(level * (fade * fade[::-1]))


def clear_of_seams(cell_s: float, cells: int) -> npt.NDArray[np.bool_]:
    """(cells,): which of equal stretches of the excerpts, one after another, are heard as in the piece."""
    within = (np.arange(cells) + 0.5) * cell_s % EXCERPT_S
    clear: npt.NDArray[np.bool_] = (within >= _SEAM_S) & (within <= EXCERPT_S - _SEAM_S)
    return clear
