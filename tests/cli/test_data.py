"""`midcli data check`."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from midcli.cli.main import app
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
    assert "no ratings" not in printed
    assert "without a rating" not in printed
    assert "fixed36 cannot be run with a recipe that stops by validation" in " ".join(printed.split())


def test_absent_parts_of_fixed36_are_no_problem(published: Path) -> None:
    (published / "soundtracks/fixed-validation-36.txt").write_text("001\n")
    assert "fixed36" not in check(published)
    (published / "soundtracks/fixed-test-36.txt").unlink()
    assert "fixed36 cannot be run without soundtracks/fixed-test-36.txt" in " ".join(check(published).split())


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [("valence", "valenz", "no column with ratings named valence"), ("\n007,", "\n008,", "set1.csv: 007;")],
)
def test_what_training_refuses_is_a_problem(published: Path, old: str, new: str, complaint: str) -> None:
    table = published / "soundtracks/mean_ratings_set1.csv"
    table.write_text(table.read_text("utf-8").replace(old, new), "utf-8")
    result = CliRunner().invoke(app, ["data", "check", str(published)])
    assert (result.exit_code, complaint in result.stderr) == (DataError.exit_code, True)
    assert "data check" not in result.stderr


def test_what_is_missing_is_said_before_the_error(published: Path) -> None:
    (published / "soundtracks/Set1/007.mp3").unlink()
    result = CliRunner().invoke(app, ["data", "check", str(published)])
    assert result.exit_code == DataError.exit_code
    assert "007.mp3" in result.stdout
    assert "https://osf.io/p6vkg" in result.stdout


def test_own_corpus(tmp_path: Path) -> None:
    (tmp_path / "a.wav").touch()
    (tmp_path / "ratings.csv").write_text("file,happy\na.wav,3\n")
    printed = " ".join(check(tmp_path).split())
    assert "0 with mid-level ratings, 1 with emotion ratings" in printed
    assert "no ratings at all: melodiousness, " in printed
    assert "fixed36" not in printed


def test_ratings_that_are_missing_are_counted(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.wav").touch()
    (tmp_path / "ratings.csv").write_text("file,happy,sad\na.wav,3,4\nb.wav,,5\nc.wav,nan,6\n")
    assert "excerpts without a rating, of 3: happy 2" in check(tmp_path)


def test_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIDCLI_DATA", raising=False)
    result = CliRunner().invoke(app, ["data", "check"])
    assert result.exit_code == DataError.exit_code


def test_labels_of_ones_own_are_enough_for_what_train_can_learn(tmp_path: Path) -> None:
    rows = [f"{number}.wav,{number % 7},{5 - number % 4}" for number in range(24)]
    for row in rows:
        (tmp_path / row.split(",")[0]).touch()
    table = tmp_path / "mine.csv"
    table.write_text("file,epic,groovy\n" + "\n".join(rows) + "\n")
    result = CliRunner().invoke(app, ["data", "check", str(table), "--labels", "epic,groovy"])
    printed = " ".join(result.stdout.split())
    assert "to learn: epic, groovy; ratings from 0 to 6" in printed
    assert "train --from MODEL: enough" in printed
    assert "train --scheme a2e: enough" in printed
    assert "train --scheme joint: not enough: scheme joint needs at least 10 rated" in printed
    table.write_text("file,epic\n" + "\n".join(row.rsplit(",", 1)[0] for row in rows[:14]) + "\n")
    result = CliRunner().invoke(app, ["data", "check", str(table), "--labels", "epic"])
    assert (result.exit_code, "needs at least 15" in result.stderr) == (DataError.exit_code, True)
