"""Migrations on both databases: up, down, side by side, and what has drifted."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Integer, Text, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

import diarist.storage.migrations
from diarist.errors import SchemaError, UnexpectedError
from diarist.storage.database import Database
from diarist.storage.schema import (
    UNMAPPED,
    current_revision,
    downgrade,
    drift,
    ensure_current,
    revisions,
    upgrade,
)
from diarist.storage.tables import metadata, owners, recordings
from support.databases import counted, fill, migrate_together, opened, table_names

MIGRATIONS = Path(diarist.storage.migrations.__file__).parent
HEAD = revisions()[-1]
Change = Callable[[Operations], None]


async def leftovers(database: Database) -> list[str]:
    """Return the names of all that somebody made in a database."""
    statement = (
        "SELECT name FROM sqlite_master"
        if database.is_sqlite
        else "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " UNION SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace"
        " UNION SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    )
    async with database.reading() as connection:
        return [name for (name,) in await connection.execute(text(statement))]


async def change(database: Database, by: Change) -> None:
    """Change tables as a migration does."""

    def changed(connection: Connection) -> None:
        by(Operations(MigrationContext.configure(connection)))

    async def work(connection: AsyncConnection) -> None:
        await connection.run_sync(changed)

    await database.rebuild(work)


async def execute(database: Database, statement: str) -> None:
    async with database.transaction() as connection:
        await connection.execute(text(statement))


def test_a_database_full_of_rows_is_taken_down_to_nothing(empty_database_url: str) -> None:
    async def scenario() -> list[str]:
        async with opened(empty_database_url) as database:
            await upgrade(database)
            await fill(database)
            await downgrade(database, "base")
            return await leftovers(database)

    assert asyncio.run(scenario()) == []


@pytest.mark.parametrize("older", revisions()[:-1])
def test_going_back_and_forth_by_a_step_keeps_all_rows(database_url: str, older: str) -> None:
    async def scenario() -> dict[str, int]:
        async with opened(database_url) as database:
            await fill(database)
            await downgrade(database, older)
            await upgrade(database)
            return {table.name: await counted(database, table) for table in metadata.sorted_tables}

    assert asyncio.run(scenario()) == dict.fromkeys(metadata.tables, 1)


def test_an_upgrade_changes_nothing_where_nothing_is_to_be_done(database_url: str) -> None:
    async def scenario() -> tuple[int, str | None]:
        async with opened(database_url) as database:
            await fill(database)
            await upgrade(database)
            return await counted(database, owners), await current_revision(database)

    assert asyncio.run(scenario()) == (1, HEAD)


def test_four_processes_that_start_together_upgrade_a_database_once(
    empty_database_url: str,
) -> None:
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(4)
    processes = [
        spawn.Process(target=migrate_together, args=(empty_database_url, barrier)) for _ in range(4)
    ]

    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    asyncio.run(assert_current(empty_database_url))


async def assert_current(url: str) -> None:
    async with opened(url) as database:
        await ensure_current(database)
        assert await drift(database) == []


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(empty_database_url: str) -> None:
    last = list(metadata.tables)[-1]

    async def scenario() -> set[str]:
        async with opened(empty_database_url) as database:
            await execute(database, f"CREATE TABLE {last} (theirs INTEGER)")
            with pytest.raises(UnexpectedError, match="already exists"):
                await upgrade(database)
            return await table_names(database)

    assert asyncio.run(scenario()) == {last}


def test_an_unknown_revision_is_refused_with_those_that_are_known(database_url: str) -> None:
    async def scenario() -> None:
        async with opened(database_url) as database:
            with pytest.raises(SchemaError, match="0815") as caught:
                await downgrade(database, "0815")
            assert HEAD in caught.value.hint

    asyncio.run(scenario())


def test_the_tables_at_head_are_those_of_the_program(database_url: str) -> None:
    asyncio.run(assert_current(database_url))


def _without_a_title(operations: Operations) -> None:
    operations.drop_column("entries", "title")


def _with_a_table_more(operations: Operations) -> None:
    operations.create_table("surplus", Column("id", Integer, primary_key=True))


def _with_a_column_more(operations: Operations) -> None:
    operations.add_column("owners", Column("surplus", Text))


def _without_a_table(operations: Operations) -> None:
    operations.drop_table("watched_files")


def _without_an_index(operations: Operations) -> None:
    operations.drop_index("ix_tasks_ready", "tasks")


def _with_nameless_owners(operations: Operations) -> None:
    with operations.batch_alter_table("owners") as owners_now:
        owners_now.alter_column("name", nullable=True)


def _with_other_numbers(operations: Operations) -> None:
    with operations.batch_alter_table("owners") as owners_now:
        owners_now.alter_column("name", type_=Integer(), postgresql_using="length(name)")


def _with_namesakes(operations: Operations) -> None:
    with operations.batch_alter_table("owners") as owners_now:
        owners_now.drop_constraint("uq_owners_name", type_="unique")


def _with_another_key(operations: Operations) -> None:
    with operations.batch_alter_table("job_events") as events_now:
        events_now.drop_constraint("pk_job_events", type_="primary")
        events_now.create_primary_key("pk_job_events", ["seq", "job_id"])


def _with_recordings_of_nobody(operations: Operations) -> None:
    with operations.batch_alter_table("recordings") as recordings_now:
        recordings_now.drop_constraint("fk_recordings_owner_id", type_="foreignkey")


@pytest.mark.parametrize(
    ("by", "sentence"),
    [
        (_without_a_title, "the column entries.title is missing"),
        (_with_a_table_more, "the table surplus is not of this version"),
        (_with_a_column_more, "the column owners.surplus is not of this version"),
        (_without_a_table, "the table watched_files is missing"),
        (_without_an_index, "the index ix_tasks_ready of tasks is missing"),
        (
            _with_nameless_owners,
            "the column owners.name may be empty, which is not what is needed",
        ),
        (_with_other_numbers, "the column owners.name is INTEGER() instead of Text()"),
        (_with_namesakes, "the constraint uq_owners_name of owners is missing"),
        (
            _with_another_key,
            "the key of job_events is ['seq', 'job_id'] instead of ['job_id', 'seq']",
        ),
        (
            _with_recordings_of_nobody,
            "the foreign key fk_recordings_owner_id of recordings is missing",
        ),
    ],
)
def test_drift_is_told_in_a_sentence(database_url: str, by: Change, sentence: str) -> None:
    async def scenario() -> list[str]:
        async with opened(database_url) as database:
            await change(database, by)
            return await drift(database)

    assert sentence in asyncio.run(scenario())


def test_what_the_program_has_no_words_for_is_no_drift(database_url: str) -> None:
    async def scenario() -> list[str]:
        async with opened(database_url) as database:
            await change(database, _with_a_table_more)
            return await drift(database, ignored={*UNMAPPED, "surplus"})

    assert asyncio.run(scenario()) == []


def test_a_database_without_tables_is_to_be_upgraded(empty_database_url: str) -> None:
    async def scenario() -> None:
        async with opened(empty_database_url) as database:
            assert await current_revision(database) is None
            with pytest.raises(SchemaError, match="no tables") as caught:
                await ensure_current(database)
            assert "diarist db upgrade" in caught.value.hint

    asyncio.run(scenario())


@pytest.mark.parametrize("older", revisions()[:-1])
def test_an_older_database_is_to_be_upgraded(database_url: str, older: str) -> None:
    async def scenario() -> None:
        async with opened(database_url) as database:
            await downgrade(database, older)
            with pytest.raises(SchemaError, match=f"{older}, and {HEAD}") as caught:
                await ensure_current(database)
            assert "diarist db upgrade" in caught.value.hint

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "attempt", [ensure_current, upgrade, lambda database: downgrade(database, "base")]
)
def test_a_newer_database_is_left_alone(database_url: str, attempt: Callable[..., Any]) -> None:
    async def scenario() -> str | None:
        async with opened(database_url) as database:
            await execute(database, "UPDATE alembic_version SET version_num = '9999'")
            with pytest.raises(SchemaError, match="9999") as caught:
                await attempt(database)
            assert "update this one" in caught.value.hint
            return await current_revision(database)

    assert asyncio.run(scenario()) == "9999"


def test_a_table_that_others_refer_to_is_made_anew_without_loss(database_url: str) -> None:
    async def scenario() -> tuple[int, int]:
        async with opened(database_url) as database:
            await fill(database)
            await change(database, _with_nameless_owners)
            kept = await counted(database, recordings)
            await execute(database, "DELETE FROM owners")
            return kept, await counted(database, recordings)

    assert asyncio.run(scenario()) == (1, 0)


def test_a_change_that_tears_rows_apart_is_undone(sqlite_url: str) -> None:
    async def tear(connection: AsyncConnection) -> None:
        await connection.execute(owners.delete())

    async def scenario() -> int:
        async with opened(sqlite_url) as database:
            await fill(database)
            with pytest.raises(UnexpectedError, match="owners"):
                await database.rebuild(tear)
            return await counted(database, owners)

    assert asyncio.run(scenario()) == 1


def test_the_queue_is_cleaned_early(postgres_url: str) -> None:
    async def scenario() -> list[str]:
        async with opened(postgres_url) as database, database.reading() as connection:
            options = text("SELECT reloptions FROM pg_class WHERE relname = 'tasks'")
            return list((await connection.execute(options)).scalar_one())

    assert "autovacuum_vacuum_scale_factor=0.01" in asyncio.run(scenario())


def test_the_steps_are_one_chain_in_the_order_of_their_file_names() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    chain = [step.revision for step in ScriptDirectory.from_config(config).walk_revisions()]

    assert chain == list(reversed(revisions()))


def test_a_step_does_not_depend_on_what_the_program_is_today() -> None:
    steps = sorted(MIGRATIONS.glob("versions/m*.py"))

    assert steps
    assert [step.name for step in steps if "diarist" in step.read_text(encoding="utf-8")] == []


def test_a_row_can_be_read_from_each_table(database_url: str) -> None:
    async def scenario() -> None:
        async with opened(database_url) as database:
            await fill(database)
            async with database.reading() as connection:
                for table in metadata.sorted_tables:
                    assert (await connection.execute(select(table))).one()

    asyncio.run(scenario())
