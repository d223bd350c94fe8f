"""A generator that works ahead gives the same items, and ends when nobody wants more."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from diarist.transcription.prefetch import prefetched


def test_items_come_in_order() -> None:
    assert list(prefetched(range(100), ahead=3)) == list(range(100))


def test_the_work_is_done_in_another_thread() -> None:
    names = list(prefetched((threading.current_thread().name for _ in range(2)), ahead=1))

    assert threading.current_thread().name not in names


def test_an_error_comes_in_the_place_of_the_item() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("no more")

    items = prefetched(broken(), ahead=2)

    assert next(items) == 1
    with pytest.raises(ValueError, match="no more"):
        next(items)


def test_it_does_not_run_away() -> None:
    made: list[int] = []
    wanted = threading.Event()

    def counted() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            if number == 3:
                wanted.set()
            yield number

    items = prefetched(counted(), ahead=2)
    next(items)
    assert wanted.wait(10)

    assert len(made) <= 5
    items.close()  # type: ignore[attr-defined]  # it is a generator


def test_the_thread_ends_when_nobody_wants_more() -> None:
    before = threading.active_count()
    items = prefetched(iter(int, 1), ahead=2)
    next(items)

    items.close()  # type: ignore[attr-defined]  # it is a generator

    assert threading.active_count() == before
