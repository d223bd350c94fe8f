"""What an owner may do to a job: cancel it, have it done again, delete it with all that it made."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from diarist.errors import ConflictError, NotFoundError
from diarist.jobs.engine.book import Book
from diarist.jobs.engine.chunking import prepare_missing, start_over
from diarist.jobs.engine.removal import forget, forget_chunk_audio
from diarist.jobs.engine.rows import JobRow
from diarist.jobs.queue import Hints, QueueName
from diarist.jobs.states import JobState, Stage, TaskState
from diarist.storage.database import Database
from diarist.storage.search_index import forget_deleted_words
from diarist.storage.tables import chunks, jobs, recordings, tasks, transcripts

_GRACE_S = 120.0  # in which a worker hears that nobody wants its work any more


async def cancel(database: Database, owner_id: UUID, job_id: UUID) -> None:
    """End a job. Workers hear of it at their next heartbeat, and stop in the middle of a chunk.

    Raises:
        NotFoundError: if the owner has no such job.
        ConflictError: if it has ended.
    """

    async def work(connection: AsyncConnection) -> None:
        book, job = await _opened(database, connection, owner_id, job_id)
        if job.has_ended:
            raise ConflictError(
                f"job {job_id} is {job.state} already", hint="There is nothing to cancel."
            )
        await book.end_tasks(job, TaskState.CANCELLED)
        forget_chunk_audio(book, job)
        book.move(job, JobState.CANCELLED)
        book.tell(job, "job.cancelled")
        await book.close()

    await database.run(work)


async def retry(
    database: Database, hints: Hints, owner_id: UUID, job_id: UUID, stage: Stage | None = None
) -> Stage:
    """Have a job done again, from a stage on.

    Results that are there stay: a new transcript or entry becomes a new version.

    Args:
        database: where jobs are.
        hints: told about tasks that become ready.
        owner_id: who wants it.
        job_id: of the job.
        stage: where to begin; None for where it failed, keeping all that was done before.

    Returns:
        Where it begins: earlier than asked for, if what that stage works on is not there any more.

    Raises:
        NotFoundError: if the owner has no such job.
        ConflictError: if it has not ended, or there is nothing to be done again.
    """
    ready: Counter[QueueName] = Counter()

    async def work(connection: AsyncConnection) -> Stage:
        book, job = await _opened(database, connection, owner_id, job_id)
        if not job.has_ended:
            raise ConflictError(
                f"job {job_id} is {job.state}", hint="Wait for its end, or cancel it first."
            )
        begins = await _possible_start(connection, job, stage or await _failed_at(connection, job))
        await _begin(book, job, begins, only_missing=stage is None)
        job.error = None
        book.tell(job, "job.retried", stage=begins.value)
        await book.close()
        ready.clear()
        ready.update(book.ready)
        return begins

    begins = await database.run(work)
    hints.send(ready)
    return begins


async def delete_recording(database: Database, owner_id: UUID, recording_id: UUID) -> None:
    """Delete a recording and everything that was made from it, at once and for good.

    Rows go in this transaction, blobs within minutes.

    Raises:
        NotFoundError: if the owner has no such recording.
    """

    async def work(connection: AsyncConnection) -> None:
        of_recording = select(jobs.c.id).where(jobs.c.recording_id == recording_id)
        job_ids = (await connection.execute(of_recording)).scalars().all()
        await Book.opened(database, connection, job_ids)  # locks them in their order
        gone = (
            delete(recordings)
            .where(recordings.c.id == recording_id, recordings.c.owner_id == owner_id)
            .returning(recordings.c.blob_key)
        )
        row = (await connection.execute(gone)).first()
        if row is None:
            raise _not_found("recording", recording_id)
        await forget_deleted_words(connection)
        if row.blob_key is not None:
            await forget(database, connection, row.blob_key)
        for job_id in job_ids:
            await forget(database, connection, f"chunks/{job_id}/", is_prefix=True, in_s=_GRACE_S)

    await database.run(work)


async def _opened(
    database: Database, connection: AsyncConnection, owner_id: UUID, job_id: UUID
) -> tuple[Book, JobRow]:
    book = await Book.opened(database, connection, [job_id])
    job = book.jobs.get(job_id)
    if job is None or job.owner_id != owner_id:
        raise _not_found("job", job_id)
    return book, job


def _not_found(what: str, key: UUID) -> NotFoundError:
    return NotFoundError(f"there is no {what} {key}", hint="List them: diarist jobs list")


async def _failed_at(connection: AsyncConnection, job: JobRow) -> Stage:
    """Return the first stage that is not done."""
    if job.state == JobState.DONE:
        raise ConflictError(
            f"job {job.id} is done",
            hint="Say from which stage on it is to be done again, such as --stage write.",
        )
    if job.chunks_total is None:
        return Stage.PREPARE
    if not job.is_heard:
        return Stage.TRANSCRIBE
    done = select(tasks.c.id).where(
        tasks.c.job_id == job.id,
        tasks.c.stage == Stage.ASSEMBLE.value,
        tasks.c.state == TaskState.DONE.value,
    )
    is_assembled = (await connection.execute(done)).first() is not None
    return Stage.WRITE if is_assembled else Stage.ASSEMBLE


async def _possible_start(connection: AsyncConnection, job: JobRow, wanted: Stage) -> Stage:
    """Go back from a stage to the first whose input is there."""
    if wanted is Stage.WRITE:
        made = select(func.count()).where(transcripts.c.job_id == job.id)
        if not (await connection.execute(made)).scalar_one():
            wanted = Stage.ASSEMBLE
    if wanted is Stage.ASSEMBLE and not job.is_heard:
        wanted = Stage.TRANSCRIBE
    if wanted is Stage.TRANSCRIBE and (job.chunks_total is None or not job.has_chunk_audio):
        wanted = Stage.PREPARE
    if wanted is Stage.PREPARE:
        await _require_audio(connection, job)
    return wanted


async def _require_audio(connection: AsyncConnection, job: JobRow) -> None:
    audio = select(recordings.c.blob_key, recordings.c.source_path).where(
        recordings.c.id == job.recording_id
    )
    row = (await connection.execute(audio)).one()
    if row.blob_key is None and row.source_path is None:
        raise ConflictError(
            f"the audio of job {job.id} was deleted, as the retention settings say",
            hint="Submit the recording again.",
        )


async def _begin(book: Book, job: JobRow, stage: Stage, *, only_missing: bool) -> None:
    if stage is Stage.PREPARE:
        await (prepare_missing if only_missing else start_over)(book, job)
        book.move(job, JobState.QUEUED)
    elif stage is Stage.TRANSCRIBE:
        await _hear_again(book, job, only_missing=only_missing)
        book.move(job, JobState.TRANSCRIBING)
    elif stage is Stage.ASSEMBLE:
        await book.add_task(job, Stage.ASSEMBLE, audio_s=job.duration_s or 0.0)
        book.move(job, JobState.TRANSCRIBING)
    else:
        await book.add_task(job, Stage.WRITE, audio_s=job.duration_s or 0.0)
        book.move(job, JobState.WRITING)


async def _hear_again(book: Book, job: JobRow, *, only_missing: bool) -> None:
    if not only_missing:
        await book.connection.execute(
            update(chunks).where(chunks.c.job_id == job.id).values(body=None)
        )
        job.chunks_done, job.heard_s, job.language = 0, 0.0, None
    await _hear_missing(book, job)


async def _hear_missing(book: Book, job: JobRow) -> None:
    missing = (
        select(chunks.c.number, chunks.c.duration_s)
        .where(chunks.c.job_id == job.id, chunks.c.body.is_(None))
        .order_by(chunks.c.number)
    )
    for number, duration_s in (await book.connection.execute(missing)).all():
        await book.add_task(job, Stage.TRANSCRIBE, number, audio_s=duration_s)
