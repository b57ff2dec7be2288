"""The beets plug-in, in a real beets library made here."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("beets")

from tests.tagged_files import write_audio, write_titles

ROOT = Path(__file__).parent.parent
Beet = Callable[..., str]


@pytest.fixture
def home(tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where beets finds its settings, and three pieces that are to be imported."""
    (tmp_path / "config.yaml").write_text(
        f"directory: {tmp_path / 'music'}\nlibrary: {tmp_path / 'library.db'}\nplugins: midcli\n"
        "threaded: no\ncreate_backup_before_migrations: no\n"
        f"import: {{copy: no, write: no, autotag: no}}\nmidcli: {{model: {tiny_model}}}\n"
    )
    (tmp_path / "music").mkdir()
    for seed, suffix in enumerate((".mp3", ".flac", ".ogg")):
        write_titles(write_audio(tmp_path / "music" / f"song{seed}{suffix}", seed), f"Title {seed}", "Artist")
    monkeypatch.setenv("BEETSDIR", str(tmp_path))
    monkeypatch.syspath_prepend(ROOT)
    return tmp_path


@pytest.fixture
def beet(home: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Beet]:
    """What the program `beet` runs, in this process, and a library of three pieces."""
    from beets import config, ui
    from beets.test.helper import PluginMixin

    def run(*arguments: str, code: int = 0) -> str:
        forget()
        try:
            ui.main(list(arguments))
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
        done = capsys.readouterr()
        assert status == code, done.err
        return done.out + done.err

    def forget() -> None:
        """The settings, plug-ins and places of messages of the command before."""
        PluginMixin().unload_plugins()
        config.clear()
        ui.log.handlers.clear()

    run("import", "-q", "-A", str(home / "music"))
    yield run
    forget()


def test_the_program_itself(home: Path) -> None:
    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "beets", *arguments],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    run("import", "-q", "-A", str(home / "music"))
    assert len(run("mood").splitlines()) == 3
    assert len(run("ls", "tension:-100..100").splitlines()) == 3


def numbers(beet: Beet, name: str) -> dict[str, float]:
    lines = beet("ls", "-f", f"$title\t${name}").splitlines()
    return {line.split("\t")[0]: float(line.split("\t")[1]) for line in lines}


def test_moods_become_fields_that_ranges_and_sorting_know(beet: Beet) -> None:
    assert beet("ls", "-f", "$title", "tension:-100..100") == ""
    assert len(beet("mood", "--pretend").splitlines()) == 3
    assert len(beet("mood", "title:1").splitlines()) == 1
    assert len(beet("mood").splitlines()) == 2
    assert beet("mood") == ""
    assert len(beet("mood", "--force").splitlines()) == 3

    tension = numbers(beet, "tension")
    middle = sorted(tension.values())[1]
    above = beet("ls", "-f", "$title", f"tension:{middle}..").splitlines()
    assert sorted(above) == sorted(title for title, value in tension.items() if value >= middle)
    falling = beet("ls", "-f", "$title", "dissonance-").splitlines()
    dissonance = numbers(beet, "dissonance")
    assert falling == sorted(dissonance, key=dissonance.__getitem__, reverse=True)
    assert beet("ls", "-f", "$midcli_model", "title:0") == "tiny 0\n"


def test_what_is_imported_is_analysed_if_that_is_wanted(beet: Beet, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(config.read_text().replace("midcli: {", "midcli: {auto: yes, "))
    write_titles(write_audio(tmp_path / "more" / "new.mp3", 7), "New", "Somebody else")
    beet("import", "-q", "-A", str(tmp_path / "more"))
    assert beet("ls", "-f", "$title", "midcli_model:tiny") == "New\n"


def test_one_bad_file_does_not_stop_the_others(beet: Beet, tmp_path: Path) -> None:
    (tmp_path / "music" / "song0.mp3").unlink()
    output = beet("mood")
    assert "song0.mp3: " in output
    assert len(beet("ls", "-f", "$title", "midcli_model:tiny").splitlines()) == 2


def test_a_model_that_is_not_there_is_one_clear_line(beet: Beet, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(config.read_text().replace("tiny.onnx", "gone.onnx"))
    assert "no such file" in beet("mood", code=1)
