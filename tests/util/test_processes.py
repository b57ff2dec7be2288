import math
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from midcli.errors import ModelError, WorkerError
from midcli.util.processes import cause_of_death, run_processes
from tests import worker_tasks
from tests.running import is_running


def outcomes(folder: Path, tasks: list[str], jobs: int = 1) -> list[str]:
    return list(run_processes(partial(worker_tasks.start, folder), tasks, worker_tasks.died, jobs))


def processes_started(folder: Path) -> int:
    return len(list(folder.glob("started-*")))


def started_processes(folder: Path) -> list[int]:
    return [int(file.name.split("-")[1]) for file in folder.glob("started-*")]


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
        if finished == ["a done", "b done"]:
            (child,) = started_processes(tmp_path)
            os.kill(child, signal.SIGKILL)
            os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
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
    with pytest.raises(WorkerError, match=r"cannot start .*killed"):
        list(run_processes(start, ["a"], worker_tasks.died, 1))
    assert processes_started(tmp_path) == 3


def test_leaving_early_kills_the_processes(tmp_path: Path) -> None:
    run = run_processes(partial(worker_tasks.start, tmp_path), ["a", "sleep"], worker_tasks.died, 2)
    assert next(run) == "a done"
    began = time.monotonic()
    run.close()
    assert not any(map(is_running, started_processes(tmp_path)))
    assert time.monotonic() - began < 2


def test_interrupts_of_a_terminal_do_not_reach_the_processes(tmp_path: Path) -> None:
    run = run_processes(partial(worker_tasks.start, tmp_path), ["a", "b"], worker_tasks.died, 1)
    assert next(run) == "a done"
    (child,) = started_processes(tmp_path)
    os.kill(child, signal.SIGINT)
    assert list(run) == ["b done"]


class OtherConnection:
    """As on Windows, where a pipe's end is no `Connection`, but something that does the same."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.send, self.recv, self.poll = connection.send, connection.recv, connection.poll
        self.fileno, self.close = connection.fileno, connection.close


def test_the_class_of_connections_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real_pipe = multiprocessing.Pipe

    def pipe() -> tuple[Any, Any]:
        ours, theirs = real_pipe()
        return OtherConnection(ours), theirs

    monkeypatch.setattr(multiprocessing, "Pipe", pipe)
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
    assert not any(map(is_running, started_processes(tmp_path)))


def test_the_limit_is_of_each_task_not_of_the_run(tmp_path: Path) -> None:
    start = partial(worker_tasks.start, tmp_path)
    tasks = ["nap"] * 8
    assert list(run_processes(start, tasks, worker_tasks.died, 1, 3.0, late)) == ["nap done"] * 8


@pytest.mark.parametrize("limit_s", [1e7, math.inf])
def test_a_limit_may_be_longer_than_systems_can_wait(tmp_path: Path, limit_s: float) -> None:
    start = partial(worker_tasks.start, tmp_path)
    assert list(run_processes(start, ["a"], worker_tasks.died, 1, limit_s, late)) == ["a done"]


# without a guard, as in a script of someone who knows nothing of processes
PARENT = """
import sys
from functools import partial
from pathlib import Path
from midcli.util.processes import run_processes
from tests import worker_tasks
start = partial(worker_tasks.start, Path(sys.argv[1]))
late = "{} took too long".format
for outcome in run_processes(start, ["a", *sys.argv[3:]], worker_tasks.died, 2, float(sys.argv[2]), late):
    print(outcome, flush=True)
"""
on_posix = pytest.mark.skipif(sys.platform == "win32", reason="signals are of another kind")


def parent(folder: Path, limit_s: float, *tasks: str) -> "subprocess.Popen[str]":
    """A program that has workers, in a process group of its own as under a shell."""
    return subprocess.Popen(
        [sys.executable, "-c", PARENT, str(folder), str(limit_s), *tasks],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd=Path(__file__).parents[2],
    )


def wait_for(condition: Callable[[], object], seconds: float) -> None:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds
        time.sleep(0.02)


@on_posix
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("task", ["sleep", "spin"])
def test_processes_end_with_their_parent(tmp_path: Path, number: int, task: str) -> None:
    with parent(tmp_path, 60, task) as program:
        wait_for(lambda: list(tmp_path.glob("busy-*")), 20)
        started = started_processes(tmp_path)
        program.send_signal(number)
        program.wait()
        wait_for(lambda: not any(map(is_running, started)), 2)


@on_posix
def test_a_parent_that_is_killed_at_the_start_leaves_no_word(tmp_path: Path) -> None:
    for number in range(12):
        with parent(tmp_path, 60, "sleep") as program:
            time.sleep(0.05 * number)
            program.kill()
            assert program.stderr
            assert program.stderr.read() == ""  # until the last process is gone


@on_posix
def test_stopped_time_does_not_count(tmp_path: Path) -> None:
    with parent(tmp_path, 3, "nap") as program:
        wait_for(lambda: list(tmp_path.glob("busy-*")), 20)
        os.killpg(program.pid, signal.SIGSTOP)  # as Ctrl-Z does
        time.sleep(4)
        os.killpg(program.pid, signal.SIGCONT)
        out, err = program.communicate()
    assert (sorted(out.splitlines()), err) == (["a done", "nap done"], "")


def test_causes_of_death() -> None:
    assert cause_of_death(-signal.SIGTERM) == "its process died of SIGTERM"
    assert cause_of_death(-40) == "its process died of signal 40"


def test_processes_say_how_far_they_are() -> None:
    notes: list[tuple[str, int]] = []
    run = run_processes(worker_tasks.start_to_report, ["a", "b"], worker_tasks.died, 1, heard=notes.append)
    assert list(run) == ["a done", "b done"]
    assert notes == [(task, number) for task in "ab" for number in range(3)]
