"""What is learned from one corpus is tested on others, without a piece or an artist in common."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from midcli.audio.spectrogram import BANDS
from midcli.corpora.corpus import Corpus, Excerpt
from midcli.study.recipes import DEFAULT, FILM
from midcli.study.transfer import LABELS, TransferRun, score_transfer
from midcli.training.transfer import Transfer

RECIPE = replace(FILM, landmarks=40, turns=3, beside=DEFAULT.beside)
NOTHING = np.full(8, np.nan)


def corpus(name: str, folder: Path, seed: int, pieces: int = 24) -> tuple[Corpus, dict[str, np.ndarray]]:
    """Valence is how loud the high bands are, energy the low ones; all qualities follow from the first."""
    audio = folder / "a.ogg"
    audio.write_bytes(b"x")
    rng = np.random.default_rng(seed)
    excerpts, spectrograms = [], {}
    for number in range(pieces):
        high, low = rng.uniform(0.1, 0.6, 2)
        spectrogram = rng.uniform(0, 0.05, (64, BANDS))
        spectrogram[:, 75:] += high
        spectrogram[:, :75] += low
        piece = f"{name}/{number}"
        spectrograms[piece] = spectrogram.astype(np.float32)
        qualities, emotions, cells = np.full(7, np.nan), NOTHING, {}
        if name == "soundtracks":
            emotions = 1 + 10 * np.array([high, low] * 4)
        if name == "musifeast":
            cells = {"valence": f"{high:.4f}", "arousal": f"{low:.4f}"}
        else:
            qualities = 1 + 10 * np.array([high, low, high, low, high, low, high])
        group = "both" if number == 0 else f"{name} {number // 2}"
        excerpts.append(Excerpt(piece, audio, qualities, emotions, group, cells))
    return Corpus(name, tuple(excerpts)), spectrograms


def runs_from(trained: str, folder: Path) -> tuple[list[TransferRun], list[Corpus]]:
    made = [corpus(name, folder, seed) for seed, name in enumerate(("soundtracks", "mirex", "musifeast"))]
    corpora = [one for one, _ in made]
    transfer = Transfer(corpora, RECIPE, {one.name: spectrograms for one, spectrograms in made})
    return list(transfer.run(trained, 0)), corpora


def test_what_both_say_is_carried_over(tmp_path: Path) -> None:
    runs, corpora = runs_from("soundtracks", tmp_path)
    assert {(run.scheme, run.tested) for run in runs} == {
        (scheme, tested) for scheme in ("a2e", "joint") for tested in ("musifeast", "mirex", "soundtracks")
    }
    (scores,) = score_transfer(runs, corpora, {RECIPE.name: RECIPE})
    for scheme in ("a2e", "joint"):
        pair = scores.pair(scheme, "soundtracks", "musifeast")
        assert pair is not None
        assert pair.r[0, LABELS.index("valence")] > 0.7
        assert np.isnan(pair.r[0, LABELS.index("fear")])


def test_artists_that_are_tested_are_not_learned_from(tmp_path: Path) -> None:
    runs, _ = runs_from("soundtracks", tmp_path)
    assert {run.train for run in runs if run.tested == "musifeast"} == {23}


def test_a_corpus_without_emotions_is_tested_by_its_qualities(tmp_path: Path) -> None:
    runs, _ = runs_from("mirex", tmp_path)
    assert {run.tested for run in runs} == {"soundtracks", "mirex"}
    (row, *_) = runs[0].predictions.values()
    assert row[:8] == (None,) * 8
    assert None not in row[8:]


def test_explained_emotions_of_a_corpus_without_qualities_pass_through_those_of_others(
    tmp_path: Path,
) -> None:
    runs, _ = runs_from("musifeast", tmp_path)
    by_scheme = {
        run.scheme: next(iter(run.predictions.values())) for run in runs if run.tested == "soundtracks"
    }
    assert by_scheme["a2e"][8:] == (None,) * 7
    assert None not in by_scheme["joint"][8:]
