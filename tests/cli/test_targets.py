import os
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from midcli.cli import logs
from midcli.cli.main import app
from midcli.cli.settings import CONFIG_VARIABLE
from midcli.cli.targets import check_targets
from midcli.errors import MidcliError, OutputError, UsageError


def test_a_new_file_in_a_folder_that_is_there_is_fine(tmp_path: Path) -> None:
    check_targets([tmp_path / "new.html"], [tmp_path / "song.wav"], overwrite=False)


@pytest.mark.parametrize(
    ("name", "overwrite", "error", "complaint"),
    [
        ("song.wav", True, UsageError, "by this command itself"),
        ("folder", True, UsageError, "is a folder; name a file"),
        ("there.html", False, UsageError, "exists; --overwrite replaces it"),
        ("nowhere/new.html", False, OutputError, "nowhere: no such folder"),
        ("there.html/new.html", False, OutputError, "there.html: no such folder"),
    ],
)
def test_what_cannot_be_written_is_found_before(
    tmp_path: Path, name: str, overwrite: bool, error: type[MidcliError], complaint: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "song.wav").touch()
    (tmp_path / "there.html").touch()
    with pytest.raises(error, match=re.escape(complaint)):
        check_targets([tmp_path / name], [tmp_path / "song.wav"], overwrite)


def test_a_file_that_is_there_may_be_replaced(tmp_path: Path) -> None:
    (tmp_path / "there.html").touch()
    check_targets([tmp_path / "there.html"], [], overwrite=True)


def test_the_log_is_not_replaced(tmp_path: Path) -> None:
    logs.start(file=tmp_path / "midcli.log")
    with pytest.raises(UsageError, match="is the log file"):
        check_targets([tmp_path / "midcli.log"], [], overwrite=True)


@pytest.mark.skipif(os.name != "posix", reason="needs permissions")
def test_a_folder_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    with pytest.raises(OutputError, match="cannot be written"):
        check_targets([tmp_path / "new.html"], [], overwrite=False)


def test_the_config_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config, link = tmp_path / "config.toml", tmp_path / "page.html"
    config.touch()
    link.symlink_to(config)
    monkeypatch.setenv(CONFIG_VARIABLE, str(config))
    for path in (config, link):
        with pytest.raises(UsageError, match="is the config file"):
            check_targets([path], [], overwrite=True)


@pytest.mark.parametrize("used", ["config.csv", "model.csv", "reference.csv.jsonl", "song.csv.jsonl"])
def test_no_output_of_predict_replaces_what_is_in_use(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch, used: str
) -> None:
    """Each of them is what would be written, or the lines beside it."""
    path = tmp_path / used
    path.write_bytes(tiny_model.read_bytes() if used == "model.csv" else b"")
    path.with_name("model.csv.jsonl").touch()
    kind, output = path.name.split(".")[0], str(path).removesuffix(".jsonl")
    arguments = ["predict", "song.wav", "--output", output]
    if kind == "config":
        monkeypatch.setenv(CONFIG_VARIABLE, str(path))
    elif kind == "song":
        arguments[1] = str(path)
    else:
        arguments += [f"--{kind}", str(path)]
    content = path.read_bytes()
    result = CliRunner().invoke(app, arguments)
    assert (result.exit_code, path.read_bytes()) == (2, content)
    assert "is the config file" in result.stderr or "is read by this command itself" in result.stderr
