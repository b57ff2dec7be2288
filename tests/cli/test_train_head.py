"""`midcli train --from`: emotions of one's own over the qualities of a finished model."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from midcli.analyser import Analyser
from midcli.cli.main import app
from midcli.errors import DataError, UsageError

SONGS = 18


def midcli(*arguments: object, code: int = 0) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, (result.output, result.exception)
    return " ".join(result.output.split())


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Noises that differ in level and colour; `epic` follows from a model's qualities, `witty` is chance."""
    import soundfile

    from tests.model_files import write_model

    folder = tmp_path_factory.mktemp("own")
    write_model(folder / "tiny.onnx")
    rng = np.random.default_rng(0)
    analyser = Analyser(folder / "tiny.onnx")
    rows = ["file,epic,witty,kind"]
    for number in range(SONGS):
        noise = rng.normal(0, 0.1, 30_000)
        noise[: number * 1000] *= 0.05
        noise = np.convolve(noise, np.ones(1 + number % 5))
        soundfile.write(folder / f"{number}.wav", noise / np.abs(noise).max(), 22_050)
        quality = analyser.analyse(folder / f"{number}.wav").midlevel["dissonance"].value
        epic = round(10 * quality + rng.normal(0, 0.01), 3)
        rows.append(f"{number}.wav,{epic},{rng.integers(1, 6)},{'ab'[number % 2]}")
    (folder / "mine.csv").write_text("\n".join(rows) + "\n")
    return folder


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_what_can_be_learned_is_explained_and_what_cannot_is_left_out(songs: Path, tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    pytest.importorskip("pyarrow.parquet")
    out = tmp_path / "mine.onnx"
    arguments = ("train", "--from", songs / "tiny.onnx", "--data", songs / "mine.csv", "--out", out)
    told = midcli(*arguments, "--labels", "epic,witty")
    assert "from 18 songs of 18 groups" in told
    assert "epic: r " in told
    assert "which chance may reach" in told
    explained = midcli("explain", "--model", out, "--json", songs / "3.wav")
    described = json.loads(explained)
    assert list(described["emotions"]) == ["epic"]
    epic = described["emotions"]["epic"]
    assert epic["value"] == pytest.approx(epic["intercept"] + sum(epic["effects"].values()), abs=1e-3)
    assert "epic" in midcli("compare", "--model", out, songs / "1.wav", songs / "9.wav")
    rows = midcli("predict", "--model", out, songs / "3.wav", "--format", "csv")
    assert "duration_s,epic,melodiousness" in rows
    midcli("predict", "--model", out, songs / "3.wav", "--output", tmp_path / "all.parquet")
    table = pyarrow.parquet.read_table(tmp_path / "all.parquet")
    assert table["epic"][0].as_py() == pytest.approx(epic["value"], abs=1e-4)
    assert {"valence", "valence_average"}.isdisjoint(table.column_names)
    assert "fitted to 18 songs" in midcli("whatif", "--model", out, songs / "3.wav")
    kept = midcli(*arguments, "--labels", "epic,witty", "--keep-all", "--overwrite")
    assert "kept as asked" in kept
    assert list(Analyser(out).analyse(songs / "3.wav").emotions) == ["epic", "witty"]


def test_refusals(songs: Path, tmp_path: Path) -> None:
    out, table = tmp_path / "mine.onnx", songs / "mine.csv"
    arguments = ("train", "--from", songs / "tiny.onnx", "--out", out)
    few = songs / "few.csv"
    few.write_text("\n".join(table.read_text().splitlines()[:15]) + "\n")
    ok = ("--data", table, "--labels", "epic")
    for words, code, given in [
        ("nothing can be learned", DataError.exit_code, ("--data", table, "--labels", "witty")),
        ("needs one table of songs and its columns", UsageError.exit_code, ("--data", table)),
        ("needs one table", UsageError.exit_code, ("--data", table, "--data", few, "--labels", "epic")),
        ("cannot be called emotions", UsageError.exit_code, (*ok, "--name", "emotions")),
        ("a name that is not UTF-8", UsageError.exit_code, (*ok, "--name", "x\udcff")),
        ("it takes no --model-version", UsageError.exit_code, (*ok, "--model-version", "2.0")),
        ("14 songs; a label needs at least 15", DataError.exit_code, ("--data", few, "--labels", "epic")),
    ]:
        assert words in midcli(*arguments, *given, code=code)
    assert not out.exists()
