"""Mood clusters are learned in closed form, by every scheme."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from midcli.audio.spectrogram import BANDS
from midcli.corpora.corpus import Corpus, Excerpt
from midcli.study.moods import clusters_of, mood_split, score_moods
from midcli.study.recipes import FILM
from midcli.training.moods import run_moods
from midcli.training.radial import Describer

RECIPE = replace(FILM, landmarks=40, turns=3)


def told_by_register(tmp_path: Path) -> tuple[Corpus, dict[str, np.ndarray]]:
    """Pieces whose cluster is the part of the spectrum in which they are loud; two of each artist."""
    audio = tmp_path / "a.ogg"
    audio.write_bytes(b"x")
    rng = np.random.default_rng(0)
    excerpts, spectrograms = [], {}
    for number in range(50):
        cluster = number // 2 % 5
        spectrogram = rng.uniform(0, 0.05, (64, BANDS))
        spectrogram[:, 30 * cluster : 30 * cluster + 29] += 0.5
        name = f"{number}.ogg"
        spectrograms[name] = spectrogram.astype(np.float32)
        qualities = np.full(7, 5.0) + np.arange(7) * cluster + rng.normal(0, 0.1, 7)
        cells = {"cluster": str(1 + cluster)}
        excerpts.append(Excerpt(name, audio, qualities, np.full(8, np.nan), f"artist {number // 2}", cells))
    return Corpus("mirex", tuple(excerpts)), spectrograms


def test_clusters_that_can_be_heard_are_found(tmp_path: Path) -> None:
    corpus, spectrograms = told_by_register(tmp_path)
    runs = run_moods(corpus, RECIPE, 0, spectrograms, Describer(RECIPE))
    (scores,) = score_moods(runs, corpus)
    assert scores.schemes["a2e"][0, 0] > 0.8
    assert scores.schemes["joint"][0, 0] > 0.5
    assert scores.weights["joint"].shape == (5, 7)


def test_what_is_explained_adds_up(tmp_path: Path) -> None:
    corpus, spectrograms = told_by_register(tmp_path)
    runs = {run.scheme: run for run in run_moods(corpus, RECIPE, 0, spectrograms, Describer(RECIPE))}
    assert runs["a2e"].midlevel is None
    for scheme in ("a2mid2e", "joint"):
        run = runs[scheme]
        assert run.midlevel is not None
        outputs = np.array([run.clusters[name] for name in run.test])
        by_weights = np.array([run.midlevel[name] for name in run.test]) @ np.array(run.weights).T
        assert np.ptp(outputs - by_weights, axis=0) == pytest.approx(0, abs=1e-3)


def test_the_test_part_is_not_learned_from(tmp_path: Path) -> None:
    corpus, spectrograms = told_by_register(tmp_path)
    first = run_moods(corpus, RECIPE, 0, spectrograms, Describer(RECIPE))
    test = set(mood_split(corpus, 0).test)
    moved = tuple(
        replace(e, midlevel=np.ones(7), cells={"cluster": "1"}) if e.id in test else e
        for e in corpus.excerpts
    )
    again = run_moods(replace(corpus, excerpts=moved), RECIPE, 0, spectrograms, Describer(RECIPE))
    assert not np.array_equal(clusters_of(corpus), clusters_of(replace(corpus, excerpts=moved)))
    assert [run.clusters for run in again] == [run.clusters for run in first]
