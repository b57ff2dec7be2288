import os
import shutil
from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from midcli.errors import InputError, ModelError
from midcli.explanation.records import Prediction
from midcli.library.batch import Batch, Runner, local_runner, model_sha256, single_runner
from midcli.library.finding import find_files
from midcli.library.journal import Journal
from midcli.library.tasks import Outcome, Task, failure
from tests.library.test_journal import analysed


def runner(analyse: Callable[[Task], Outcome]) -> Runner:
    def run(tasks: Iterable[Task]) -> Generator[Outcome, None, None]:
        yield from map(analyse, tasks)

    return run


@pytest.fixture
def library(tmp_path: Path) -> Path:
    library = tmp_path / "library"
    library.mkdir()
    for name in "abc":
        (library / f"{name}.wav").write_text(name)
    return library


def batch_of(*paths: Path, journal: Journal | None = None) -> Batch:
    files, problems = find_files(map(str, paths))
    return Batch(files, problems, journal)


def test_counts(library: Path, tmp_path: Path) -> None:
    def analyse(task: Task) -> Outcome:
        if task.file.endswith("b.wav"):
            return failure(InputError(task.file, "broken"))
        return analysed(Path(task.file), warnings=["odd"])

    (tmp_path / "empty").mkdir()
    with Journal(tmp_path / "x.jsonl") as journal:
        batch = batch_of(library, tmp_path / "empty", journal=journal)
        rows = list(batch.records(runner(analyse)))
        assert len(rows) == batch.total == batch.finished == 4
        assert (batch.unchanged, batch.analysed, len(batch.failures)) == (0, 2, 2)
        assert batch.warnings == [
            (str(library / "a.wav"), "odd"),
            (str(library / "c.wav"), "odd"),
        ]
        again = batch_of(library, journal=journal)
        assert [str(file.path) for file in again.to_do] == [str(library / "b.wav")]
        assert again.unchanged == 2


def test_renamed_and_touched_files_are_no_copies(library: Path, tmp_path: Path) -> None:
    def analyse(task: Task) -> Outcome:
        outcome = analysed(Path(task.file), warnings=())
        assert outcome.source is not None
        return replace(outcome, record=None) if outcome.source.sha256 in task.known_sha256 else outcome

    with Journal(tmp_path / "x.jsonl") as journal:
        list(batch_of(library, journal=journal).records(runner(analyse)))
        os.utime(library / "a.wav", (0, 0))
        (library / "b.wav").rename(library / "moved.wav")
        shutil.copy(library / "c.wav", library / "copy.wav")
        batch = batch_of(library, journal=journal)
        list(batch.records(runner(analyse)))
        assert (batch.unchanged, batch.copies, batch.analysed, batch.finished) == (3, 1, 0, 4)


def test_no_process_starts_when_nothing_is_new() -> None:
    def run(_: Iterable[Task]) -> Generator[Outcome, None, None]:
        raise AssertionError
        yield

    assert list(Batch([], [], None).records(run)) == []


def test_vanished_folder_ends_the_run_and_leaves_no_false_rows(library: Path, tmp_path: Path) -> None:
    def analyse(task: Task) -> Outcome:
        if task.file.endswith("b.wav"):
            shutil.rmtree(library)
            return failure(InputError(task.file, "no such file"))
        return analysed(Path(task.file), warnings=())

    with Journal(tmp_path / "x.jsonl") as journal:
        batch = batch_of(library, journal=journal)
        with pytest.raises(InputError, match="library: the folder has vanished"):
            list(batch.records(runner(analyse)))
        assert [record.file for record in journal.records()] == [str(library / "a.wav")]


def test_single_vanished_file_is_a_row(library: Path) -> None:
    def analyse(task: Task) -> Outcome:
        Path(task.file).unlink()
        return failure(InputError(task.file, "no such file"))

    batch = batch_of(library)
    assert len(list(batch.records(runner(analyse)))) == 3


def test_processes_and_this_process_give_the_same_rows(tiny_model: Path, song: Path) -> None:
    sha256 = model_sha256(str(tiny_model))
    (here,) = batch_of(song).records(single_runner(str(tiny_model), sha256))
    (there,) = batch_of(song).records(local_runner(str(tiny_model), sha256, 1))
    assert isinstance(here, Prediction)
    assert isinstance(there, Prediction)
    assert here.emotions.keys() == there.emotions.keys()
    for name, emotion in here.emotions.items():
        assert there.emotions[name].to_dict() == pytest.approx(emotion.to_dict(), abs=1e-5)


def test_broken_model_ends_the_run(tmp_path: Path, song: Path) -> None:
    model = tmp_path / "broken.onnx"
    model.write_text("no model")
    with pytest.raises(ModelError, match="not a usable ONNX model"):
        list(batch_of(song).records(local_runner(str(model), model_sha256(str(model)), 1)))
    with pytest.raises(ModelError, match="no such model"):
        model_sha256("nonsense")
    with pytest.raises(ModelError, match="cannot be read"):
        model_sha256(str(tmp_path))
