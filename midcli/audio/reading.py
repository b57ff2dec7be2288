"""Audio to blocks of mono samples at one rate, in bounded memory."""

from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from midcli.audio.blocks import Block, FloatArray
from midcli.audio.decoding import decoded
from midcli.audio.dither import without_dither
from midcli.audio.findings import Findings
from midcli.audio.levels import LevelMeter, Levels
from midcli.audio.limits import LOUDEST, MAX_DURATION_S, MIN_DURATION_S
from midcli.audio.mixing import Mixer, gathered
from midcli.audio.offset import without_offset
from midcli.audio.resampling import resampled
from midcli.audio.samples import Samples
from midcli.audio.source import NAMELESS, Source
from midcli.errors import DurationError, InputError, UsageError

Audio = str | Path | BinaryIO | tuple[npt.NDArray[np.generic], int]
"""A file by its path, an open binary file, or samples (n,) or (n, channels) with their rate in Hz."""


UNFILED = (NAMELESS, "<samples>")
"""Names of what cannot be read again by its name."""

_LOSSLESS = (b"fLaC", b"wvpk", b"TTA1", b"MAC ")


class AudioReader:
    """One piece of audio, read once from start to end.

    `track` is that of a file with several, counted from 1; without it the default one is read. `hears` is
    called with every block of the channels as they are in the file. After
    `blocks()` is exhausted, `samples` counts what came out, `warnings` says what was odd, and `cancelled` is
    where channels cancel each other, as (start, end) in seconds. An open file is read from its start, and
    stays open. Raises InputError where nothing useful can be read.
    """

    def __init__(
        self,
        audio: Audio,
        sample_rate_hz: int,
        max_duration_s: float = MAX_DURATION_S,
        track: int | None = None,
        hears: Callable[[Block], None] | None = None,
    ) -> None:
        self._audio = audio
        self.sample_rate_hz = sample_rate_hz
        self.max_duration_s = max_duration_s
        self.track = track
        self._hears = hears or _ignored
        self.samples = 0
        self.bits_per_second: float | None = None
        """Size of the file by its length; None of what is no file, or is coded without loss."""
        self.heard_s: float | None = None
        """Always None: all of it is read, unlike by an ExcerptReader."""
        self._levels = LevelMeter()
        self._findings = Findings()
        self.name = audio_name(audio)

    @property
    def duration_s(self) -> float:
        return self.samples / self.sample_rate_hz

    @property
    def levels(self) -> Levels:
        return self._levels.found

    @property
    def warnings(self) -> list[str]:
        return self._findings.warnings()

    @property
    def cancelled(self) -> list[tuple[float, float]]:
        return self._findings.cancelled

    def blocks(self) -> Generator[FloatArray, None, None]:
        """Mono blocks (n,), float32, at the reader's sample rate."""
        if isinstance(self._audio, tuple):
            if len(self._audio) != 2:
                raise UsageError("samples come with their rate: (samples, 44100)")
            yield from self._checked(Samples(*self._audio).blocks())
            return
        with Source(self._audio) as source:
            yield from self._checked(decoded(source, self._findings, self.track))
            self.bits_per_second = bits_per_second(source, self.duration_s)

    def _heard(self, native: Iterable[Block]) -> Iterator[Block]:
        for block in gathered(native):
            self._hears(block)
            self._levels.add(block)
            yield without_dither(block)

    def _checked(self, native: Iterable[Block]) -> Iterator[FloatArray]:
        mixer = Mixer()
        mixed = ((block.rate_hz, mixer.mixed(block)) for block in self._heard(native))
        for block in resampled(self.name, without_offset(mixed), self.sample_rate_hz):
            if not (block.min(initial=0) > -LOUDEST and block.max(initial=0) < LOUDEST):
                raise InputError(self.name, "contains NaN, infinite or absurd samples; export it again")
            self.samples += len(block)
            if self.duration_s > self.max_duration_s:
                limit = f"the limit of {self.max_duration_s / 3600:g} hours"
                raise DurationError(self.name, f"longer than {limit}")
            yield block
        mixer.tell(self._findings)
        if self.samples == 0:
            raise InputError(self.name, "contains no audio samples")
        if self.duration_s < MIN_DURATION_S:
            found = "; ".join([f"only {self.duration_s:.2f} s of audio", *self.warnings])
            raise InputError(self.name, f"{found}; at least {MIN_DURATION_S:g} s is needed")


def bits_per_second(source: Source, duration_s: float) -> float | None:
    """Of a file that is coded with loss; without, little is needed for little sound."""
    return None if source.read(0, 4) in _LOSSLESS else 8 * source.size / duration_s


def _ignored(_: Block) -> None:
    """What hears the channels if nobody asked to."""


def audio_name(audio: Audio) -> str:
    """What to call it in messages: the path, or what it is."""
    if isinstance(audio, tuple):
        return UNFILED[-1]
    if isinstance(audio, str | Path):
        return str(audio)
    name = getattr(audio, "name", None)
    return name if isinstance(name, str) else NAMELESS
