"""Where within the samples the music begins: frames are counted from there.

So neither silence in front of the music, nor where within a frame it ends, nor, but for slow fades, the level
of a recording moves any value.
"""

import numpy as np

from midcli.audio.blocks import FloatArray
from midcli.audio.limits import QUIET_PEAK

_SILENT = 4e-5  # of full scale: 16-bit silence, also with dither, hardly gets beyond
_CONSTANT_SAMPLES = 32  # music does not stay where it begins
_FAINT = 3e-3  # of the loudest sample; dither, and what encoders smear over the time before a sound
_MOST_HELD = 200  # stretches


def silent_below(peak: float) -> float:
    """What is silence in a recording with that peak."""
    return _SILENT * min(1.0, peak / QUIET_PEAK)


def is_silent(samples: FloatArray, silence: np.float32, least: float) -> bool:
    """Whether all are about that sample, which is not zero where there is a constant offset."""
    return bool((np.abs(samples - silence) <= least).all())


class Beginning:
    """Takes blocks and gives back what of them is music, as soon as that is known.

    Music begins with the first sample that is at most 50 dB below the loudest one of the stretch that follows
    digital silence. What is silence depends on the peak, which may come late: where a quiet one and a loud
    one differ, which is rare, samples are held until it is known, those of two hundred stretches at most.
    """

    def __init__(self, stretch_samples: int) -> None:
        self.silent_samples = 0
        """Before the music."""
        self._stretch_samples = stretch_samples
        self._start = self._held = np.zeros(0, np.float32)
        self._peak = 0.0
        self._found = False

    def music(self, block: FloatArray) -> FloatArray:
        """What of the samples so far is music and was not given back before."""
        if self._found:
            return block
        self._hold(block)
        if len(self._start) < _CONSTANT_SAMPLES:
            return block[:0]
        self._drop(self._first_sound(silent_below(self._peak)))
        earliest, latest = self._begins(silent_below(self._peak)), self._begins(_SILENT)
        is_too_much = len(self._held) > _MOST_HELD * self._stretch_samples
        if latest is not None and (earliest == latest or is_too_much):
            return self._from(latest)
        if is_too_much:
            self._drop(self._first_sound(_SILENT))
        return block[:0]

    def rest(self) -> FloatArray:
        """The same, when no more samples follow."""
        begins = self._begins(silent_below(self._peak), shortest=1)
        return self._from(len(self._held) if begins is None else begins)

    def _hold(self, block: FloatArray) -> None:
        self._held = np.concatenate([self._held, block]) if len(self._held) else block
        if len(self._start) < _CONSTANT_SAMPLES:
            self._start = self._held[:_CONSTANT_SAMPLES]
        if len(self._start):
            self._peak = max(self._peak, float(np.abs(block - self._start[0]).max(initial=0)))

    def _begins(self, silent: float, shortest: int | None = None) -> int | None:
        """The sample with which music begins; None while less of it follows, and of silence alone."""
        first = self._first_sound(silent)
        stretch = self._held[first : first + self._stretch_samples]
        if len(stretch) < (shortest or self._stretch_samples):
            return None
        silence = self._silence(silent)
        loudest = np.abs(stretch - silence).max()
        return first + self._first_beyond(float(_FAINT * loudest), self._held[first:], silence)

    def _first_sound(self, silent: float) -> int:
        return self._first_beyond(silent, self._held, self._silence(silent))

    def _silence(self, silent: float) -> np.float32:
        """What silence is about."""
        constant = len(self._start) == _CONSTANT_SAMPLES and is_silent(self._start, self._start[0], silent)
        return self._start[0] if constant else np.float32(0)

    def _first_beyond(self, least: float, samples: FloatArray, silence: np.float32) -> int:
        """The first sample farther from silence; what follows it is not looked at."""
        for start in range(0, len(samples), self._stretch_samples):
            sounds = np.abs(samples[start : start + self._stretch_samples] - silence) > least
            if sounds.any():
                return start + int(sounds.argmax())
        return len(samples)

    def _from(self, begins: int) -> FloatArray:
        self._drop(begins)
        held, self._held = self._held, self._held[:0]
        self._found = len(held) > 0
        return held

    def _drop(self, samples: int) -> None:
        self._held = self._held[samples:]
        self.silent_samples += samples
