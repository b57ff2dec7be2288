"""`MIDCLI_DATA=... python -m tools.losses`: how far values move when recordings lose something.

Excerpts of all corpora are damaged in each way; what is printed is the mean absolute change of every quality
and emotion, in standard deviations of the model's reference, and of how many excerpts the loss is told
(midcli.model.losses). `--alarms` counts what is told of all excerpts as they are.
"""

import argparse
import io
import os
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from midcli.analyser import Analyser
from midcli.audio.blocks import Block
from midcli.audio.levels import LevelMeter
from midcli.audio.reading import AudioReader
from midcli.audio.spectrogram import SAMPLE_RATE_HZ, FloatArray, SpectrogramBuilder
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.model.file import Model
from midcli.model.losses import Recording, losses
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


def hot(gain_db: float, samples: Samples) -> Samples:
    """Its peaks so far above full scale."""
    return samples / np.abs(samples).max() * np.float32(10 ** (gain_db / 20))


def clipped(gain_db: float, samples: Samples) -> Samples:
    """Recorded too loudly: its peaks are cut off at full scale."""
    return np.clip(hot(gain_db, samples), -1, 1)


def rounded_off(gain_db: float, samples: Samples) -> Samples:
    """The same by a softer limit, as of tape and valves."""
    return np.tanh(hot(gain_db, samples))


def then(first: Loss, second: Loss, samples: Samples) -> Samples:
    """One after the other, lower by a tenth in between, as encoders overshoot."""
    return second(np.float32(0.9) * first(samples))


def noisy(below_db: float, samples: Samples) -> Samples:
    """White noise, so far below the mean level."""
    rng = np.random.default_rng(0)
    level = float(np.sqrt(np.mean(samples**2))) * 10 ** (-below_db / 20)
    return samples + rng.normal(0, level, len(samples)).astype(np.float32)


def noisy_below(below_db: float, samples: Samples) -> Samples:
    """Pink noise, which is louder below."""
    rng = np.random.default_rng(0)
    spectrum = np.fft.rfft(rng.normal(size=len(samples)))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)) * RATE_HZ / len(samples), 20))
    noise = np.fft.irfft(spectrum, len(samples))
    level = float(np.sqrt(np.mean(samples**2))) * 10 ** (-below_db / 20)
    return samples + (noise / noise.std() * level).astype(np.float32)


def compressed(samples: Samples) -> Samples:
    """The level of each 50 ms pressed to a tenth of its range."""
    step = RATE_HZ // 20
    power = np.convolve(samples**2, np.ones(step) / step, "same")
    gain = np.maximum(np.sqrt(power), 1e-4) ** -0.9
    pressed = samples * gain
    return (pressed / np.abs(pressed).max()).astype(np.float32)


MP3 = partial(coded, "mp3", "libmp3lame", 96_000, 44_100)


def vorbis(samples: Samples) -> Samples:
    return heard(io.BytesIO(encoded(samples.reshape(-1, 1), RATE_HZ, "OGG", "VORBIS")))


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
    **{f"{bits} bits": partial(of_bits, bits) for bits in (4, 5, 6, 8)},
    "4 bits, mp3": partial(then, partial(of_bits, 4), MP3),
    **{f"clipped by {gain} dB": partial(clipped, gain) for gain in (3, 6, 12)},
    **{f"clipped by {gain} dB, mp3": partial(then, partial(clipped, gain), MP3) for gain in (6, 12)},
    "clipped by 12 dB, ogg": partial(then, partial(clipped, 12), vorbis),
    **{f"rounded by {gain} dB": partial(rounded_off, gain) for gain in (6, 12)},
    "rounded by 12 dB, mp3": partial(then, partial(rounded_off, 12), MP3),
    **{f"noise {below} dB below": partial(noisy, below) for below in (5, 10, 15, 20)},
    "noise 10 dB below, mp3": partial(then, partial(noisy, 10), MP3),
    **{f"pink noise {below} dB": partial(noisy_below, below) for below in (10, 15)},
    "compressed": compressed,
}


def heard(audio: Path | io.BytesIO) -> Samples:
    return np.concatenate(list(AudioReader(audio, RATE_HZ).blocks()))


def heard_of(samples: Samples) -> tuple[FloatArray, bool]:
    """Spectrogram of mono samples, and whether it is told that they have lost something."""
    builder, meter = SpectrogramBuilder(), LevelMeter()
    builder.add(soxr.resample(samples, RATE_HZ, SAMPLE_RATE_HZ))
    meter.add(Block(RATE_HZ, samples[np.newaxis]))
    spectrogram = builder.finish()
    return spectrogram, bool(losses(Recording.of(spectrogram, meter.found, None)))


def values(model: Model, spectrogram: FloatArray) -> Array:
    """Qualities and emotions (15,)."""
    midlevel = model.midlevel(model.evidence(spectrogram))
    return np.concatenate([midlevel, model.head.emotions(midlevel)])


def changes(model: Model, paths: list[Path]) -> Iterator[tuple[str, Array, float]]:
    """Loss, mean absolute changes (15,) in standard deviations of the reference, share that is told."""
    reference = model.reference.midlevel
    spread = np.hstack([reference, model.head.emotions(reference)]).std(axis=0)
    whole = [heard(path) for path in paths]
    undamaged = [values(model, heard_of(samples)[0]) for samples in whole]
    for name, loss in LOSSES.items():
        moved, told = [], []
        for samples, before in zip(whole, undamaged, strict=True):
            spectrogram, is_told = heard_of(loss(samples))
            moved.append(np.abs(values(model, spectrogram) - before) / spread)
            told.append(is_told)
        yield name, np.mean(moved, axis=0), float(np.mean(told))


def print_alarms(paths: list[Path]) -> None:
    """How many recordings are told to have lost something, as they are."""
    reasons: Counter[str] = Counter()
    for path in paths:
        builder, reader = SpectrogramBuilder(), AudioReader(path, SAMPLE_RATE_HZ)
        for block in reader.blocks():
            builder.add(block)
        recording = Recording.of(builder.finish(), reader.levels, reader.bits_per_second)
        for loss in losses(recording):
            reasons[loss.reason.partition("(")[0]] += 1
            print(f"{path.parent.name}/{path.name}: {loss.reason}")
    print(f"{len(paths)} recordings; told of {dict(reasons)}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.losses", description=__doc__.splitlines()[0])
    parser.add_argument("--excerpts", type=int, default=60)
    parser.add_argument("--model")
    parser.add_argument("--alarms", action="store_true", help="what is told of all excerpts as they are")
    options = parser.parse_args()
    folder = Path(os.environ["MIDCLI_DATA"])
    film = sorted(folder.glob("soundtracks/Set1/*.mp3"))
    songs = sorted(folder.glob("songs/*/*.ogg"))
    if options.alarms:
        print_alarms([*film, *songs])
        return
    rng = np.random.default_rng(0)
    half = options.excerpts // 2
    chosen = [*rng.choice(film, half, replace=False), *rng.choice(songs, half, replace=False)]
    names = [name.replace("_", " ")[:9] for name in (*QUALITY_NAMES, *EMOTION_NAMES)]
    print(f"{'':24}  told" + "".join(f"{name:>10}" for name in names))
    for name, moved, told in changes(Analyser(options.model, threads=1).model, chosen):
        print(f"{name:24}{100 * told:4.0f} %" + "".join(f"{change:10.2f}" for change in moved), flush=True)


if __name__ == "__main__":
    main()
