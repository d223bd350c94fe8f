"""Transactions on both databases: what is kept, who waits for whom, what is tried again."""

from __future__ import annotations

import asyncio
import multiprocessing
import stat
import traceback
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import event, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from diarist.errors import StorageUnavailableError, UnexpectedError
from diarist.storage.database import Database, DatabaseOptions, skipping_locked
from diarist.storage.keys import new_id
from diarist.storage.tables import jobs, owners, recordings, tasks
from support.databases import counted, fill, increment_together, opened
from support.servers import PostgresServer

NOON = datetime(2026, 11, 18, 12, 0, 0, 250_000, tzinfo=UTC)
INCREMENTS = 200
SOMEBODY = "somebody whom nobody may know"


async def add_owner(connection: AsyncConnection, name: str = "me") -> None:
    await connection.execute(insert(owners).values(id=new_id(), name=name, created_at=NOON))


def test_what_was_done_in_a_transaction_is_kept(database_url: str) -> None:
    async def scenario() -> int:
        async with opened(database_url) as database:
            async with database.transaction() as connection:
                await add_owner(connection)
            return await counted(database, owners)

    assert asyncio.run(scenario()) == 1


def test_an_error_undoes_the_transaction_and_arrives_as_it_is(database_url: str) -> None:
    async def fail(connection: AsyncConnection) -> None:
        await add_owner(connection)
        raise LookupError

    async def scenario() -> int:
        async with opened(database_url) as database:
            with pytest.raises(LookupError):
                await database.run(fail)
            return await counted(database, owners)

    assert asyncio.run(scenario()) == 0


def test_a_timeout_of_the_callers_own_is_no_error_of_the_database(database_url: str) -> None:
    async def wait_too_long(_connection: AsyncConnection) -> None:
        raise TimeoutError

    async def scenario() -> None:
        async with opened(database_url) as database:
            with pytest.raises(TimeoutError):
                await database.run(wait_too_long)

    asyncio.run(scenario())


def test_who_is_cancelled_in_a_transaction_leaves_no_lock_behind(database_url: str) -> None:
    async def scenario() -> int:
        async with opened(database_url) as database:
            is_inside = asyncio.Event()

            async def hold() -> None:
                async with database.transaction() as connection:
                    await add_owner(connection)
                    is_inside.set()
                    await asyncio.Event().wait()

            holding = asyncio.create_task(hold())
            await is_inside.wait()
            holding.cancel()
            await asyncio.gather(holding, return_exceptions=True)
            async with database.transaction() as connection:
                await add_owner(connection)
            return await counted(database, owners)

    assert asyncio.run(scenario()) == 1


def test_who_is_cancelled_while_waiting_for_a_writer_leaves_no_lock_behind(
    sqlite_url: str,
) -> None:
    async def scenario() -> int:
        async with opened(sqlite_url) as database:
            async with database.transaction() as connection:
                is_waiting = asyncio.Event()
                engine = database.engine.sync_engine
                event.listen(engine, "before_cursor_execute", lambda *_: is_waiting.set())
                waiting = asyncio.create_task(database.run(add_owner))
                await is_waiting.wait()
                waiting.cancel()
                await add_owner(connection)
            await asyncio.gather(waiting, return_exceptions=True)
            async with database.transaction() as connection:
                await add_owner(connection, "somebody else")
            return await counted(database, owners)

    assert asyncio.run(scenario()) == 2


def test_work_is_done_again_when_postgresql_restarts_in_the_middle(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    tries: list[int] = []

    async def work(connection: AsyncConnection) -> str:
        tries.append(len(tries))
        await add_owner(connection)
        if len(tries) == 1:
            await asyncio.to_thread(postgres_server.restart)
        name: str = (await connection.execute(select(owners.c.name))).scalar_one()
        return name

    async def scenario() -> tuple[str, int]:
        async with opened(postgres_url) as database:
            return await database.run(work), await counted(database, owners)

    assert asyncio.run(scenario()) == ("me", 1)
    assert len(tries) > 1


def test_who_reads_patiently_does_not_notice_a_restart(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    async def names(connection: AsyncConnection) -> list[str]:
        return list((await connection.execute(select(owners.c.name))).scalars())

    async def scenario() -> list[str]:
        async with opened(postgres_url) as database:
            await database.run(add_owner)
            await asyncio.to_thread(postgres_server.restart)
            return await database.read(names)

    assert asyncio.run(scenario()) == ["me"]


def test_work_waits_until_postgresql_is_there(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    async def scenario() -> int:
        async with opened(postgres_url) as database:
            await asyncio.to_thread(postgres_server.stop)
            try:
                waiting = asyncio.create_task(database.run(add_owner))
            finally:
                await asyncio.to_thread(postgres_server.start)
            await waiting
            return await counted(database, owners)

    assert asyncio.run(scenario()) == 1


def test_work_fails_once_the_database_was_away_for_too_long() -> None:
    async def never(_connection: AsyncConnection) -> None:
        raise AssertionError("there is no connection")

    async def scenario() -> None:
        nowhere = "postgresql://me:secret@127.0.0.1:1/diary"
        async with opened(nowhere, patience_s=0.2) as database:
            with pytest.raises(StorageUnavailableError, match="127.0.0.1") as caught:
                await database.run(never)
            assert caught.value.is_passing

    asyncio.run(scenario())


def test_a_defect_is_not_tried_again_and_shows_no_row(database_url: str) -> None:
    tries: list[int] = []

    async def work(connection: AsyncConnection) -> None:
        tries.append(len(tries))
        await connection.execute(insert(owners).values(id=new_id(), name=SOMEBODY))

    async def scenario() -> UnexpectedError:
        async with opened(database_url) as database:
            with pytest.raises(UnexpectedError) as caught:
                await database.run(work)
            return caught.value

    error = asyncio.run(scenario())
    assert len(tries) == 1
    assert SOMEBODY not in "".join(traceback.format_exception(error))


def test_two_processes_that_read_and_then_write_never_find_sqlite_locked(sqlite_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(2)
    processes = [
        spawn.Process(target=increment_together, args=(sqlite_url, barrier, INCREMENTS))
        for _ in range(2)
    ]

    async def size_bytes() -> object:
        async with opened(sqlite_url) as database, database.reading() as connection:
            return (await connection.execute(select(recordings.c.size_bytes))).scalar_one()

    async def prepare() -> None:
        async with opened(sqlite_url) as database:
            await fill(database)

    asyncio.run(prepare())
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0, 0]
    assert asyncio.run(size_bytes()) == 1 + 2 * INCREMENTS


def test_a_reader_of_sqlite_does_not_wait_for_a_writer(sqlite_url: str) -> None:
    async def scenario() -> tuple[int, int]:
        async with opened(sqlite_url, busy_timeout_s=0.0) as database:
            async with database.transaction() as connection:
                await add_owner(connection)
                meanwhile = await counted(database, owners)
            return meanwhile, await counted(database, owners)

    assert asyncio.run(scenario()) == (0, 1)


def test_a_row_that_somebody_works_on_is_skipped_in_postgresql(postgres_url: str) -> None:
    statement = skipping_locked(select(tasks.c.id))

    async def scenario() -> list[int]:
        async with opened(postgres_url) as database:
            await fill(database)
            async with database.transaction() as first, database.transaction() as second:
                return [len((await one.execute(statement)).all()) for one in (first, second)]

    assert asyncio.run(scenario()) == [1, 0]


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=5, minutes=45))])
def test_a_time_comes_back_as_the_same_moment_in_utc(database_url: str, zone: timezone) -> None:
    async def scenario() -> list[datetime]:
        async with opened(database_url) as database:
            async with database.transaction() as connection:
                owner = {"id": new_id(), "name": "me", "created_at": NOON.astimezone(zone)}
                await connection.execute(insert(owners).values(owner))
            async with database.reading() as connection:
                found = select(owners.c.created_at).where(owners.c.created_at == NOON)
                return list((await connection.execute(found)).scalars())

    (found,) = asyncio.run(scenario())
    assert (found, found.tzinfo) == (NOON, UTC)


def test_a_time_of_no_zone_is_refused(database_url: str) -> None:
    async def work(connection: AsyncConnection) -> None:
        owner = {"id": new_id(), "name": "me", "created_at": NOON.replace(tzinfo=None)}
        await connection.execute(insert(owners).values(owner))

    async def scenario() -> None:
        async with opened(database_url) as database:
            with pytest.raises(UnexpectedError, match="no time zone"):
                await database.run(work)

    asyncio.run(scenario())


def test_nothing_is_stored_as_nothing_where_there_may_be_json(database_url: str) -> None:
    async def scenario() -> list[object]:
        async with opened(database_url) as database:
            await fill(database)
            async with database.transaction() as connection:
                await connection.execute(jobs.update().values(error=None))
            async with database.reading() as connection:
                found = select(jobs.c.id).where(jobs.c.error.is_(None))
                return list((await connection.execute(found)).scalars())

    assert len(asyncio.run(scenario())) == 1


def test_now_moves_with_the_shift(database_url: str) -> None:
    async def now(database: Database) -> datetime:
        async with database.reading() as connection:
            return (await connection.execute(select(database.from_now()))).scalar_one()

    async def scenario() -> tuple[datetime, datetime]:
        async with opened(database_url) as database:
            before = await now(database)
            database.shift = timedelta(days=1)
            return before, await now(database)

    before, after = asyncio.run(scenario())
    assert timedelta(days=1) <= after - before < timedelta(days=2)


def test_a_time_from_now_is_so_much_later(database_url: str) -> None:
    async def scenario() -> timedelta:
        async with opened(database_url) as database:
            database.shift = timedelta(hours=1)
            async with database.reading() as connection:
                times = select(database.from_now(-60.0), database.from_now(86_400.0))
                earlier, later = (await connection.execute(times)).one()
                return timedelta(seconds=(later - earlier).total_seconds())

    assert asyncio.run(scenario()) // timedelta(minutes=1) == 24 * 60 + 1


def test_sqlite_reads_the_clock_that_it_was_given(sqlite_url: str) -> None:
    async def scenario() -> datetime:
        database = Database(DatabaseOptions(sqlite_url), clock=lambda: NOON)
        async with database.reading() as connection:
            now = (await connection.execute(select(database.from_now(5.0)))).scalar_one()
        await database.close()
        return now

    assert asyncio.run(scenario()) == NOON + timedelta(seconds=5)


def test_what_is_deleted_from_sqlite_is_not_in_its_file_any_more(
    sqlite_url: str, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with opened(sqlite_url) as database:
            await database.run(lambda connection: add_owner(connection, SOMEBODY))
        assert SOMEBODY.encode() in (tmp_path / "diarist.db").read_bytes()
        async with opened(sqlite_url) as database, database.transaction() as connection:
            await connection.execute(owners.delete())

    asyncio.run(scenario())

    assert SOMEBODY.encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_a_new_file_and_its_folder_are_its_owners_own(tmp_path: Path) -> None:
    path = tmp_path / "new" / "diarist.db"

    async def scenario() -> None:
        async with opened(f"sqlite:///{path}") as database, database.transaction() as connection:
            await connection.execute(text("CREATE TABLE one (id INTEGER)"))

    asyncio.run(scenario())

    assert [stat.S_IMODE(made.stat().st_mode) for made in (path, path.parent)] == [0o600, 0o700]


def test_closing_twice_is_harmless_and_a_closed_database_opens_again(database_url: str) -> None:
    async def scenario() -> int:
        async with opened(database_url) as database:
            await counted(database, owners)
            await database.close()
            await database.close()
            return await counted(database, owners)

    assert asyncio.run(scenario()) == 0
