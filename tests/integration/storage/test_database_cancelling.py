"""Work that is cancelled in the middle of a statement gives back what it had locked."""

from __future__ import annotations

import asyncio

from sqlalchemy import event, text

from diarist.storage.database import Database
from diarist.storage.tables import owners
from support.databases import counted, opened
from support.library import add_owner

_SLOW = text(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) "
    "SELECT count(*) FROM n"
)


async def cancelled_in_a_statement(database: Database) -> BaseException | None:
    """Add an owner, and be cancelled before that is committed."""
    has_begun = asyncio.Event()

    async def work() -> None:
        async with database.transaction() as connection:
            await add_owner(connection)
            event.listen(
                database.engine.sync_engine,
                "before_cursor_execute",
                lambda *_: has_begun.set(),
            )
            await connection.execute(_SLOW)

    working = asyncio.create_task(work())
    await has_begun.wait()
    working.cancel()
    (error,) = await asyncio.gather(working, return_exceptions=True)
    return error


def test_a_statement_that_is_cancelled_leaves_no_lock_behind(database_url: str) -> None:
    async def work() -> tuple[BaseException | None, int]:
        async with opened(database_url) as database, opened(database_url) as other:
            error = await cancelled_in_a_statement(database)  # its traceback holds the cursor
            async with other.transaction() as connection:
                await add_owner(connection)
            return error, await counted(other, owners)

    error, count = asyncio.run(work())

    assert isinstance(error, asyncio.CancelledError)
    assert count == 1
