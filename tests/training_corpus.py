"""A made-up corpus and a small recipe, for tests of training."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from midcli.audio.spectrogram import BANDS
from midcli.corpora.corpus import Corpus, Excerpt
from midcli.study.recipes import COMPACT, Augmentation, Recipe

TINY: Recipe = replace(
    COMPACT,
    name="tiny",
    epochs=3,
    batch_size=8,
    crop_frames=40,
    stem_channels=4,
    stage_channels=(8,),
    stage_strides=(2,),
)
PLAIN: Recipe = replace(TINY, augmentation=Augmentation(), dropout=0.0)


def made_up_corpus(excerpts: int = 24, seed: int = 0) -> tuple[Corpus, dict[str, npt.NDArray[np.float32]]]:
    """Excerpts of 44 to 60 frames whose ratings follow from their spectrograms; groups of two."""
    rng = np.random.default_rng(seed)
    rows, spectrograms = [], {}
    for number in range(excerpts):
        loudness = rng.uniform(0.1, 0.6)
        frames = int(rng.integers(44, 61))
        name = f"{number:03}"
        spectrograms[name] = (loudness * rng.uniform(0, 1, (frames, BANDS))).astype(np.float32)
        rating = 1 + 10 * loudness
        rows.append(
            Excerpt(
                name,
                Path(f"{name}.wav"),
                rating + rng.normal(0, 0.3, 7),
                rating + rng.normal(0, 0.3, 8),
                f"album {number // 2}",
            )
        )
    return Corpus("made-up", tuple(rows)), spectrograms


def make_few_sounds(patch: pytest.MonkeyPatch) -> None:
    """Let novelty scores learn from a handful of short sounds."""
    from midcli.training import novelty

    patch.setattr(novelty, "SOUNDS_OF_A_KIND", 3)
    patch.setattr(novelty, "SOUND_S", 1)
