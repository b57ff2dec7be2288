"""How long each stage took, for the log."""

import logging
import time


class Stopwatch:
    """Logs stages one after another with the time since the one before."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._last = time.perf_counter()

    def lap(self, stage: str, *values: object) -> None:
        """Log a finished stage, such as `lap("%s: read %.1f s", path, duration_s)`."""
        now = time.perf_counter()
        self._log.info(f"{stage} in %.3f s", *values, now - self._last)
        self._last = now
