"""The whole of `diarist db upgrade` and `diarist db check`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from diarist.bootstrap.services import blobs_of, database_of
from diarist.cli.failures import OK, SETUP
from diarist.cli.library.session import log_to_file
from diarist.errors import SchemaError
from diarist.jobs.checks.blobs import blob_differences, remove_orphans
from diarist.jobs.checks.promises import violations
from diarist.settings import Settings, load_settings
from diarist.storage.database import Database
from diarist.storage.schema import current_revision, drift, ensure_current, upgrade


def upgrade_tables(revision: str) -> None:
    """Bring the tables up to a revision; the newest if none is given.

    Raises:
        SchemaError: if the database is newer than this version, or the revision unknown.
    """

    async def work() -> str | None:
        async with _opened(load_settings()) as database:
            await upgrade(database, revision or "head")
            return await current_revision(database)

    log_to_file()
    print(f"the tables are at revision {asyncio.run(work())}")


def check_all(*, with_blobs: bool, repair: bool) -> int:
    """Print what is wrong, a line each, and return the exit code of the command."""

    async def work() -> list[str]:
        settings = load_settings()
        async with _opened(settings) as database:
            wrong = await _about_tables(database)
            if not wrong:
                wrong += await violations(database)
            if with_blobs and not wrong:
                wrong += await _about_blobs(settings, database, repair=repair)
            return wrong

    log_to_file()
    wrong = asyncio.run(work())
    for sentence in wrong:
        print(sentence)
    if not wrong:
        print("all is well")
    return SETUP if wrong else OK


async def _about_tables(database: Database) -> list[str]:
    """Return how the tables differ; where they do, jobs cannot be asked about."""
    try:
        await ensure_current(database)
    except SchemaError as error:
        return [f"{error.message}. {error.hint}"]
    return await drift(database)


async def _about_blobs(settings: Settings, database: Database, *, repair: bool) -> list[str]:
    blobs = blobs_of(settings)
    try:
        found = await blob_differences(database, blobs)
        removed = set(await remove_orphans(database, blobs, found.orphans) if repair else ())
    finally:
        await blobs.close()
    for key in sorted(removed):
        print(f"deleted the blob {key}, which nothing referred to")
    left = [key for key in found.orphans if key not in removed]
    return [
        *(f"the blob {key} is missing" for key in found.missing),
        *(f"nothing refers to the blob {key}" for key in left),
    ]


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncGenerator[Database, None]:
    database = database_of(settings)
    try:
        yield database
    finally:
        await database.close()
