import math
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from midcli.errors import ModelError, RequirementError
from midcli.util.processes import run_processes
from tests import worker_tasks


def outcomes(folder: Path, tasks: list[str], jobs: int = 1) -> list[str]:
    return list(run_processes(partial(worker_tasks.start, folder), tasks, worker_tasks.died, jobs))


def processes_started(folder: Path) -> int:
    return len(list(folder.glob("started-*")))


def test_one_process_does_one_task_after_another(tmp_path: Path) -> None:
    assert outcomes(tmp_path, ["a", "b", "c"]) == ["a done", "b done", "c done"]
    assert processes_started(tmp_path) == 1


def test_no_more_processes_than_tasks(tmp_path: Path) -> None:
    assert outcomes(tmp_path, ["a"], jobs=8) == ["a done"]
    assert processes_started(tmp_path) == 1
    assert outcomes(tmp_path, [], jobs=8) == []
    assert processes_started(tmp_path) == 1


def test_a_dying_process_costs_its_task_only(tmp_path: Path) -> None:
    tasks = ["a", "kill", "b", "segfault", "exit", "c"]
    assert sorted(outcomes(tmp_path, tasks, jobs=2)) == [
        "a done",
        "b done",
        "c done",
        "exit failed: its process ended with exit code 7",
        "kill failed: its process was killed, perhaps because memory ran out",
        "segfault failed: its process died of SIGSEGV",
    ]


def test_a_process_killed_between_tasks_costs_nothing(tmp_path: Path) -> None:
    def tasks() -> Iterator[str]:
        yield "a"
        yield "b"
        # both have been handed over; at the next request one of the processes is idle
        for child in multiprocessing.active_children():
            if finished == ["a done", "b done"]:
                child.kill()
                child.join()
        yield "c"

    finished: list[str] = []
    for outcome in run_processes(partial(worker_tasks.start, tmp_path), tasks(), worker_tasks.died, 1):
        finished += [outcome]
    assert finished == ["a done", "b done", "c done"]
    assert processes_started(tmp_path) == 2


def test_an_expected_error_at_the_start_ends_the_run() -> None:
    with pytest.raises(ModelError, match="no such model"):
        list(run_processes(worker_tasks.start_without_model, ["a", "b"], worker_tasks.died, 1))


def test_a_process_that_dies_at_its_start_is_replaced(tmp_path: Path) -> None:
    start = partial(worker_tasks.start_and_die, tmp_path, 2)
    assert list(run_processes(start, ["a"], worker_tasks.died, 1)) == ["a done"]
    assert processes_started(tmp_path) == 3


def test_processes_that_keep_dying_at_their_start_end_the_run(tmp_path: Path) -> None:
    start = partial(worker_tasks.start_and_die, tmp_path, 99)
    with pytest.raises(RequirementError, match=r"cannot start .*killed.* --jobs"):
        list(run_processes(start, ["a"], worker_tasks.died, 1))
    assert processes_started(tmp_path) == 3


def test_leaving_early_kills_the_processes(tmp_path: Path) -> None:
    run = run_processes(partial(worker_tasks.start, tmp_path), ["a", "sleep"], worker_tasks.died, 2)
    assert next(run) == "a done"
    began = time.monotonic()
    run.close()
    for child in multiprocessing.active_children():
        child.join()
    assert time.monotonic() - began < 2


def test_interrupts_of_a_terminal_do_not_reach_the_processes(tmp_path: Path) -> None:
    run = run_processes(partial(worker_tasks.start, tmp_path), ["a", "b"], worker_tasks.died, 1)
    assert next(run) == "a done"
    (child,) = multiprocessing.active_children()
    assert child.pid
    os.kill(child.pid, signal.SIGINT)
    assert list(run) == ["b done"]


class OtherConnection:
    """As on Windows, where a pipe's end is no `Connection`, but something that does the same."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.send, self.recv, self.poll = connection.send, connection.recv, connection.poll
        self.fileno, self.close = connection.fileno, connection.close


def test_the_class_of_connections_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = multiprocessing.get_context("spawn")
    real_pipe = context.Pipe

    def pipe() -> tuple[Any, Any]:
        ours, theirs = real_pipe()
        return OtherConnection(ours), theirs

    monkeypatch.setattr(context, "Pipe", pipe)
    assert outcomes(tmp_path, ["a", "b"]) == ["a done", "b done"]


def test_what_decoders_write_to_stderr_is_not_seen(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert outcomes(tmp_path, ["noise"]) == ["noise done"]
    assert capfd.readouterr().err == ""


def late(task: str) -> str:
    return f"{task} took too long"


def test_a_task_that_takes_too_long_costs_itself_only(tmp_path: Path) -> None:
    start = partial(worker_tasks.start, tmp_path)
    tasks = ["a", "sleep", "b", "kill", "c"]
    began = time.monotonic()
    found = list(run_processes(start, tasks, worker_tasks.died, 1, 3.0, late))
    assert time.monotonic() - began < 30
    assert found[:3] == ["a done", "sleep took too long", "b done"]
    assert "killed" in found[3]
    assert found[4:] == ["c done"]
    assert processes_started(tmp_path) == 3
    for child in multiprocessing.active_children():
        child.join(10)
    assert not multiprocessing.active_children()


def test_the_limit_is_of_each_task_not_of_the_run(tmp_path: Path) -> None:
    start = partial(worker_tasks.start, tmp_path)
    tasks = ["nap"] * 8
    assert list(run_processes(start, tasks, worker_tasks.died, 1, 3.0, late)) == ["nap done"] * 8


@pytest.mark.parametrize("limit_s", [1e7, math.inf])
def test_a_limit_may_be_longer_than_systems_can_wait(tmp_path: Path, limit_s: float) -> None:
    start = partial(worker_tasks.start, tmp_path)
    assert list(run_processes(start, ["a"], worker_tasks.died, 1, limit_s, late)) == ["a done"]
