"""File to record, whatever happens to the file: what `predict` runs in processes and on clusters."""

import hashlib
import os
import platform
import stat
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from midcli.audio.limits import MAX_DURATION_S
from midcli.errors import CrashError, InputError, MidcliError, ModelError, SlowError
from midcli.explanation.records import Failure, Record, Source

if TYPE_CHECKING:
    from midcli.analyser import Analyser


@dataclass(frozen=True)
class Hearing:
    """How files are heard, the same for all of a run."""

    max_duration_s: float = MAX_DURATION_S
    quick: bool = False
    """Whether one to two minutes of each long piece are enough."""
    track: int | None = None
    """Of files with several, from 1; None: the default one."""
    facts: bool = False
    """Whether tempo, key, loudness ... are measured too."""


USUAL = Hearing()
"""Files as a whole, without facts."""


@dataclass(frozen=True)
class Task:
    """A file to analyse, unless its content is one of those that are known."""

    file: str
    known_sha256: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Outcome:
    """What became of a task."""

    file: str
    record: Record | None
    """None: the content is known already."""
    source: Source | None = None
    """None: the content could not be read, or changed meanwhile."""
    traceback: str = ""
    """Where a bug is, if one was met."""
    seconds: float = 0.0


def analyse_task(analyser: "Analyser", task: Task, facts: bool = False) -> Outcome:
    """Analyse one file, and measure `facts` of it; an error becomes a record too."""
    started = time.perf_counter()
    outcome = _analyse(analyser, task, facts)
    return replace(outcome, seconds=time.perf_counter() - started)


def _analyse(analyser: "Analyser", task: Task, facts: bool) -> Outcome:
    source = read_source(task.file)
    try:
        if source and source.sha256 in task.known_sha256:
            return Outcome(task.file, None, source)
        analysis = analyser.analyse(task.file)
        measured = analyser.facts(analysis) if facts else None
        if source and _state(os.stat(task.file)) != (source.bytes, source.modified_ns):  # noqa: PTH116
            return failure(InputError(task.file, "changed while it was read; run again when it is complete"))
        record = replace(analysis.prediction(source, measured), track=analyser.track)
        return Outcome(task.file, record, source)
    except InputError as error:
        return failure(error, source)
    except MemoryError:
        return failure(CrashError(task.file, "memory ran out"), source)
    except MidcliError as error:
        return failure(InputError(task.file, str(error)), source)
    except OSError as error:
        return failure(InputError(task.file, f"cannot be read: {error.strerror}"), source)
    except Exception as error:  # a bug must cost one file, not the night
        failed = failure(CrashError(task.file, f"unexpected {type(error).__name__}: {error}"), source)
        return replace(failed, traceback=traceback.format_exc())


def load(
    model: str | None,
    sha256: str,
    threads: int,
    hearing: Hearing = USUAL,
) -> Callable[[Task], Outcome]:
    """What analyses tasks with a model. Raises ModelError if it is not the one of that hash."""
    from midcli.analyser import Analyser

    analyser = Analyser(model, threads, hearing.max_duration_s, quick=hearing.quick, track=hearing.track)
    if analyser.model.sha256 != sha256:
        raise ModelError(
            f"{analyser.model.path}: on {platform.node()} it is not the model that this run began with"
        )
    return partial(analyse_task, analyser, facts=hearing.facts)


def crashed(task: Task, reason: str) -> Outcome:
    """The outcome of a file whose worker process died."""
    return failure(CrashError(task.file, reason))


def expired(task: Task, limit_s: float | None) -> Outcome:
    """The outcome of a file whose analysis took too long."""
    return failure(SlowError(task.file, f"took longer than the limit of {limit_s:g} s"))


def failure(error: InputError, source: Source | None = None) -> Outcome:
    """The outcome of a file that failed."""
    return Outcome(error.path, Failure.of(error, source), source)


def read_source(file: str) -> Source | None:
    """What a file contains now; None if it cannot be read, which analysing it will explain."""
    try:
        if not stat.S_ISREG(os.stat(file).st_mode):  # noqa: PTH116
            return None
        with open(file, "rb") as opened:  # noqa: PTH123
            state = os.fstat(opened.fileno())
            return Source(hashlib.file_digest(opened, "sha256").hexdigest(), *_state(state))
    except OSError:
        return None


def _state(state: os.stat_result) -> tuple[int, int]:
    return state.st_size, state.st_mtime_ns
