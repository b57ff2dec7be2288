"""The program itself: interrupts while it starts."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from midcli.cli.on_demand import SUMMARIES, Commands

INTERRUPTED_IMPORT = """
    try:
        os.kill(os.getpid(), signal.SIGINT)
        signal.pause()
    except KeyboardInterrupt:
        {rest}
"""
PROGRAM = """
import os, signal, sys, time, weakref
from midcli.__main__ import main
import midcli.cli.main
def load():
    {body}
midcli.cli.main.main = load
main()
"""


def outcome(rest: str) -> tuple[int, str]:
    return outcome_of(INTERRUPTED_IMPORT.format(rest=rest).strip())


def outcome_of(body: str) -> tuple[int, str]:
    """What the program ends with, and says, if that is all it does."""
    code = PROGRAM.format(body=body)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stderr


posix = pytest.mark.skipif(os.name != "posix", reason="sends signals")


@posix
@pytest.mark.parametrize("rest", ["raise", "raise ImportError('initialization failed') from None"])
def test_an_interrupt_while_libraries_load_is_an_interrupt(rest: str) -> None:
    assert outcome(rest) == (130, "")


@posix
def test_a_second_interrupt_ends_what_lost_the_first() -> None:
    assert outcome("os.kill(os.getpid(), signal.SIGINT); signal.pause()") == (130, "")


@posix
@pytest.mark.parametrize("lost", ["it = set(); ref = weakref.ref(it, stop); del it", "It()"])
@pytest.mark.parametrize("handler", ["", "signal.signal(signal.SIGINT, once); "])
def test_an_interrupt_that_python_ignores_comes_again(handler: str, lost: str) -> None:
    stop = "stop = lambda *_: (os.kill(os.getpid(), signal.SIGINT), signal.pause())"
    once = "once = lambda *_: (signal.signal(signal.SIGINT, signal.SIG_IGN), signal.default_int_handler(*_))"
    it = "It = type('It', (), {'__del__': stop})"
    assert outcome_of(f"{stop}; {once}; {it}; {handler}{lost}; time.sleep(50)") == (130, "")


@posix
def test_other_import_errors_are_bugs() -> None:
    code = "import midcli.cli.main\nfrom midcli.__main__ import main\ndel midcli.cli.main.main\nmain()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "ImportError" in done.stderr


@posix
@pytest.mark.parametrize("after_s", [0.01, 0.05, 0.1, 0.15])
def test_an_early_interrupt_leaves_no_traceback(song: Path, tiny_model: Path, after_s: float) -> None:
    begins = (
        "from midcli.__main__ import main; print(flush=True); main()"  # before, Python itself is starting
    )
    command = [sys.executable, "-c", begins, "explain", str(song), "--model", str(tiny_model)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        process.stdout.readline()
        time.sleep(after_s)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in stderr


@pytest.mark.parametrize("name", SUMMARIES)
def test_the_list_of_commands_says_what_their_help_says(name: str) -> None:
    first = Commands()[name].help.split("\n\n")[0]
    assert SUMMARIES[name] == " ".join(first.split())
