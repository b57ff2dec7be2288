"""Whether a process is there."""

import os
from pathlib import Path


def is_running(pid: int) -> bool:
    """False for one that has ended and waits to be collected, too."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    except ProcessLookupError:  # it was collected while its state was read
        return False
    except FileNotFoundError:  # collected before, or a system that tells no states
        return not Path("/proc/self/stat").exists()
