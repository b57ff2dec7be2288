"""Keeps C libraries from writing to stdout and stderr."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_STDOUT, _STDERR = 1, 2

_lock = Lock()
_silencers = 0
_saved: dict[int, int] = {}


@contextmanager
def silenced() -> Iterator[None]:
    """Send file descriptors 1 and 2 nowhere; may be nested and entered by several threads at a time."""
    global _silencers
    with _lock:
        if not _silencers:
            for descriptor in (_STDOUT, _STDERR):
                _silence(descriptor)
        _silencers += 1
    try:
        yield
    finally:
        with _lock:
            _silencers -= 1
            if not _silencers:
                _restore()


def _silence(descriptor: int) -> None:
    """Keeps a duplicate of the descriptor, unless it is closed."""
    try:
        _saved[descriptor] = os.dup(descriptor)
    except OSError:
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _restore() -> None:
    if sys.platform != "win32":
        import ctypes

        ctypes.CDLL(None).fflush(None)  # what C has buffered must go nowhere too
    for descriptor, saved in _saved.items():
        os.dup2(saved, descriptor)
        os.close(saved)
    _saved.clear()
