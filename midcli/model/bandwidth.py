"""How far down and up the sound of a file goes.

Music that was recorded whole has some sound in every band; what was digitised at 8 kHz, sent by telephone
or coded for it has none above an edge, and there a model hears what no music has.
"""

import numpy as np

from midcli.audio.spectrogram import FloatArray, band_centres_hz

_FAINTEST = 0.003  # of a raw spectrogram: 1649 recordings go from 32 Hz up to 4.6 kHz or more by it
_EDGE_FRAMES = 3  # a beginning or an end that is cut off sounds in every band


def band_hz(spectrogram: FloatArray) -> tuple[float, float]:
    """Centres of the lowest and highest band of a raw spectrogram (frames, 149) with sound; 0 if none."""
    within = spectrogram[_EDGE_FRAMES:-_EDGE_FRAMES]
    heard = np.flatnonzero(within.max(axis=0, initial=0) > _FAINTEST)
    if not len(heard):
        return 0.0, 0.0
    return float(band_centres_hz()[heard[0]]), float(band_centres_hz()[heard[-1]])
