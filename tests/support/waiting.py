"""Waiting for what will be true, with a deadline that only a defect reaches."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

DEADLINE_S = 40.0
_POLL_S = 0.02


async def until(look: Callable[[], Awaitable[T | None]]) -> T:
    """Look again and again, until there is something to be seen; return that."""
    async with asyncio.timeout(DEADLINE_S):
        while not (seen := await look()):  # noqa: ASYNC110 - nobody tells what the database holds
            await asyncio.sleep(_POLL_S)
    return seen
