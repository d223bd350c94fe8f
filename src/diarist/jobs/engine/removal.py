"""Blobs that nobody needs any more, and those that nobody claimed yet.

A row is written before a blob is stored, or with the change that makes it useless, and the blob is
deleted once the row is due. So no crash leaves a blob behind that nothing knows of: a blob is in
use, or there is a row that ends it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from diarist.errors import ConflictError
from diarist.jobs.engine.book import Book, time_of
from diarist.jobs.engine.rows import JobRow
from diarist.storage.blobs import Blobs
from diarist.storage.database import Database
from diarist.storage.keys import new_id
from diarist.storage.tables import blob_removals, jobs

UNCLAIMED_S = 24 * 3600.0  # that an upload may take
_GRACE_S = 120.0  # in which whoever still works on it hears that it is over
_AT_ONCE = 100


def recording_key(recording_id: UUID) -> str:
    """Return the key of a recording's audio in the blob store."""
    return f"recordings/{recording_id}"


def chunk_prefix(job_id: UUID, generation: int) -> str:
    """Return the folder of the audio of a job's chunks."""
    return f"chunks/{job_id}/{generation}/"


def chunk_key(job_id: UUID, generation: int, number: int) -> str:
    """Return the key of a chunk's audio."""
    return f"{chunk_prefix(job_id, generation)}{number}"


def forget_chunk_audio(book: Book, job: JobRow) -> None:
    """Have the audio of a job's chunks deleted."""
    if job.has_chunk_audio:
        row = _row(chunk_prefix(job.id, job.generation), is_prefix=True)
        due_at = book.now + timedelta(seconds=_GRACE_S)
        book.write(_REMOVE, {**row, "due_at": due_at})
        job.has_chunk_audio = False


async def forget(
    database: Database,
    connection: AsyncConnection,
    key: str,
    *,
    is_prefix: bool = False,
    in_s: float = 0.0,
) -> None:
    """Have a blob deleted, or all of a folder, so many seconds from now."""
    due_at = await time_of(database, connection) + timedelta(seconds=in_s)
    await connection.execute(_REMOVE, {**_row(key, is_prefix=is_prefix), "due_at": due_at})


async def forget_now(database: Database, connection: AsyncConnection, key: str) -> None:
    """Have a blob deleted that was announced before, without waiting until that is due."""
    await connection.execute(
        update(blob_removals).where(blob_removals.c.key == key).values(due_at=database.from_now())
    )


async def forget_if_unknown(database: Database, job_id: UUID, generation: int, key: str) -> None:
    """Have a chunk's audio deleted that came too late: nobody would find it any more.

    Whoever stored it may have been stopped for so long that all of the job's audio was deleted
    meanwhile. As long as the job has audio of that generation, the chunk will go with it.
    """

    async def work(connection: AsyncConnection) -> None:
        has_audio = select(jobs.c.id).where(
            jobs.c.id == job_id, jobs.c.generation == generation, jobs.c.has_chunk_audio
        )
        if (await connection.execute(has_audio.with_for_update())).first() is None:
            await forget(database, connection, key)

    await database.run(work)


async def claim_blob(connection: AsyncConnection, key: str) -> None:
    """Keep a blob that was announced by `forget`, because from now on a row needs it.

    Raises:
        ConflictError: if it took so long that the blob is being deleted.
    """
    kept = await connection.execute(
        delete(blob_removals).where(blob_removals.c.key == key, blob_removals.c.is_begun.is_(False))
    )
    if not kept.rowcount:
        raise ConflictError(
            "the recording took more than a day to arrive, and its beginning is gone",
            hint="Send it again.",
        )


async def remove_due(database: Database, blobs: Blobs) -> int:
    """Delete blobs whose time has come. Harmless if several do it at once.

    Returns:
        How many removals were done.
    """

    async def begin(connection: AsyncConnection) -> list[Any]:
        due = (
            select(blob_removals.c.id, blob_removals.c.key, blob_removals.c.is_prefix)
            .where(blob_removals.c.due_at <= database.from_now())
            .order_by(blob_removals.c.due_at)
            .limit(_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        rows = list((await connection.execute(due)).all())
        ids = [row.id for row in rows]
        if ids:
            await connection.execute(
                update(blob_removals).where(blob_removals.c.id.in_(ids)).values(is_begun=True)
            )
        return rows

    async def end(connection: AsyncConnection) -> None:
        ids = [row.id for row in rows]
        await connection.execute(delete(blob_removals).where(blob_removals.c.id.in_(ids)))

    rows = await database.run(begin)
    await blobs.delete([row.key for row in rows if not row.is_prefix])
    for row in rows:
        if row.is_prefix:
            await blobs.delete_prefix(row.key)
    if rows:
        await database.run(end)
    return len(rows)


def _row(key: str, *, is_prefix: bool) -> dict[str, Any]:
    return {"id": new_id(), "key": key, "is_prefix": is_prefix, "is_begun": False}


_REMOVE = insert(blob_removals)
