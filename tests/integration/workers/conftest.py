"""A fleet of workers: on SQLite without a broker, and on PostgreSQL with Valkey."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from support.fleet import Fleet, fleet

OnFleet: TypeAlias = Callable[..., None]
"""Runs a coroutine function with a fleet; what else it is given changes the plan of workers."""


def _runner(url: str, redis_url: str | None, folder: Path) -> OnFleet:
    def run(work: Callable[[Fleet], Awaitable[None]], **changes: Any) -> None:
        async def with_fleet() -> None:
            async with fleet(url, redis_url, folder, **changes) as one:
                await work(one)

        asyncio.run(with_fleet())

    return run


@pytest.fixture
def on_servers(postgres_url: str, valkey_url: str, tmp_path: Path) -> OnFleet:
    """On PostgreSQL with Valkey."""
    return _runner(postgres_url, valkey_url, tmp_path)


@pytest.fixture
def without_servers(sqlite_url: str, tmp_path: Path) -> OnFleet:
    """On SQLite, each worker with a broker of its own."""
    return _runner(sqlite_url, None, tmp_path)


@pytest.fixture(params=["without_servers", "on_servers"])
def on_fleet(request: pytest.FixtureRequest) -> OnFleet:
    """On either."""
    run: OnFleet = request.getfixturevalue(request.param)
    return run
