"""Keeps C libraries from writing to stderr."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_STDERR = 2

_lock = Lock()
_silencers = 0
_saved = -1


@contextmanager
def silenced() -> Iterator[None]:
    """Send file descriptor 2 nowhere; may be nested and entered by several threads at a time."""
    global _silencers, _saved
    with _lock:
        if not _silencers:
            _saved = _silence()
        _silencers += 1
    try:
        yield
    finally:
        with _lock:
            _silencers -= 1
            if not _silencers and _saved >= 0:
                os.dup2(_saved, _STDERR)
                os.close(_saved)


def _silence() -> int:
    """A duplicate of the descriptor before it was silenced; -1 if it is closed."""
    try:
        saved = os.dup(_STDERR)
    except OSError:
        return -1
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, _STDERR)
    os.close(nowhere)
    return saved
