"""Time in which this process could run: not while it was stopped (Ctrl-Z) or the machine slept."""

import time

TICK_S = 0.25
"""How often to ask; a gap that is much longer was no time to run in."""
_LONGEST_GAP_S = 1.0


class RunningClock:
    """Counts from its making, as long as it is asked every TICK_S."""

    def __init__(self) -> None:
        self._last_s = time.monotonic()
        self._running_s = 0.0

    def now_s(self) -> float:
        now_s = time.monotonic()
        self._running_s += min(now_s - self._last_s, _LONGEST_GAP_S)
        self._last_s = now_s
        return self._running_s
