"""What can be found: the words of the newest transcript and entry of each recording.

    transcript, entry ─► passages ─► search_documents ─► the database's own full-text index

Whoever adds a version of a transcript or an entry calls `index_sources` in the same transaction:
the words of the version before go then. Nothing else decides what is the newest, so that of two
who add versions to one recording, the second has to wait for the first: both lock its job. The
index follows `search_documents` by itself, also when a recording is deleted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from sqlalchemy import delete, func, insert, inspect, select, text, tuple_
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from diarist.storage.tables import recordings, search_documents

if TYPE_CHECKING:
    from diarist.storage.search_passages import Passage

Kind = Literal["transcript", "entry"]

POSTGRESQL_PARTS = ("search_words", "ix_search_documents_search_words")
"""The column and the index that migration 0002 makes in PostgreSQL."""

SQLITE_PARTS = (
    *("search_index", "search_index_config", "search_index_data"),
    *("search_index_docsize", "search_index_idx"),
    *("search_documents_added", "search_documents_changed", "search_documents_removed"),
)
"""The tables and triggers that migration 0002 makes in SQLite."""

INDEX_PARTS = frozenset({*POSTGRESQL_PARTS, *SQLITE_PARTS})
"""What `tables.py` has no words for."""

_SECURE_DELETE_SINCE = (3, 42)


@dataclass(frozen=True)
class Source:
    """One version of the words of a recording.

    Attributes:
        kind: what it is.
        id: of the transcript or of the entry.
        recording_id: what it is made of.
        owner_id: whose it is.
        passages: see `search_passages`.
        on_date: the day that it belongs to; that of the recording if none is given.
    """

    kind: Kind
    id: UUID
    recording_id: UUID
    owner_id: UUID
    passages: Sequence[Passage]
    on_date: date | None = None


async def index_sources(connection: AsyncConnection, sources: Sequence[Source]) -> None:
    """Make versions findable, in place of those of the same recordings and kinds before them.

    Takes three statements, however many versions they are. It makes the passages of nothing: they
    are made before, where it costs no time of a transaction.

    Args:
        connection: in the transaction that adds these versions.
        sources: of the same recording and kind, only the last one counts.
    """
    newest = {(source.recording_id, source.kind): source for source in sources}
    if not newest:
        return
    key = tuple_(search_documents.c.recording_id, search_documents.c.kind)
    await connection.execute(delete(search_documents).where(key.in_(list(newest))))
    undated = {source.recording_id for source in newest.values() if source.on_date is None}
    days = await _days(connection, undated)
    rows = [
        {
            "owner_id": source.owner_id,
            "recording_id": source.recording_id,
            "kind": source.kind,
            "source_id": source.id,
            "part": part,
            "first_segment": passage.first_segment,
            "on_date": source.on_date or days[source.recording_id],
            "folded": passage.folded,
        }
        for source in newest.values()
        for part, passage in enumerate(source.passages)
        if passage.folded
    ]
    if rows:
        await connection.execute(insert(search_documents), rows)


async def _days(connection: AsyncConnection, recording_ids: set[UUID]) -> dict[UUID, date]:
    """Return on which day, by the clock on the wall there, recordings were made."""
    if not recording_ids:
        return {}
    columns = (recordings.c.id, recordings.c.recorded_at, recordings.c.utc_offset_s)
    found = await connection.execute(select(*columns).where(recordings.c.id.in_(recording_ids)))
    return {row.id: (row.recorded_at + timedelta(seconds=row.utc_offset_s)).date() for row in found}


async def forget_deleted_words(connection: AsyncConnection) -> None:
    """Remove from the file what deleted documents have left in the index of SQLite.

    A deletion there only notes that a word does not count any more, unless SQLite is 3.42 or later
    and was told to remove it at once, which is done here, too. A version before that writes the
    index anew (some 0.1 s for each million words). PostgreSQL does it by its own vacuum.
    """
    if connection.dialect.name != "sqlite":
        return
    if await _removes_at_once(connection):
        return
    await connection.exec_driver_sql("INSERT INTO search_index (search_index) VALUES ('optimize')")
    if await _sqlite_version(connection) >= _SECURE_DELETE_SINCE:
        await connection.exec_driver_sql(
            "INSERT INTO search_index (search_index, rank) VALUES ('secure-delete', 1)"
        )


async def _removes_at_once(connection: AsyncConnection) -> bool:
    asked = text("SELECT v FROM search_index_config WHERE k = 'secure-delete'")
    return bool((await connection.execute(asked)).scalar())


async def _sqlite_version(connection: AsyncConnection) -> tuple[int, ...]:
    version: str = (await connection.execute(select(func.sqlite_version()))).scalar_one()
    return tuple(map(int, version.split(".")))


def missing_index_parts(connection: Connection) -> list[str]:
    """Return the names of the parts of the index that a database lacks."""
    if connection.dialect.name == "sqlite":
        there = set(connection.execute(text("SELECT name FROM sqlite_master")).scalars())
        return sorted(set(SQLITE_PARTS) - there)
    inspector = inspect(connection)
    columns = {column["name"] for column in inspector.get_columns("search_documents")}
    indexes = {index["name"] for index in inspector.get_indexes("search_documents")}
    return sorted(set(POSTGRESQL_PARTS) - columns - indexes)
