"""Worker processes that may die: whatever a task does to its process, it costs that task only.

Each process has a pipe of its own, so it is always known which task a dead one was busy with. (A shared
queue, as in concurrent.futures, cannot say, and gives all running tasks up.)
"""

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from queue import SimpleQueue
from threading import Thread
from typing import Any, Generic, TypeVar, cast

from midcli.errors import MidcliError, WorkerError
from midcli.util.clock import TICK_S, RunningClock

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")

_FAILED_STARTS = 3
_STDOUT, _STDERR = 1, 2
_MOST_WORKERS_ON_WINDOWS = 60  # it cannot wait for more than 63 pipes
_to_parent: list[Connection] = []
"""Of a worker."""

_BLAS_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def run_processes(
    start: Callable[[], Callable[[Task], Outcome]],
    tasks: Iterable[Task],
    died: Callable[[Task, str], Outcome],
    jobs: int,
    limit_s: float | None = None,
    expired: Callable[[Task], Outcome] | None = None,
    heard: Callable[[Any], object] | None = None,
) -> Generator[Outcome, None, None]:
    """Outcomes of the tasks in order of completion, from at most `jobs` processes.

    Each process calls `start` once and its result with one task after another; both must be picklable.
    For a task whose process dies, the outcome is `died(task, reason)`, and another process takes its place.
    The process of a task that takes longer than `limit_s` is killed; the outcome is `expired(task)`. Time in
    which nothing runs (Ctrl-Z, a machine that sleeps) does not count. All processes end with this one.
    What a process says meanwhile (`report`) is given to `heard`.
    A MidcliError in `start` is raised here, as is WorkerError if processes die while starting.
    Leaving the iterator early kills the processes.
    """
    pool = _Pool(start, jobs, died, heard)
    remaining = iter(tasks)
    try:
        while pool.hand_out(remaining):
            for worker in pool.speaking(None if limit_s is None else min(TICK_S, limit_s)):
                yield from pool.listen(worker)
            if limit_s is not None and expired is not None:
                for worker in pool.late(limit_s):
                    yield expired(worker.task)
    finally:
        pool.end()


class _Ready:
    """What a process says first."""


@dataclass(frozen=True)
class _Note:
    """What a process says in the middle of a task."""

    note: Any


class _Result(Generic[Outcome]):
    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


class _Worker(Generic[Task, Outcome]):
    """One process, and the task that it has."""

    def __init__(self, start: Callable[[], Callable[[Task], Outcome]], task: Task) -> None:
        self.task = task
        self.began_s = 0.0
        """On the clock of the run."""
        self.ready = False
        self.connection, theirs = multiprocessing.Pipe()
        try:
            with _interrupts_held_back():
                self.process = _started(theirs)
            theirs.close()
            with suppress(ConnectionError):  # of one that died already, as `receive` will find out
                self.connection.send(start)
                self.connection.send(task)
        except OSError as error:
            raise WorkerError(f"worker processes cannot start ({error.strerror})") from error

    def receive(self) -> MidcliError | _Ready | _Note | _Result[Outcome] | str:
        """The next message of the process, or of what it died."""
        try:
            message: MidcliError | _Ready | _Note | _Result[Outcome] = self.connection.recv()
        except (EOFError, OSError):
            self.connection.close()
            return cause_of_death(self.process.wait())
        self.ready = True
        return message

    def kill(self) -> None:
        self.process.kill()
        self.connection.close()
        self.process.wait()


def _started(connection: Connection) -> "subprocess.Popen[bytes]":
    """A process that serves at that end of a pipe; unlike one of multiprocessing it does not run the script
    of the user first, who need not guard it.
    """
    handle = connection.fileno()
    program = (
        f"import sys; sys.path[:] = {sys.path!r}; from midcli.util.processes import serve; serve({handle})"
    )
    command = [sys.executable, "-c", program]
    if sys.platform == "win32":
        os.set_handle_inheritable(handle, True)
        passed = subprocess.STARTUPINFO(lpAttributeList={"handle_list": [handle]})
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, startupinfo=passed)  # noqa: S603
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[handle])  # noqa: S603


class _Pool(Generic[Task, Outcome]):
    """The processes of a run."""

    def __init__(
        self,
        start: Callable[[], Callable[[Task], Outcome]],
        jobs: int,
        died: Callable[[Task, str], Outcome],
        heard: Callable[[Any], object] | None,
    ) -> None:
        self._start, self._died, self._heard = start, died, heard
        self._jobs = min(jobs, _MOST_WORKERS_ON_WINDOWS) if sys.platform == "win32" else jobs
        self._idle: list[_Worker[Task, Outcome]] = []
        self._busy: dict[Connection, _Worker[Task, Outcome]] = {}
        self._failed_starts = 0
        self._clock = RunningClock()

    def hand_out(self, remaining: Iterator[Task]) -> bool:
        """Whether anything is being worked on, after those who are free have got what is left to do."""
        while len(self._busy) < self._jobs and (task := next(remaining, None)) is not None:
            self._add(_hand_over(task, self._idle) or _Worker(self._start, task))
        return bool(self._busy)

    def speaking(self, patience_s: float | None) -> "list[_Worker[Task, Outcome]]":
        """Those that have something to say, or have died, as soon as there are any."""
        ready = wait(list(self._busy), patience_s)
        return [self._busy[cast("Connection", connection)] for connection in ready]

    def listen(self, worker: "_Worker[Task, Outcome]") -> Iterator[Outcome]:
        """The outcome of its task, if it speaks of that. Raises MidcliError if it cannot start."""
        message = worker.receive()
        if isinstance(message, MidcliError):
            raise message
        if isinstance(message, _Ready):
            self._failed_starts = 0
        elif isinstance(message, _Note):
            if self._heard:
                self._heard(message.note)
        else:
            del self._busy[worker.connection]
            yield from self._done(worker, message)

    def _done(self, worker: "_Worker[Task, Outcome]", message: "_Result[Outcome] | str") -> Iterator[Outcome]:
        if isinstance(message, _Result):
            self._idle.append(worker)
            yield message.outcome
        elif worker.ready:
            yield self._died(worker.task, message)
        else:
            self._failed_starts += 1
            if self._failed_starts == _FAILED_STARTS:
                raise WorkerError(f"worker processes cannot start ({message})")
            self._add(_Worker(self._start, worker.task))

    def late(self, limit_s: float) -> "Iterator[_Worker[Task, Outcome]]":
        """Those that take longer than that, which are killed."""
        now_s = self._clock.now_s()
        for worker in [*self._busy.values()]:
            if now_s - worker.began_s >= limit_s and not worker.connection.poll():
                del self._busy[worker.connection]
                worker.kill()
                yield worker

    def end(self) -> None:
        for worker in [*self._idle, *self._busy.values()]:
            worker.kill()

    def _add(self, worker: "_Worker[Task, Outcome]") -> None:
        worker.began_s = self._clock.now_s()
        self._busy[worker.connection] = worker


def _hand_over(task: Task, idle: "list[_Worker[Task, Outcome]]") -> "_Worker[Task, Outcome] | None":
    """An idle worker that has been given the task, if any still lives."""
    while idle:
        worker = idle.pop()
        try:
            worker.connection.send(task)
        except OSError:
            worker.kill()
        else:
            worker.task = task
            return worker
    return None


def report(note: object) -> None:
    """Say something that can be pickled to the process that runs this one, from the thread of the task."""
    _send(_to_parent[0], _Note(note))


def serve(handle: int) -> None:
    """What a process does. It ends when the parent is gone, in the middle of a task too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for variable in _BLAS_THREADS:
        os.environ.setdefault(variable, "1")
    connection = _connection(handle)
    _to_parent.append(connection)
    inbox: SimpleQueue[bytes] = SimpleQueue()
    Thread(target=_receive, args=(connection, inbox), daemon=True).start()
    try:
        function = pickle.loads(inbox.get())()  # noqa: S301 (of the parent)
    except MidcliError as error:
        _send(connection, error)
        return
    except (ImportError, MemoryError):
        _send(connection, WorkerError("worker processes have too little memory"))
        return
    _send(connection, _Ready())
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (_STDOUT, _STDERR):  # decoders write there
        os.dup2(nowhere, descriptor)
    while True:
        _send(connection, _Result(function(pickle.loads(inbox.get()))))  # noqa: S301


def _connection(handle: int) -> Connection:
    if sys.platform == "win32":
        from multiprocessing.connection import PipeConnection

        return PipeConnection(handle)
    return Connection(handle)


def _receive(connection: Connection, inbox: "SimpleQueue[bytes]") -> None:
    try:
        while True:
            inbox.put(connection.recv_bytes())
    except (EOFError, OSError):  # the parent is gone
        os._exit(1)


def _send(connection: Connection, message: object) -> None:
    try:
        connection.send(message)
    except OSError:
        os._exit(1)


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Ctrl-C reaches every process of a terminal: none must be born into it. It is heard a moment later."""
    if sys.platform == "win32":
        yield
        return
    usual = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, usual)


def cause_of_death(exit_code: int | None) -> str:
    if exit_code is None or exit_code >= 0:
        return f"its process ended with exit code {exit_code}"
    if -exit_code == signal.SIGKILL:
        return "its process was killed, perhaps because memory ran out"
    names = {number.value: number.name for number in signal.Signals}  # without most real-time ones
    return f"its process died of {names.get(-exit_code, f'signal {-exit_code}')}"
