"""Messages from worker processes, while they work."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from threading import Lock, Thread
from typing import Any

_LAST_MESSAGES_S = 2.0


@dataclass(frozen=True)
class Address:
    """Where a worker process sends messages; picklable."""

    place: Any
    key: bytes = field(repr=False)

    def connect(self) -> Connection:
        """What messages are sent through."""
        return Client(self.place, authkey=self.key)


@contextmanager
def mailbox(on_message: Callable[[Any], None]) -> Iterator[Address]:
    """An address of this process; `on_message` hears one message at a time, in a thread of its own."""
    lock = Lock()

    def read(connection: Connection) -> None:
        with suppress(EOFError, OSError):
            while True:
                message = connection.recv()
                with lock:
                    on_message(message)

    def accept() -> None:
        while not closing:
            with suppress(AuthenticationError, EOFError, OSError):
                reader = Thread(target=read, args=(listener.accept(),), daemon=True)
                reader.start()
                readers.append(reader)

    closing: list[bool] = []
    readers: list[Thread] = []
    key = os.urandom(32)
    with Listener(authkey=key) as listener:
        door = Thread(target=accept, daemon=True)
        door.start()
        here = Address(listener.address, key)
        try:
            yield here
        finally:
            closing.append(True)
            with suppress(OSError, EOFError):
                here.connect().close()  # wakes what waits for the next
            door.join(_LAST_MESSAGES_S)
            for reader in readers:
                reader.join(_LAST_MESSAGES_S)
