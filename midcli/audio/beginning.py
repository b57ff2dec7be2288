"""Where within the samples the music begins: frames are counted from there.

So neither silence in front of the music, nor where within a frame it ends, moves any value.
"""

import numpy as np

from midcli.audio.blocks import FloatArray

_SILENT = 4e-5  # of full scale: 16-bit silence, also with dither, hardly gets beyond
_CONSTANT_SAMPLES = 32  # music does not stay where it begins
_FAINT = 3e-3  # of the loudest sample; dither, and what encoders smear over the time before a sound


def is_silent(samples: FloatArray, silence: np.float32) -> bool:
    """Whether all are about that sample, which is not zero where there is a constant offset."""
    return bool((np.abs(samples - silence) < _SILENT).all())


class Beginning:
    """Takes blocks and gives back what of them is music, as soon as that is known.

    Music begins with the first sample that is at most 50 dB below the loudest one of the stretch that follows
    digital silence.
    """

    def __init__(self, stretch_samples: int) -> None:
        self.silent_samples = 0
        """Before the music."""
        self._stretch_samples = stretch_samples
        self._silence: np.float32 | None = None
        self._sounds = self._found = False
        self._held = np.zeros(0, np.float32)

    def music(self, block: FloatArray) -> FloatArray:
        """What of the samples so far is music and was not given back before."""
        if self._found:
            return block
        self._held = np.concatenate([self._held, block]) if len(self._held) else block
        if self._silence is None and len(self._held) >= _CONSTANT_SAMPLES:
            first = self._held[0]
            self._silence = first if is_silent(self._held[:_CONSTANT_SAMPLES], first) else np.float32(0)
        if self._silence is not None and not self._sounds:
            self._held = self._from(_SILENT, self._held)
            self._sounds = len(self._held) > 0
        return self.rest() if len(self._held) >= self._stretch_samples else block[:0]

    def rest(self) -> FloatArray:
        """The same, when no more samples follow."""
        held, self._held = self._held, self._held[:0]
        self._found = len(held) > 0
        loudest = self._away(held[: self._stretch_samples]).max(initial=0)
        return self._from(float(_FAINT * loudest), held)

    def _away(self, samples: FloatArray) -> FloatArray:
        away: FloatArray = np.abs(samples - (self._silence or np.float32(0)))
        return away

    def _from(self, least: float, samples: FloatArray) -> FloatArray:
        """From the first sample that is so far from silence; the rest of them is not looked at."""
        for start in range(0, len(samples), self._stretch_samples):
            sounds = self._away(samples[start : start + self._stretch_samples]) >= least
            if sounds.any():
                silent = start + int(sounds.argmax())
                break
        else:
            silent = len(samples)
        self.silent_samples += silent
        return samples[silent:]
