"""Items made in a thread, while their taker does something else."""

from collections import deque
from collections.abc import Generator, Iterator
from threading import Condition, Thread
from typing import Generic, Self, TypeVar

Item = TypeVar("Item")


class Ahead(Generic[Item]):
    """Iterates over items that a thread makes, at most `most` before they are wanted.

    What `items` raises comes out in its place. Close it, or use it as a context manager: the thread then
    ends after the item that it is at.
    """

    def __init__(self, items: Generator[Item, None, None], most: int) -> None:
        self._items = items
        self._most = most
        self._made: deque[Item] = deque()
        self._changed = Condition()
        self._ended = False
        self._closed = False
        self._error: BaseException | None = None
        self._thread = Thread(target=self._make, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Item]:
        return self

    def __next__(self) -> Item:
        with self._changed:
            self._changed.wait_for(lambda: self._made or self._ended)
            if self._made:
                item = self._made.popleft()
                self._changed.notify()
                return item
        if self._error:
            raise self._error
        raise StopIteration

    def close(self) -> None:
        """Wait for the thread to end; what it has made is forgotten."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _make(self) -> None:
        try:
            for item in self._items:
                with self._changed:
                    self._changed.wait_for(lambda: self._closed or len(self._made) < self._most)
                    if self._closed:
                        return
                    self._made.append(item)
                    self._changed.notify()
        except BaseException as error:
            self._error = error
        finally:
            self._items.close()
            with self._changed:
                self._ended = True
                self._changed.notify()
