"""What happens to music on its way to a user's folder, applied to raw spectrograms (frames, 149).

Loudness, equalisation, narrow bands, noise, tempo and transposition, all on the front end's magnitudes
before their logarithm. They leave the ratings about true.
"""

import numpy as np
import numpy.typing as npt

from midcli.audio.spectrogram import BANDS, FloatArray, band_centres_hz
from midcli.study.recipes import Damage

Array = npt.NDArray[np.float64]
Generator = np.random.Generator

_EQUALISER_POINTS = 6
_LEVEL_FRAMES = 9
_MOST_MAKE_UP_GAIN = 10.0
_LOW_PASS_ORDER = 8
_HIGH_PASS_ORDER = 4


def damaged(rng: Generator, spectrogram: FloatArray, damage: Damage) -> FloatArray:
    """A random mixture of the kinds below, each at a random strength."""
    magnitudes = to_magnitudes(spectrogram)
    if rng.random() < damage.compression_share:
        magnitudes = compressed(magnitudes, rng.uniform(*damage.compression_exponents))
    level_db = rng.uniform(*damage.gain_db) + equaliser_db(rng, damage.equaliser_db)
    magnitudes = magnitudes * 10 ** (level_db / 20)
    if rng.random() < damage.low_pass_share:
        magnitudes = magnitudes * low_pass(_between(rng, damage.low_pass_hz))
    if rng.random() < damage.high_pass_share:
        magnitudes = magnitudes * high_pass(_between(rng, damage.high_pass_hz))
    if rng.random() < damage.noise_share:
        magnitudes = noisy(rng, magnitudes, _between(rng, damage.noise_levels))
    magnitudes = transposed(magnitudes, rng.uniform(-damage.semitones, damage.semitones))
    return at_tempo(from_magnitudes(magnitudes), rng.uniform(1 - damage.tempo, 1 + damage.tempo))


def mixed(spectrogram: FloatArray, other: FloatArray, gain: float) -> FloatArray:
    """Two sounds at once, the second one repeated or cut to the length of the first."""
    fitted = np.resize(other, spectrogram.shape)
    return from_magnitudes(np.hypot(to_magnitudes(spectrogram), gain * to_magnitudes(fitted)))


def to_magnitudes(spectrogram: FloatArray) -> Array:
    magnitudes: Array = 10.0 ** spectrogram.astype(np.float64) - 1
    return magnitudes


def from_magnitudes(magnitudes: Array) -> FloatArray:
    spectrogram: FloatArray = np.log10(1 + np.maximum(magnitudes, 0)).astype(np.float32)
    return spectrogram


def compressed(magnitudes: Array, exponent: float) -> Array:
    """Louder where it is soft: the level of a quarter of a second raised to a power below 1."""
    level = np.convolve(magnitudes.mean(axis=1), np.ones(_LEVEL_FRAMES) / _LEVEL_FRAMES, "same") + 1e-3
    gain = np.minimum((level / level.max()) ** (exponent - 1), _MOST_MAKE_UP_GAIN)
    louder: Array = magnitudes * gain[:, np.newaxis]
    return louder


def equaliser_db(rng: Generator, deviation_db: float) -> Array:
    """(149,): a random smooth curve."""
    points = rng.normal(0, deviation_db, _EQUALISER_POINTS)
    return np.interp(np.linspace(0, _EQUALISER_POINTS - 1, BANDS), np.arange(_EQUALISER_POINTS), points)


def low_pass(hz: float) -> Array:
    """(149,): gains of a steep filter."""
    gains: Array = 1 / np.sqrt(1 + (band_centres_hz() / hz) ** (2 * _LOW_PASS_ORDER))
    return gains


def high_pass(hz: float) -> Array:
    """(149,): gains of a filter."""
    gains: Array = 1 / np.sqrt(1 + (hz / band_centres_hz()) ** (2 * _HIGH_PASS_ORDER))
    return gains


def noisy(rng: Generator, magnitudes: Array, level: float) -> Array:
    """With noise of that magnitude in every band."""
    both = rng.normal(size=(2, *magnitudes.shape))
    louder: Array = np.hypot(magnitudes, level * np.hypot(both[0], both[1]))
    return louder


def transposed(magnitudes: Array, semitones: float) -> Array:
    """Every band sounds as another one did, between bands as both."""
    hz = band_centres_hz()
    position = np.interp(hz * 2 ** (-semitones / 12), hz, np.arange(BANDS))
    lower = position.astype(int)
    upper = np.minimum(lower + 1, BANDS - 1)
    share = position - lower
    moved: Array = magnitudes[:, lower] * (1 - share) + magnitudes[:, upper] * share
    return moved


def at_tempo(spectrogram: FloatArray, factor: float) -> FloatArray:
    """Faster by a factor, at the same pitch."""
    frames = len(spectrogram)
    position = np.linspace(0, frames - 1, max(1, round(frames / factor)))
    first = position.astype(int)
    share = (position - first)[:, np.newaxis].astype(np.float32)
    last = np.minimum(first + 1, frames - 1)
    resampled: FloatArray = spectrogram[first] * (1 - share) + spectrogram[last] * share
    return resampled


def _between(rng: Generator, ends: tuple[float, float]) -> float:
    """Uniform on a logarithmic scale."""
    return float(np.exp(rng.uniform(*np.log(ends))))
