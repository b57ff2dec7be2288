"""Whether there is address space enough to start at all (`ulimit -v`).

Libraries that run out of it while they load end the process in ways of their own.
"""

import os
import sys

_NEEDED_MB, _NEEDED_PER_CORE_MB = 560, 16  # of two cores, 580 MB were enough for ten minutes of any format
_MB = 1 << 20


def shortage() -> str | None:
    """What is wrong, if anything is."""
    if sys.platform == "win32":
        return None
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    needed_mb = _NEEDED_MB + _NEEDED_PER_CORE_MB * (os.cpu_count() or 1)
    if limit == resource.RLIM_INFINITY or limit >= needed_mb * _MB:
        return None
    return (
        f"the address space of this program is limited to {limit // _MB} MB; midcli needs {needed_mb} MB "
        f"(ulimit -v {needed_mb * _MB // 1024})"
    )
