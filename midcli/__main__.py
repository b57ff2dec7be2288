"""The program: `midcli`, or `python -m midcli`."""

import atexit
import gc
import os
from typing import NoReturn

_ALLOCATIONS_BETWEEN_COLLECTIONS = 50_000
_INTERRUPTED = 130


def main() -> NoReturn:
    """Run the command line with what a short-lived process needs."""
    # imports make much and drop nothing; at the end the system takes the memory back sooner than Python would
    gc.set_threshold(_ALLOCATIONS_BETWEEN_COLLECTIONS)
    atexit.register(gc.freeze)
    # numpy's idle threads spin beside the decoder, and no product here is large enough for them
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from midcli.cli import main as command_line
    except KeyboardInterrupt:
        raise SystemExit(_INTERRUPTED) from None
    command_line()


if __name__ == "__main__":
    main()
