"""One to two minutes of a long piece, spread over it by seeking: what `predict --quick` hears.

Excerpts are long enough for what a network hears around each moment, and lie in the middle of as many equal
parts of the piece; longer pieces get more of them. Where a file cannot be sought in reliably, or is shorter
than two minutes, it is read whole.
"""

import logging
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import numpy as np

from midcli.audio import libsndfile
from midcli.audio.blocks import Block
from midcli.audio.dither import without_dither
from midcli.audio.ffmpeg import FfmpegStream
from midcli.audio.findings import Findings
from midcli.audio.intact import MP4, is_intact, opened_mp4
from midcli.audio.levels import LevelMeter, Levels
from midcli.audio.libsndfile import LibsndfileStream
from midcli.audio.limits import MAX_DURATION_S
from midcli.audio.mixing import Mixer
from midcli.audio.offset import without_offset
from midcli.audio.reading import AudioReader, bits_per_second
from midcli.audio.source import Source
from midcli.audio.spectrogram import FloatArray

# Chosen on whole pieces of music that were heard in parts (docs/playlists.md).
EXCERPT_S = 15.52  # 485 frames of the spectrogram: between seams, 30 whole cells of the networks' maps
FEWEST, MOST = 4, 8
SHARE = 0.37  # of the piece at most, between these

_SHORTEST_S = 2 * FEWEST * EXCERPT_S  # of shorter pieces, seeking would save little
_FADE_S = 0.01  # a seam inside a wave would click
_PREROLL_S = 0.25  # the first frames of an mp3 after a seek lack those before that they need
_FRAMES_AT_SEAM = 4  # of a spectrogram; they reach into the next excerpt
_SOUGHT_FORMATS = frozenset({"AIFF", "AU", "CAF", "FLAC", MP4, "MP3", "OGG", "RF64", "W64", "WAV", "WAVEX"})

Seekable = LibsndfileStream | FfmpegStream

_log = logging.getLogger(__name__)


class ExcerptReader:
    """One audio file, of which excerpts are read; what is known of it afterwards is as of an AudioReader."""

    def __init__(self, path: str | Path, sample_rate_hz: int, max_duration_s: float = MAX_DURATION_S) -> None:
        self.path = Path(path)
        self.sample_rate_hz = sample_rate_hz
        self.max_duration_s = max_duration_s
        self.heard_s: float | None = None
        """How much was read; None if that was all of it."""
        self._whole = AudioReader(path, sample_rate_hz, max_duration_s)
        self._duration_s = 0.0
        self._bits_per_second: float | None = None
        self._levels = LevelMeter()

    @property
    def duration_s(self) -> float:
        """Of the whole piece."""
        return self._whole.duration_s if self.heard_s is None else self._duration_s

    @property
    def warnings(self) -> list[str]:
        return self._whole.warnings

    @property
    def levels(self) -> Levels:
        """Of what was heard."""
        return self._whole.levels if self.heard_s is None else self._levels.found

    @property
    def bits_per_second(self) -> float | None:
        return self._whole.bits_per_second if self.heard_s is None else self._bits_per_second

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
            self.heard_s = len(excerpts) * EXCERPT_S
            yield from excerpts

    def _excerpts(self) -> list[FloatArray] | None:
        """None where the piece has to be read whole."""
        with Source(self.path) as source:
            stream = libsndfile.opened(self.path) or opened_mp4(source)
            if stream is None:
                return None
            with closing(stream):
                if not self._is_long(stream):
                    return None
                self._bits_per_second = bits_per_second(source, self._duration_s)
                if stream.format in _SOUGHT_FORMATS and is_intact(source, stream):
                    excerpts = self._sought(stream)
                    if excerpts is not None:
                        return excerpts
                _log.info("%s: read whole: places in it cannot be told for certain", self.path)
                return None

    def _is_long(self, stream: Seekable) -> bool:
        self._duration_s = stream.frames / stream.rate_hz
        return _SHORTEST_S <= self._duration_s <= self.max_duration_s

    def _sought(self, stream: Seekable) -> list[FloatArray] | None:
        """None also where channels cancel each other: where they do, the whole tells."""
        wanted, preroll = (round(seconds * stream.rate_hz) for seconds in (EXCERPT_S, _PREROLL_S))
        mixer, findings, excerpts = Mixer(), Findings(), []
        count = excerpts_of(self._duration_s)
        for number in range(count):
            start = int(stream.frames * (number + 0.5) / count - wanted / 2) - preroll
            try:
                rate_hz, channels = stream.stretch(start, preroll + wanted)
            except OSError:
                return None
            if channels.shape[1] < preroll + wanted or not np.isfinite(channels).all():
                return None
            block = Block(rate_hz, channels[:, preroll:])
            self._levels.add(block)
            mono = mixer.mixed(without_dither(block))
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
        rated = ((self.sample_rate_hz, excerpt) for excerpt in excerpts)
        level = np.stack([excerpt for _, excerpt in without_offset(rated)])
        rising = np.linspace(0, 1, round(_FADE_S * self.sample_rate_hz), dtype=np.float32)
        level[:, : len(rising)] *= rising
        level[:, -len(rising) :] *= rising[::-1]
        return list(level)


def excerpts_of(duration_s: float) -> int:
    """How many excerpts are heard of a piece."""
    return min(MOST, max(FEWEST, int(SHARE * duration_s / EXCERPT_S)))


def between_seams(frames: int, frames_per_second: float) -> list[slice]:
    """The frames of each excerpt, of a spectrogram of all of them one after another, that hear no other."""
    each = EXCERPT_S * frames_per_second
    return [
        slice(round(number * each), round((number + 1) * each) - _FRAMES_AT_SEAM)
        for number in range(round(frames / each))
    ]
