"""Titles of the pieces of a library, read beside the work: those on the screen first, then all others."""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Event, Thread
from time import monotonic

from midcli.library.columns import Library
from midcli.library.tags import Titles, read_titles

_TELL_EVERY_S = 0.2
_PAUSE_S = 0.002  # after each file that nobody looks at


class TitleReader:
    """Reads titles in a thread of its own until it is stopped; `tell` hears of new ones, by row."""

    def __init__(self, library: Library, tell: Callable[[dict[int, Titles]], object]) -> None:
        self._library = library
        self._tell = tell
        self._urgent: deque[int] = deque()
        self._stopped = Event()
        self._thread = Thread(target=self._run, daemon=True, name="titles")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when nothing is told any more."""
        self._stopped.set()

    def ask(self, rows: Sequence[int]) -> None:
        """Read these next."""
        self._urgent = deque(rows)

    def _run(self) -> None:
        done: set[int] = set()
        new: dict[int, Titles] = {}
        told = monotonic()
        others = iter(range(len(self._library)))
        while not self._stopped.is_set():
            is_urgent = bool(self._urgent)
            row = self._urgent.popleft() if is_urgent else next(others, None)
            if row is not None and row not in done:
                done.add(row)
                new[row] = read_titles(self._library.locate(row))
            if new and (
                row is None or monotonic() - told > _TELL_EVERY_S or (is_urgent and not self._urgent)
            ):
                self._tell(new)
                new, told = {}, monotonic()
            if not is_urgent:
                self._stopped.wait(_PAUSE_S if row is not None else _TELL_EVERY_S)
