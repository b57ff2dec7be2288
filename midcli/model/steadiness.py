"""What hardly varies in a recording: noise under all of it, or its loudness."""

import numpy as np

from midcli.audio.spectrogram import FloatArray, band_centres_hz

_NOISE_HZ = (2500, 7000)  # below, tones last and bands are narrow; above, coding may leave nothing
_FLAT_DB = 3  # so far above its faintest band noise is at most; music, more
_QUIET = 0.05  # of the time
_FRAMES = 1000  # of a longer piece are enough
_SILENCE_DB = 60  # below the loudest moment


def steadiness(spectrogram: FloatArray) -> tuple[float, float]:
    """How loud noise under all of a raw spectrogram (frames, 149) is, in dB to the level of the whole, and
    the standard deviation of its level in dB, silence aside.

    Noise is as loud as the faintest band at its most quiet, which is minimum statistics (Martin, IEEE
    Transactions on Speech and Audio Processing 9, 2001) for noise of one level in all bands; minus infinity
    if there is none, which would be as flat as noise.
    """
    some = spectrogram[:: max(1, len(spectrogram) // _FRAMES)]
    magnitudes = np.expm1(some * np.float32(np.log(10)))
    hz = band_centres_hz()
    widths_hz = np.gradient(hz)
    powers = magnitudes**2 @ widths_hz
    levels_db = 10 * np.log10(np.maximum(powers, 1e-12))
    deviation_db = float(levels_db[levels_db > levels_db.max() - _SILENCE_DB].std())
    within = (hz >= _NOISE_HZ[0]) & (hz <= _NOISE_HZ[1])
    # numpy's own quantiles load masked arrays, which nothing else needs
    quiet = np.sort(np.sort(magnitudes[:, within], axis=0)[round(_QUIET * (len(some) - 1))])
    faintest, usual = quiet[0], quiet[len(quiet) // 2]
    if not 0 < usual < 10 ** (_FLAT_DB / 20) * faintest:
        return -np.inf, deviation_db
    return 10 * float(np.log10(faintest**2 * widths_hz.sum() / powers.mean())), deviation_db
