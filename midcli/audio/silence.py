"""Where the music of a spectrogram begins and ends, so that silence around it moves no value."""

from typing import Any

import numpy as np
import numpy.typing as npt

from midcli.audio.spectrogram import FRAME_SAMPLES, FRAMES_PER_SECOND, HOP_SAMPLES, FloatArray

_LEAST_LEVEL = 1e-3  # of the loudest frame
_EDGE_FRAMES = int(np.ceil(FRAME_SAMPLES / HOP_SAMPLES))  # the last ones are partly past the end
_SHORTEST_FRAMES = 32
_LONG_FRAMES = round(10 * FRAMES_PER_SECOND)
_FRAMES_AT_ONCE = 8192

TRIMMING: dict[str, Any] = {"least_level": _LEAST_LEVEL, "last_frames": _EDGE_FRAMES}
"""What a model that was fitted to music without the silence around it says of that."""


def sounding(spectrogram: FloatArray) -> slice:
    """The frames (of a raw spectrogram (frames, 149)) that lie wholly within the music.

    The fall into silence, or into the zeros past the end of the samples, is no event of the music. All frames
    where hardly any would be left.
    """
    level = _levels(spectrogram)
    loud = np.flatnonzero(level > _LEAST_LEVEL * level.max(initial=0.0))
    if not len(loud):
        return slice(0, len(spectrogram))
    start = int(loud[0])
    stop = int(loud[-1]) + 1 - _EDGE_FRAMES
    return slice(start, stop) if stop - start >= _SHORTEST_FRAMES else slice(0, len(spectrogram))


def long_silences(is_silence: npt.NDArray[np.bool_]) -> list[slice]:
    """Stretches of at least 10 s, of frames (frames,) that are silence: longer than rests in music."""
    ends = np.flatnonzero(np.diff(is_silence, prepend=False, append=False)).reshape(-1, 2)
    return [slice(start, stop) for start, stop in ends.tolist() if stop - start >= _LONG_FRAMES]


def _levels(spectrogram: FloatArray) -> FloatArray:
    """How loud each frame is (frames,), part by part: ten hours have more than half a gigabyte."""
    level = np.empty(len(spectrogram), spectrogram.dtype)
    for start in range(0, len(spectrogram), _FRAMES_AT_ONCE):
        part = slice(start, start + _FRAMES_AT_ONCE)
        np.expm1(spectrogram[part] * np.float32(np.log(10))).sum(axis=1, out=level[part])
    return level
