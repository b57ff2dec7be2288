"""`python -m tools.sections ~/corpora songs.csv ...`: how well sections are found, of joined excerpts.

Three to five excerpts of one corpus, of different groups (albums, artists), are joined without a gap. Half of
the groups, by a hash of their name, is for choosing (midcli.explanation.sections), the other for measuring.
A border is found if a section begins within two seconds of it.
"""

import argparse
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from midcli.analyser import Analyser
from midcli.audio.reading import AudioReader
from midcli.audio.spectrogram import SAMPLE_RATE_HZ
from midcli.corpora.corpus import Corpus, Excerpt
from midcli.corpora.own import load_beside
from midcli.corpora.published import load_soundtracks

WITHIN_S = 2.0
CONTRASTING = 1.0
"""Standard deviations over the corpus by which a rated emotion, at least one, differs."""
SALT = {"soundtracks": "f"}
"""Before the names of groups, as when the constants were chosen."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Found:
    """What became of one recording: whether each border was found, and how many others were."""

    borders: list[bool]
    contrasts: list[float]
    false: int
    duration_s: float


def joined(rng: np.random.Generator, excerpts: Sequence[Excerpt]) -> list[Excerpt]:
    """Three to five excerpts of different groups."""
    by_group = {excerpts[index].group: excerpts[index] for index in rng.permutation(len(excerpts))}
    groups = rng.choice(sorted(by_group), int(rng.integers(3, 6)), replace=False)
    return [by_group[group] for group in groups]


def find(analyser: Analyser, pieces: Sequence[Excerpt], spread: Array) -> Found:
    """The borders between excerpts that are joined; of one alone every border is false."""
    sounds = [np.concatenate(list(AudioReader(piece.path, SAMPLE_RATE_HZ).blocks())) for piece in pieces]
    analysis = analyser.analyse((np.concatenate(sounds), SAMPLE_RATE_HZ))
    found = [section.start_s for section in analysis.sections()[1:]]
    ends_s = np.cumsum([len(sound) for sound in sounds[:-1]]) / SAMPLE_RATE_HZ
    hits = []
    for end_s in ends_s:
        near = [start_s for start_s in found if abs(start_s - end_s) <= WITHIN_S]
        hits.append(bool(near))
        found = [start_s for start_s in found if start_s not in near[:1]]
    contrasts = [
        float(np.nanmax(np.append(np.abs(a.emotion - b.emotion) / spread, 0.0))) for a, b in pairwise(pieces)
    ]
    return Found(hits, contrasts, len(found), analysis.duration_s)


def _is_for_choosing(group: str) -> bool:
    return hashlib.md5(group.encode()).digest()[-1] % 2 == 0  # noqa: S324


def measure(analyser: Analyser, corpus: Corpus, for_choosing: bool, joins: int) -> None:
    chosen = [
        one
        for one in corpus.excerpts
        if _is_for_choosing(SALT.get(corpus.name, "") + one.group) == for_choosing
    ]
    spread = corpus.emotion.std(axis=0)
    rng = np.random.default_rng(0)
    joinings = [find(analyser, joined(rng, chosen), spread) for _ in range(joins)]
    alone = [find(analyser, [one], spread) for one in chosen[::3]]
    hits = np.array([hit for one in joinings for hit in one.borders])
    contrasts = np.array([contrast for one in joinings for contrast in one.contrasts])
    parts = {"all": hits, "contrasting": hits[contrasts >= CONTRASTING]}
    told = ", ".join(f"{name} {part.mean():.3f} ({len(part)})" for name, part in parts.items() if len(part))
    false = [
        f"{60 * sum(one.false for one in group) / sum(one.duration_s for one in group):.2f}"
        for group in (joinings, alone)
    ]
    print(f"{corpus.name}: found {told}; false a minute {false[0]}, of excerpts alone {false[1]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("places", nargs="+", type=Path, help="folder of the published corpora, or CSV files")
    parser.add_argument("--choosing", action="store_true", help="the half of the groups that is for choosing")
    parser.add_argument("--joins", type=int, default=100)
    parser.add_argument("--model", help="another than the bundled music, such as film, which knows no songs")
    arguments = parser.parse_args()
    analyser = Analyser(arguments.model)
    for place in arguments.places:
        corpus = load_soundtracks(place) if place.is_dir() else load_beside(place)
        measure(analyser, corpus, arguments.choosing, arguments.joins)


if __name__ == "__main__":
    main()
