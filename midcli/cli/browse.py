"""`midcli browse`: a library to look at, full screen."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from midcli.cli.find import Jobs, ModelName
from midcli.cli.libraries import LibraryPath, open_named
from midcli.errors import ExtraError, UsageError


def browse(library: LibraryPath, model: ModelName = None, jobs: Jobs = None) -> None:
    """Look through a library: sort, filter, read why, mark, play, export.

    Example: midcli browse Music

    Everything is done by keys; `?` lists them.
    """
    if not all(stream and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise UsageError("browse needs a terminal; `midcli find` prints what fits, for programs too")
    try:
        import textual  # noqa: F401
    except ImportError as error:
        raise ExtraError("browse", "browse") from error
    from midcli.cli.console import waiting

    with waiting(str(library)):
        opened = open_named(library, model, jobs)
    from midcli.views.browse.app import Browser

    browser = Browser(opened, model)
    with _undisturbed():
        browser.run()
    if browser.ended_by:
        signal.signal(browser.ended_by, signal.SIG_DFL)
        os.kill(os.getpid(), browser.ended_by)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Textual draws on stderr, where decoders tell of every flaw in a file: it gets one of its own."""
    if sys.platform == "win32":  # there it draws on stdout
        yield
        return
    usual, number = sys.__stderr__, sys.stderr.fileno()
    screen = open(os.dup(number), "w", encoding="utf-8")  # noqa: PTH123, SIM115
    kept = os.dup(number)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    sys.__stderr__ = screen  # type: ignore[misc]
    try:
        yield
    finally:
        sys.__stderr__ = usual  # type: ignore[misc]
        os.dup2(kept, number)
        screen.close()
        os.close(kept)
        os.close(nowhere)
