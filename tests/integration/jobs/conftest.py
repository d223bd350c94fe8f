"""A job engine whose steps are taken by hand, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from support.line import Line, OnLine, T, line


@pytest.fixture
def on_line(database_url: str, tmp_path: Path) -> OnLine:
    """Run a coroutine function with an engine on a fresh database, and return what it returns."""

    def run(work: Callable[[Line], Awaitable[T]]) -> T:
        async def with_line() -> T:
            async with line(database_url, tmp_path) as at_work:
                return await work(at_work)

        return asyncio.run(with_line())

    return run
