"""Who does what: workers claim tasks, keep them by a heartbeat, and lose them by silence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from diarist.audio.spans import Span
from diarist.jobs.claims import ChunkFacts, Claim, Order, RecordingFacts
from diarist.jobs.engine.book import Book
from diarist.jobs.engine.rows import IS_READY, is_in
from diarist.jobs.options import JobOptions
from diarist.jobs.policy import LONGEST_PAUSE_S, SUSPECT_LOSSES, Tries
from diarist.jobs.states import JobState, Priority, Stage, TaskState
from diarist.storage.database import Database
from diarist.storage.tables import chunks, jobs, recordings, tasks


async def claim(
    database: Database,
    stage: Stage,
    priorities: Iterable[Priority],
    worker: str,
    lease_s: float,
    at_most: int = 1,
) -> list[Order]:
    """Take the tasks of a stage whose turn it is.

    Args:
        database: where they are.
        stage: which kind.
        priorities: classes that the worker serves; the highest is served first.
        worker: name of the one who claims, which no other has.
        lease_s: seconds for which nobody else gets them; `keep` extends it.
        at_most: how many.

    Returns:
        What is to be done, most urgent first; empty if there is nothing.
    """

    async def work(connection: AsyncConnection) -> list[Order]:
        ids = await _next_ids(connection, stage, priorities, at_most)
        return await _taken(database, connection, ids, worker, lease_s)

    return await database.run(work)


async def claim_suspect(
    database: Database, stage: Stage, priorities: Iterable[Priority], worker: str, lease_s: float
) -> Order | None:
    """Take a task that several workers vanished with; None if there is none. Do it alone."""

    async def work(connection: AsyncConnection) -> list[Order]:
        wanted = [int(priority) for priority in priorities]
        next_one = (
            due_suspects(database, tasks.c.id)
            .where(tasks.c.stage == stage.value, tasks.c.priority.in_(wanted))
            .join(jobs, jobs.c.id == tasks.c.job_id)
            .order_by(tasks.c.available_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        ids = (await connection.execute(next_one)).scalars().all()
        return await _taken(database, connection, ids, worker, lease_s)

    return next(iter(await database.run(work)), None)


def due_suspects(database: Database, *columns: ColumnElement[Any]) -> Select[Any]:
    """Select columns of the tasks that wait until a worker can do them alone."""
    return select(*columns).where(
        is_in(TaskState.WAITING),
        tasks.c.losses >= SUSPECT_LOSSES,
        is_due(database),
    )


def is_due(database: Database) -> ColumnElement[bool]:
    """Return the condition that a pause is over, or cannot have been given by this clock."""
    available_at = tasks.c.available_at
    return (available_at <= database.from_now()) | (
        available_at > database.from_now(2 * LONGEST_PAUSE_S)
    )


async def keep(
    database: Database, worker: str, claims: Sequence[Claim], lease_s: float
) -> list[Claim]:
    """Extend the leases of a worker's claims: the heartbeat.

    Returns:
        Claims that are lost: the task went to another, was cancelled or deleted.
    """

    async def work(connection: AsyncConnection) -> set[tuple[UUID, int]]:
        kept = (
            update(tasks)
            .where(
                tasks.c.id.in_([claim.task_id for claim in claims]),
                tasks.c.state == TaskState.RUNNING.value,
                tasks.c.lease_owner == worker,
            )
            .values(lease_until=database.from_now(lease_s))
            .returning(tasks.c.id, tasks.c.token)
        )
        return {(row.id, row.token) for row in (await connection.execute(kept)).all()}

    kept = await database.run(work) if claims else set()
    return [claim for claim in claims if (claim.task_id, claim.token) not in kept]


async def _next_ids(
    connection: AsyncConnection, stage: Stage, priorities: Iterable[Priority], at_most: int
) -> Sequence[UUID]:
    """Lock the next tasks. The order is that of an index, which is read as far as is needed."""
    ready = (
        select(tasks.c.id)
        .where(IS_READY, tasks.c.stage == stage.value)
        .order_by(tasks.c.priority, tasks.c.turn, tasks.c.id)
        .limit(at_most)
    )
    served = set(priorities)
    if served != set(Priority):
        ready = ready.where(tasks.c.priority.in_([int(priority) for priority in served]))
    if stage is Stage.PREPARE:
        # With the job, which changes too. Who skips what is locked waits for nobody.
        ready = ready.join(jobs, jobs.c.id == tasks.c.job_id)
    return (await connection.execute(ready.with_for_update(skip_locked=True))).scalars().all()


async def _taken(
    database: Database,
    connection: AsyncConnection,
    ids: Sequence[UUID],
    worker: str,
    lease_s: float,
) -> list[Order]:
    if not ids:
        return []
    await connection.execute(
        update(tasks)
        .where(tasks.c.id.in_(ids))
        .values(
            state=TaskState.RUNNING.value,
            token=tasks.c.token + 1,
            lease_owner=worker,
            lease_until=database.from_now(lease_s),
            started_at=database.from_now(),
        )
    )
    rows = (await connection.execute(_facts_of(ids))).all()
    to_start = [row.job_id for row in rows if row.stage == Stage.PREPARE]
    if to_start:
        await _start_jobs(database, connection, to_start, worker)
    orders = {row.task_id: _order(row) for row in rows}
    return [orders[id_] for id_ in ids]


async def _start_jobs(
    database: Database, connection: AsyncConnection, job_ids: Sequence[UUID], worker: str
) -> None:
    book = await Book.opened(database, connection, job_ids)
    for job in book.jobs.values():
        job.has_chunk_audio = True  # there may be some from now on, whatever happens
        if job.state == JobState.QUEUED:
            book.move(job, JobState.PREPARING)
            job.started_at = job.started_at or book.now
            book.tell(job, "job.started", worker=worker)
    await book.close()


def _facts_of(ids: Sequence[UUID]) -> Select[Any]:
    task_names = ("token", "stage", "number", "priority", "owner_id", "audio_s")
    tries = ("attempts", "losses", "delays")
    job_names = ("options", "language", "track", "tracks", "generation", "warnings")
    recording_names = (
        *("name", "size_bytes", "blob_key", "source_path"),
        *("recorded_at", "utc_offset_s", "is_date_given", "duration_s"),
    )
    chunk = (chunks.c.start_s, chunks.c.duration_s.label("chunk_s"), chunks.c.speech)
    return (
        select(
            tasks.c.id.label("task_id"),
            tasks.c.job_id,
            *(tasks.c[name] for name in (*task_names, *tries)),
            *(jobs.c[name] for name in job_names),
            recordings.c.id.label("recording_id"),
            *(recordings.c[name] for name in recording_names if name != "blob_key"),
            recordings.c.blob_key.label("recording_blob"),
            *chunk,
            chunks.c.blob_key.label("chunk_blob"),
        )
        .join(jobs, jobs.c.id == tasks.c.job_id)
        .join(recordings, recordings.c.id == jobs.c.recording_id)
        .outerjoin(
            chunks,
            (tasks.c.stage == Stage.TRANSCRIBE.value)
            & (chunks.c.job_id == tasks.c.job_id)
            & (chunks.c.number == tasks.c.number),
        )
        .where(tasks.c.id.in_(ids))
    )


def _order(row: Row[Any]) -> Order:
    return Order(
        claim=Claim(row.task_id, row.job_id, row.token),
        stage=Stage(row.stage),
        number=row.number,
        priority=Priority(row.priority),
        owner_id=row.owner_id,
        audio_s=row.audio_s,
        tries=Tries(row.attempts, row.losses, row.delays),
        is_first_claim=row.token == 1,
        options=JobOptions.from_json(row.options),
        language=row.language,
        track=row.track,
        tracks=row.tracks,
        generation=row.generation,
        warnings=tuple(row.warnings),
        recording=RecordingFacts(
            id=row.recording_id,
            name=row.name,
            size_bytes=row.size_bytes,
            blob_key=row.recording_blob,
            source_path=row.source_path,
            recorded_at=row.recorded_at,
            utc_offset_s=row.utc_offset_s,
            is_date_given=row.is_date_given,
            duration_s=row.duration_s,
        ),
        chunk=_chunk(row),
    )


def _chunk(row: Row[Any]) -> ChunkFacts | None:
    if row.chunk_blob is None:
        return None
    speech = tuple(Span(start_s, end_s) for start_s, end_s in row.speech)
    return ChunkFacts(row.number, row.start_s, row.chunk_s, speech, row.chunk_blob)
