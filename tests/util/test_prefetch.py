"""Items made in a thread: order, errors, bounds, early ends."""

import threading
from collections.abc import Iterator

import pytest

from midcli.util.prefetch import Ahead


def counting(stop: int, made: list[int], closed: list[bool]) -> Iterator[int]:
    try:
        for number in range(stop):
            made.append(number)
            yield number
    finally:
        closed.append(True)


@pytest.mark.parametrize("most", [1, 3, 1000])
def test_all_items_in_order(most: int) -> None:
    with Ahead(counting(100, [], []), most) as numbers:
        assert list(numbers) == list(range(100))
        assert list(numbers) == []


def test_errors_come_after_the_items_before_them() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise ValueError("no more")

    numbers = Ahead(failing(), 5)
    assert next(numbers) == 1
    with pytest.raises(ValueError, match="no more"):
        next(numbers)


def test_no_more_than_wanted_are_made_ahead() -> None:
    made: list[int] = []
    with Ahead(counting(1000, made, []), 3) as numbers:
        for taken, _ in enumerate(numbers, start=1):
            assert len(made) <= taken + 4  # three lie there, one waits to be put down
            if taken == 50:
                break
    assert len(made) < 60


def test_closing_ends_thread_and_source() -> None:
    closed: list[bool] = []
    before = threading.active_count()
    numbers = Ahead(counting(1000, [], closed), 2)
    next(numbers)
    numbers.close()
    assert closed == [True]
    assert threading.active_count() == before
