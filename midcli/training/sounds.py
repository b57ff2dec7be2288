"""Synthetic sounds that are not music, and drums and voices that may accompany it.

Each function takes a generator and a number of samples at 22 050 Hz and gives audio (samples,) of no
particular level. They only have to be as varied as what users bring, not to please.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from midcli.audio.spectrogram import SAMPLE_RATE_HZ

Array = npt.NDArray[np.float64]
Generator = np.random.Generator
Sound = Callable[[Generator, int], Array]
"""Makes audio of that many samples."""

_HIGHEST_HARMONIC_HZ = 9000
_MOST_HARMONICS = 45
_CONTROL_SAMPLES = 64
_FORMANTS_HZ = ((270, 800), (800, 2300), (2300, 3100), (3300, 4200))
_FORMANT_BANDWIDTHS_HZ = (80, 110, 160, 250)
_FORMANT_GAINS = (1.0, 0.5, 0.25, 0.12)


def speech(rng: Generator, samples: int) -> Array:
    """Phrases of syllables: noisy consonants, vowels of gliding harmonics under four formants, pauses."""
    audio = np.zeros(samples)
    pitch_hz = _between(rng, 85, 260)
    syllables_per_s = rng.uniform(3, 6.5)
    tract = rng.uniform(0.85, 1.2)
    time_s, phrase_s, phrase_end_s = 0.0, 0.0, rng.uniform(1, 3)
    while (time_s + 0.5) * SAMPLE_RATE_HZ < samples:
        if time_s > phrase_end_s:
            time_s += rng.uniform(0.15, 0.8)
            phrase_s, phrase_end_s = 0.0, time_s + rng.uniform(0.8, 3.5)
            continue
        syllable_s = np.exp(rng.normal(0, 0.25)) / syllables_per_s
        consonant_s = rng.uniform(0.03, 0.11)
        if rng.random() < 0.5:
            _add(audio, time_s, rng.uniform(0.05, 0.35) * _consonant(rng, consonant_s))
        time_s += consonant_s * (rng.random() < 0.75)
        vowel_s = max(0.05, syllable_s - consonant_s)
        pitch = pitch_hz * np.exp(rng.normal(0, 0.08) - 0.12 * phrase_s)
        _add(audio, time_s, rng.uniform(0.4, 1) * _vowel(rng, vowel_s, _glide(rng, vowel_s, pitch), tract))
        time_s += vowel_s
        phrase_s += syllable_s
    return _in_a_room(rng, audio) if rng.random() < 0.4 else audio


def recorded_speech(rng: Generator, samples: int) -> Array:
    """Speakers of any pitch, pace and liveliness through a telephone or a microphone, mostly over noise."""
    audio = _varied_speech(rng, samples)
    hz = np.maximum(np.fft.rfftfreq(samples, 1 / SAMPLE_RATE_HZ), 1)
    if rng.random() < 0.8:
        slope = -rng.uniform(0, 2) / 2
        behind = np.fft.irfft(
            np.fft.rfft(rng.standard_normal(samples)) * np.maximum(hz, 60) ** slope, samples
        )
        audio += 10 ** (rng.uniform(-60, -18) / 20) * audio.std() / behind.std() * behind
    is_telephone = rng.random() < 0.5
    low_hz = rng.uniform(100, 350) if is_telephone else rng.uniform(40, 200)
    high_hz = rng.uniform(3200, 4000) if is_telephone else _between(rng, 5000, 11000)
    gains = (np.maximum(hz, 200) / 1000) ** rng.uniform(-0.5, 0.5)
    gains /= np.sqrt((1 + (low_hz / hz) ** 4) * (1 + (hz / high_hz) ** 24))
    return np.fft.irfft(np.fft.rfft(audio) * gains, samples)


def noise(rng: Generator, samples: int) -> Array:
    """Steady or swelling noise of any slope, some of it in a band."""
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    hz = np.fft.rfftfreq(samples, 1 / SAMPLE_RATE_HZ)
    spectrum *= np.maximum(hz, 1) ** (-rng.uniform(-0.5, 2.2) / 2)
    if rng.random() < 0.4:
        centre_hz = _between(rng, 100, 6000)
        spectrum /= 1 + ((hz - centre_hz) / (centre_hz * rng.uniform(0.3, 1))) ** 2
    audio = np.fft.irfft(spectrum, samples)
    if rng.random() < 0.4:
        swells_hz, phase = rng.uniform(0.1, 0.6), rng.uniform(0, 2 * np.pi)
        audio *= 1 + 0.6 * np.sin(2 * np.pi * swells_hz * _times(samples) + phase)
    return audio


def tone(rng: Generator, samples: int) -> Array:
    """A sine, a hum, a sweep, two sines or beeps, over faint noise."""
    time_s = _times(samples)
    hz = _between(rng, 50, 6000)
    match rng.integers(5):
        case 0:
            audio = np.sin(2 * np.pi * hz * time_s)
        case 1:
            harmonics = range(1, rng.integers(2, 12))
            audio = sum(
                (rng.random() / n * np.sin(2 * np.pi * min(hz, 800) * n * time_s) for n in harmonics),
                np.zeros(samples),
            )
        case 2:
            period_s = rng.uniform(1, 15)
            ratio = _between(rng, 100, 6000) / hz
            audio = np.sin(
                2 * np.pi * np.cumsum(hz * ratio ** (time_s % period_s / period_s)) / SAMPLE_RATE_HZ
            )
        case 3:
            audio = np.sin(2 * np.pi * hz * time_s) + np.sin(2 * np.pi * rng.uniform(200, 2000) * time_s)
        case _:
            period_s = rng.uniform(0.3, 2)
            audio = np.sin(2 * np.pi * hz * time_s) * (time_s % period_s < period_s * rng.uniform(0.1, 0.7))
    return audio + _hiss(rng, samples)


def clicks(rng: Generator, samples: int) -> Array:
    """A metronome, with or without accents; some of them stumble."""
    audio = np.zeros(samples)
    time = np.arange(int(rng.uniform(0.004, 0.09) * SAMPLE_RATE_HZ))
    decay = np.exp(-time / len(time) * rng.uniform(3, 8))
    hz, accent = _between(rng, 300, 5000), rng.uniform(1.2, 2) if rng.random() < 0.5 else 1.0
    if rng.random() < 0.7:
        click, accented = (
            decay * np.sin(2 * np.pi * hz * factor * time / SAMPLE_RATE_HZ) for factor in (1, accent)
        )
    else:
        click = decay * rng.standard_normal(len(time))
        accented = accent * click
    beat_s, beats = 60 / rng.uniform(40, 220), rng.integers(2, 5)
    unevenness = 0.4 if rng.random() < 0.3 else 0.0
    time_s, number = rng.uniform(0, 0.5), 0
    while time_s * SAMPLE_RATE_HZ < samples:
        _add(audio, time_s, click if number % beats else accented)
        time_s += beat_s * np.exp(rng.normal(0, unevenness))
        number += 1
    return audio + _hiss(rng, samples)


def applause(rng: Generator, samples: int) -> Array:
    """Three to a hundred people who clap at rates of their own in a room."""
    audio = np.zeros(samples)
    for _ in range(int(_between(rng, 3, 100))):
        claps_per_s, loudness = rng.uniform(2, 5.5), rng.random() ** 2
        time = np.arange(int(rng.uniform(0.008, 0.04) * SAMPLE_RATE_HZ))
        clap = rng.standard_normal(len(time)) * np.exp(-rng.uniform(4, 8) * time / len(time))
        ring = np.arange(80)
        hollow = np.sin(2 * np.pi * rng.uniform(500, 3000) * ring / SAMPLE_RATE_HZ)
        clap = np.convolve(clap, hollow * np.exp(-ring / rng.uniform(8, 25)))
        time_s = rng.uniform(0, 1 / claps_per_s)
        while time_s * SAMPLE_RATE_HZ < samples:
            _add(audio, time_s, loudness * clap)
            time_s += max(0.05, rng.normal(1, 0.06) / claps_per_s)
    return _in_a_room(rng, audio)


def drums(rng: Generator, samples: int) -> Array:
    """A random pattern of kick, snare and hat, over and over."""
    audio = np.zeros(samples)
    step_s = 60 / rng.uniform(70, 180) / rng.choice([2, 4])
    pattern = rng.random((3, 16)) < np.array([[0.3], [0.25], [0.6]])
    time_s = _times(int(0.15 * SAMPLE_RATE_HZ))
    kit = (
        np.sin(2 * np.pi * (50 * time_s + 2 * (1 - np.exp(-30 * time_s)))) * np.exp(-18 * time_s),
        0.6 * rng.standard_normal(len(time_s)) * np.exp(-40 * time_s),
        0.3 * np.diff(rng.standard_normal(len(time_s)), prepend=0) * np.exp(-100 * time_s),
    )
    for step in range(int(samples / SAMPLE_RATE_HZ / step_s)):
        for drum, hits in zip(kit, pattern, strict=True):
            if hits[step % len(hits)]:
                _add(audio, step * step_s, rng.uniform(0.7, 1) * drum)
    return audio


NOT_MUSIC: dict[str, Sound] = {
    "speech": speech,
    "noise": noise,
    "a tone": tone,
    "clicks": clicks,
    "applause": applause,
}
"""What music is told apart from, in words that stand after "sounds like"."""

RECORDED_NOT_MUSIC: dict[str, Sound] = NOT_MUSIC | {"speech": recorded_speech}
"""The same with speech as one gets it: neither silence between words nor the highest bands tell it."""


def _varied_speech(rng: Generator, samples: int) -> Array:
    """Some speakers are monotonous, some even, some hasty; consonants are silent, noisy or voiced."""
    audio = np.zeros(samples)
    pitch_hz = _between(rng, 75, 380)
    tract = np.clip(rng.uniform(0.85, 1.2) * (pitch_hz / 160) ** 0.15, 0.8, 1.4)
    syllables_per_s, unevenness = rng.uniform(2.8, 7.5), rng.uniform(0.05, 0.4)
    glide, liveliness = rng.uniform(0.05, 0.25), rng.uniform(0.03, 0.2)
    pause_s, voiced = rng.uniform(0.1, 1), rng.uniform(0.2, 0.7)
    time_s = rng.uniform(0, 0.5)
    phrase_s, phrase_end_s = 0.0, time_s + rng.uniform(0.8, 4)
    while (time_s + 0.5) * SAMPLE_RATE_HZ < samples:
        if time_s > phrase_end_s:
            time_s += pause_s * np.exp(rng.normal(0, 0.4))
            phrase_s, phrase_end_s = 0.0, time_s + rng.uniform(0.8, 4)
            continue
        syllable_s = np.exp(rng.normal(0, unevenness)) / syllables_per_s
        consonant_s = min(rng.uniform(0.03, 0.14), 0.6 * syllable_s)
        pitch = pitch_hz * np.exp(rng.normal(0, liveliness) - 0.1 * phrase_s)
        manner = rng.random()
        if manner < voiced:
            _add(audio, time_s, rng.uniform(0.1, 0.5) * _murmur(rng, consonant_s + 0.02, pitch, tract))
        elif manner < 0.85:
            _add(audio, time_s, rng.uniform(0.05, 0.4) * _consonant(rng, consonant_s))
        time_s += consonant_s * (rng.random() < 0.9)
        vowel_s = max(0.05, syllable_s - consonant_s)
        gliding_hz = _glide(rng, vowel_s, pitch, glide, glide / 1.5)
        _add(audio, time_s, rng.uniform(0.4, 1) * _vowel(rng, vowel_s, gliding_hz, tract))
        time_s += vowel_s
        phrase_s += syllable_s
    return _in_a_room(rng, audio) if rng.random() < 0.4 else audio


def _glide(rng: Generator, seconds: float, pitch_hz: float, slope: float = 0.12, arch: float = 0) -> Array:
    """Pitch in Hz, sample by sample, that rises or falls by a random part, and perhaps turns on its way."""
    progress = np.linspace(0, 1, int(seconds * SAMPLE_RATE_HZ))
    bend = rng.normal(0, slope) * progress
    if arch:
        bend += rng.normal(0, arch) * np.sin(np.pi * progress)
    gliding_hz: Array = pitch_hz * np.exp(bend)
    return gliding_hz


def _murmur(rng: Generator, seconds: float, pitch_hz: float, tract: float) -> Array:
    """A voiced consonant: a vowel behind closed lips."""
    voice = _vowel(rng, seconds, _glide(rng, seconds, pitch_hz), tract)
    hz = np.fft.rfftfreq(len(voice), 1 / SAMPLE_RATE_HZ)
    gains = 1 / np.sqrt(1 + (hz / rng.uniform(300, 1200)) ** 4)
    dull = np.fft.irfft(np.fft.rfft(voice) * gains, len(voice))
    scaled: Array = dull / (np.abs(dull).max() + 1e-9)
    return scaled


def _vowel(rng: Generator, seconds: float, glide_hz: Array, tract: float) -> Array:
    samples, pitch_hz = len(glide_hz), glide_hz[0]
    progress = np.linspace(0, 1, samples)
    number = np.arange(1, min(_MOST_HARMONICS, int(_HIGHEST_HARMONIC_HZ / pitch_hz)) + 1)[:, np.newaxis]
    coarse_hz = number * glide_hz[::_CONTROL_SAMPLES]
    strength = np.zeros_like(coarse_hz)
    for (low_hz, high_hz), width_hz, gain in zip(
        _FORMANTS_HZ, _FORMANT_BANDWIDTHS_HZ, _FORMANT_GAINS, strict=True
    ):
        start_hz = tract * rng.uniform(low_hz, high_hz)
        moving_hz = start_hz * (1 + (np.exp(rng.normal(0, 0.18)) - 1) * progress[::_CONTROL_SAMPLES])
        strength += gain / (1 + ((coarse_hz - moving_hz) / width_hz) ** 2)
    strength = np.repeat(strength / np.sqrt(number), _CONTROL_SAMPLES, axis=1)[:, :samples]
    phase = 2 * np.pi * np.cumsum(glide_hz) / SAMPLE_RATE_HZ
    voice = (strength * np.cos(number * phase)).sum(axis=0) + 0.02 * rng.standard_normal(samples)
    fade = np.minimum(1, np.minimum(progress, 1 - progress) * seconds / 0.025)
    faded: Array = voice / np.abs(voice).max() * fade
    return faded


def _consonant(rng: Generator, seconds: float) -> Array:
    """A hiss or a burst."""
    samples = int(seconds * SAMPLE_RATE_HZ)
    hz = np.fft.rfftfreq(samples, 1 / SAMPLE_RATE_HZ)
    band = np.exp(-(((hz - rng.uniform(1500, 7500)) / rng.uniform(600, 2500)) ** 2))
    audio = np.fft.irfft(np.fft.rfft(rng.standard_normal(samples)) * band, samples)
    audio /= np.abs(audio).max() + 1e-9
    shape = np.hanning(samples) if rng.random() < 0.5 else np.exp(-8 * np.arange(samples) / samples)
    shaped: Array = audio * shape
    return shaped


def _in_a_room(rng: Generator, audio: Array) -> Array:
    """With exponentially decaying reverberation."""
    time_s = _times(int(0.4 * SAMPLE_RATE_HZ))
    response = rng.standard_normal(len(time_s)) * np.exp(-time_s / rng.uniform(0.02, 0.1))
    size = len(audio) + len(response) - 1
    wet = np.fft.irfft(np.fft.rfft(audio, size) * np.fft.rfft(response, size), size)[: len(audio)]
    peaks = [np.abs(part).max() + 1e-9 for part in (audio, wet)]
    mixed: Array = audio / peaks[0] + rng.uniform(0.05, 0.3) * wet / peaks[1]
    return mixed


def _hiss(rng: Generator, samples: int) -> Array:
    hiss: Array = 10 ** rng.uniform(-6, -2.5) * rng.standard_normal(samples)
    return hiss


def _add(audio: Array, time_s: float, sound: Array) -> None:
    """Mix a sound in from that time on, as far as it fits."""
    start = int(time_s * SAMPLE_RATE_HZ)
    stretch = audio[start : start + len(sound)]
    stretch += sound[: len(stretch)]


def _between(rng: Generator, low: float, high: float) -> float:
    """Uniform on a logarithmic scale."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _times(samples: int) -> Array:
    return np.arange(samples) / SAMPLE_RATE_HZ
