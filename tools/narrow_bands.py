"""`MIDCLI_DATA=... python -m tools.narrow_bands`: how far values move when the top of the sound is missing.

Excerpts of the film corpus are resampled to twice each edge and back; what is printed is the mean absolute
change of every quality and emotion, in standard deviations of the model's reference (midcli.model.bandwidth).
"""

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from midcli.analyser import Analyser
from midcli.audio.reading import AudioReader
from midcli.audio.spectrogram import SAMPLE_RATE_HZ, SpectrogramBuilder
from midcli.cli.inputs import data_folder
from midcli.corpora.published import load_soundtracks
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.model.file import Model

EDGES_HZ = (2000, 3000, 4000, 5500, 8000)
Array = npt.NDArray[np.float64]


def values(model: Model, samples: npt.NDArray[np.float32]) -> Array:
    """Qualities and emotions (15,) of mono samples at the rate of the front end."""
    builder = SpectrogramBuilder()
    builder.add(samples)
    midlevel = model.midlevel(model.evidence(builder.finish()))
    return np.concatenate([midlevel, model.head.emotions(midlevel)])


def without_top(samples: npt.NDArray[np.float32], edge_hz: float) -> npt.NDArray[np.float32]:
    narrow = soxr.resample(samples, SAMPLE_RATE_HZ, 2 * edge_hz, "VHQ")
    return np.asarray(soxr.resample(narrow, 2 * edge_hz, SAMPLE_RATE_HZ, "VHQ"), np.float32)


def changes(model: Model, paths: list[Path]) -> dict[int, Array]:
    """Edge to mean absolute changes (15,), in standard deviations of the reference."""
    reference = model.reference.midlevel
    spread = np.hstack([reference, model.head.emotions(reference)]).std(axis=0)
    moved: dict[int, list[Array]] = {edge: [] for edge in EDGES_HZ}
    for path in paths:
        samples = np.concatenate(list(AudioReader(path, SAMPLE_RATE_HZ).blocks()))
        whole = values(model, samples)
        for edge, found in moved.items():
            found.append(np.abs(values(model, without_top(samples, edge)) - whole) / spread)
    return {edge: np.mean(found, axis=0) for edge, found in moved.items()}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.narrow_bands", description=__doc__.splitlines()[0])
    parser.add_argument("--excerpts", type=int, default=60)
    parser.add_argument("--model")
    options = parser.parse_args()
    excerpts = load_soundtracks(data_folder(None)).excerpts
    chosen = np.random.default_rng(0).choice(len(excerpts), options.excerpts, replace=False)
    moved = changes(Analyser(options.model, threads=1).model, [excerpts[number].path for number in chosen])
    print(f"{'':20}" + "".join(f"{edge:>7}" for edge in EDGES_HZ))
    for number, name in enumerate((*QUALITY_NAMES, *EMOTION_NAMES)):
        print(f"{name:20}" + "".join(f"{moved[edge][number]:7.2f}" for edge in EDGES_HZ))


if __name__ == "__main__":
    main()
