"""What has become of many jobs since somebody looked, at the cost of one question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from diarist.jobs.states import ENDED, JobState
from diarist.storage.database import Database
from diarist.storage.tables import jobs

_AT_ONCE = 500


@dataclass(frozen=True)
class Head:
    """How far a job is.

    Attributes:
        job_id: its key.
        state: its state.
        seq: number of its latest event.
    """

    job_id: UUID
    state: JobState
    seq: int

    @property
    def has_ended(self) -> bool:
        """Nothing happens to it by itself."""
        return self.state in ENDED


async def heads_of(database: Database, owner_id: UUID, job_ids: Iterable[UUID]) -> list[Head]:
    """Return how far jobs are; those that do not exist any more are left out."""
    waiting, found = iter(job_ids), []
    while some := list(islice(waiting, _AT_ONCE)):
        found += await _heads(database, owner_id, some)
    return found


async def open_jobs_of(database: Database, owner_id: UUID, after: UUID | None = None) -> list[UUID]:
    """Return the keys of jobs that have not ended, oldest first.

    Args:
        database: where they are.
        owner_id: whose they are.
        after: only those that were submitted after this one.
    """
    still_open = (
        select(jobs.c.id)
        .where(jobs.c.owner_id == owner_id, jobs.c.state.not_in(ENDED))
        .order_by(jobs.c.id)
    )
    if after is not None:
        still_open = still_open.where(jobs.c.id > after)

    async def work(connection: AsyncConnection) -> list[UUID]:
        return list((await connection.execute(still_open)).scalars())

    return await database.read(work)


async def _heads(database: Database, owner_id: UUID, job_ids: Sequence[UUID]) -> list[Head]:
    columns = (jobs.c.id, jobs.c.state, jobs.c.event_seq)
    wanted = select(*columns).where(jobs.c.owner_id == owner_id, jobs.c.id.in_(job_ids))

    async def work(connection: AsyncConnection) -> list[Head]:
        rows = (await connection.execute(wanted)).all()
        return [Head(row.id, JobState(row.state), row.event_seq) for row in rows]

    return await database.read(work)
