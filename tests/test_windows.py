"""What Windows lacks is not needed: the program without the modules, signals and functions of POSIX."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.tagged_files import write_audio

pytest.importorskip("mutagen")
_PROGRAM = """
import asyncio, ctypes, multiprocessing.connection, os, shutil, signal, subprocess, sys, tempfile
import av, mutagen.mp3, numpy, onnxruntime, platformdirs, rich.console, soundfile, soxr, typer.testing
for name in ("fcntl", "grp", "pwd", "resource", "termios", "tty"):
    sys.modules[name] = None
for name in ("SIGKILL", "SIGHUP", "SIGTSTP", "pthread_sigmask"):
    vars(signal).pop(name, None)
for name in ("fork", "chown", "getuid", "killpg", "sched_getaffinity", "setsid", "sysconf"):
    vars(os).pop(name, None)
sys.platform = "win32"
from midcli.cli.main import app
song, model = sys.argv[1:]
for command in (
    ["explain", song, "--model", model], ["predict", song, "--json", "--model", model],
    ["tag", song, "--write", "--model", model], ["tag", song, "--undo", "--model", model], ["config"],
):
    result = typer.testing.CliRunner().invoke(app, command)
    assert result.exit_code == 0, (command, result.exception, result.output)
"""


def test_commands_do_without_posix(tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    song = write_audio(tmp_path / "song.mp3")
    before = song.read_bytes()
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(song), str(tiny_model)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert song.read_bytes() == before
