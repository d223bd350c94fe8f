"""Jobs, the workers that do them, and a look at what is left when all is over."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Table, func, select

from diarist.jobs.broker import BrokerHints, NoHints, open_broker
from diarist.jobs.engine.removal import chunk_prefix, remove_due
from diarist.jobs.options import JobOptions
from diarist.jobs.queue import Hints
from diarist.jobs.reading.views import Event, JobView, events_of, job_of
from diarist.jobs.states import OPEN, JobState
from diarist.jobs.submitting import NewRecording, keep_audio, owner_named, submit
from diarist.storage.blobs import BlobOptions, Blobs, BlobStore
from diarist.storage.database import Database, DatabaseOptions
from diarist.storage.tables import entries, jobs, recordings, tasks, transcripts
from support.blobs import listed
from support.directing import DirectedSteps, Director
from support.waiting import until
from support.worker_process import Plan, WorkerProcess, Workshop

RECORDED_AT = datetime(2026, 11, 18, 20, 15, tzinfo=UTC)
_A_DAY = timedelta(days=1, seconds=1)


@dataclass
class Fleet:
    """A database, a blob store, a director, and workers as a test wants them.

    Attributes:
        database: of this process.
        blobs: of this process; workers here use it too, and those elsewhere the same folder.
        hints: that are sent when something is submitted.
        director: decides what becomes of each step.
        plan: of workers, as far as a test says nothing else.
    """

    database: Database
    blobs: Blobs
    hints: Hints
    director: Director
    plan: Plan
    owner_id: UUID
    _processes: list[WorkerProcess] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)

    async def submit(self, name: str = "", options: JobOptions = JobOptions()) -> UUID:  # noqa: B008 - frozen
        """Submit a recording that nobody submitted before."""
        name = name or f"memo {next(self._numbers)}"
        audio = await keep_audio(self.database, self.blobs, _pieces(name.encode()), name)
        recording = NewRecording(self.owner_id, name, RECORDED_AT, False, audio)
        return (await submit(self.database, self.hints, recording, options)).job_id

    def start(self, **changes: Any) -> WorkerProcess:
        """Start a worker process."""
        process = WorkerProcess(replace(self.plan, **changes))
        self._processes.append(process)
        return process

    @asynccontextmanager
    async def embedded(self, **changes: Any) -> AsyncIterator[None]:
        """Run a worker in this process, which shares its database and its blob store."""
        plan = replace(self.plan, **changes)
        steps = DirectedSteps(self.director.ask, plan.chunks, plan.tracks)
        workshop = Workshop.of(plan, self.database, self.blobs, steps)
        before, self.hints = self.hints, workshop.hints
        try:
            async with workshop.worker.running():
                yield
        finally:
            self.hints = before
            workshop.hints.close()

    async def reconnect(self) -> None:
        """Forget connections to a server that was restarted; new ones are made as needed."""
        await self.database.close()

    def kill_all(self) -> None:
        for process in self._processes:
            process.kill()

    async def job(self, job_id: UUID) -> JobView:
        return await job_of(self.database, self.owner_id, job_id)

    async def events(self, job_id: UUID, kind: str | None = None) -> list[Event]:
        found = await events_of(self.database, self.owner_id, job_id)
        assert [event.seq for event in found] == list(range(1, len(found) + 1))
        return [event for event in found if kind in (None, event.kind)]

    async def kinds(self, job_id: UUID) -> Counter[str]:
        """Return how often each kind of event happened to a job."""
        return Counter(event.kind for event in await self.events(job_id))

    async def ended(self, *job_ids: UUID) -> list[JobState]:
        """Wait until jobs have ended, and return their states."""

        async def look() -> list[JobState] | None:
            views = [await self.job(job_id) for job_id in job_ids]
            return [view.state for view in views] if all(v.has_ended for v in views) else None

        return await until(look)

    async def told(self, job_id: UUID, kind: str, times: int = 1) -> list[Event]:
        """Wait until a job has so many events of that kind, and return them."""

        async def look() -> list[Event] | None:
            found = await self.events(job_id, kind)
            return found if len(found) >= times else None

        return await until(look)

    async def tries(self, job_id: UUID) -> list[tuple[int, int, int]]:
        """Return attempts, losses and delays of the tasks of a job that had any."""
        columns = (tasks.c.attempts, tasks.c.losses, tasks.c.delays)
        async with self.database.reading() as connection:
            rows = await connection.execute(select(*columns).where(tasks.c.job_id == job_id))
            return [tuple(row) for row in rows if any(row)]

    async def require_order(self, *done: UUID) -> None:
        """Require that jobs made one transcript and one entry each, and that nothing is left over.

        No task is open, no blob is there that nothing knows of, and none is missing.
        """
        for job_id in done:
            assert (await self.job(job_id)).state is JobState.DONE
            assert await self._versions(transcripts, job_id) == [1]
            assert await self._versions(entries, job_id) == [1]
        assert await self._open_tasks() == 0
        assert await self.stray_blobs() == ([], [])

    async def stray_blobs(self) -> tuple[list[str], list[str]]:
        """Return which blobs nothing knows of, a day later, and which are missing."""
        self.database.shift += _A_DAY
        while await remove_due(self.database, self.blobs):
            pass
        self.database.shift -= _A_DAY
        stored = set(await listed(self.blobs))
        async with self.database.reading() as connection:
            named = set((await connection.execute(select(recordings.c.blob_key))).scalars())
            with_chunks = select(jobs.c.id, jobs.c.generation).where(jobs.c.has_chunk_audio)
            folders = tuple(chunk_prefix(*row) for row in await connection.execute(with_chunks))
        stray = [key for key in stored - named if not key.startswith(folders)]
        return sorted(stray), sorted(named - stored)

    async def rows(self, table: Table) -> int:
        async with self.database.reading() as connection:
            return (await connection.execute(select(func.count()).select_from(table))).scalar_one()

    async def _versions(self, table: Table, job_id: UUID) -> Sequence[int]:
        versions = select(table.c.version).where(table.c.job_id == job_id)
        async with self.database.reading() as connection:
            return (await connection.execute(versions)).scalars().all()

    async def _open_tasks(self) -> int:
        is_open = tasks.c.state.in_([state.value for state in OPEN])
        async with self.database.reading() as connection:
            found = select(func.count()).select_from(tasks).where(is_open)
            return (await connection.execute(found)).scalar_one()


@asynccontextmanager
async def fleet(
    url: str, redis_url: str | None, folder: Path, **changes: Any
) -> AsyncIterator[Fleet]:
    """Open a fleet without workers on a migrated database.

    Args:
        url: of the database.
        redis_url: of the broker; None for none.
        folder: for blobs and logs.
        changes: of the plan of its workers.
    """
    options = DatabaseOptions(url, statement_timeout_s=3.0)
    director = Director()
    async with AsyncExitStack() as stack:
        database = Database(options)
        stack.push_async_callback(database.close)
        blobs = BlobStore(BlobOptions(str(folder / "blobs")))
        stack.push_async_callback(blobs.close)
        hints: Hints = BrokerHints(open_broker(redis_url)) if redis_url else NoHints()
        stack.callback(hints.close)
        # A socket must have a short path.
        socket = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="diarist-"))) / "s"
        await stack.enter_async_context(director.listening(socket))
        plan = replace(Plan(options, str(folder / "blobs"), redis_url, socket, folder), **changes)
        owner_id = await owner_named(database, "anna")
        one = Fleet(database, blobs, hints, director, plan, owner_id)
        stack.callback(one.kill_all)
        yield one


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content
