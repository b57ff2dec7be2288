"""A run over many files, watched: a bar on stderr, and one interrupt that is heard."""

import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from midcli.cli.console import stderr

if TYPE_CHECKING:
    from midcli.explanation.records import Record
    from midcli.library.predicting import Run


@contextmanager
def listened_to(run: "Run", bar: bool) -> "Iterator[Iterator[Record]]":
    """The records of a run, with a bar where someone is watching, if it is wanted."""
    with _one_interrupt(), closing(run.records()) as records:
        total = len(run.batch.to_do) + len(run.batch.problems)
        if not (bar and total and stderr().is_terminal):
            yield records
            return
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        columns = (BarColumn(), MofNCompleteColumn(), "files, left", TimeRemainingColumn())
        with Progress(*columns, console=stderr(), transient=True) as progress:
            yield iter(progress.track(records, total=total, description=""))


@contextmanager
def _one_interrupt() -> "Iterator[None]":
    """After the first Ctrl-C, further ones do not disturb what is still to be done."""

    def interrupt(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise KeyboardInterrupt

    usual = signal.getsignal(signal.SIGINT)
    if not callable(usual):  # a shell lets its background jobs ignore interrupts
        yield
        return
    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGINT) is interrupt:
            signal.signal(signal.SIGINT, usual)
