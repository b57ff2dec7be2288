"""`MIDCLI_DATA=... python -m tools.losses`: how far values move when recordings lose something.

Excerpts of all corpora are damaged in each way; what is printed is the mean absolute change of every quality
and emotion, in standard deviations of the model's reference (midcli.model.losses says which are told).
"""

import argparse
import io
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from midcli.analyser import Analyser
from midcli.audio.reading import AudioReader
from midcli.audio.spectrogram import SAMPLE_RATE_HZ, SpectrogramBuilder
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.model.file import Model
from tests.media import encoded, muxed

RATE_HZ = 44_100
Samples = npt.NDArray[np.float32]
Array = npt.NDArray[np.float64]
Loss = Callable[[Samples], Samples]


def narrow(edge_hz: int, samples: Samples) -> Samples:
    """Nothing above the edge."""
    return soxr.resample(soxr.resample(samples, RATE_HZ, 2 * edge_hz, "VHQ"), 2 * edge_hz, RATE_HZ, "VHQ")


def without_bottom(edge_hz: int, samples: Samples) -> Samples:
    """Nothing below the edge, as of small loudspeakers and telephones."""
    spectrum = np.fft.rfft(samples)
    spectrum[: round(edge_hz * len(samples) / RATE_HZ)] = 0
    return np.fft.irfft(spectrum, len(samples)).astype(np.float32)


def telephone(samples: Samples) -> Samples:
    return without_bottom(300, narrow(3400, samples))


def coded(container: str, codec: str, bit_rate: int, rate_hz: int, samples: Samples) -> Samples:
    """By a lossy encoder at a low bit rate."""
    sound = soxr.resample(samples, RATE_HZ, rate_hz).reshape(-1, 1)
    content = muxed([sound], rate_hz, container, codec, "mono", bit_rate=bit_rate)
    return heard(io.BytesIO(content))


def gsm(samples: Samples) -> Samples:
    return heard(io.BytesIO(encoded(soxr.resample(samples, RATE_HZ, 8000), 8000, "WAV", "GSM610")))


def of_bits(bits: int, samples: Samples) -> Samples:
    steps = 2 ** (bits - 1)
    return (np.round(samples / np.abs(samples).max() * (steps - 1)) / steps).astype(np.float32)


def clipped(gain_db: float, samples: Samples) -> Samples:
    """Recorded too loudly: its peaks are cut off at full scale."""
    return np.clip(samples / np.abs(samples).max() * np.float32(10 ** (gain_db / 20)), -1, 1)


def noisy(below_db: float, samples: Samples) -> Samples:
    """White noise, so far below the mean level."""
    rng = np.random.default_rng(0)
    level = float(np.sqrt(np.mean(samples**2))) * 10 ** (-below_db / 20)
    return samples + rng.normal(0, level, len(samples)).astype(np.float32)


def compressed(samples: Samples) -> Samples:
    """The level of each 50 ms pressed to a tenth of its range."""
    step = RATE_HZ // 20
    power = np.convolve(samples**2, np.ones(step) / step, "same")
    gain = np.maximum(np.sqrt(power), 1e-4) ** -0.9
    pressed = samples * gain
    return (pressed / np.abs(pressed).max()).astype(np.float32)


LOSSES: dict[str, Loss] = {
    **{f"nothing above {edge} Hz": partial(narrow, edge) for edge in (2000, 3000, 4000, 5500, 8000)},
    "nothing below 150 Hz": partial(without_bottom, 150),
    "nothing below 300 Hz": partial(without_bottom, 300),
    "telephone band": telephone,
    "gsm": gsm,
    "amr 12 k": partial(coded, "amr", "libopencore_amrnb", 12_200, 8000),
    "mp3 32 k": partial(coded, "mp3", "libmp3lame", 32_000, 22_050),
    "mp3 64 k": partial(coded, "mp3", "libmp3lame", 64_000, 44_100),
    "aac 32 k": partial(coded, "adts", "aac", 32_000, 44_100),
    "opus 16 k": partial(coded, "ogg", "libopus", 16_000, 48_000),
    "opus 32 k": partial(coded, "ogg", "libopus", 32_000, 48_000),
    **{f"{bits} bits": partial(of_bits, bits) for bits in (4, 6, 8)},
    **{f"clipped by {gain} dB": partial(clipped, gain) for gain in (3, 6, 12, 20)},
    **{f"noise {below} dB below": partial(noisy, below) for below in (10, 20, 30, 40)},
    "compressed": compressed,
}


def heard(audio: Path | io.BytesIO) -> Samples:
    return np.concatenate(list(AudioReader(audio, RATE_HZ).blocks()))


def values(model: Model, samples: Samples) -> Array:
    """Qualities and emotions (15,) of mono samples."""
    builder = SpectrogramBuilder()
    builder.add(soxr.resample(samples, RATE_HZ, SAMPLE_RATE_HZ))
    midlevel = model.midlevel(model.evidence(builder.finish()))
    return np.concatenate([midlevel, model.head.emotions(midlevel)])


def changes(model: Model, paths: list[Path]) -> dict[str, Array]:
    """Loss to absolute changes (paths, 15), in standard deviations of the reference."""
    reference = model.reference.midlevel
    spread = np.hstack([reference, model.head.emotions(reference)]).std(axis=0)
    moved: dict[str, list[Array]] = {name: [] for name in LOSSES}
    for path in paths:
        samples = heard(path)
        whole = values(model, samples)
        for name, loss in LOSSES.items():
            moved[name].append(np.abs(values(model, loss(samples)) - whole) / spread)
    return {name: np.array(found) for name, found in moved.items()}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.losses", description=__doc__.splitlines()[0])
    parser.add_argument("--excerpts", type=int, default=60)
    parser.add_argument("--model")
    options = parser.parse_args()
    folder = Path(os.environ["MIDCLI_DATA"])
    film = sorted(folder.glob("soundtracks/Set1/*.mp3"))
    songs = sorted(folder.glob("songs/*/*.ogg"))
    rng = np.random.default_rng(0)
    half = options.excerpts // 2
    chosen = [*rng.choice(film, half, replace=False), *rng.choice(songs, half, replace=False)]
    moved = changes(Analyser(options.model, threads=1).model, chosen)
    names = [name.replace("_", " ")[:9] for name in (*QUALITY_NAMES, *EMOTION_NAMES)]
    print(f"{'':22}" + "".join(f"{name:>10}" for name in names))
    for name, found in moved.items():
        print(f"{name:22}" + "".join(f"{change:10.2f}" for change in found.mean(axis=0)))


if __name__ == "__main__":
    main()
