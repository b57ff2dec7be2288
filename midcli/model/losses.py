"""What a recording has lost that can be told from it, and which values that makes less sure.

Measured by tools/losses.py with model music 2.0 on 30 film excerpts and 30 of other music: listed is what
moves on average by more than .3 standard deviations of the reference. Sound up to 5.5 kHz only, 6 or 8 bits,
mp3 or AAC of 32 kbit/s, noise 20 dB below the music and a pressed dynamic range move nothing so far but
rhythmic complexity (.37 by the last).
"""

from typing import NamedTuple

from midcli.labels import EMOTION_NAMES, QUALITY_NAMES

_EVERY = (*QUALITY_NAMES, *EMOTION_NAMES)
_TOLERANCE = 1.06  # a band and a half above the edge
_BASS_HZ = 60  # sound that ends at 300 Hz reaches down to 86 Hz or less, music to 32 Hz
_SPEECH_BIT_RATE = 20_000  # per second; opus of 32 000 moves nothing so far

ABOVE_EDGE: dict[int, tuple[str, ...]] = {
    2000: tuple(name for name in _EVERY if name not in ("anger", "tender")),
    3000: (
        *("articulation", "rhythmic_complexity", "rhythmic_stability", "tonal_stability"),
        *("valence", "energy", "fear", "happy"),
    ),
    4000: ("rhythmic_complexity",),
}
"""Edge in Hz, above which there is no sound, to what is less sure."""

WITHOUT_BASS = ("rhythmic_complexity", "energy", "happy", "sad")
"""What moves without the sound below 300 Hz; without that below 150 Hz only tonal stability does."""

BY_TELEPHONE = tuple(name for name in _EVERY if name not in ("dissonance", "tension", "anger"))
"""What moves where only 300 to 3400 Hz are left."""

_ALL_CLIPPED = 0.8
"""Of samples; what is cut off more often is a square wave, as of a chip tune."""

CLIPPED: dict[float, tuple[str, ...]] = {0.05: _EVERY, 0.01: ("rhythmic_complexity", "energy")}
"""Share of samples that are cut off to what is less sure. Music 6 dB above full scale has .7 % in the median
and moves by up to .33; 12 dB above, 10 % and .34 to .75.
"""

CODED_AS_SPEECH = (
    *("melodiousness", "rhythmic_complexity", "rhythmic_stability", "dissonance"),
    *("valence", "tension", "anger", "fear", "happy"),
)
"""What at least two of GSM 13, AMR 12 and opus 16 kbit/s move."""


class Loss(NamedTuple):
    """What is lost, in words, and the names of what is less sure for it."""

    reason: str
    less_sure: tuple[str, ...]

    def of_qualities(self) -> "Loss":
        """Without emotions, where others are shown; what concerns every value still does."""
        if self.less_sure == _EVERY:
            return self
        return Loss(self.reason, tuple(name for name in self.less_sure if name in QUALITY_NAMES))

    def __str__(self) -> str:
        if self.less_sure == _EVERY:
            return f"{self.reason}: every value is less sure"
        listed = ", ".join(self.less_sure[:-1])
        verb = "are" if listed else "is"
        return (
            f"{self.reason}: {' and '.join(filter(None, (listed, self.less_sure[-1])))} {verb} less sure"
        ).replace("_", " ")


def losses(
    band_hz: tuple[float, float], clipped_share: float = 0.0, bits_per_second: float | None = None
) -> list[Loss]:
    """What a recording has lost.

    `band_hz` is where its sound begins and ends, `clipped_share` how much of its samples is cut off,
    `bits_per_second` the size of its file by its length; None if there is no file.
    """
    found = _missing_bands(*band_hz)
    for share, names in CLIPPED.items():
        if share < clipped_share < _ALL_CLIPPED:
            found.append(Loss(f"its peaks are cut off ({100 * clipped_share:.0f} % of it clips)", names))
            break
    if bits_per_second is not None and bits_per_second < _SPEECH_BIT_RATE:
        coded = f"coded like speech, at {bits_per_second / 1000:.0f} kbit/s"
        found.append(Loss(coded, CODED_AS_SPEECH))
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
            both = tuple(name for name in _EVERY if name in {*names, *BY_TELEPHONE})
            return [Loss(f"{narrow} and hardly any bass, as by telephone", both)]
    return [Loss("hardly any bass", WITHOUT_BASS)] if lacks_bass else []
