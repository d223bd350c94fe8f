"""A job from near: its tasks and what befell them, the versions it made, its words so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import literal, select, union_all

from diarist.jobs.reading.library import heard_chunks_of
from diarist.jobs.states import Stage, TaskState
from diarist.storage.database import Database
from diarist.storage.tables import entries, recordings, tasks, transcripts
from diarist.transcription.transcript import UNKNOWN_LANGUAGE, Transcript, numbered

_ORDER = tuple(Stage)


@dataclass(frozen=True)
class TaskView:
    """A task.

    Attributes:
        stage: what is to be done.
        number: of the chunk; 0 where there is only one task.
        state: what is with it.
        attempts: tries that ended with an error.
        losses: workers that vanished in the middle of it.
        delays: how often it waited because storage was away.
        worker: who does it; None if nobody does.
        available_at: before which it is not tried.
        started_at: when it was begun, the last time.
        finished_at: when it ended.
        error: code, message and hint of its last error.
    """

    stage: Stage
    number: int
    state: TaskState
    attempts: int
    losses: int
    delays: int
    worker: str | None
    available_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error: Mapping[str, str] | None


@dataclass(frozen=True)
class Version:
    """A version of a transcript or of an entry, which a job made of a recording."""

    kind: Literal["transcript", "entry"]
    number: int
    created_at: datetime


async def tasks_of(database: Database, job_id: UUID) -> list[TaskView]:
    """Return the tasks of a job, in the order in which a recording takes its steps."""
    rows = await database.rows(select(tasks).where(tasks.c.job_id == job_id))
    views = [
        TaskView(
            stage=Stage(row.stage),
            number=row.number,
            state=TaskState(row.state),
            attempts=row.attempts,
            losses=row.losses,
            delays=row.delays,
            worker=row.lease_owner,
            available_at=row.available_at,
            started_at=row.started_at,
            finished_at=row.finished_at,
            error=row.last_error,
        )
        for row in rows
    ]
    return sorted(views, key=lambda task: (_ORDER.index(task.stage), task.number))


async def versions_by(database: Database, job_id: UUID) -> list[Version]:
    """Return which versions a job made, oldest first."""
    made: list[Any] = [
        select(literal(kind).label("kind"), table.c.version, table.c.created_at).where(
            table.c.job_id == job_id
        )
        for kind, table in (("transcript", transcripts), ("entry", entries))
    ]
    every = union_all(*made).subquery()
    rows = await database.rows(select(every).order_by(every.c.created_at, every.c.version))
    return [Version(row.kind, row.version, row.created_at) for row in rows]


async def titles_of(database: Database, job_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the titles of the newest entries that jobs made, of those that made one."""
    made = (
        select(entries.c.job_id, entries.c.title)
        .where(entries.c.job_id.in_(list(job_ids)))
        .order_by(entries.c.version)
    )
    return {row.job_id: row.title for row in await database.rows(made)}


async def names_of(database: Database, recording_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return what recordings are called."""
    named = select(recordings.c.id, recordings.c.name).where(
        recordings.c.id.in_(list(recording_ids))
    )
    return {row.id: row.name for row in await database.rows(named)}


async def words_so_far(database: Database, job_id: UUID, duration_s: float | None) -> Transcript:
    """Return what was heard in the chunks that are transcribed, before they are assembled.

    Args:
        database: where it is.
        job_id: of the job.
        duration_s: of its recording, if that is known.
    """
    heard = await heard_chunks_of(database, job_id)
    segments = numbered(
        [segment.shifted(chunk.start_s) for chunk in heard for segment in chunk.segments]
    )
    ends_s = [segment.end_s for segment in segments]
    return Transcript(
        language=heard[0].language if heard else UNKNOWN_LANGUAGE,
        duration_s=max(duration_s or 0.0, *ends_s, 0.0),
        segments=segments,
        engine=heard[0].engine if heard else "",
        model=heard[0].model if heard else "",
    )
