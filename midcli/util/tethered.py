"""A command that ends with whoever started it: a process between the two waits for the end of either."""

import os
import subprocess
import sys
from collections.abc import Sequence
from threading import Thread

_STDIN = 0


def start_tethered(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    """A process that runs a command, silently and without input, and ends when that does.

    Closing its stdin ends the command, as the end of this process does. An interrupt of the terminal is not
    for it. Raises OSError if no process can be started.

    Example: `playing = start_tethered(["mpv", "song.mp3"])`, then `playing.stdin.close()`.
    """
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-I", "-S", __file__, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=sys.platform != "win32",
    )


def _run(command: Sequence[str]) -> None:
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603
    Thread(target=_end_with_stdin, args=(process,), daemon=True).start()
    process.wait()


def _end_with_stdin(process: "subprocess.Popen[bytes]") -> None:
    while os.read(_STDIN, 1):
        pass
    process.terminate()


if __name__ == "__main__":
    _run(sys.argv[1:])
