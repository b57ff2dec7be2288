"""`midcli evaluate`: published results, running a study, figures, scoring a model."""

import csv
import io
import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

import midcli.study.scores
import midcli.training.jobs
from midcli.cli import evaluate_study, extras
from midcli.cli.evaluate import Protocol, parse_seeds
from midcli.cli.main import app
from midcli.cli.train import Scheme
from midcli.corpora.corpus import audio_digest
from midcli.corpora.splits import PROTOCOLS
from midcli.errors import DataError, ExtraError, UsageError
from midcli.study.recipes import SCHEMES
from midcli.study.results import find_results
from midcli.study.scores import compute_scores, write_scores
from tests.missing_packages import without
from tests.model_files import model_metadata, write_model
from tests.result_files import fake_experiment, made_up_run, rated_corpus


@pytest.fixture
def published_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A published file of scores in place of the committed one."""
    corpus = rated_corpus(tmp_path)
    runs = [made_up_run(corpus, scheme, seed) for scheme in ("a2e", "joint") for seed in (0, 1)]
    folder = tmp_path / "models"
    folder.mkdir()
    write_scores(folder / "scores.json", compute_scores(runs, corpus))
    monkeypatch.setattr(midcli.study.scores, "models_folder", lambda: folder)
    monkeypatch.delenv("MIDCLI_DATA", raising=False)
    return folder


@pytest.fixture
def data(published: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The published layout with ratings that differ, and training replaced."""
    rng = np.random.default_rng(0)
    rating = published / "soundtracks/mean_ratings_set1.csv"
    lines = rating.read_text("utf-8-sig").splitlines()
    ratings = [
        f"{number:03}," + ",".join(f"{x:.2f}" for x in rng.uniform(1, 9, 8)) + ",X"
        for number in range(1, 361)
    ]
    rating.write_text("\n".join([lines[0], *ratings]))
    songs = published / "midlevel/metadata_annotations/annotations.csv"
    header = songs.read_text().splitlines()[0]
    rows = [f"{song}," + ",".join(f"{x:.2f}" for x in rng.uniform(1, 10, 7)) for song in range(1, 5001)]
    songs.write_text("\n".join([header, *rows]))
    monkeypatch.setattr(midcli.training.jobs, "torch_experiment", fake_experiment)
    monkeypatch.setattr(evaluate_study, "fill_cache", lambda _: None)
    monkeypatch.setattr(evaluate_study, "require", lambda *_: None)
    monkeypatch.setenv("MIDCLI_DATA", str(published))
    return published


def evaluate(*arguments: object, exit_code: int = 0):
    result = CliRunner().invoke(app, ["evaluate", *map(str, arguments)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == exit_code, result.output
    return result


@pytest.mark.usefixtures("published_book")
def test_published_results_need_neither_torch_nor_data() -> None:
    printed = " ".join(evaluate().stdout.split())
    assert "Published results of 2026-01-02" in printed
    assert "the extra train" in printed
    assert "osf.io/p6vkg" in printed
    assert "A2Mid2E-Joint 2" in printed


def test_all_that_is_published_fits_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = evaluate().stdout.splitlines()
    assert 24 <= len(lines) <= 40
    assert max(map(len, lines)) <= 80
    (random,) = (number for number, line in enumerate(lines) if line.startswith("random"))
    recipes = [line.removeprefix("random").split()[0] for line in lines[random : random + 4]]
    assert recipes == ["published", "paper", "default", "film"]
    assert sum("published   " in line for line in lines) == 2, "what the paper says stands once"
    told = " ".join(" ".join(lines).split())
    assert "midcli evaluate --recipe default --protocol corpora" in told


def test_the_command_that_trains_anew_learns_from_the_same_corpora() -> None:
    told = " ".join(evaluate("--recipe", "default", "--protocol", "album").stdout.split())
    tables = "emotify.csv, mirex.csv, musifeast.csv, quadrants.csv"
    assert f"--protocol album --seeds 5 --beside SONGS (a folder with {tables})." in told
    assert "--beside" not in evaluate("--recipe", "film", "--protocol", "album").stdout


@pytest.mark.usefixtures("published_book")
def test_published_forms() -> None:
    value = json.loads(evaluate("--json").stdout)
    assert (value["schema"], value["source"], value["date"]) == (
        "midcli.evaluate/1",
        "published",
        "2026-01-02",
    )
    assert value["studies"][0]["runs"]["joint"]["seeds"] == [0, 1]
    table = list(csv.DictReader(io.StringIO(evaluate("--csv").stdout)))
    assert {row["row"] for row in table} >= {"A2E", "CoE Joint"}
    assert "| A2E | 2 |" in evaluate("--markdown").stdout


@pytest.mark.usefixtures("published_book")
def test_without_data_a_study_shows_what_is_published() -> None:
    result = evaluate("--seeds", 10, exit_code=DataError.exit_code)
    assert "error: no data set named" in result.stderr
    assert "Published results" in result.stdout
    result = evaluate("--seeds", 10, "--recipe", "compact", "--csv", exit_code=DataError.exit_code)
    assert "nothing is published of protocol random and recipe compact; others follow" in result.stderr


@pytest.mark.usefixtures("published_book", "data")
def test_without_torch_a_study_shows_what_is_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate_study, "require", extras.require)
    without(monkeypatch, "torch", "matplotlib")
    arguments = ("--seeds", 1, "--results", tmp_path / "out", "--figures", tmp_path / "figures")
    result = evaluate(*arguments, exit_code=ExtraError.exit_code)
    assert "error: training the 3 runs" in " ".join(result.stderr.split())
    assert "and drawing figures need packages" in result.stderr
    assert re.search(r"install 'torch>=\S+ 'matplotlib>=\S+$", result.stderr.strip())
    assert "Published results" in result.stdout
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("published_book")
def test_a_named_folder_that_is_no_data_set_is_an_error(tmp_path: Path) -> None:
    result = evaluate("--seeds", 1, "--data", tmp_path / "nowhere", exit_code=DataError.exit_code)
    assert "nowhere" in result.stderr


@pytest.mark.usefixtures("data")
def test_a_study_runs_writes_and_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = evaluate("--seeds", 1, "--schemes", "a2e,joint", "--results", out)
    assert "A2Mid2E-Joint 1" in " ".join(result.stdout.split())
    assert "joint seed 0 done (2 of 2)" in result.stderr
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.json")}
    assert len(before) == 2
    result = evaluate("--seeds", "0,1", "--schemes", "a2e,joint", "--results", out, "--json")
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert [(run.scheme, run.seed) for run in find_results(out)] == [
        ("a2e", 0), ("a2e", 1), ("joint", 0), ("joint", 1)
    ]  # fmt: skip
    value = json.loads(result.stdout)
    assert (value["source"], value["failed"]) == ("results", [])
    assert value["studies"][0]["runs"]["a2e"]["seeds"] == [0, 1]
    shown = evaluate("--results", out, "--csv").stdout
    assert "random,paper,emotions,A2E,2,valence" in shown


@pytest.mark.usefixtures("data")
def test_failed_runs_are_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    result = evaluate(
        "--seeds", "0,13", "--schemes", "joint", "--results", tmp_path / "out", "--json", exit_code=5
    )
    value = json.loads(result.stdout)
    assert value["failed"] == [{"run": "joint seed 13", "reason": "ValueError: unlucky"}]
    assert value["studies"][0]["runs"]["joint"]["seeds"] == [0]
    assert "joint seed 13: ValueError: unlucky" in result.stderr


def test_a_changed_data_set_is_noticed(data: Path, tmp_path: Path) -> None:
    evaluate("--seeds", 1, "--schemes", "a2e", "--results", tmp_path / "out")
    (data / "soundtracks/Set1/001.mp3").write_bytes(b"another recording")
    result = evaluate(
        "--seeds", 1, "--schemes", "a2e", "--results", tmp_path / "out", exit_code=DataError.exit_code
    )
    assert "another data set" in result.stderr
    evaluate("--seeds", 1, "--schemes", "a2e", "--results", tmp_path / "out", "--replace")
    evaluate("--seeds", 1, "--schemes", "a2e", "--results", tmp_path / "out")


def test_old_runs_of_the_midlevel_corpus_do_not_stop_others(data: Path, tmp_path: Path) -> None:
    out = ("--results", tmp_path / "out")
    evaluate("--seeds", 1, "--protocol", "midlevel", *out)
    shown = evaluate("--seeds", 1, "--schemes", "a2e", *out)
    assert "A2Mid+ (360)" in shown.stdout
    (data / "midlevel/audio").mkdir()
    (data / "midlevel/audio/1.mp3").write_bytes(b"one more")
    shown = evaluate("--seeds", 1, "--schemes", "a2e", *out)
    assert "A2Mid+ is without midlevel/a2mid-paper-seed0" in " ".join(shown.stderr.split())
    assert "A2Mid+ (360)" not in shown.stdout


@pytest.mark.parametrize("protocol", ["album", "fixed36", "midlevel"])
def test_protocols(data: Path, tmp_path: Path, protocol: str) -> None:
    ids = [f"{number:03}" for number in range(1, 73)]
    (data / "soundtracks/fixed-test-36.txt").write_text("\n".join(ids[:36]))
    (data / "soundtracks/fixed-validation-36.txt").write_text("\n".join(ids[36:]))
    schemes = "a2mid" if protocol == "midlevel" else "joint"
    result = evaluate(
        "--seeds", 1, "--protocol", protocol, "--schemes", schemes, "--results", tmp_path / "out", "--json"
    )
    study = json.loads(result.stdout)["studies"][0]
    assert study["protocol"] == protocol
    assert study["tables"]
    if protocol == "midlevel":
        assert [row["name"] for row in study["tables"][0]["rows"]] == ["A2Mid+", "A2Mid+ (360)"]
    if protocol == "fixed36":
        assert study["runs"]["joint"]["never_seen"] == ids[:36]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--json", "--csv"],
        ["--seeds", ""],
        ["--seeds", "0"],
        ["--seeds", "a"],
        ["--seeds", "1,1"],
        ["--seeds", "1,01"],
        ["--seeds", "1001"],
        ["--seeds", "1" * 5000],
        ["--seeds", "-3"],
        ["--seeds", "1", "--recipe", "secret"],
        ["--seeds", "1", "--schemes", "a2x"],
        ["--seeds", "1", "--jobs", "999"],
        ["--schemes", "joint"],
        ["--model", "m.onnx", "--seeds", "1"],
        ["--model", "m.onnx", "--replace"],
        ["--beside", "songs"],
        ["--beside", "songs", "--seeds", "1", "--protocol", "moods"],
        ["--beside", "songs", "--model", "m.onnx"],
    ],
    ids=lambda arguments: " ".join(arguments)[:30],
)
@pytest.mark.usefixtures("data")
def test_wrong_usage(arguments: list[str]) -> None:
    result = evaluate(*arguments, exit_code=UsageError.exit_code)
    assert result.stderr.startswith("error: ")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "seeds"), [("3", [0, 1, 2]), ("0,3,5", [0, 3, 5]), ("7,", [7]), (" 5, 2", [2, 5])]
)
def test_seeds(text: str, seeds: list[int]) -> None:
    assert parse_seeds(text) == seeds


@pytest.fixture
def own_data(tmp_path: Path) -> Path:
    """Six files of noise with ratings, the last unreadable."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "own"
    folder.mkdir()
    lines = ["file,happy,melodiousness"]
    for number in range(6):
        soundfile.write(folder / f"{number}.wav", 0.1 * rng.normal(size=44100), 22050)
        lines.append(f"{number}.wav,{rng.uniform(1, 9):.2f},{rng.uniform(1, 10):.2f}")
    (folder / "5.wav").write_text("no audio")
    (folder / "ratings.csv").write_text("\n".join(lines))
    return folder


def model_with(path: Path, card: dict[str, list[str]]) -> Path:
    rng = np.random.default_rng(0)
    weights = {
        "head_weights": rng.normal(size=(7, 8)),
        "head_intercept": rng.normal(size=8),
        "midlevel_bias": rng.normal(size=7),
    }
    return write_model(path, card=model_metadata(weights, rng)["card"] | card)


def test_a_finished_model_is_scored(own_data: Path, tmp_path: Path) -> None:
    files = [audio_digest(own_data / "0.wav"), "0123456789abcdef"]
    model = model_with(tmp_path / "m.onnx", {"training_ids": ["1.wav", "else.wav"], "training_files": files})
    result = evaluate(
        "--model", model, "--data", own_data, "--results", tmp_path / "out", "--json", exit_code=5
    )
    value = json.loads(result.stdout)
    assert value["schema"] == "midcli.evaluate-model/1"
    assert (value["excerpts"], value["in_training_set"]) == (5, 1)
    assert [failure["file"].rpartition(os.sep)[2] for failure in value["failed"]] == ["5.wav"]
    assert value["scores"]["sad"] == {"rated": 0, "r": None, "rmse": None, "coverage": None}
    assert value["scores_outside_training_set"]["happy"]["rated"] == 4
    assert "trained on 1 of these 5" in result.stderr

    (path,) = (tmp_path / "out" / "models").iterdir()
    rows = list(csv.DictReader(path.open(encoding="utf-8")))
    assert [row["id"] for row in rows] == [f"{number}.wav" for number in range(5)]
    predicted, rated, low, high = (
        np.array([float(row[f"happy_{kind}"]) for row in rows])
        for kind in ("predicted", "rated", "low", "high")
    )
    happy = value["scores"]["happy"]
    assert happy["r"] == pytest.approx(np.corrcoef(predicted, rated)[0, 1], abs=1e-3)
    assert happy["rmse"] == pytest.approx(np.sqrt(np.mean((predicted - rated) ** 2)), abs=1e-3)
    assert happy["coverage"] == pytest.approx(np.mean((low <= rated) & (rated <= high)))
    assert rows[0]["sad_rated"] == ""
    assert [row["in_training_set"] for row in rows] == ["true", "false", "false", "false", "false"]


def test_a_model_that_names_no_training_files_is_doubted(own_data: Path, tmp_path: Path) -> None:
    (own_data / "ratings.csv").write_text("file,happy\n0.wav,2\n1.wav,3\n2.wav,5\n")
    model = model_with(tmp_path / "m.onnx", {"training_ids": ["0.wav"]})
    result = evaluate("--model", model, "--data", own_data, "--results", tmp_path / "out")
    assert "does not say which files it was trained on" in result.stderr
    assert "mean of emotions" in result.stdout
    assert "mean of qualities" not in result.stdout


def test_figures_without_the_extra_stop_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    without(monkeypatch, "matplotlib")
    result = evaluate("--figures", tmp_path / "figures", exit_code=ExtraError.exit_code)
    assert "install 'matplotlib>=" in result.stderr


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_mood_weights_are_drawn_as_a_heat_map(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    arguments = ("--protocol", "moods", "--figures", tmp_path)
    assert "Mood clusters" in evaluate(*arguments).stdout
    drawn = tmp_path / "mood-weights-default.svg"
    assert drawn.read_text("utf-8").count("<g id=") > 20
    assert (tmp_path / "mood-weights-default.png").stat().st_size > 10_000
    assert "exists" in evaluate(*arguments, exit_code=UsageError.exit_code).stderr


@pytest.mark.usefixtures("published_book", "data")
def test_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib")
    ids = [f"{number:03}" for number in range(1, 361)]
    rng = np.random.default_rng(0)
    model = write_model(
        tmp_path / "m.onnx",
        reference={
            "name": "360",
            "ids": ids,
            "midlevel": rng.uniform(0.2, 0.9, (360, 7)).tolist(),
            "register_evidence": np.zeros((7, 38)).tolist(),
        },
    )
    monkeypatch.setattr("midcli.model.bundled.find_model", lambda _: model)
    drawn: list[Path] = []
    monkeypatch.setattr("midcli.views.figures.write_figures", lambda folder, _: drawn.append(folder))
    result = evaluate("--figures", tmp_path / "figures", "--json")
    pairs = json.loads(result.stdout)["pairs"]
    assert pairs["annotated"]["pairs"] == 360 * 359 // 2
    assert len(pairs["predicted"]["positions_of_the_papers_pair"]) == 2
    assert drawn == [tmp_path / "figures"]
    assert "Figure 3" in evaluate("--figures", tmp_path / "figures").stdout
    (tmp_path / "figures" / "table-4-pair.svg").touch()
    refused = evaluate("--figures", tmp_path / "figures", exit_code=UsageError.exit_code)
    assert "--overwrite replaces it" in refused.stderr
    assert evaluate("--figures", tmp_path / "figures", "--overwrite")
    # an interrupted study has no figures yet, so that the same command goes on
    monkeypatch.setattr(evaluate_study, "train_missing", interrupted)
    study = ("--seeds", 1, "--results", tmp_path / "out", "--figures", tmp_path / "of study")
    with pytest.raises((KeyboardInterrupt, AssertionError)):
        evaluate(*study)
    assert drawn[1:] == 2 * drawn[:1]


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize(
    ("arguments", "exit_code", "complaint"),
    [
        (["--results", "file"], 2, "--results file: is no folder"),
        (["--figures", "file"], 2, "--figures file: is no folder"),
        (["--protocol", "fixed36"], 4, "without soundtracks/fixed-validation-36.txt"),
        (["--data", "file"], 4, "file: is a file; this needs the folder of the published corpora"),
    ],
)
def test_what_cannot_work_is_said_once_and_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], exit_code: int, complaint: str
) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    result = evaluate("--seeds", 3, *arguments, exit_code=exit_code)
    (line,) = result.stderr.splitlines()
    assert complaint in line
    assert result.stdout == ""
    assert not list(tmp_path.glob("*results/*/*.json"))


def test_options_offer_what_there_is():
    assert tuple(Protocol) == (*PROTOCOLS, "moods", "corpora")
    assert set(Scheme) == set(SCHEMES)


@pytest.mark.data
@pytest.mark.parametrize("recipe", ["paper", "default"])
def test_committed_runs_are_finished_runs_still(monkeypatch: pytest.MonkeyPatch, recipe: str) -> None:
    monkeypatch.setattr(evaluate_study, "train_missing", None)  # nothing is left to train
    folder = Path(__file__).parent.parent.parent / "models" / "results"
    shown = evaluate("--seeds", 10, "--recipe", recipe, "--results", folder, "--json")
    [study] = json.loads(shown.stdout)["studies"]
    [published] = json.loads(evaluate("--recipe", recipe, "--protocol", "random", "--json").stdout)["studies"]
    assert study["tables"] == published["tables"]
