"""Several children that do the same, lent to whoever needs one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from diarist.workers.children.child import Child


class ChildPool:
    """At most `size` children of one kind, started as they are needed.

    Attributes:
        name: of each child, in errors.
        size: how many may be borrowed at the same time.
    """

    def __init__(
        self,
        factory: Callable[[], object],
        size: int,
        name: str,
        recycle_after: int | None = None,
    ) -> None:
        """Prepare a pool; nothing is started yet.

        Args:
            factory: builds the object of each child; picklable.
            size: how many there are at most.
            name: what to call them in errors.
            recycle_after: as in `Child`.
        """
        self.name, self.size = name, size
        self._factory, self._recycle_after = factory, recycle_after
        self._free = asyncio.Semaphore(size)
        self._idle: list[Child] = []
        self._children: list[Child] = []
        self._is_closed = False

    @asynccontextmanager
    async def borrowed(self) -> AsyncGenerator[Child, None]:
        """Lend a child, as soon as one is free.

        Raises:
            RuntimeError: if the pool is closed.
        """
        async with self._free:
            if self._is_closed:
                raise RuntimeError(f"the pool of {self.name} processes is closed")
            child = self._taken()
            try:
                yield child
            finally:
                self._idle.append(child)

    async def close(self) -> None:
        """End all children, also those that are borrowed, and wait until they are gone."""
        self._is_closed = True
        await asyncio.gather(*(child.close() for child in self._children))

    def _taken(self) -> Child:
        if not self._idle:
            self._idle.append(Child(self._factory, self.name, self._recycle_after))
            self._children.append(self._idle[-1])
        # One that runs has its model loaded; of those, the one used last is in the caches.
        position, child = max(
            enumerate(self._idle), key=lambda numbered: (numbered[1].is_alive, numbered[0])
        )
        del self._idle[position]
        return child
