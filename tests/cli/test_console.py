"""What a terminal without colours or without box drawing shows."""

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from rich.console import Console
from rich.text import Text

from midcli.cli import console
from midcli.cli.main import app
from midcli.study.tables import Cell, Row, Table
from midcli.views.terminal.tables import ScoreTable

CHARTS = {
    "bar": "━╍─·",
    "bar's end": "╸─·",
    "bar's end in its interval": "╾─·",
    "tick": "━╍─·│",
    "pole": "▸·◂",
    "time": "▁▂▃▄▅▆▇█",
    "map": "-=≡░▒▓█ ",
    "spread": "├─█┃┤┊ ",
    "marked pieces": "●■▲◆★█┃─┊",
    "progress": "━╌",
}


def terminal(**environment: str) -> Console:
    return Console(
        file=io.StringIO(),
        width=80,
        force_terminal=True,
        color_system="truecolor",
        _environ=environment,
    )


def written(shown: Console) -> str:
    assert isinstance(shown.file, io.StringIO)
    return " ".join(Text.from_ansi(shown.file.getvalue()).plain.split())


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}], ids=["colours", "none"])
@pytest.mark.parametrize(
    ("command", "legend"),
    [(["predict"], "coloured: among"), (["explain", "--over-time"], "orange: above the average")],
    ids=["predict", "explain"],
)
def test_commands_explain_the_colours_that_there_are(
    command: list[str],
    legend: str,
    environment: dict[str, str],
    song: Path,
    tiny_model: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = terminal(**environment)
    monkeypatch.setattr("midcli.cli.console.stdout", lambda: shown)
    app([*command, str(song), "--model", str(tiny_model)], standalone_mode=False)
    assert (legend in written(shown)) == (not environment)


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}], ids=["colours", "none"])
def test_score_tables_explain_the_colours_that_there_are(environment: dict[str, str]) -> None:
    row = Row("A2E", 3, (Cell(0.81, 0.01, 0.8, runs=3),))
    shown = terminal(**environment)
    shown.print(ScoreTable(Table("emotions", "title", ("mean",), (row,), "someone")))
    assert ("orange where better" in written(shown)) == (not environment)


def encoded(text: str, encoding: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What stdout gets of the text, in a terminal of that encoding."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding) for _ in range(2)]
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", streams[0])
        patch.setattr(sys, "stderr", streams[1])
        console.prepare_streams()
        print(text, end="", flush=True)
    buffer = streams[0].buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode(encoding)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437"])
@pytest.mark.parametrize("characters", CHARTS.values(), ids=CHARTS)
def test_what_differs_in_a_chart_differs_in_any_encoding(
    characters: str, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = encoded(characters, encoding, monkeypatch)
    assert len(set(shown)) == len(characters)


def test_every_character_of_the_charts_has_a_look_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = "".join(
        path.read_text("utf-8") for path in Path(console.__file__).parents[1].glob("views/terminal/*.py")
    )
    characters = "".join(sorted(set(drawn) - set(map(chr, range(128)))))
    assert "━" in characters
    assert "?" not in encoded(characters, "ascii", monkeypatch)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        *(("0", None), ("", None), ("-5", None), ("²", None), ("eighty", None), ("9" * 5000, None)),
        *(("1", "20"), ("80", "80"), ("999999999", "1000")),
    ],
)
def test_sizes_of_terminals_are_put_right(
    said: str, kept: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", said)
    console.prepare_terminal()
    assert os.environ.get("COLUMNS") == kept


@pytest.mark.parametrize("columns", ["0", "1", "²", "99999999"])
def test_whatever_the_terminal_says_something_is_printed(
    columns: str, tiny_model: Path, tmp_path: Path
) -> None:
    environment = {**os.environ, "COLUMNS": columns, "LINES": columns, "PYTHONUTF8": "1"}
    soundfile.write(tmp_path / "a.wav", np.random.default_rng(0).normal(0, 0.1, 44_100), 22_050)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "midcli", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    shown = run("explain", "missing.wav", str(tmp_path / "a.wav"), "--model", str(tiny_model))
    assert shown.returncode == 5
    assert "no such file" in shown.stderr
    assert "tension" in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 1000
    assert "Usage" in run("--help").stdout
