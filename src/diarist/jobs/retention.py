"""What is deleted by itself, once its owner wants it no longer than so."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from diarist.errors import NotFoundError
from diarist.jobs.commands import delete_recording
from diarist.jobs.engine.book import Book
from diarist.jobs.engine.removal import forget, forget_chunk_audio
from diarist.jobs.states import ENDED
from diarist.storage.database import Database
from diarist.storage.tables import jobs, recordings

_AT_ONCE = 100
_DAY_S = 24 * 3600.0


@dataclass(frozen=True)
class RetentionOptions:
    """For how many days what is kept; None for as long as its owner does not delete it.

    Attributes:
        recordings_days: everything, from the day on which it was submitted.
        audio_days: audio of recordings whose jobs have ended; transcripts and entries stay.
        failed_chunks_days: audio of the chunks of jobs that failed, which spares a retry work.
    """

    recordings_days: float | None = None
    audio_days: float | None = None
    failed_chunks_days: float = 7.0


async def apply_retention(database: Database, options: RetentionOptions) -> int:
    """Delete what is older than it may be, some of it at a time.

    Returns:
        How many recordings or jobs were changed; 0 when nothing is left to be done.
    """
    changed = await _forget_chunks_of_failed(database, options.failed_chunks_days)
    if options.audio_days is not None:
        changed += await _delete_audio(database, options.audio_days)
    if options.recordings_days is not None:
        changed += await _delete_recordings(database, options.recordings_days)
    return changed


async def _forget_chunks_of_failed(database: Database, days: float) -> int:
    async def work(connection: AsyncConnection) -> int:
        old = (
            select(jobs.c.id)
            .where(
                jobs.c.has_chunk_audio,  # as the index of those has it
                jobs.c.finished_at < database.from_now(-days * _DAY_S),
            )
            .limit(_AT_ONCE)
        )
        ids = (await connection.execute(old)).scalars().all()
        if not ids:
            return 0
        book = await Book.opened(database, connection, ids)
        for job in book.jobs.values():
            if job.has_ended:
                forget_chunk_audio(book, job)
        await book.close()
        return len(ids)

    return await database.run(work)


async def _delete_audio(database: Database, days: float) -> int:
    async def work(connection: AsyncConnection) -> int:
        in_work = select(jobs.c.id).where(
            jobs.c.recording_id == recordings.c.id, jobs.c.state.not_in(ENDED)
        )
        old = (
            select(recordings.c.id, recordings.c.blob_key)
            .where(
                recordings.c.blob_key.is_not(None),
                recordings.c.created_at < database.from_now(-days * _DAY_S),
                ~in_work.exists(),
            )
            .limit(_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        rows = (await connection.execute(old)).all()
        for row in rows:
            await forget(database, connection, row.blob_key)
        ids = [row.id for row in rows]
        if ids:
            await connection.execute(
                update(recordings).where(recordings.c.id.in_(ids)).values(blob_key=None)
            )
        return len(rows)

    return await database.run(work)


async def _delete_recordings(database: Database, days: float) -> int:
    old = (
        select(recordings.c.owner_id, recordings.c.id)
        .where(recordings.c.created_at < database.from_now(-days * _DAY_S))
        .limit(_AT_ONCE)
    )
    deleted = 0
    for row in await database.rows(old):
        deleted += await _deleted(database, row.owner_id, row.id)
    return deleted


async def _deleted(database: Database, owner_id: UUID, recording_id: UUID) -> bool:
    try:
        await delete_recording(database, owner_id, recording_id)
    except NotFoundError:  # its owner was faster
        return False
    return True
