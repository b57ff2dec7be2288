"""Where C libraries write to stdout and stderr what they think of a file, past Python.

A library does not touch the descriptors of the program that it is part of; a program that is midcli's own
(cli) has them silenced there.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

_around: Callable[[], AbstractContextManager[None]] = nullcontext


def hushed() -> AbstractContextManager[None]:
    """What a noisy call is made in."""
    return _around()


@contextmanager
def hushed_by(around: Callable[[], AbstractContextManager[None]]) -> Iterator[None]:
    """Noisy calls of all threads are made in `around()` meanwhile."""
    global _around
    usual, _around = _around, around
    try:
        yield
    finally:
        _around = usual
