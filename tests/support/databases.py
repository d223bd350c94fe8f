"""Databases as tests need them: open, with all tables, with a row in each of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from threading import Barrier
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Table, func, insert, inspect, select, update

from diarist.storage.database import Database, DatabaseOptions
from diarist.storage.schema import upgrade
from diarist.storage.tables import metadata, recordings
from diarist.storage.types import UtcDateTime

_SAMPLES: dict[type, object] = {
    UUID: UUID(int=1),  # the same for all, so that every reference finds its row
    str: "x",
    int: 1,
    float: 1.0,
    bool: True,
    bytes: b"x",
    datetime: datetime(2026, 11, 18, 20, tzinfo=UTC),
    date: date(2026, 11, 18),
    object: {"x": 1},  # JSON
}


@asynccontextmanager
async def opened(url: str, **options: Any) -> AsyncIterator[Database]:
    """Open a database and close it at the end."""
    database = Database(DatabaseOptions(url, **options))
    try:
        yield database
    finally:
        await database.close()


def migrate(url: str) -> None:
    """Give a database all tables, and leave no connection to it."""

    async def migrated() -> None:
        async with opened(url) as database:
            await upgrade(database)

    asyncio.run(migrated())


async def fill(database: Database) -> None:
    """Put one row into each table."""
    async with database.transaction() as connection:
        for table in metadata.sorted_tables:
            row = {column.name: _sample(column) for column in table.columns}
            await connection.execute(insert(table).values(row))


async def table_names(database: Database) -> set[str]:
    """Return the names of all tables that there are."""
    async with database.reading() as connection:
        return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))


async def counted(database: Database, table: Table) -> int:
    """Return how many rows a table has."""
    async with database.reading() as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


def _sample(column: Column[Any]) -> object:
    is_time = isinstance(column.type, UtcDateTime)
    return _SAMPLES[datetime if is_time else column.type.python_type]


def migrate_together(url: str, barrier: Barrier) -> None:
    """Wait for the others and migrate then: in a process of its own."""
    barrier.wait()
    migrate(url)


def increment_together(url: str, barrier: Barrier, times: int) -> None:
    """Wait for the others, then add one many times, each by reading and writing."""

    async def incremented() -> None:
        async with opened(url) as database:
            for _ in range(times):
                async with database.transaction() as connection:
                    found = select(recordings.c.size_bytes)
                    size_bytes = (await connection.execute(found)).scalar_one()
                    await connection.execute(update(recordings).values(size_bytes=size_bytes + 1))

    barrier.wait()
    asyncio.run(incremented())
