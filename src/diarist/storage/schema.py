"""The tables of a database: bringing them where this version needs them, and proving it.

A migration runs in one transaction, or not at all; of several processes that start together,
one does it and the others wait and find nothing left to do.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from diarist.errors import SchemaError
from diarist.storage.search_index import INDEX_PARTS, missing_index_parts
from diarist.storage.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.config import Config
    from sqlalchemy.ext.asyncio import AsyncConnection

    from diarist.storage.database import Database

_MIGRATIONS = Path(__file__).parent / "migrations"

UNMAPPED = INDEX_PARTS
"""Tables, columns and indexes that a migration makes and that `tables.py` has no words for."""


def revisions() -> list[str]:
    """Return the revisions that this version knows, the newest last."""
    return sorted(path.name[1:5] for path in _MIGRATIONS.glob("versions/m*.py"))


async def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the tables up to a revision. Several processes may do this at once.

    Raises:
        SchemaError: if the database is newer than this version, or the revision unknown.
        StorageUnavailableError, StorageFullError, StorageSetupError.
    """
    if revision == "head" and await current_revision(database) == revisions()[-1]:
        return  # without importing what takes a quarter of a second

    async def work(connection: AsyncConnection) -> None:
        await connection.run_sync(_upgrade, revision)

    await database.rebuild(work)


async def downgrade(database: Database, revision: str) -> None:
    """Take the tables down to a revision, or to "base": then none is left.

    Raises:
        SchemaError: if the database is newer than this version, or the revision unknown.
        StorageUnavailableError, StorageFullError, StorageSetupError.
    """

    async def work(connection: AsyncConnection) -> None:
        await connection.run_sync(_downgrade, revision)

    await database.rebuild(work)


async def current_revision(database: Database) -> str | None:
    """Return the revision of the tables; none if there are no tables."""

    async def work(connection: AsyncConnection) -> str | None:
        return await connection.run_sync(_current)

    return await database.read(work)


async def ensure_current(database: Database) -> None:
    """Make sure that the tables are those that this version works with.

    Raises:
        SchemaError: if they are older, newer, or not there.
        StorageUnavailableError, StorageSetupError.
    """
    current, known = await current_revision(database), revisions()
    if current is None:
        raise SchemaError("the database has no tables yet", hint="Run: diarist db upgrade")
    _refuse_newer(current)
    if current != known[-1]:
        raise SchemaError(
            f"the tables of the database are at revision {current}, and {known[-1]} is needed",
            hint="Run: diarist db upgrade",
        )


async def drift(database: Database, ignored: Collection[str] = UNMAPPED) -> list[str]:
    """Return how the tables differ from `tables.py`, in sentences; none if they do not.

    Args:
        database: whose tables.
        ignored: names of tables and indexes that are not compared.
    """

    async def work(connection: AsyncConnection) -> list[str]:
        return await connection.run_sync(_drift, ignored)

    return await database.read(work)


def _upgrade(connection: Connection, revision: str) -> None:
    from alembic import command  # noqa: PLC0415 - takes a quarter of a second

    _refuse_newer(_current(connection))
    with _explained():
        command.upgrade(_config(connection), revision)


def _downgrade(connection: Connection, revision: str) -> None:
    from alembic import command  # noqa: PLC0415 - takes a quarter of a second

    _refuse_newer(_current(connection))
    with _explained():
        command.downgrade(_config(connection), revision)
    if _current(connection) is None:
        connection.execute(text("DROP TABLE alembic_version"))


def _config(connection: Connection) -> Config:
    from alembic.config import Config  # noqa: PLC0415 - takes a quarter of a second

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _explained() -> Iterator[None]:
    from alembic.util import CommandError  # noqa: PLC0415 - takes a quarter of a second

    try:
        yield
    except CommandError as error:
        raise SchemaError(
            f"the tables cannot be brought to that revision ({error})",
            hint=f"The revisions are: base, {', '.join(revisions())}.",
        ) from error


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _refuse_newer(current: str | None) -> None:
    if current is not None and current not in revisions():
        raise SchemaError(
            f"the tables of the database are at revision {current}, which this version of diarist"
            " does not know",
            hint="A newer version made them: update this one.",
        )


def _drift(connection: Connection, ignored: Collection[str]) -> list[str]:
    from diarist.storage.schema_drift import differences  # noqa: PLC0415 - imports alembic

    lacking = [f"the search index lacks {name}" for name in missing_index_parts(connection)]
    return [*differences(connection, metadata, ignored), *lacking]
