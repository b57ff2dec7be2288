"""Does the evidence map point at what matters? Silence what it points at, then as much elsewhere.

    MIDCLI_DATA=~/corpora python -m tools.masking [MODEL]

In each excerpt and for each quality, the quarter that adds most is silenced in the spectrogram, and then
every other stretch of that length that does not overlap it. If the map is right, the quality falls further in
the first case. The table goes into the README.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from midcli.analyser import Analyser
from midcli.audio.reading import AudioReader
from midcli.audio.spectrogram import FRAMES_PER_SECOND, SAMPLE_RATE_HZ, FloatArray, spectrogram_of
from midcli.corpora.own import load_corpus
from midcli.labels import QUALITY_NAMES

Array = npt.NDArray[np.float64]

EVERY = 9  # of 360 excerpts, 40
PARTS = 4


@dataclass(frozen=True)
class Masking:
    """What silencing does, in rating points, (excerpts, 7)."""

    pointed_at: Array
    """Change when the strongest stretch is silenced."""
    elsewhere: Array
    """Mean change when another stretch is."""

    @property
    def right(self) -> Array:
        """(7,): share of excerpts in which the map pointed at what matters more."""
        share: Array = (self.pointed_at < self.elsewhere).mean(axis=0)
        return share


def measure(analyser: Analyser, paths: list[Path]) -> Masking:
    """Silence stretches of the excerpts and see what becomes of their qualities."""
    rows = [_measure_excerpt(analyser, path) for path in paths]
    pointed_at, elsewhere = (np.array(values) for values in zip(*rows, strict=True))
    return Masking(pointed_at, elsewhere)


def _measure_excerpt(analyser: Analyser, path: Path) -> tuple[Array, Array]:
    evidence = analyser.analyse(path).evidence
    spectrogram = spectrogram_of(AudioReader(path, SAMPLE_RATE_HZ).blocks())
    length = len(spectrogram) // PARTS
    whole = _qualities(analyser, spectrogram)
    changes = {
        start: _qualities(analyser, _silenced(spectrogram, start, length)) - whole
        for start in _starts(analyser, spectrogram, length)
    }
    pointed_at, elsewhere = np.zeros(7), np.zeros(7)
    for j, quality in enumerate(QUALITY_NAMES):
        strongest = round(
            evidence.strongest(quality, evidence.duration_s / PARTS).start_s * FRAMES_PER_SECOND
        )
        there = _qualities(analyser, _silenced(spectrogram, strongest, length)) - whole
        others = [change[j] for start, change in changes.items() if abs(start - strongest) >= length]
        pointed_at[j], elsewhere[j] = there[j], np.mean(others)
    return pointed_at, elsewhere


def _starts(analyser: Analyser, spectrogram: FloatArray, length: int) -> range:
    return range(0, len(spectrogram) - length + 1, analyser.model.grid.stride_frames)


def _silenced(spectrogram: FloatArray, start: int, length: int) -> FloatArray:
    silenced = spectrogram.copy()
    silenced[start : start + length] = 0
    return silenced


def _qualities(analyser: Analyser, spectrogram: FloatArray) -> Array:
    """Silence at an end is heard as silence within is: it is not left out."""
    return analyser.model.midlevel(analyser.model.evidence_of_all(spectrogram))


def table(masking: Masking) -> str:
    """The result in Markdown."""
    lines = ["| quality | pointed at | elsewhere | right |", "| --- | ---: | ---: | ---: |"]
    for j, quality in enumerate(QUALITY_NAMES):
        lines.append(
            f"| {quality.replace('_', ' ')} | {masking.pointed_at[:, j].mean():+.2f} "
            f"| {masking.elsewhere[:, j].mean():+.2f} | {masking.right[j]:.0%} |"
        )
    lines.append(
        f"| mean | {masking.pointed_at.mean():+.2f} | {masking.elsewhere.mean():+.2f} "
        f"| {masking.right.mean():.0%} |"
    )
    return "\n".join(lines)


def excerpts(folder: Path, every: int = EVERY) -> list[Path]:
    """Every so manieth excerpt of the film corpus, that all albums are among them."""
    return [excerpt.path for excerpt in load_corpus(folder).excerpts[::every]]


if __name__ == "__main__":
    analyser = Analyser(sys.argv[1] if len(sys.argv) > 1 else None)
    print(table(measure(analyser, excerpts(Path(os.environ["MIDCLI_DATA"])))))
