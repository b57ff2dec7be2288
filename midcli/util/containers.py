"""What a container leaves of its machine: processor time and memory, by control groups of version 1 and 2."""

import math
import os
from collections.abc import Iterator
from pathlib import Path

_MOUNT, _OWN = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
_UNLIMITED = 1 << 60  # version 1 says so with a number beyond any memory


def granted_cores(mount: Path = _MOUNT, own: Path = _OWN) -> int | None:
    """Cores that this process may keep busy, of several groups' the fewest; None if there is no limit."""
    quotas = [*_quotas(mount, own)]
    return max(1, math.ceil(min(quotas))) if quotas else None


def granted_bytes(mount: Path = _MOUNT, own: Path = _OWN) -> int | None:
    """Memory that this process and its children may use; None if there is no limit."""
    limits = []
    for folder in _folders("memory", mount, own):
        for name in ("memory.max", "memory.high", "memory.limit_in_bytes"):
            limit = _numbers(folder / name)
            if limit and limit[0] < _UNLIMITED:
                limits.append(int(limit[0]))
    return min(limits, default=None)


def usable_cores(bytes_each: int = 0) -> int:
    """Cores that this process may use; no more than have so much memory each, where a container limits it."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    cores = min(cores, granted_cores() or cores)
    memory = granted_bytes() if bytes_each else None
    return cores if memory is None else max(1, min(cores, memory // bytes_each))


def _quotas(mount: Path, own: Path) -> Iterator[float]:
    for folder in _folders("cpu", mount, own):
        both = _numbers(folder / "cpu.max")  # version 2
        if not both:
            both = _numbers(folder / "cpu.cfs_quota_us") + _numbers(folder / "cpu.cfs_period_us")
        if len(both) == 2 and min(both) > 0:
            yield both[0] / both[1]


def _folders(controller: str, mount: Path, own: Path) -> Iterator[Path]:
    """Where limits of that kind may be: of this process's group and those that it is in.

    Within a container the group's own path may not be there, but that of the container is, at the top.
    """
    try:
        lines = own.read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        return
    for line in lines:
        _, controllers, path = line.split(":", 2) if line.count(":") >= 2 else ("", "-", "/")
        if controllers and controller not in controllers.split(","):
            continue
        for top in [mount / controllers, mount / controller] if controllers else [mount, mount / "unified"]:
            group = top / path.lstrip("/")
            yield from (folder for folder in (group, *group.parents) if folder.is_relative_to(top))


def _numbers(file: Path) -> list[float]:
    """What a file says; nothing if there is no such file, or no limit."""
    try:
        return [float(word) for word in file.read_text().split()]
    except (OSError, ValueError):
        return []
