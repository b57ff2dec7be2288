"""The examples of docs/python.md, run from its first to its last, in a folder with two pieces of music."""

import doctest
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "tests" / "examples"


def test_examples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pandas")
    shutil.copy(EXAMPLES / "can-can.ogg", tmp_path / "song.ogg")
    shutil.copy(EXAMPLES / "baba-yaga.ogg", tmp_path / "other.ogg")
    monkeypatch.chdir(tmp_path)
    outcome = doctest.testfile(
        str(ROOT / "docs" / "python.md"), module_relative=False, optionflags=doctest.ELLIPSIS
    )
    assert outcome.failed == 0, capsys.readouterr().out
    assert outcome.attempted > 20
