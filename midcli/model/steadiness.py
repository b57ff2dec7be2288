"""What hardly varies in a recording: noise under all of it, or its loudness."""

import numpy as np

from midcli.audio.spectrogram import FloatArray, band_centres_hz

_NOISE_HZ = (1000, 7000)  # below, tones may last; above, coding may leave nothing
_QUIET = 0.05  # of the time
_FRAMES = 1000
_SILENCE_DB = 60  # below the loudest moment


def noise_db(spectrogram: FloatArray) -> float:
    """How loud white noise under all of a raw spectrogram (frames, 149) may be, to the level of the whole.

    It is as loud as the band that is most quiet at its most quiet, which is minimum statistics (Martin, IEEE
    Transactions on Speech and Audio Processing 9, 2001) for noise of one level in all bands.
    """
    magnitudes = _magnitudes(spectrogram[:: max(1, len(spectrogram) // _FRAMES)])
    hz = band_centres_hz()
    within = (hz >= _NOISE_HZ[0]) & (hz <= _NOISE_HZ[1])
    quietest = np.quantile(magnitudes[:, within], _QUIET, axis=0).min()
    widths_hz = np.gradient(hz)
    power = (magnitudes**2).mean(axis=0) @ widths_hz
    return 10 * float(np.log10(max(quietest**2 * widths_hz.sum(), 1e-12) / max(power, 1e-12)))


def level_deviation_db(spectrogram: FloatArray) -> float:
    """Standard deviation of the level of its frames, without silence."""
    powers = _magnitudes(spectrogram) ** 2 @ np.gradient(band_centres_hz())
    levels_db = 10 * np.log10(np.maximum(powers, 1e-12))
    return float(levels_db[levels_db > levels_db.max() - _SILENCE_DB].std())


def _magnitudes(spectrogram: FloatArray) -> FloatArray:
    magnitudes: FloatArray = np.expm1(spectrogram * np.float32(np.log(10)))
    return magnitudes
