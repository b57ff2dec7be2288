"""The leader board runs programs over the files of a corpus and scores their answers."""

import sys
import wave
from pathlib import Path

import pytest

from tools.leaderboard import Program, corpora_of, score, table

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


def test_a_program_that_fails_is_told(songs: Path) -> None:
    (corpus,) = corpora_of(songs)
    one = score(Program("other", [sys.executable, "-c", "raise SystemExit('no such thing')"]), corpus, 60)
    assert one.valence is None
    assert one.error == "no such thing"
    assert "no such thing" in table([one])


def test_corpora_without_valence_and_energy_are_left_out(songs: Path) -> None:
    (songs / "mine.csv").write_text("file,sad\n0.wav,3\n")
    assert corpora_of(songs) == []
