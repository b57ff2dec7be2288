"""`midcli data check`."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from midcli.cli import app
from midcli.errors import DataError


def check(folder: Path) -> str:
    result = CliRunner().invoke(app, ["data", "check", str(folder)], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_complete_film_excerpts(published: Path) -> None:
    printed = check(published)
    assert "360 of 360" in printed
    assert "360 of 5000" in printed
    assert "1.mp3, 2.mp3, 3.mp3 and" in printed
    assert "4637 more" in printed
    assert "360 excerpts in 2 groups" in printed


def test_what_is_missing_is_said_before_the_error(published: Path) -> None:
    (published / "soundtracks/Set1/007.mp3").unlink()
    result = CliRunner().invoke(app, ["data", "check", str(published)])
    assert result.exit_code == DataError.exit_code
    assert "007.mp3" in result.stdout
    assert "https://osf.io/p6vkg" in result.stdout


def test_own_corpus(tmp_path: Path) -> None:
    (tmp_path / "a.wav").touch()
    (tmp_path / "ratings.csv").write_text("file,happy\na.wav,3\n")
    assert "0 with mid-level ratings, 1 with emotion ratings" in " ".join(check(tmp_path).split())


def test_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIDCLI_DATA", raising=False)
    result = CliRunner().invoke(app, ["data", "check"])
    assert result.exit_code == DataError.exit_code
