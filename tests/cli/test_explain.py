import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from midcli.cli.main import app
from midcli.labels import EMOTION_NAMES


@pytest.fixture
def explained(song: Path, tiny_model: Path) -> "Explained":
    return Explained(song, tiny_model)


class Explained:
    """Runs `midcli explain` on the song with the tiny model."""

    def __init__(self, song: Path, model: Path) -> None:
        self.song = song
        self.model = model

    def __call__(self, *options: str, **environment: str) -> Result:
        arguments = ["explain", str(self.song), "--model", str(self.model), *options]
        result = CliRunner().invoke(app, arguments, env={"COLUMNS": "80"} | environment)
        assert result.exit_code == 0, result.output
        return result


def headings(text: str) -> list[str]:
    return re.findall(r"^ (\S.*?)  .* = (?:average|intercept) ", text, re.MULTILINE)


def test_the_emotions_that_stand_out_are_explained(explained: Explained) -> None:
    text = explained().stdout
    assert "\x1b" not in text
    assert 1 <= len(headings(text)) <= 2
    assert text.splitlines()[0].endswith("model tiny 0")


def test_chosen_emotions_in_their_order(explained: Explained) -> None:
    result = explained("--emotion", "sad", "-e", "Fear", "-e", "sad", "--absolute")
    assert headings(result.stdout) == ["What sadness is made of", "What fear is made of"]


def test_all_emotions(explained: Explained) -> None:
    assert len(headings(explained("--all").stdout)) == len(EMOTION_NAMES)


def test_relative_and_absolute_effects(explained: Explained) -> None:
    assert " = average " in explained("--relative").stdout
    assert explained().stdout == explained("--relative").stdout
    absolute = explained("--absolute").stdout
    assert " = intercept " in absolute
    assert "The sum starts at" in absolute


def test_json_adds_up_and_agrees_with_the_api(explained: Explained) -> None:
    from midcli import analyse

    described = json.loads(explained("--json").stdout)
    analysis = analyse(explained.song, explained.model)
    for name, emotion in described["emotions"].items():
        assert emotion["value"] == pytest.approx(analysis.emotions[name].value, abs=1e-6)
        for start, effects in (("intercept", "effects"), ("average", "relative_effects")):
            assert emotion[start] + sum(emotion[effects].values()) == pytest.approx(
                emotion["value"], abs=1e-3
            )
    assert described["file"] == str(explained.song)
    assert described["duration_s"] == pytest.approx(3, abs=0.01)


def test_json_is_one_line_on_stdout_and_nothing_else(explained: Explained) -> None:
    result = explained("--json")
    assert result.stdout.endswith("}\n")
    assert result.stdout.count("\n") == 1
    assert result.stderr == ""


@pytest.mark.parametrize("width", [60, 80, 140])
def test_the_terminal_decides_the_width(explained: Explained, width: int) -> None:
    lines = explained(COLUMNS=str(width)).stdout.splitlines()
    assert max(map(len, lines)) <= width
    assert max(map(len, lines)) > 0.8 * min(width, 120)


def test_colours_only_where_they_are_wanted(explained: Explained) -> None:
    command = [sys.executable, "-c", "from midcli.cli.main import main; main()"]
    command += ["explain", str(explained.song), "--model", str(explained.model)]

    def run(**environment: str) -> str:
        full = {"PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "COLUMNS": "80", "PYTHONUTF8": "1"}
        return subprocess.run(
            command, env=full | environment, capture_output=True, encoding="utf-8", check=True
        ).stdout

    assert "\x1b" not in run()
    assert "\x1b[38;5;" in run(FORCE_COLOR="1")
    assert "\x1b[38;5;" not in run(FORCE_COLOR="1", NO_COLOR="1")


def test_several_files_are_set_apart(song: Path, tiny_model: Path) -> None:
    result = CliRunner().invoke(app, ["explain", str(song), str(song), "--model", str(tiny_model)])
    assert result.exit_code == 0
    assert len(re.findall(r"(?:^|\n\n) \S*song\.wav · 0:03", result.stdout)) == 2
    result = CliRunner().invoke(app, ["explain", str(song), str(song), "--json", "--model", str(tiny_model)])
    assert len(result.stdout.splitlines()) == 2


def test_help_is_light() -> None:
    code = (
        "import sys\n"
        "from midcli.cli.main import app\n"
        "try:\n    app(['explain', '--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'onnxruntime', 'soundfile', 'soxr', 'av', 'torch', 'librosa', 'scipy'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


def test_explain_loads_nothing_that_it_does_not_need(explained: Explained) -> None:
    code = (
        "import sys\n"
        "from midcli.cli.main import app\n"
        f"try:\n    app(['explain', {str(explained.song)!r}, '--model', {str(explained.model)!r}])\n"
        "except SystemExit:\n    pass\n"
        "heavy = {'av', 'torch', 'librosa', 'scipy', 'numba', 'matplotlib', 'sklearn', 'pandas'}\n"
        "heavy |= {'numpy.ma', 'midcli.explanation.facts'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"
