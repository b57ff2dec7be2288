import os
import re
from pathlib import Path

import pytest

from midcli.cli import logs
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
