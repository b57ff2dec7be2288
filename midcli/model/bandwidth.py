"""How far up the sound of a file goes, and which values a missing top makes less sure.

Music that was recorded whole has some sound in every band; what was digitised at 8 kHz, sent by telephone
or coded for it has none above an edge, and there a model hears what no music has.
"""

import numpy as np

from midcli.audio.spectrogram import FloatArray, band_centres_hz

_FAINTEST = 0.003  # of a raw spectrogram: all of 160 recordings go up to 9.9 kHz or more by it
_EDGE_FRAMES = 3  # a beginning or an end that is cut off sounds in every band
_TOLERANCE = 1.06  # a band and a half above the edge

LESS_SURE: dict[int, tuple[str, ...]] = {
    2000: (
        *("articulation", "rhythmic_complexity", "rhythmic_stability", "tonal_stability", "minorness"),
        *("energy", "happy", "tender"),
    ),
    3000: ("articulation", "rhythmic_complexity", "rhythmic_stability", "energy"),
    4000: ("articulation", "rhythmic_complexity"),
}
"""Edge in Hz to what moves on average by more than .3 standard deviations of the reference without the sound
above it. Measured by tools/narrow_bands.py with model film 1.1 on 60 film excerpts; 5.5 kHz move nothing.
"""


def bandwidth_hz(spectrogram: FloatArray) -> float:
    """Centre of the highest band of a raw spectrogram (frames, 149) in which there is ever any sound."""
    within = spectrogram[_EDGE_FRAMES:-_EDGE_FRAMES]
    heard = np.flatnonzero(within.max(axis=0, initial=0) > _FAINTEST)
    return float(band_centres_hz()[heard[-1]]) if len(heard) else 0.0


def less_sure(edge_hz: float) -> tuple[str, ...]:
    """Qualities and emotions that are less sure of a file without sound above that."""
    return next((names for limit_hz, names in LESS_SURE.items() if edge_hz < _TOLERANCE * limit_hz), ())
