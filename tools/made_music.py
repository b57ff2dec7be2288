"""A small library of music made by rules: forms in keys, played by sine waves, the same everywhere.

python -m tools.made_music FOLDER          # writes the pieces as WAV
"""

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

RATE_HZ = 22_050
SECONDS = 6
PEAK = 0.8
KEYS = {"C major": 0, "D minor": 2, "F major": 5, "G minor": 7}
SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
DEGREES = {"major": (0, 3, 4, 0), "minor": (0, 5, 3, 4)}
"""Of the chords, one a bar."""
MIDDLE_C_HZ = 261.63
ECHOES = ((0.061, 0.3), (0.113, 0.2), (0.181, 0.12), (0.271, 0.07))
"""Of the room: seconds later, and how much of it."""


class Form(NamedTuple):
    """How the pieces of a form are played."""

    beats_per_minute: float
    beats_per_bar: int
    notes_per_beat: float
    """Of the melody."""
    length: float
    """Of a note, of the time until the next one."""
    octave: int
    partials: int
    attack_s: float
    clusters: bool = False
    """Semitones beside every note of a chord."""
    swing: float = 0.0
    """How far notes are off the beat, at most, of a beat."""


FORMS = {
    "March": Form(112, 4, 2, 0.4, 0, 6, 0.01),
    "Waltz": Form(150, 3, 1, 0.8, 0, 4, 0.02),
    "Nocturne": Form(56, 4, 1, 1.2, 0, 3, 0.08),
    "Toccata": Form(132, 4, 4, 0.5, 0, 8, 0.005),
    "Chorale": Form(60, 4, 1, 1.0, -1, 5, 0.1),
    "Lullaby": Form(66, 3, 1, 1.1, 1, 2, 0.06),
    "Galop": Form(140, 4, 4, 0.9, -1, 12, 0.005, clusters=True, swing=0.2),
    "Chase": Form(160, 4, 3, 0.5, -1, 10, 0.005, swing=0.05),
    "Lament": Form(48, 4, 1, 1.2, -1, 4, 0.1),
    "Riddle": Form(88, 4, 2, 0.5, 0, 6, 0.01, clusters=True, swing=0.3),
}


def write_library(folder: Path) -> None:
    """Every form in every key, as WAV."""
    import soundfile

    folder.mkdir(parents=True, exist_ok=True)
    for name, samples in pieces():
        soundfile.write(folder / f"{name}.wav", samples, RATE_HZ)


def pieces() -> Iterator[tuple[str, FloatArray]]:
    """Name and samples (n,) of every piece."""
    for number, (title, form) in enumerate(FORMS.items()):
        for key, tonic in KEYS.items():
            rng = np.random.default_rng([number, tonic])
            yield f"{title} in {key}", _played(form, tonic, key.split()[1], rng)


def _played(form: Form, tonic: int, mode: str, rng: np.random.Generator) -> FloatArray:
    samples = np.zeros(SECONDS * RATE_HZ)
    beat_s = 60 / form.beats_per_minute
    bar_s = form.beats_per_bar * beat_s
    for bar in range(int(SECONDS / bar_s) + 1):
        degree = DEGREES[mode][bar % 4]
        for beat in range(form.beats_per_bar):
            chord = [_pitch(tonic, mode, degree + third) - 12 for third in (0, 2, 4)]
            chord += [pitch + 1 for pitch in chord] if form.clusters else []
            for pitch in chord if beat else [*chord, chord[0] - 12]:
                _add(samples, form, bar * bar_s + beat * beat_s, beat_s, pitch, 0.5, rng)
    step_s = beat_s / form.notes_per_beat
    walk = np.cumsum(rng.choice([-2, -1, 1, 2], int(SECONDS / step_s)))
    for number, step in enumerate(walk):
        pitch = _pitch(tonic, mode, 7 + int(abs((step + 7) % 14 - 7)))
        _add(samples, form, number * step_s, step_s, pitch, 1.0, rng)
    for later_s, share in ECHOES:
        later = round(later_s * RATE_HZ)
        samples[later:] += share * samples[:-later]
    played: FloatArray = PEAK * samples / np.abs(samples).max()
    return played


def _pitch(tonic: int, mode: str, degree: int) -> int:
    """Semitones above middle C."""
    octave, step = divmod(degree, 7)
    return tonic + 12 * octave + SCALES[mode][step]


def _add(
    samples: FloatArray,
    form: Form,
    at_s: float,
    until_next_s: float,
    pitch: int,
    level: float,
    rng: np.random.Generator,
) -> None:
    start = round((at_s + form.swing * until_next_s * rng.random()) * RATE_HZ)
    note = _note(form, pitch, until_next_s)
    part = samples[start : start + len(note)]
    part += level * note[: len(part)]


@cache
def _note(form: Form, pitch: int, until_next_s: float) -> FloatArray:
    """A note that fades as a plucked or a bowed one."""
    time_s = np.arange(round(form.length * until_next_s * RATE_HZ)) / RATE_HZ
    hz = MIDDLE_C_HZ * 2 ** (pitch / 12 + form.octave)
    sounding = [partial for partial in range(1, form.partials + 1) if hz * partial < RATE_HZ / 2]
    tone = sum(np.sin(2 * np.pi * hz * partial * time_s) / partial for partial in sounding)
    fading = np.exp(-2 * time_s) * np.linspace(1, 0, len(time_s)) ** 0.3
    note: FloatArray = tone * np.minimum(time_s / form.attack_s, 1) * fading
    return note


if __name__ == "__main__":
    write_library(Path(sys.argv[1]))
