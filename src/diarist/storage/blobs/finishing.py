"""Work that cannot be broken off half-way: a thread, or a request that must be cleaned up after."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def finished(work: Awaitable[T], patience_s: float | None = None) -> T:
    """Return what `work` gives. A cancellation comes out only after it has ended.

    Args:
        work: a thread's or a request's future.
        patience_s: how long a cancellation waits before it breaks the work off all the same;
            None is for work that nothing can break off.
    """
    future = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        await _ended(future, patience_s)
        raise


async def _ended(future: asyncio.Future[T], patience_s: float | None) -> None:
    """Wait for the end, however often somebody cancels that."""
    clock = asyncio.get_running_loop().time
    deadline = None if patience_s is None else clock() + patience_s
    future.add_done_callback(_taken_note_of)
    while not future.done():
        left_s = None if deadline is None else deadline - clock()
        if left_s is not None and left_s <= 0:
            future.cancel()
            return
        with suppress(asyncio.CancelledError):
            await asyncio.wait({future}, timeout=left_s)


def _taken_note_of(future: asyncio.Future[T]) -> None:
    """Keep asyncio from reporting an error that nobody waits for any more."""
    if not future.cancelled():
        future.exception()
