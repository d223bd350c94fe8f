"""What `diarist doctor` looks at of the library: database, blob store, queue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from diarist.bootstrap.services import blobs_of, database_of
from diarist.cli.checks import Finding
from diarist.errors import DiaristError, SchemaError, UpstreamUnavailableError
from diarist.jobs.broker import connection_errors, open_broker
from diarist.settings import DatabaseSettings, Settings, load_settings
from diarist.storage.database import Database
from diarist.storage.schema import ensure_current

_PATIENCE_S = 2.0


def store_findings() -> Iterator[Finding]:
    """Look at what jobs are made of. What nobody chose may be missing: `diarist run` needs none."""
    try:
        settings = load_settings()
    except DiaristError:  # which was found before
        return
    chosen = settings.database.url.get_secret_value()
    yield _finding("database", lambda: _database(settings), is_chosen=bool(chosen))
    yield _finding("blobs", lambda: _blobs(settings), is_chosen=bool(settings.blobs.url))
    yield _finding("queue", lambda: _queue(settings), is_chosen=True)


def _finding(subject: str, look: Callable[[], Awaitable[str]], *, is_chosen: bool) -> Finding:
    try:
        return Finding(subject, "ok", asyncio.run(_awaited(look)))
    except DiaristError as error:
        return Finding(subject, "missing" if is_chosen else "warning", error.message, error.hint)


async def _awaited(look: Callable[[], Awaitable[str]]) -> str:
    return await look()


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Database]:
    patient = settings.database.model_dump() | {"patience_s": _PATIENCE_S}
    database = database_of(
        settings.model_copy(update={"database": DatabaseSettings.model_validate(patient)})
    )
    try:
        yield database
    finally:
        await database.close()


async def _database(settings: Settings) -> str:
    async with _opened(settings) as database:
        path = Path(database.shown.removeprefix("sqlite:///"))
        if database.is_sqlite and not await asyncio.to_thread(path.exists):
            return f"{path} is made when it is first needed"
        try:
            await ensure_current(database)
        except SchemaError:
            if not database.is_sqlite:
                raise
            return f"{database.shown} is brought up to date when it is next used"
        return f"{database.shown} has the tables of this version"


async def _blobs(settings: Settings) -> str:
    blobs = blobs_of(settings)
    try:
        await blobs.check()
    finally:
        await blobs.close()
    return f"{blobs.shown} can be written, read and deleted from"


async def _queue(settings: Settings) -> str:
    url = settings.queue.redis_url.get_secret_value()
    if not url:
        return "none: workers look into the database, and need no other"
    broker = open_broker(url)
    try:
        await asyncio.to_thread(broker.client.ping)  # type: ignore[attr-defined] # that of Redis
    except connection_errors() as error:
        raise UpstreamUnavailableError(
            f"the queue does not answer ({error})",
            hint="Check DIARIST_QUEUE__REDIS_URL and that Redis runs; jobs get done without it,"
            " only later.",
        ) from error
    finally:
        broker.close()
    return "it answers"
