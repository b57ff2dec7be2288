"""A stranger's network in a process of its own, whose memory and time the system limits.

The process (midcli.model.child) is started without multiprocessing, which would run the user's script again,
and nothing that it says is unpickled. It ends when this process ends, however that ends.
"""

import json
import os
import subprocess
import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread
from typing import IO, Any, cast

import numpy as np

from midcli.audio.spectrogram import FRAMES_PER_SECOND
from midcli.model.limits import MAX_DESCRIPTION_BYTES, MAX_LOAD_S, MEMORY_PROBLEM, allowed_s
from midcli.model.network import FloatArray, NetworkError, Outputs, Signature
from midcli.util.clock import TICK_S, RunningClock

MAX_START_S = 120.0  # of Python and onnxruntime on the slowest disk
MEMORY_EXIT_CODE = 77
"""Of a process that noticed itself that its memory ran out."""

_MAX_HEADER_BYTES = 4 * MAX_DESCRIPTION_BYTES  # every character may be escaped
_QUALITIES_AND_EMOTIONS_BYTES = 4096
_PROGRAM = "import sys; sys.path[:] = {paths!r}; from midcli.model.child import main; main({threads})"
_MALFORMED = (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)

Message = tuple[dict[str, Any], list[bytearray]]


class Confined:
    """A network that runs elsewhere. Raises NetworkError if the content is none, or takes too much.

    A process that ended (killed for what it took, or by whoever) is replaced when it is needed again.
    """

    def __init__(self, content: bytes, threads: int) -> None:
        self._content, self._threads = content, threads
        self._lock = Lock()
        self.signature = self._start()

    def run(self, standardised: FloatArray) -> Outputs:
        frames, bands = standardised.shape
        music_s = frames / FRAMES_PER_SECOND
        limit_s = allowed_s(music_s)
        most_bytes = 4 * 7 * (frames + 1) * (bands + 1) + _QUALITIES_AND_EMOTIONS_BYTES
        task = f"{limit_s:.3g} s for {music_s:.3g} s of music"
        with self._lock:
            if not self._end.alive or self._owner != os.getpid():  # after a fork it is the parent's
                self._start()
            request = {"shape": [frames, bands]}
            header, blobs = self._ask(request, [_bytes(standardised)], limit_s, task, most_bytes)
            try:
                evidence, midlevel, emotion = (
                    np.frombuffer(blob, np.float32).reshape([int(size) for size in shape])
                    for shape, blob in zip(header["shapes"], blobs, strict=True)
                )
            except _MALFORMED as error:
                raise self._nonsense() from error
        return evidence, midlevel, emotion

    def _start(self) -> Signature:
        program = _PROGRAM.format(paths=sys.path, threads=self._threads)
        try:
            self.process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-c", program],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | {"MALLOC_ARENA_MAX": "2"},  # each reserves address space, which is limited
            )
        except OSError as error:
            raise NetworkError(f"no process can be started for its network: {error.strerror}") from error
        self._owner = os.getpid()
        self._end = weakref.finalize(self, _end, self.process, self._owner)
        self._ask({}, [], MAX_START_S, f"{MAX_START_S:g} s to start a process", 0)
        task = f"{MAX_LOAD_S:g} s to load"
        header, _ = self._ask({}, [self._content], MAX_LOAD_S, task, 0)
        try:
            return Signature(header["properties"], header["inputs"], header["outputs"])
        except _MALFORMED as error:
            raise self._nonsense() from error

    def _ask(
        self, header: dict[str, Any], blobs: list[Any], limit_s: float, task: str, most_bytes: int
    ) -> Message:
        """The answer of the process. Raises NetworkError if it has none, or not in time."""
        requests, answers = cast("IO[bytes]", self.process.stdin), cast("IO[bytes]", self.process.stdout)
        try:
            with _killed_after(self.process, limit_s) as expired:
                send(requests, header, blobs)
                answer, parts = receive(answers, most_bytes)
        except (OSError, EOFError) as error:
            code = self._end() or 0
            if expired.is_set():
                raise NetworkError(f"its network takes longer than {task}") from error
            raise NetworkError(_cause(code)) from error
        except _MALFORMED as error:
            raise self._nonsense() from error
        except BaseException:  # such as Ctrl-C: what it answers now is the answer to an old question
            self._end()
            raise
        if "problem" in answer:
            raise NetworkError(str(answer["problem"]))
        return answer, parts

    def _nonsense(self) -> NetworkError:
        self._end()
        return NetworkError("the process of its network answers nonsense")


def send(stream: IO[bytes], header: dict[str, Any], blobs: list[Any]) -> None:
    """A message: a line of JSON, then blobs of bytes. Raises OSError if nobody reads it."""
    line = json.dumps(header | {"sizes": [len(blob) for blob in blobs]})
    stream.write(line.encode() + b"\n")
    for blob in blobs:
        stream.write(blob)
    stream.flush()


def receive(stream: IO[bytes], most_bytes: int) -> Message:
    """The next message. Raises EOFError if there is none, ValueError if it is none or too large."""
    line = stream.readline(_MAX_HEADER_BYTES)
    if not line.endswith(b"\n"):
        raise EOFError
    header: dict[str, Any] = json.loads(line)
    sizes = [int(size) for size in header["sizes"]]
    if min(sizes, default=0) < 0 or sum(sizes) > most_bytes:
        raise ValueError("size")
    return header, [_exactly(stream, size) for size in sizes]


def _exactly(stream: IO[bytes], size: int) -> bytearray:
    blob = bytearray(size)
    view, done = memoryview(blob), 0
    while done < size:
        count = stream.readinto(view[done:])  # type: ignore[attr-defined]
        if not count:
            raise EOFError
        done += count
    return blob


def _bytes(array: FloatArray) -> memoryview:
    return np.ascontiguousarray(array, np.float32).data.cast("B")


def _cause(code: int) -> str:
    if code < 0 or code == MEMORY_EXIT_CODE:  # nothing but its memory, or a bug of onnxruntime
        return f"{MEMORY_PROBLEM}, or it breaks onnxruntime (its process ended with {code})"
    return f"the process of its network ended with exit code {code}"


def _end(process: "subprocess.Popen[bytes]", owner: int) -> int:
    """The exit code of a process that is killed unless it has ended; it is that of its owner only."""
    if os.getpid() != owner:
        return 0
    process.kill()
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):  # what was not written yet has no reader
            cast("IO[bytes]", pipe).close()
    return process.wait()


@contextmanager
def _killed_after(process: "subprocess.Popen[bytes]", limit_s: float) -> Iterator[Event]:
    """Kills a process unless the block ends in time, and says whether it did."""
    done, expired = Event(), Event()

    def watch() -> None:
        clock = RunningClock()
        while not done.wait(min(TICK_S, limit_s)):
            if clock.now_s() >= limit_s:
                expired.set()
                process.kill()
                return

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield expired
    finally:
        done.set()
        watcher.join()
