"""A database behind one door: PostgreSQL through psycopg, SQLite through aiosqlite.

Both are asked with the same statements. What differs is here: how a transaction begins, whose
clock is read, and which errors of a driver mean that the same work may succeed a moment later.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from sqlalchemy import ColumnElement, Interval, Row, Select, event, func, literal, make_url, select
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from diarist.errors import UnexpectedError, UpstreamError
from diarist.storage.database_errors import (
    address_error,
    setup_error,
    translated,
    without_quotes,
)
from diarist.storage.types import UtcDateTime

if TYPE_CHECKING:
    from sqlalchemy.engine import URL, Connection
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

Result = TypeVar("Result")
Work = Callable[[AsyncConnection], Awaitable[Result]]

_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 2.0
_READS_ONLY = "diarist_reads_only"
_VANISHED_S = 30
_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",  # what is deleted is overwritten
)
_REBUILDING = 0x6469_6172_6973_7431
"""Number of the lock of those who change tables: "diarist1"."""


@dataclass(frozen=True)
class DatabaseOptions:
    """Where the database is and how it is used.

    Attributes:
        url: `sqlite:///…` or `postgresql://…`.
        pool_size: connections kept open to PostgreSQL.
        patience_s: how long work is tried again while the database is away, before it fails.
        busy_timeout_s: how long SQLite waits for another writer.
        statement_timeout_s: the longest that PostgreSQL works on one statement.
        prepares: PostgreSQL keeps the plans of statements that occur often, which spares it a fifth
            of its work; not behind a pooler that gives each transaction another connection and
            knows nothing of them (PgBouncer before 1.22).
    """

    url: str
    pool_size: int = 10
    patience_s: float = 30.0
    busy_timeout_s: float = 15.0
    statement_timeout_s: float = 60.0
    prepares: bool = True


def _system_clock() -> datetime:
    return datetime.now(UTC)


@dataclass
class Database:
    """Transactions on one database.

    Attributes:
        options: where it is.
        clock: what time it is for SQLite, which has no server to ask; tests turn it.
        shift: added to the clock of PostgreSQL; tests turn it.
    """

    options: DatabaseOptions
    clock: Callable[[], datetime] = _system_clock
    shift: timedelta = timedelta()
    _engine: AsyncEngine | None = field(default=None, repr=False)

    @property
    def kind(self) -> Literal["postgresql", "sqlite"]:
        return "sqlite" if self.options.url.startswith("sqlite") else "postgresql"

    @property
    def shown(self) -> str:
        """Its address, without the password."""
        return make_url(self.options.url).render_as_string(hide_password=True)

    @property
    def is_sqlite(self) -> bool:
        return self.kind == "sqlite"

    @property
    def engine(self) -> AsyncEngine:
        """The connections, made when they are first asked for.

        Raises:
            StorageSetupError: if the URL is wrong or the driver is not installed.
        """
        if self._engine is None:
            self._engine = _engine(self.options)
        return self._engine

    def from_now(self, seconds: float = 0.0) -> ColumnElement[datetime]:
        """Return the time so many seconds from now, as the database itself tells it.

        PostgreSQL reads its own clock: leases of many machines are compared by one clock only.
        """
        delay = timedelta(seconds=seconds)
        if self.is_sqlite:
            return literal(self.clock() + self.shift + delay, UtcDateTime())
        now = func.clock_timestamp(type_=UtcDateTime())
        delay += self.shift
        return now + literal(delay, Interval()) if delay else now

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Begin a transaction that may write; it is committed at the end, undone by any error.

        Raises:
            StorageUnavailableError, StorageFullError, StorageSetupError, SchemaError,
            UnexpectedError.
        """
        with self._translated():
            async with self.engine.begin() as connection:
                yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Begin a transaction that only reads: in SQLite it waits for nobody.

        Raises:
            StorageUnavailableError, StorageSetupError, SchemaError, UnexpectedError.
        """
        with self._translated():
            async with self.engine.connect() as connection:
                await connection.execution_options(**{_READS_ONLY: True})
                yield connection

    async def run(self, work: Work[Result]) -> Result:
        """Do work in a transaction, again if the database was away or another was in the way.

        Args:
            work: statements only: it may be done several times, and only the last one counts.
                A commit whose answer was lost is repeated, so it must see what it did itself.

        Raises:
            StorageUnavailableError: if the database stays away for `patience_s`.
            StorageFullError, StorageSetupError, SchemaError, UnexpectedError: at once.
        """
        return await self._patiently(self.transaction, work)

    async def read(self, work: Work[Result]) -> Result:
        """Do work that only reads, again if the database was away. Raises what `run` raises."""
        return await self._patiently(self.reading, work)

    async def rows(self, question: Select[Any]) -> Sequence[Row[Any]]:
        """Return the answer to one question, asked again if the database was away; see `run`."""

        async def work(connection: AsyncConnection) -> Sequence[Row[Any]]:
            found: Sequence[Row[Any]] = (await connection.execute(question)).all()
            return found

        return await self.read(work)

    async def rebuild(self, work: Work[Result]) -> Result:
        """Do work that changes tables, as `run` does, alone and for as long as it takes.

        SQLite changes a table by making it anew. Were its foreign keys on, then dropping the old
        one would delete all rows that refer to it; they are checked at the end instead.
        """
        return await self._patiently(self._rebuilding, work)

    async def _patiently(
        self,
        begin: Callable[[], AbstractAsyncContextManager[AsyncConnection]],
        work: Work[Result],
    ) -> Result:
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + self.options.patience_s
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                async with begin() as connection:
                    return await work(connection)
            except UpstreamError as error:
                if not is_passing(error) or loop.time() + pause_s > give_up_at:
                    raise
            await asyncio.sleep(random.uniform(0, pause_s))  # noqa: S311 - spreads load
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    @asynccontextmanager
    async def _rebuilding(self) -> AsyncIterator[AsyncConnection]:
        with self._translated():
            async with self.engine.connect() as connection:
                # Outside of a transaction: inside it, SQLite ignores the switch.
                await self._switch_foreign_keys(connection, "OFF")
                try:
                    async with connection.begin():
                        await self._lock_out_others(connection)
                        yield connection
                        await self._check_foreign_keys(connection)
                finally:
                    await self._switch_foreign_keys(connection, "ON")

    async def _switch_foreign_keys(
        self, connection: AsyncConnection, state: Literal["ON", "OFF"]
    ) -> None:
        if self.is_sqlite:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            await driver.execute(f"PRAGMA foreign_keys = {state}")

    async def _lock_out_others(self, connection: AsyncConnection) -> None:
        """Wait for others who change tables; in SQLite, who begins to write has done so."""
        if not self.is_sqlite:
            await connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            await connection.execute(select(func.pg_advisory_xact_lock(_REBUILDING)))

    async def _check_foreign_keys(self, connection: AsyncConnection) -> None:
        if self.is_sqlite:
            broken = (await connection.exec_driver_sql("PRAGMA foreign_key_check")).first()
            if broken is not None:
                raise UnexpectedError(
                    f"the change of the tables was undone: a row of {broken.table} would refer to"
                    f" none of {broken.parent}",
                    hint="Report it as a bug; nothing was changed.",
                )

    async def close(self) -> None:
        """Close all connections. Harmless if called twice."""
        if self._engine is not None:
            await self._engine.dispose()
            self._engine = None

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise translated(error, self.options.url) from without_quotes(error)


def is_passing(error: BaseException) -> bool:
    """Say whether an error of the database is one of a moment."""
    return bool(getattr(error, "is_passing", False))


def skipping_locked(statement: Select[tuple[Result]]) -> Select[tuple[Result]]:
    """Take only rows that nobody else is working on. SQLite has one writer and needs no such."""
    return statement.with_for_update(skip_locked=True)


class _SqliteConnection(sqlite3.Connection):
    """Gives back its locks when it is closed.

    Where work is cancelled in the middle of a statement, its cursor lives on in the traceback, and
    SQLite closes a connection, and ends its transaction, only after the last of its statements.
    """

    def close(self) -> None:
        self.rollback()
        super().close()


def _engine(options: DatabaseOptions) -> AsyncEngine:
    try:
        url = make_url(options.url)
    except (ArgumentError, ValueError):
        raise address_error() from None  # its text may hold a part of the password
    try:
        if url.get_backend_name() == "sqlite":
            return _sqlite(url, options)
        return _postgres(url, options)
    except (SQLAlchemyError, sqlite3.Error, ImportError, OSError) as error:
        raise setup_error(options.url, error) from error


def _postgres(url: URL, options: DatabaseOptions) -> AsyncEngine:
    is_misread = "@" in f"{url.host}{url.database}"  # after a password with such a sign in it
    if url.get_backend_name() not in ("postgresql", "postgres") or is_misread:
        raise address_error()
    limit_ms = int(options.statement_timeout_s * 1000)
    return create_async_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=options.pool_size,
        max_overflow=0,  # what came on top would be closed after each use, and made anew
        pool_pre_ping=False,  # `run` tries again, which costs nothing while all is well
        pool_use_lifo=True,
        hide_parameters=True,  # they are what somebody wrote in a diary
        connect_args={
            "prepare_threshold": 5 if options.prepares else None,
            "connect_timeout": 10,
            # A server that vanished without a word must not be waited for.
            "keepalives_idle": _VANISHED_S,
            "tcp_user_timeout": _VANISHED_S * 1000,
            # A worker that was stopped in mid-transaction must not hold its locks for ever.
            "options": f"-c statement_timeout={limit_ms} -c timezone=UTC "
            f"-c idle_in_transaction_session_timeout={limit_ms}",
            "application_name": "diarist",
        },
    )


def _sqlite(url: URL, options: DatabaseOptions) -> AsyncEngine:
    if not url.database or url.database.startswith((":memory:", "file:")):
        raise address_error()  # in memory, every connection would have a database of its own
    path = Path(url.database)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
    # The asynchronous driver leaves a thread behind where a file cannot be opened.
    sqlite3.connect(path).close()
    engine = create_async_engine(
        url.set(drivername="sqlite+aiosqlite"),
        connect_args={"timeout": options.busy_timeout_s, "factory": _SqliteConnection},
        hide_parameters=True,  # they are what somebody wrote in a diary
    )

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        # The driver must not begin transactions itself: it would begin them as readers, which
        # fail with "database is locked" as soon as they want to write beside another.
        connection.isolation_level = None
        cursor = connection.cursor()
        try:
            for pragma in _PRAGMAS:
                cursor.execute(f"PRAGMA {pragma}")
        except sqlite3.Error:
            connection.close()  # the pool forgets a connection that failed here
            raise
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: Connection) -> None:
        reads_only = connection.get_execution_options().get(_READS_ONLY, False)
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")

    return engine
