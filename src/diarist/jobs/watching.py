"""Which files of watched folders were seen, so that none becomes an entry twice.

A file is known by its path, size and time of change; its bytes by their job. A row says:

    without a job               it could not be used, and is left alone until it changes
    with a job, not written     its results are still to be written, or the job failed
    with a job, written         it is done with
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from diarist.jobs.states import JobState
from diarist.storage.database import Database
from diarist.storage.tables import jobs, watched_files


@dataclass(frozen=True)
class SeenFile:
    """A file as it was when it was seen.

    Attributes:
        path: of the file, as text.
        size_bytes: how many it had.
        modified_ns: when it was changed, in nanoseconds.
    """

    path: str
    size_bytes: int
    modified_ns: int


@dataclass(frozen=True)
class Unwritten:
    """A job whose results are still to be written, and files that have its bytes.

    Attributes:
        job_id: of the job.
        state: how far it is.
        seq: number of its latest event.
        paths: of the files, as text.
    """

    job_id: UUID
    state: JobState
    seq: int
    paths: tuple[str, ...]


async def seen_files(database: Database, owner_id: UUID) -> set[SeenFile]:
    """Return all files that were seen, as they were then."""
    columns = (watched_files.c.path, watched_files.c.size_bytes, watched_files.c.modified_ns)

    async def work(connection: AsyncConnection) -> set[SeenFile]:
        own = select(*columns).where(watched_files.c.owner_id == owner_id)
        return {SeenFile(*row) for row in await connection.execute(own)}

    return await database.read(work)


async def remember(database: Database, owner_id: UUID, file: SeenFile, job_id: UUID | None) -> None:
    """Keep that a file was seen, and which job is made of it; None if it cannot be used.

    A job whose results were written for another file, of the same bytes, is not written again.
    """

    async def work(connection: AsyncConnection) -> None:
        row = {
            "owner_id": owner_id,
            "path": file.path,
            "size_bytes": file.size_bytes,
            "modified_ns": file.modified_ns,
            "job_id": job_id,
            "is_written": await _is_written(connection, owner_id, job_id),
            "seen_at": database.from_now(),
        }
        insert = (sqlite if database.is_sqlite else postgresql).insert(watched_files).values(row)
        changed = {name: row[name] for name in row if name not in ("owner_id", "path")}
        await connection.execute(
            insert.on_conflict_do_update(index_elements=["owner_id", "path"], set_=changed)
        )

    await database.run(work)


async def unwritten(database: Database, owner_id: UUID) -> list[Unwritten]:
    """Return the jobs of seen files whose results are still to be written, oldest first."""
    columns = (watched_files.c.job_id, watched_files.c.path, jobs.c.state, jobs.c.event_seq)
    own = (
        select(*columns)
        .join(jobs, jobs.c.id == watched_files.c.job_id)
        .where(watched_files.c.owner_id == owner_id, watched_files.c.is_written.is_(False))
        .order_by(watched_files.c.job_id, watched_files.c.path)
    )

    async def work(connection: AsyncConnection) -> list[Unwritten]:
        found: dict[UUID, Unwritten] = {}
        for job_id, path, state, seq in await connection.execute(own):
            others = found[job_id].paths if job_id in found else ()
            found[job_id] = Unwritten(job_id, JobState(state), seq, (*others, path))
        return list(found.values())

    return await database.read(work)


async def mark_written(database: Database, owner_id: UUID, job_ids: Iterable[UUID]) -> None:
    """Keep that the results of jobs are written, for all files that have their bytes."""
    ids = list(job_ids)

    async def work(connection: AsyncConnection) -> None:
        own = (watched_files.c.owner_id == owner_id, watched_files.c.job_id.in_(ids))
        await connection.execute(update(watched_files).where(*own).values(is_written=True))

    if ids:
        await database.run(work)


async def _is_written(connection: AsyncConnection, owner_id: UUID, job_id: UUID | None) -> bool:
    written = exists().where(
        watched_files.c.owner_id == owner_id,
        watched_files.c.job_id == job_id,
        watched_files.c.is_written,
    )
    return bool((await connection.execute(select(written))).scalar_one())
