"""What the worker processes of tests do: they import this module, so it imports little."""

import os
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from midcli.errors import ModelError
from midcli.util.processes import report


def start(marks: Path) -> Callable[[str], str]:
    """Leaves a mark for every process that starts."""
    (marks / f"started-{os.getpid()}").touch()
    return partial(do, marks)


def do(marks: Path, task: str) -> str:
    if task == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif task == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif task == "exit":
        os._exit(7)
    elif task == "noise":
        print("noise", file=sys.stderr, flush=True)
    elif task == "nap":
        (marks / f"busy-{os.getpid()}").touch()
        time.sleep(0.5)
    elif task == "sleep":
        (marks / f"busy-{os.getpid()}").touch()
        time.sleep(60)
    elif task == "spin":
        (marks / f"busy-{os.getpid()}").touch()
        until = time.monotonic() + 60
        while time.monotonic() < until:
            pass
    return f"{task} done"


def start_without_model() -> Callable[[str], str]:
    raise ModelError("no such model")


def start_and_die(marks: Path, deaths: int) -> Callable[[str], str]:
    """The first processes die before they are ready."""
    started = start(marks)
    if len(list(marks.iterdir())) <= deaths:
        os.kill(os.getpid(), signal.SIGKILL)
    return started


def died(task: str, reason: str) -> str:
    return f"{task} failed: {reason}"


def start_to_report() -> Callable[[str], str]:
    return say


def say(task: str) -> str:
    for number in range(3):
        report((task, number))
    return f"{task} done"
