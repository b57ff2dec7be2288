"""Whether a process is there."""

import os
from pathlib import Path


def is_running(pid: int) -> bool:
    """False for one that has ended and waits to be collected, too."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and ") Z" in status.read_text())
