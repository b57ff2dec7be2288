"""Completion in real shells: commands, model names, emotions, options, and files where nothing else fits."""

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

SCRIPT = Path(sys.executable).with_name("midcli")
IN_BASH = """
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_midcli_completion midcli
printf '%s\\n' "${COMPREPLY[@]}"
"""
WORDS = [
    ("midcli ex", {"explain"}),
    ("midcli data ", {"check", "fetch"}),
    ("midcli explain --model ", {"film", "music"}),
    ("midcli compare --emotion te", {"tension", "tender"}),
    ("midcli explain --verb", set()),  # files, then
]

needs_script = pytest.mark.skipif(not SCRIPT.exists(), reason="needs the installed script")


def needs(shell: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"needs {shell}")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    home = str(tmp_path_factory.mktemp("home"))
    path = f"{SCRIPT.parent}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, "HOME": home, "TERM": "dumb", "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}


@pytest.fixture
def completion(request: pytest.FixtureRequest, tmp_path: Path, environment: dict[str, str]) -> Path:
    """The script that `--show-completion SHELL` prints."""
    shell = request.param
    done = subprocess.run(
        [SCRIPT, "--show-completion", shell], env=environment, capture_output=True, text=True, check=True
    )
    path = tmp_path / f"completion.{shell}"
    path.write_text(done.stdout)
    return path


@needs_script
@needs("bash")
@pytest.mark.parametrize("completion", ["bash"], indirect=True)
def test_bash(completion: Path, environment: dict[str, str]) -> None:
    for line, expected in WORDS:
        command = ["bash", "--norc", "-c", IN_BASH, "bash", str(completion), *line.split(" ")]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert (line, set(done.stdout.split()), done.stderr) == (line, expected, "")


@needs_script
@needs("fish")
@pytest.mark.parametrize("completion", ["fish"], indirect=True)
def test_fish(completion: Path, environment: dict[str, str]) -> None:
    for line, expected in WORDS[:3]:
        script = f"source {completion}; complete -C '{line}'"
        done = subprocess.run(
            ["fish", "--no-config", "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        assert (line, {found.split("\t")[0] for found in done.stdout.splitlines()}) == (line, expected)


@needs_script
@needs("zsh")
@pytest.mark.parametrize("completion", ["zsh"], indirect=True)
def test_zsh(completion: Path, environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "song.wav").touch()
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(tmp_path)
        os.execvpe("zsh", ["zsh", "-f", "-i"], environment)  # noqa: S606
    try:
        typed(
            terminal,
            "unsetopt zle_bracketed_paste; PS1='> '; autoload -U compinit && compinit -u -D; "
            f"source {completion}; echo rea''dy\n",
            "ready",
        )
        for line, completed in [
            ("midcli ex\t", "midcli explain"),
            ("midcli explain --model \t", "--model film"),
            ("midcli explain so\t", "explain song.wav"),
        ]:
            assert completed in typed(terminal, line, completed)
            typed(terminal, "\x15", "")
    finally:
        os.kill(process, 9)
        os.waitpid(process, 0)
        os.close(terminal)


def typed(terminal: int, keys: str, awaited: str) -> str:
    """What the terminal shows after these keys, up to what is awaited."""
    os.write(terminal, keys.encode())
    shown = ""
    deadline = time.monotonic() + 20
    while awaited not in shown and time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.2)[0]:
            shown += os.read(terminal, 4096).decode(errors="replace").replace("\x08", "")
    return shown
