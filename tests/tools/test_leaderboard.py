"""The leader board runs programs over the files of a corpus and scores their answers."""

import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from midcli.audio.spectrogram import FRONTEND
from midcli.corpora.corpus import audio_digest
from midcli.model.file import Model
from tests.model_files import write_model
from tools.leaderboard import Program, corpora_of, out_of_fold, score, table

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the benchmark needs wait4")

ANSWERS = """
import json, sys
paths = json.loads(open(sys.argv[1]).read())
answers = {path: {"valence": float(path[-5]), "energy": -float(path[-5])} for path in paths}
open(sys.argv[2], "w").write(json.dumps(answers))
"""


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    for number in range(4):
        with wave.open(str(tmp_path / f"{number}.wav"), "wb") as file:
            file.setparams((1, 2, 22_050, 0, "NONE", ""))
            file.writeframes(bytes(2))
    rows = "\n".join(f"{number}.wav,{1 + number},{2 + number}" for number in range(4))
    (tmp_path / "mine.csv").write_text(f"file,valence,energy\n{rows}\n")
    return tmp_path


def test_a_program_is_scored(songs: Path) -> None:
    (corpus,) = corpora_of(songs)
    one = score(Program("other 1.0", [sys.executable, "-c", ANSWERS, "LIST", "ANSWERS"]), corpus, 60)
    assert (one.files, one.valence, one.energy) == (4, pytest.approx(1), pytest.approx(-1))
    assert one.cpu_s > 0
    assert "| mine | other 1.0 | 4 | unknown | 1.00 | -1.00 |" in table([one])


def test_what_a_program_was_trained_on_is_scored_out_of_fold(songs: Path) -> None:
    (corpus,) = corpora_of(songs)
    heard = corpus.excerpts[3].path
    heard.write_bytes(heard.read_bytes() + b"apart from the others")
    unheard = {audio_digest(heard): [-9.0, 9.0]}
    command = [sys.executable, "-c", ANSWERS, "LIST", "ANSWERS"]
    one = score(Program("midcli mine", command, unheard), corpus, 60)
    ratings = np.arange(4.0)
    assert one.in_training_set == 1
    assert one.valence == pytest.approx(np.corrcoef([0, 1, 2, -9], ratings)[0, 1])
    assert "| mine | midcli mine | 4 | 1 |" in table([one])


def test_a_model_keeps_what_it_says_of_its_training_files_out_of_fold(tmp_path: Path) -> None:
    model = Model(write_model(tmp_path / "m.onnx"), FRONTEND)
    model.card["training_files"] = [f"{number:016}" for number in range(len(model.reference.ids))]
    unheard = out_of_fold(model)
    assert len(unheard) == len(model.reference.ids)
    valence, energy = unheard[f"{1:016}"]
    expected = model.head.emotions(model.reference.midlevel[1])
    assert [valence, energy] == pytest.approx([expected[0], expected[1]])


def test_a_program_that_fails_is_told(songs: Path) -> None:
    (corpus,) = corpora_of(songs)
    one = score(Program("other", [sys.executable, "-c", "raise SystemExit('no such thing')"]), corpus, 60)
    assert one.valence is None
    assert one.error == "no such thing"
    assert "no such thing" in table([one])


def test_corpora_without_valence_and_energy_are_left_out(songs: Path) -> None:
    (songs / "mine.csv").write_text("file,sad\n0.wav,3\n")
    assert corpora_of(songs) == []
