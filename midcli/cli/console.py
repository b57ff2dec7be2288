"""The two consoles: results go to stdout, everything else to stderr."""

import errno
import os
import re
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any, TextIO

from midcli.errors import OutputError

if TYPE_CHECKING:
    from rich.console import Console

    from midcli.explanation.analysis import Analysis

ON_STDERR = {"on_stderr": True}
"""Marks records of what stands on stderr anyway."""

_LOOK_ALIKES = dict.fromkeys(map(chr, range(0x2801, 0x2900)), "*") | dict(
    zip(
        "━╍─╌╾╸╺│┼┿·▸◂→−–±…“”▁▂▃▄▅▆▇█░▒▓≡├┤┃┊●■▲▼◆★♯♭‹›",
        '=~--~==|++.><>--~.""_.:-=+*#.:%E[]|:o@^vx*#b<>',
        strict=True,
    )
)

_ROOM = 10_000  # columns where there is no terminal
_SIZES = {"COLUMNS": (20, 1000), "LINES": (5, 1000), "TERMINAL_WIDTH": (20, 1000)}
"""Variables that Rich and Typer read, with the least and the most that can be printed on."""


@cache
def stdout() -> "Console":
    from rich.console import Console

    class Output(Console):
        def on_broken_pipe(self) -> None:
            """Leave it to the caller, where rich would exit with 1: a reader may leave early."""

    return Output(highlight=False)


def table_width() -> int | None:
    """That of the terminal; None, and room for whole names, where stdout is none."""
    if stdout().is_terminal:
        return stdout().width
    stdout().width = _ROOM
    return None


@cache
def stderr() -> "Console":
    from rich.console import Console

    class Messages(Console):
        def print(self, *objects: Any, **options: Any) -> None:
            try:
                super().print(*objects, **options)
            except OSError:  # such as a full disk
                self.on_broken_pipe()

        def on_broken_pipe(self) -> None:
            """Go on without messages: work and exit code are the same."""
            self.quiet = True
            _discard(sys.stderr)

    return Messages(stderr=True, highlight=False)


def keep_stderr() -> None:
    """Write to a duplicate of stderr, which stays when decoders are silenced in another thread."""
    console = stderr()
    try:
        duplicate = os.dup(sys.stderr.fileno())
    except (AttributeError, OSError, ValueError):  # none, no file, or closed
        return
    encoding, errors = sys.stderr.encoding, sys.stderr.errors
    console.file = open(duplicate, "w", buffering=1, encoding=encoding, errors=errors)  # noqa: PTH123, SIM115


def print_error(error: Exception) -> None:
    """One line on stderr that says what is wrong, and the option that helps."""
    from midcli.cli.hints import with_hint
    from midcli.util.text import printable

    print_line("error", printable(with_hint(error)), "bold red", error)


def print_warning(message: str) -> None:
    from midcli.util.text import printable

    print_line("warning", printable(message), "yellow")


def print_warnings(*analyses: "Analysis") -> None:
    """What is odd about the files, where the card does not say it."""
    for analysis in analyses:
        for warning in analysis.warnings:
            print_warning(f"{analysis.file}: {warning}")


def print_data(text: str) -> None:
    """Text for programs on stdout: UTF-8, whatever the locale, with newlines as they are, and at once."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode(errors="replace"))
    sys.stdout.buffer.flush()


def print_json(value: dict[str, Any]) -> None:
    """One line of JSON on stdout."""
    from midcli.util.text import json_line

    print_data(json_line(value) + "\n")


def print_line(label: str, message: str, style: str, error: Exception | None = None) -> None:
    """`label: message` on stderr and in the log, the message as it is: no markup, no wrapping."""
    from rich.text import Text

    stderr().print(Text.assemble((f"{label}: ", style), message), soft_wrap=True)
    log_printed(f"{label}: {message}", error)


def log_printed(line: str, error: BaseException | None = None) -> None:
    """Log a line that stands on stderr already, and the traceback of the expected failure behind it."""
    import logging

    log = logging.getLogger("midcli")
    if log.handlers:
        log.warning("%s", line, extra=ON_STDERR)
        if error:
            log.debug("%s", type(error).__name__, exc_info=error)


def stdout_failure(error: OSError) -> OutputError:
    """What to say of a stdout that cannot be written; what remains to be flushed goes nowhere."""
    discard_stdout()
    why = "it is closed" if error.errno == errno.EBADF else error.strerror
    return OutputError(f"stdout: cannot be written: {why}")


def discard_stdout() -> None:
    """Let what is still to be flushed go nowhere: it could not be written."""
    _discard(sys.stdout)


def _discard(stream: TextIO) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def prepare_terminal() -> None:
    """Put right what the environment says of a terminal on which nothing could be printed: COLUMNS=0.

    A size that is no number or 0 is forgotten, as if it were not there; others are brought within reason.
    """
    for variable, (least, most) in _SIZES.items():
        size = os.environ.get(variable)
        if size is None:
            continue
        if re.fullmatch("[0-9]{1,9}", size) and int(size):
            os.environ[variable] = str(min(max(int(size), least), most))
        else:
            del os.environ[variable]


def prepare_streams() -> None:
    """Write look-alikes, not a traceback, where a stream's encoding has no box drawing.

    Of streams that were closed before we started no other file takes the place. Results for such a stdout
    fail like those for a full disk; messages for such a stderr go nowhere.
    """
    import codecs

    for name, access in (("stdout", os.O_RDONLY), ("stderr", os.O_WRONLY)):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, access)
            setattr(sys, name, open(nowhere, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
    codecs.register_error("midcli.ascii", _to_ascii)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="midcli.ascii")


def waiting(file: str) -> AbstractContextManager[Any]:
    """A sign of life on stderr while a file is worked on, if someone is watching."""
    from midcli.util.text import printable

    if not stderr().is_terminal:
        return nullcontext()
    from rich.text import Text

    return stderr().status(Text(f"listening to {printable(file)}", no_wrap=True, overflow="ellipsis"))


@contextmanager
def measuring() -> Iterator[None]:
    """Says on stderr what measuring is waiting for at its first use, and a sign of life later."""
    tell_of_compiling()
    with waiting("tempo, key, loudness"):
        yield


def tell_of_compiling() -> None:
    """Says on stderr what the first measuring on this machine is waiting for."""
    from midcli.explanation.facts import is_compiled

    if not is_compiled():
        print_line(
            "first use", "compiling what measures tempo and key; this takes half a minute, once", "bold"
        )


@contextmanager
def progress_bar(what: str) -> Iterator[Any]:
    """A progress bar on stderr, as a listener that hears how many are done, of how many."""
    from rich.progress import Progress

    with Progress(console=stderr(), transient=True, disable=not stderr().is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _to_ascii(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    unencodable = error.object[error.start : error.end]
    return "".join(_LOOK_ALIKES.get(character, "?") for character in unencodable), error.end
