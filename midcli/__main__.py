"""The program: `midcli`, or `python -m midcli`."""

import gc
import os
import sys
from typing import NoReturn

_ALLOCATIONS_BETWEEN_COLLECTIONS = 50_000
_SWITCH_INTERVAL_S = 2e-4
_INTERRUPTED = 130


def main() -> NoReturn:
    """Run the command line with what a short-lived process needs."""
    gc.set_threshold(_ALLOCATIONS_BETWEEN_COLLECTIONS)  # imports make much and drop nothing
    sys.setswitchinterval(_SWITCH_INTERVAL_S)  # the decoder's thread waits for the lock less often
    # numpy's idle threads spin beside the decoder, and no product here is large enough for them
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from midcli.cli import main as command_line
    except KeyboardInterrupt:
        raise SystemExit(_INTERRUPTED) from None
    try:
        command_line()
    except SystemExit as end:
        if _can_leave_at_once():
            _leave_at_once(end.code)
        raise


def _can_leave_at_once() -> bool:
    """Whether nothing is left to be done: no worker processes to be ended, no threads to be waited for."""
    import threading

    return "multiprocessing" not in sys.modules and threading.active_count() == 1


def _leave_at_once(code: object) -> None:
    """End the process without taking apart what the system takes back anyway, which takes 35 ms."""
    if not isinstance(code, int | None):
        return
    if "logging" in sys.modules:
        sys.modules["logging"].shutdown()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        return
    os._exit(code or 0)


if __name__ == "__main__":
    main()
