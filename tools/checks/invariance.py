"""How far outputs move when music goes through what happens to files: codecs, filters, noise, tempo, pitch.

A model fitted to the 324 excerpts outside the published test set describes its 36 excerpts, as they are and
damaged as audio.
"""

import io
from collections.abc import Callable
from typing import Any

import av
import librosa
import numpy as np
import numpy.typing as npt
import soxr

from midcli.audio.reading import AudioReader
from midcli.audio.spectrogram import SAMPLE_RATE_HZ, FloatArray, band_centres_hz, spectrogram_of
from midcli.corpora.corpus import Corpus
from midcli.corpora.spectrograms import cached_spectrograms
from midcli.study.recipes import FILM
from midcli.training.damage import equaliser_db
from midcli.training.experiment import FittedModel, fit_model

Array = npt.NDArray[np.float64]
Damage = Callable[[np.random.Generator, FloatArray], FloatArray]


def invariance(corpus: Corpus) -> dict[str, Any]:
    """Mean movement of qualities and emotions, in standard deviations of the outputs over the corpus."""
    test = corpus.fixed_test
    train = [name for name in corpus.ids if name not in test]
    spectrograms = cached_spectrograms(corpus)
    model = fit_model(corpus, train, (), "joint", FILM, 0, spectrograms)
    spread = np.std([_outputs(model, spectrograms[name]) for name in corpus.ids], axis=0)
    audio = {
        excerpt.id: np.concatenate(list(AudioReader(excerpt.path, SAMPLE_RATE_HZ).blocks()))
        for excerpt in corpus.excerpts
        if excerpt.id in test
    }
    values: dict[str, Any] = {"protocol": (__doc__ or "").split("\n\n")[1].replace("\n", " ").strip()}
    for name, damage in DAMAGES.items():
        moves = np.array(
            [
                np.abs(
                    _outputs(model, spectrogram_of([damage(np.random.default_rng(int(key)), samples)]))
                    - _outputs(model, spectrograms[key])
                )
                for key, samples in audio.items()
            ]
        )
        relative = moves.mean(axis=0) / spread
        values[name] = {
            "midlevel": relative[:7].mean(),
            "emotion": relative[7:].mean(),
            "most": relative.max(),
        }
    return values


def _outputs(model: FittedModel, spectrogram: FloatArray) -> Array:
    prediction = model.predict(spectrogram)
    if prediction.midlevel is None or prediction.emotion is None:
        raise TypeError("a joint model predicts both")
    return np.concatenate([prediction.midlevel, prediction.emotion])


def _coded(codec: str, container: str, bit_rate: int) -> Damage:
    """Through a lossy codec and back."""

    def damage(_: np.random.Generator, audio: FloatArray) -> FloatArray:
        file = io.BytesIO()
        rate_hz = 48_000 if codec == "libopus" else 44_100
        samples = soxr.resample(audio, SAMPLE_RATE_HZ, rate_hz).astype(np.float32)
        with av.open(file, "w", format=container) as out:
            stream = out.add_stream(codec, rate=rate_hz, layout="mono")
            stream.bit_rate = bit_rate
            frame = av.AudioFrame.from_ndarray(samples[np.newaxis], format="fltp", layout="mono")
            frame.sample_rate = rate_hz
            for resampled in av.AudioResampler(stream.format, "mono", rate_hz).resample(frame):
                out.mux(stream.encode(resampled))
            out.mux(stream.encode(None))
        file.seek(0)
        with av.open(file) as coded:
            to_float = av.AudioResampler("fltp", "mono", rate_hz)
            decoded = [
                part.to_ndarray()[0] for raw in coded.decode(audio=0) for part in to_float.resample(raw)
            ]
        back: FloatArray = soxr.resample(np.concatenate(decoded), rate_hz, SAMPLE_RATE_HZ).astype(np.float32)
        return back

    return damage


def _filtered(audio: FloatArray, gain: Callable[[Array], Array]) -> FloatArray:
    hz = np.fft.rfftfreq(len(audio), 1 / SAMPLE_RATE_HZ)
    filtered: FloatArray = np.fft.irfft(np.fft.rfft(audio) * gain(hz), len(audio)).astype(np.float32)
    return filtered


def _equalised(rng: np.random.Generator, audio: FloatArray) -> FloatArray:
    curve_db = equaliser_db(rng, 4)
    return _filtered(audio, lambda hz: 10 ** (np.interp(hz, band_centres_hz(), curve_db) / 20))


def _limited(_: np.random.Generator, audio: FloatArray) -> FloatArray:
    """A loud master: 9 dB into a soft clipper."""
    return np.tanh(2.8 * audio / np.abs(audio).max())


def _noisy(ratio_db: float) -> Damage:
    def damage(rng: np.random.Generator, audio: FloatArray) -> FloatArray:
        level = np.sqrt(np.mean(np.square(audio))) * 10 ** (-ratio_db / 20)
        return audio + (level * rng.standard_normal(len(audio))).astype(np.float32)

    return damage


def _phone(rng: np.random.Generator, audio: FloatArray) -> FloatArray:
    band = _filtered(audio, lambda hz: 1 / np.sqrt(1 + (300 / np.maximum(hz, 1)) ** 8 + (hz / 3400) ** 16))
    return _noisy(30)(rng, band)


DAMAGES: dict[str, Damage] = {
    "mp3 at 64 kbit/s": _coded("libmp3lame", "mp3", 64_000),
    "opus at 32 kbit/s": _coded("libopus", "ogg", 32_000),
    "equaliser, deviation 4 dB": _equalised,
    "loud master": _limited,
    "low-pass 4 kHz": lambda _, audio: _filtered(audio, lambda hz: 1 / np.sqrt(1 + (hz / 4000) ** 16)),
    "noise 30 dB below": _noisy(30),
    "noise 20 dB below": _noisy(20),
    "telephone": _phone,
    "tempo + 5 %": lambda _, audio: librosa.effects.time_stretch(audio, rate=1.05),
    "tempo - 5 %": lambda _, audio: librosa.effects.time_stretch(audio, rate=0.95),
    "a semitone up": lambda _, audio: librosa.effects.pitch_shift(audio, sr=SAMPLE_RATE_HZ, n_steps=1),
    "a semitone down": lambda _, audio: librosa.effects.pitch_shift(audio, sr=SAMPLE_RATE_HZ, n_steps=-1),
    "without its first 2 s": lambda _, audio: audio[2 * SAMPLE_RATE_HZ :],
}
