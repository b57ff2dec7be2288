"""What hardly varies in a recording: noise under all of it, or its loudness."""

import numpy as np

from midcli.audio.spectrogram import FloatArray, band_centres_hz

_NOISE_HZ = (2500, 7000)  # below, tones last and bands are narrow; above, coding may leave nothing
_FLAT_DB = 3  # so far above its faintest band noise is at most; music, more
_QUIET = 0.05  # of the time
_FRAMES = 1000
_SILENCE_DB = 60  # below the loudest moment


def noise_db(spectrogram: FloatArray) -> float:
    """How loud noise under all of a raw spectrogram (frames, 149) is, to the level of the whole; if there is
    none, which is as flat as noise, minus infinity.

    It is as loud as the faintest band at its most quiet, which is minimum statistics (Martin, IEEE
    Transactions on Speech and Audio Processing 9, 2001) for noise of one level in all bands.
    """
    magnitudes = _magnitudes(spectrogram[:: max(1, len(spectrogram) // _FRAMES)])
    hz = band_centres_hz()
    within = (hz >= _NOISE_HZ[0]) & (hz <= _NOISE_HZ[1])
    quiet = np.quantile(magnitudes[:, within], _QUIET, axis=0)
    faintest, usual = quiet.min(), np.median(quiet)
    if not 0 < usual < 10 ** (_FLAT_DB / 20) * faintest:
        return -np.inf
    widths_hz = np.gradient(hz)
    power = (magnitudes**2).mean(axis=0) @ widths_hz
    return 10 * float(np.log10(faintest**2 * widths_hz.sum() / power))


def level_deviation_db(spectrogram: FloatArray) -> float:
    """Standard deviation of the level of its frames, without silence."""
    powers = _magnitudes(spectrogram) ** 2 @ np.gradient(band_centres_hz())
    levels_db = 10 * np.log10(np.maximum(powers, 1e-12))
    return float(levels_db[levels_db > levels_db.max() - _SILENCE_DB].std())


def _magnitudes(spectrogram: FloatArray) -> FloatArray:
    magnitudes: FloatArray = np.expm1(spectrogram * np.float32(np.log(10)))
    return magnitudes
