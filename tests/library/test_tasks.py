import hashlib
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from midcli.analyser import Analyser
from midcli.errors import InputError, ModelError
from midcli.explanation.records import Failure, Source
from midcli.library.tasks import Outcome, Task, analyse_task, load


class Broken:
    """Stands for an analyser in which something goes wrong."""

    def __init__(self, action: Callable[[str], Any]) -> None:
        self.analyse = action


def raising(error: BaseException) -> Any:
    def action(_: str) -> None:
        raise error

    return Broken(action)


def error_of(outcome: Outcome) -> dict[str, str]:
    assert isinstance(outcome.record, Failure)
    return {"kind": outcome.record.kind, "message": outcome.record.message}


def test_row_is_the_prediction_and_its_source(tiny_model: Path, song: Path) -> None:
    analyser = Analyser(tiny_model, threads=1)
    outcome = analyse_task(analyser, Task(str(song)))
    state = song.stat()
    source = Source(hashlib.sha256(song.read_bytes()).hexdigest(), state.st_size, state.st_mtime_ns)
    assert outcome.record == analyser.analyse(song).prediction(source)
    assert pickle.loads(pickle.dumps(outcome)) == outcome  # noqa: S301
    assert len(pickle.dumps(outcome)) < 10_000  # no evidence map travels


def test_known_content_is_not_analysed(song: Path) -> None:
    digest = hashlib.sha256(song.read_bytes()).hexdigest()
    outcome = analyse_task(raising(AssertionError()), Task(str(song), frozenset({digest, "another"})))
    assert outcome.record is None
    assert outcome.source
    assert outcome.source.sha256 == digest


def test_missing_file_folder_and_pipe_become_rows(tiny_model: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    analyser = Analyser(tiny_model, threads=1)
    for path in (tmp_path / "missing.wav", tmp_path, tmp_path / "pipe.wav"):
        outcome = analyse_task(analyser, Task(str(path)))
        assert error_of(outcome)["kind"] == "input"
        assert outcome.source is None


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (InputError("x", "broken audio"), "input", "broken audio"),
        (OSError(5, "Input/output error"), "input", "cannot be read: Input/output error"),
        (MemoryError(), "crashed", "memory ran out"),
        (ZeroDivisionError("oh"), "crashed", "unexpected ZeroDivisionError: oh"),
    ],
)
def test_errors_become_rows(song: Path, error: Exception, kind: str, message: str) -> None:
    outcome = analyse_task(raising(error), Task(str(song)))
    assert error_of(outcome) == {"kind": kind, "message": message}
    assert outcome.record
    assert outcome.record.source
    assert outcome.record.source.bytes == song.stat().st_size


def test_file_that_grows_while_it_is_read(tiny_model: Path, song: Path, tmp_path: Path) -> None:
    growing = tmp_path / "growing.wav"
    growing.write_bytes(song.read_bytes())
    analyser = Analyser(tiny_model, threads=1)

    def analyse(path: str) -> Any:
        with growing.open("ab") as file:
            file.write(b"more")
        return analyser.analyse(path)

    outcome = analyse_task(Broken(analyse), Task(str(growing)))  # type: ignore[arg-type]
    assert "changed while it was read" in error_of(outcome)["message"]
    assert outcome.source is None
    assert outcome.record
    assert outcome.record.source is None


def test_another_model_than_the_run_began_with_is_refused(tiny_model: Path) -> None:
    with pytest.raises(ModelError, match="not the model that this run began with"):
        load(str(tiny_model), "0" * 64, threads=1)
