import csv
import json
from dataclasses import replace

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from midcli.cli.evaluate_model import evaluate_model
from midcli.cli.evaluate_tables import Output
from midcli.cli.hints import with_hint
from midcli.cli.train import train
from midcli.corpora import spectrograms as spectrogram_cache
from midcli.errors import DataError, ExtraError, InputError, ModelError, OutputError, UsageError
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from tests.missing_packages import without

RATE_HZ = 22_050


def run(*arguments):
    app = typer.Typer()
    app.command()(train)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def error(*arguments):
    return run(*arguments).exception


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    """A user's own corpus of 24 noises of 1.5 s."""
    import soundfile

    monkeypatch.setattr(spectrogram_cache, "cache_folder", lambda: tmp_path / "cache")
    rng = np.random.default_rng(0)
    folder = tmp_path / "corpus"
    folder.mkdir()
    with (folder / "ratings.csv").open("w", newline="") as table:
        writer = csv.writer(table)
        writer.writerow(["file", *QUALITY_NAMES, *EMOTION_NAMES])
        for number in range(24):
            noise = rng.normal(0, 0.1, int(1.5 * RATE_HZ))
            noise[:: 100 * (number + 1)] += 0.5
            soundfile.write(folder / f"{number}.wav", noise, RATE_HZ)
            writer.writerow([f"{number}.wav", *(number / 4 + rng.uniform(1, 3, 15)).round(2)])
    return folder


@pytest.fixture
def tiny_recipe(monkeypatch):
    pytest.importorskip("torch").set_num_threads(1)
    pytest.importorskip("onnxscript")
    from midcli.study import recipes
    from tests.training_corpus import TINY, make_few_sounds

    make_few_sounds(monkeypatch)
    monkeypatch.setitem(recipes.RECIPES, "tiny", TINY)


@pytest.mark.usefixtures("tiny_recipe")
def test_trains_a_model_that_explains(corpus, song, tmp_path):
    from midcli.analyser import Analyser

    out = tmp_path / "own.onnx"
    result = run("--data", corpus, "--recipe", "tiny", "--seed", 3, "--folds", 3, "--out", out)
    assert result.exit_code == 0, result.exception
    assert "emotions: r out of fold valence" in result.stdout
    assert "fold 3 of 3" in result.stderr
    assert "everything: epoch 3 of 3" in result.stderr
    assert "validation r" in result.stderr
    analyser = Analyser(out)
    assert analyser.analyse(song).emotions["tension"].low is not None
    assert analyser.model.reference.name == "24 ratings excerpts"
    command = analyser.model.card["recipe"]["command"]
    assert command.startswith("midcli train --data CSV --scheme joint --recipe tiny --seed 3 --folds 3")
    assert str(tmp_path) not in command
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "corpus", "own.onnx"]


@pytest.fixture
def labelled(corpus):
    """The same with emotions of the user's own: epic and groovy from 1 to 5, and a kind."""
    table = corpus / "ratings.csv"
    rows = list(csv.DictReader(table.open()))
    for number, row in enumerate(rows):
        row.update(
            epic=round(1 + number / 6, 2), groovy=5 - number % 4, kind="calm" if number % 3 else "wild"
        )
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(
            file, ["file", *QUALITY_NAMES, "epic", "groovy", "kind"], extrasaction="ignore"
        )
        writer.writeheader()
        writer.writerows(rows)
    return table


@pytest.mark.usefixtures("tiny_recipe")
@pytest.mark.parametrize("scheme", ["joint", "a2mid2e"])
def test_trains_emotions_of_ones_own_from_scratch(labelled, song, tmp_path, scheme):
    from midcli.analyser import Analyser

    out = tmp_path / "own.onnx"
    arguments = ("--recipe", "tiny", "--folds", 2, "--scheme", scheme, "--out", out)
    result = run("--data", labelled, "--labels", "epic,groovy", *arguments)
    assert result.exit_code == 0, result.exception
    assert "emotions: r out of fold epic" in result.stdout
    analyser = Analyser(out)
    analysis = analyser.analyse(song)
    assert list(analysis.emotions) == ["epic", "groovy"]
    for emotion in analysis.emotions.values():
        assert emotion.value == pytest.approx(emotion.intercept + sum(emotion.effects.values()), abs=1e-6)
        assert emotion.scale == (1, 5)
        assert emotion.low is not None
    assert analysis.to_dict()["vocabulary"] == "ratings"
    assert analysis.meaning == "ratings: ratings from 1 to 5"
    assert " --labels epic,groovy " in analyser.model.card["recipe"]["command"]
    with pytest.raises(ModelError, match="emotions of its own"):
        evaluate_model(str(out), labelled, tmp_path, Output())


@pytest.mark.usefixtures("tiny_recipe")
def test_trains_categories_without_qualities(labelled, tmp_path):
    out = tmp_path / "own.onnx"
    arguments = ("--data", labelled, "--labels", "kind", "--recipe", "tiny", "--folds", 2, "--out", out)
    assert run(*arguments, "--scheme", "a2e").exit_code == 0
    import onnx

    stored = {entry.key: entry.value for entry in onnx.load(out).metadata_props}
    assert json.loads(stored["midcli.labels"])["emotion"] == ["calm", "wild"]
    assert json.loads(stored["midcli.emotions"])["scale"] == [0, 10]


@pytest.mark.usefixtures("tiny_recipe")
def test_learns_from_several_tables(labelled, tmp_path, monkeypatch):
    from midcli.study import recipes
    from midcli.study.recipes import FILM
    from midcli.training import build

    written = {}
    monkeypatch.setattr(
        build, "export", lambda path, _, metadata, *__: written.update(metadata) or path.touch()
    )
    small = replace(FILM, name="small", landmarks=16, copies=0)
    monkeypatch.setitem(recipes.RECIPES, "small", small)
    more = labelled.with_name("more.csv")
    more.write_text("\n".join(labelled.read_text().splitlines()[:13]) + "\n")
    out = tmp_path / "own.onnx"
    arguments = ("--labels", "epic,groovy", "--recipe", "small", "--folds", 2, "--out", out)
    result = run("--data", labelled, "--data", more, *arguments)
    assert result.exit_code == 0, result.exception
    assert written["card"]["training_data"] == "ratings, 24 excerpts; more, 12 excerpts"
    assert list(written["card"]["scores"]["emotion_r"]) == ["epic", "groovy", "mean"]
    assert written["labels"]["emotion"] == ["epic", "groovy"]
    assert written["emotions"]["scale"] == [1, 5]


@pytest.mark.usefixtures("tiny_recipe")
def test_corpora_of_one_name_or_with_one_file_in_two_groups_are_refused(labelled, tmp_path):
    arguments = (
        "--labels",
        "epic,groovy",
        "--recipe",
        "default",
        "--folds",
        2,
        "--out",
        tmp_path / "own.onnx",
    )
    problem = error("--data", labelled, "--data", labelled, *arguments)
    assert isinstance(problem, UsageError)
    assert "two corpora to be learned from are called ratings; rename a table" in str(problem)
    header, first, *_ = labelled.read_text().splitlines()
    more = labelled.with_name("more.csv")
    more.write_text(f"{header},group\n{first},somebody else\n")
    problem = error("--data", labelled, "--data", more, *arguments)
    assert isinstance(problem, DataError)
    assert "and in more (group somebody else); what is learned from must not be tested" in str(problem)


def test_labels_that_cannot_be_learned_from_are_refused(labelled, tmp_path):
    out = tmp_path / "own.onnx"
    lines = labelled.read_text().splitlines()
    for kind, words, arguments in [
        (DataError, "has no column `witty`", ("--labels", "witty")),
        (DataError, "make a model of each", ("--labels", "epic,kind")),
        (UsageError, "expected names of columns", ("--labels", "epic,,")),
        (UsageError, "--keep-all goes with --from", ("--labels", "epic", "--keep-all")),
        (UsageError, "a2mid learns qualities only", ("--labels", "epic", "--scheme", "a2mid")),
    ]:
        problem = error("--data", labelled, *arguments, "--out", out)
        assert isinstance(problem, kind), arguments
        assert words in str(problem)
    labelled.write_text("\n".join(lines[:15]) + "\n")
    few = error("--data", labelled, "--labels", "epic", "--out", out)
    assert "14 songs; a label needs at least 15" in str(few)
    assert not out.exists()


@pytest.mark.usefixtures("tiny_recipe")
def test_interrupted_training_goes_on(corpus, tmp_path, monkeypatch):
    from midcli.training import build

    out = tmp_path / "own.onnx"
    arguments = ("--data", corpus, "--recipe", "tiny", "--folds", 2, "--out", out)

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(build, "export", stop)
        interrupted = run(*arguments)
    assert interrupted.exit_code == 130
    assert "goes on from its checkpoints" in interrupted.stderr
    assert not out.exists()
    kept = {path.name for path in (tmp_path / "own.onnx.checkpoints").iterdir()}
    assert kept == {"fold1.pt", "fold2.pt", "all.pt"}
    monkeypatch.setattr(build, "export", lambda path, *_: path.touch())
    result = run(*arguments)
    assert result.exit_code == 0
    assert "epoch" not in result.stderr
    assert not (tmp_path / "own.onnx.checkpoints").exists()


def test_interrupted_before_a_checkpoint_nothing_is_promised(corpus, tmp_path, monkeypatch):
    from midcli.training import build

    def interrupt(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(build, "build", interrupt)
    interrupted = run("--data", corpus, "--out", tmp_path / "own.onnx")
    assert interrupted.exit_code == 130
    assert "starts anew" in interrupted.stderr


@pytest.mark.usefixtures("tiny_recipe")
def test_named_checkpoint_folder_is_kept(corpus, tmp_path, monkeypatch):
    from midcli.training import build

    monkeypatch.setattr(build, "export", lambda path, *_: path.touch())
    kept = tmp_path / "kept"
    result = run(
        *("--data", corpus, "--recipe", "tiny", "--folds", 2, "--checkpoint-dir", kept),
        *("--scheme", "a2e", "--out", tmp_path / "m.onnx"),
    )
    assert result.exit_code == 0
    assert len(list(kept.iterdir())) == 3


def test_existing_file_is_not_replaced_without_being_asked(corpus, tmp_path):
    out = tmp_path / "own.onnx"
    out.write_text("precious")
    problem = error("--data", corpus, "--out", out)
    assert isinstance(problem, UsageError)
    assert "--overwrite" in str(problem)
    assert out.read_text() == "precious"


def test_missing_extra_is_named(corpus, tmp_path, monkeypatch):
    without(monkeypatch, "torch")
    problem = error("--data", corpus, "--out", tmp_path / "own.onnx")
    assert isinstance(problem, ExtraError)
    assert problem.exit_code == 4
    assert "extra train" in str(problem)
    assert "--from" not in with_hint(problem)
    labelled = error("--data", corpus, "--labels", "epic", "--out", tmp_path / "own.onnx")
    assert "(--from music learns labels without it): " in with_hint(labelled)


@pytest.mark.usefixtures("tiny_recipe")
def test_what_makes_no_sense_is_said_at_once(corpus, tmp_path, monkeypatch):
    monkeypatch.delenv("MIDCLI_DATA", raising=False)
    out = tmp_path / "own.onnx"

    def notes(text):
        path = tmp_path / f"{len(text)}.json"
        path.write_text(text, "utf-8")
        return path

    cases = [
        (UsageError, "is a folder", ("--data", corpus, "--out", tmp_path)),
        (OutputError, "no such folder", ("--data", corpus, "--out", tmp_path / "none" / "m.onnx")),
        (UsageError, "must end in .onnx", ("--data", corpus, "--out", tmp_path / "own.txt")),
        (UsageError, "known are paper", ("--data", corpus, "--recipe", "magic", "--out", out)),
        (UsageError, "device toaster", ("--data", corpus, "--device", "toaster", "--out", out)),
        (UsageError, "--name", ("--data", corpus, "--name", "\udce4", "--out", out)),
        (UsageError, "--notes", ("--data", corpus, "--notes", tmp_path / "\udce4.json", "--out", out)),
        (UsageError, "not JSON compliant", ("--data", corpus, "--notes", notes("[NaN]"), "--out", out)),
        (UsageError, "surrogates", ("--data", corpus, "--notes", notes(r'{"a": "\ud800"}'), "--out", out)),
        (DataError, "MIDCLI_DATA", ("--out", out)),
        (DataError, "midlevel", ("--data", corpus, "--corpus", "midlevel", "--out", out)),
        (DataError, "folds need", ("--data", corpus, "--folds", 40, "--out", out)),
    ]
    for kind, words, arguments in cases:
        problem = error(*arguments)
        assert isinstance(problem, kind), arguments
        assert words in str(problem)
    assert run("--data", corpus, "--folds", 1, "--out", out).exit_code == 2
    (corpus / "3.wav").write_text("no audio")
    assert isinstance(error("--data", corpus, "--out", out), InputError)
    for kind, arguments in ((UsageError, ("--device", "toaster")), (DataError, ("--folds", 40))):
        assert isinstance(error("--data", corpus, *arguments, "--out", out), kind), "before audio is read"
    assert not out.exists()
