"""Let a generator work ahead in a thread of its own, a few items at most."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator
from queue import Empty, Full, Queue
from typing import Generic, TypeVar

T = TypeVar("T")
_POLL_S = 0.1


class _End:
    """What the thread puts behind the last item: nothing, or why it stopped."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class _Ahead(Generic[T]):
    def __init__(self, items: Iterable[T], ahead: int) -> None:
        self._queue: Queue[T | _End] = Queue(maxsize=ahead)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, args=(items,), daemon=True)
        self._thread.start()

    def _work(self, items: Iterable[T]) -> None:
        end = _End()
        try:
            for item in items:
                if not self._put(item):
                    return
        except BaseException as error:  # noqa: BLE001 - carried to the consumer, who raises it
            end = _End(error)
        self._put(end)

    def _put(self, item: T | _End) -> bool:
        while not self._stopped.is_set():
            try:
                self._queue.put(item, timeout=_POLL_S)
            except Full:
                continue
            return True
        return False

    def items(self) -> Iterator[T]:
        while True:
            item = self._queue.get()
            if not isinstance(item, _End):
                yield item
            elif item.error is not None:
                raise item.error
            else:
                return

    def stop(self) -> None:
        self._stopped.set()
        with contextlib.suppress(Empty):
            self._queue.get_nowait()
        self._thread.join()


def prefetched(items: Iterable[T], ahead: int) -> Iterator[T]:
    """Yield the items of an iterable that is consumed in a thread of its own.

    Args:
        items: consumed by one thread only, so that it needs no locks.
        ahead: how many items may wait.

    Raises:
        Whatever the iterable raises, at the place where its next item would have been. When
        the consumer stops early, the thread ends after the item that it is working on.
    """
    worker = _Ahead(items, ahead)
    try:
        yield from worker.items()
    finally:
        worker.stop()
