"""What a recording has lost that can be told from it, and which values that makes less sure.

Measured by tools/losses.py with model music 2.0 on 15 film excerpts and 15 of other music: listed is what
moves on average by more than .3 standard deviations of the reference. Limits were chosen on one half of the
artists of 1649 recordings (docs/promises.md has what they do on the other).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from midcli.audio.levels import Levels
from midcli.audio.spectrogram import FloatArray
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.model.bandwidth import band_hz
from midcli.model.steadiness import steadiness

MEASURED_WITH = "music"
"""The model; others may be moved by other losses."""

EVERY = (*QUALITY_NAMES, *EMOTION_NAMES)
_FEW = 3  # that are named as exceptions
_TOLERANCE = 1.06  # a band and a half above the edge
_BASS_HZ = 60  # sound that ends at 300 Hz reaches down to 86 Hz or less, music to 32 Hz
_SPEECH_BIT_RATE = 20_000  # per second; opus of 32 000 moves nothing so far

ABOVE_EDGE: dict[int, tuple[str, ...]] = {
    2000: (
        *("melodiousness", "articulation", "rhythmic_complexity", "rhythmic_stability", "tonal_stability"),
        *("valence", "energy", "fear", "happy", "tender"),
    ),
    3000: (
        *("articulation", "rhythmic_complexity", "rhythmic_stability", "tonal_stability"),
        *("valence", "energy", "happy"),
    ),
    4000: ("articulation", "rhythmic_complexity", "energy", "sad"),
}
"""Edge in Hz, above which there is no sound, to what is less sure."""

WITHOUT_BASS = ("articulation", "rhythmic_complexity", "minorness", "energy", "happy", "sad")
"""What moves without the sound below 300 Hz."""

BY_TELEPHONE = tuple(name for name in EVERY if name != "fear")
"""What moves where only 300 to 3400 Hz are left."""

_ALL_CLIPPED = 0.8
"""Of samples; what is cut off more often is a square wave, as of a chip tune."""

CLIPPED: dict[float, tuple[str, ...]] = {
    0.05: tuple(name for name in EVERY if name != "tonal_stability"),
    0.01: ("rhythmic_complexity", "dissonance", "energy"),
}
"""Share of samples that are cut off to what is less sure: by about 12 and 6 dB."""

PRESSED = tuple(name for name in EVERY if name not in ("tonal_stability", "minorness", "happy"))
"""What moves where peaks were cut off by 12 dB before the file was coded, or rounded by as much."""

_PRESSED_CREST_DB, _PRESSED_SHARE = 8.0, 0.009

CODED_AS_SPEECH = (
    *("melodiousness", "rhythmic_complexity", "rhythmic_stability", "dissonance"),
    *("valence", "tension", "anger", "fear"),
)
"""What at least two of GSM 13, AMR 12 and opus 16 kbit/s move."""

COARSE: dict[int, tuple[str, ...]] = {
    20: tuple(name for name in EVERY if name not in ("minorness", "happy")),
    40: ("rhythmic_complexity",),
}
"""Different values of samples, at most, to what is less sure: 4 bits, and 5."""

NOISY: dict[float, tuple[str, ...]] = {
    -19.0: (
        *("melodiousness", "rhythmic_complexity", "dissonance"),
        *("valence", "tension", "anger", "fear", "tender"),
    ),
    -25.0: ("melodiousness", "dissonance", "valence", "tension", "anger", "fear"),
}
"""Level of noise in dB to what is less sure: by white noise 10 dB, and pink noise 15 dB below the music."""

LEVELLED = ("rhythmic_complexity",)
"""What moves where every 50 ms are of nearly the same level."""

_LEVELLED_DB = 1.25


class Recording(NamedTuple):
    """What is known of a recording that tells of losses."""

    band_hz: tuple[float, float]
    """Where its sound begins and ends."""
    levels: Levels = Levels()
    bits_per_second: float | None = None
    """The size of its file by its length; None if there is no file."""
    noise_db: float = -np.inf
    """How loud noise under all of it may be, to the level of the whole."""
    level_deviation_db: float = np.inf

    @classmethod
    def of(cls, spectrogram: FloatArray, levels: Levels, bits_per_second: float | None) -> "Recording":
        """That of a raw spectrogram (frames, 149)."""
        return cls(
            band_hz(spectrogram),
            levels,
            bits_per_second,
            *steadiness(spectrogram),
        )


class Loss(NamedTuple):
    """What is lost, in words, and the names of what is less sure for it."""

    reason: str
    less_sure: tuple[str, ...]

    def of_qualities(self) -> "Loss":
        """Without emotions, where others are shown; what concerns every value still does."""
        if self.less_sure == EVERY:
            return self
        return Loss(self.reason, tuple(name for name in self.less_sure if name in QUALITY_NAMES))

    def in_words(self, model: str) -> str:
        """`no sound above 4 kHz: rhythmic complexity is less sure`, to users of a model."""
        told = f"{self.reason}: {self._subject()} less sure"
        return told if model == MEASURED_WITH else f"{told} (as measured with model {MEASURED_WITH})"

    def _subject(self) -> str:
        if self.less_sure == EVERY:
            return "every value is"
        sure = [name for name in EVERY if name not in self.less_sure]
        if len(sure) <= _FEW:
            return f"all values but {_listed(sure)} are"
        return f"{_listed(self.less_sure)} {'are' if len(self.less_sure) > 1 else 'is'}"


def _listed(names: Sequence[str]) -> str:
    told = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    return told.replace("_", " ")


def losses(recording: Recording) -> list[Loss]:
    """What a recording has lost."""
    return [
        *_missing_bands(*recording.band_hz),
        *_lost_peaks(recording.levels),
        *_coarsely_coded(recording.levels, recording.bits_per_second),
        *_lost_range(recording),
    ]


def _lost_peaks(levels: Levels) -> list[Loss]:
    for share, names in CLIPPED.items():
        if share < levels.clipped_share < _ALL_CLIPPED:
            clips = f"{100 * levels.clipped_share:.0f} % of it clips"
            return [Loss(f"its peaks are cut off ({clips})", names)]
    is_pressed = levels.crest_db < _PRESSED_CREST_DB and levels.crowded_share > _PRESSED_SHARE
    if is_pressed and levels.clipped_share < _ALL_CLIPPED:
        crest = f"they are {levels.crest_db:.0f} dB above its level"
        return [Loss(f"its peaks are pressed or cut off ({crest})", PRESSED)]
    return []


def _coarsely_coded(levels: Levels, bits_per_second: float | None) -> list[Loss]:
    found = []
    for most, names in COARSE.items():
        if levels.steps is not None and levels.steps <= most:
            bits = f"about {(levels.steps - 1).bit_length()} bits"
            found.append(Loss(f"its samples have {levels.steps} different values ({bits})", names))
            break
    if bits_per_second is not None and bits_per_second < _SPEECH_BIT_RATE:
        coded = f"coded like speech, at {bits_per_second / 1000:.0f} kbit/s"
        found.append(Loss(coded, CODED_AS_SPEECH))
    return found


def _lost_range(recording: Recording) -> list[Loss]:
    found = []
    for least_db, names in NOISY.items():
        if recording.noise_db > least_db:
            found.append(Loss("steady noise under all of it", names))
            break
    if recording.level_deviation_db < _LEVELLED_DB:
        varies = f"by {recording.level_deviation_db:.1f} dB"
        found.append(Loss(f"its level hardly varies ({varies}), as if it were compressed", LEVELLED))
    return found


def _missing_bands(lowest_hz: float, highest_hz: float) -> list[Loss]:
    if not highest_hz:  # no band is loud enough to tell
        return []
    lacks_bass = lowest_hz > _BASS_HZ
    for limit_hz, names in ABOVE_EDGE.items():
        if highest_hz < _TOLERANCE * limit_hz:
            narrow = f"no sound above {round(2 * highest_hz / 1000) / 2:g} kHz"
            if not lacks_bass:
                return [Loss(narrow, names)]
            both = tuple(name for name in EVERY if name in {*names, *BY_TELEPHONE})
            return [Loss(f"{narrow} and hardly any bass, as by telephone", both)]
    return [Loss("hardly any bass", WITHOUT_BASS)] if lacks_bass else []
