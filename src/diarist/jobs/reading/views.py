"""How a job looks to its owner: how far it is, what is before it, when it will be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from diarist.errors import NotFoundError
from diarist.jobs.options import JobOptions
from diarist.jobs.reading.forecast import Forecast, forecast_of
from diarist.jobs.states import ENDED, JobState, Priority
from diarist.storage.database import Database
from diarist.storage.tables import job_events, jobs, recordings


@dataclass(frozen=True)
class JobView:
    """A job.

    Attributes:
        id: its key.
        recording_id: of what it is made from.
        name: of the recording.
        recorded_at: when that was made.
        state: how far it is.
        priority: whose work comes first.
        options: what is wanted.
        duration_s: length of the recording; None until it was decoded.
        heard_s: seconds of it that are in chunks which are transcribed.
        chunks_total: how many chunks have speech; None until that is known.
        chunks_done: how many of them are transcribed.
        language: that the chunks agreed on, if they had to.
        warnings: what a reader should know.
        error: code, message and hint of what it failed with.
        events: how many events it has.
        created_at: when it was submitted.
        started_at: when a worker began it; None if none has.
        finished_at: when it ended; None if it has not.
    """

    id: UUID
    recording_id: UUID
    name: str
    recorded_at: datetime
    state: JobState
    priority: Priority
    options: JobOptions
    duration_s: float | None
    heard_s: float
    chunks_total: int | None
    chunks_done: int
    language: str | None
    warnings: tuple[str, ...]
    error: Mapping[str, str] | None
    events: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def has_ended(self) -> bool:
        """Nothing happens to it by itself."""
        return self.state in ENDED

    @property
    def progress(self) -> float:
        """How much of it is done, 0 to 1: what was heard, since that is nearly all of the work."""
        if self.state in (JobState.DONE, JobState.PARTIAL):
            return 1.0
        if self.chunks_total is not None and self.chunks_done >= self.chunks_total:
            return 0.97
        if not self.duration_s:
            return 0.0
        return min(0.95, 0.95 * self.heard_s / self.duration_s)


@dataclass(frozen=True)
class Event:
    """Something that happened to a job.

    Attributes:
        seq: its number; they have no gaps.
        at: when.
        kind: what, such as `chunk.transcribed`.
        details: more about it, `state` of the job included.
    """

    seq: int
    at: datetime
    kind: str
    details: Mapping[str, Any]


async def job_of(database: Database, owner_id: UUID, job_id: UUID) -> JobView:
    """Return a job.

    Raises:
        NotFoundError: if the owner has no such job.
    """
    rows = await database.rows(_views(owner_id).where(jobs.c.id == job_id))
    if not rows:
        raise NotFoundError(f"there is no job {job_id}", hint="List them: diarist jobs list")
    return _view(rows[0])


async def jobs_of(
    database: Database,
    owner_id: UUID,
    states: Sequence[JobState] = (),
    before: UUID | None = None,
    limit: int = 50,
) -> list[JobView]:
    """Return jobs, newest first.

    Args:
        database: where they are.
        owner_id: whose they are.
        states: only those in one of these; none for all.
        before: only those older than this one: the last of the page before.
        limit: how many.
    """
    page = _views(owner_id).order_by(jobs.c.id.desc()).limit(limit)
    if states:
        page = page.where(jobs.c.state.in_([state.value for state in states]))
    if before is not None:
        page = page.where(jobs.c.id < before)
    return [_view(row) for row in await database.rows(page)]


async def events_of(
    database: Database, owner_id: UUID, job_id: UUID, after: int = 0, limit: int = 1_000
) -> list[Event]:
    """Return what happened to a job after an event, in order.

    Raises:
        NotFoundError: if the owner has no such job.
    """
    await _require(database, owner_id, job_id)
    page = (
        select(job_events)
        .where(job_events.c.job_id == job_id, job_events.c.seq > after)
        .order_by(job_events.c.seq)
        .limit(limit)
    )
    rows = await database.rows(page)
    return [Event(row.seq, row.at, row.kind, row.details) for row in rows]


async def forecast(database: Database, job: JobView) -> Forecast:
    """Return when a job will probably be done, and how many are before it."""

    async def work(connection: AsyncConnection) -> Forecast:
        return await forecast_of(database, connection, job.id)

    return await database.read(work)


async def counts_by_state(database: Database, owner_id: UUID) -> dict[JobState, int]:
    """Return how many jobs an owner has in each state."""
    grouped = (
        select(jobs.c.state, func.count().label("number"))
        .where(jobs.c.owner_id == owner_id)
        .group_by(jobs.c.state)
    )
    return {JobState(row.state): row.number for row in await database.rows(grouped)}


async def _require(database: Database, owner_id: UUID, job_id: UUID) -> None:
    own = select(jobs.c.id).where(jobs.c.id == job_id, jobs.c.owner_id == owner_id)
    if not await database.rows(own):
        raise NotFoundError(f"there is no job {job_id}", hint="List them: diarist jobs list")


_NAMES = (
    *("id", "recording_id", "state", "priority", "options", "duration_s", "heard_s"),
    *("chunks_total", "chunks_done", "language", "warnings", "error", "event_seq"),
    *("created_at", "started_at", "finished_at"),
)


def _views(owner_id: UUID) -> Select[Any]:
    columns = (jobs.c[name] for name in _NAMES)
    return (
        select(*columns, recordings.c.name, recordings.c.recorded_at)
        .join(recordings, recordings.c.id == jobs.c.recording_id)
        .where(jobs.c.owner_id == owner_id)
    )


def _view(row: Row[Any]) -> JobView:
    return JobView(
        id=row.id,
        recording_id=row.recording_id,
        name=row.name,
        recorded_at=row.recorded_at,
        state=JobState(row.state),
        priority=Priority(row.priority),
        options=JobOptions.from_json(row.options),
        duration_s=row.duration_s,
        heard_s=row.heard_s,
        chunks_total=row.chunks_total,
        chunks_done=row.chunks_done,
        language=row.language,
        warnings=tuple(row.warnings),
        error=row.error,
        events=row.event_seq,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
