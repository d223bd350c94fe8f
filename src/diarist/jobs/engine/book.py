"""The rows of some jobs, held by one transaction: changed in memory, written together at the end.

Jobs are locked in the order of their keys and before their tasks, so that transactions wait for
each other but never in a circle. Many jobs may share a book: a worker that finishes a hundred
tasks in one moment pays for one transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from diarist.errors import DiaristError
from diarist.jobs.claims import Claim
from diarist.jobs.engine.fairness import Turns
from diarist.jobs.engine.rows import (
    CHANGE_JOB,
    SETTLE_TASK,
    JobRow,
    TaskRow,
    as_json,
    begin_task,
    changes_of,
    job_of_row,
)
from diarist.jobs.policy import Tries
from diarist.jobs.queue import QueueName
from diarist.jobs.states import (
    ENDED,
    OPEN,
    JobState,
    Priority,
    Stage,
    TaskState,
    may_follow,
)
from diarist.storage.database import Database
from diarist.storage.keys import new_id
from diarist.storage.search_index import Source, index_sources
from diarist.storage.tables import job_events, jobs, recordings, tasks


@dataclass
class Book:
    """What a transaction knows of some jobs, and what it is going to write.

    Attributes:
        database: whose clock is read.
        connection: in a transaction that may write.
        now: the database's time.
        jobs: by key; locked.
        ready: how many tasks became ready, by queue; to be told after the commit.
    """

    database: Database
    connection: AsyncConnection
    now: datetime
    jobs: dict[UUID, JobRow]
    ready: Counter[QueueName] = field(default_factory=Counter)
    _tasks: dict[UUID, TaskRow] = field(default_factory=dict)
    _events: list[dict[str, Any]] = field(default_factory=list)
    _writes: dict[Executable, list[dict[str, Any]]] = field(default_factory=dict)
    _settled: list[dict[str, Any]] = field(default_factory=list)
    _tasks_anew: list[dict[str, Any]] = field(default_factory=list)
    _tasks_if_missing: list[dict[str, Any]] = field(default_factory=list)
    _sources: list[Source] = field(default_factory=list)
    _turns: Turns = field(init=False)
    _before: dict[UUID, JobRow] = field(init=False)

    def __post_init__(self) -> None:
        self._before = {
            key: replace(job, warnings=[*job.warnings]) for key, job in self.jobs.items()
        }
        self._turns = Turns(self.connection)

    @staticmethod
    async def opened(
        database: Database,
        connection: AsyncConnection,
        job_ids: Iterable[UUID],
        claims: Sequence[Claim] = (),
    ) -> Book:
        """Lock jobs, and the tasks that somebody claims to hold.

        Args:
            database: that the connection is of.
            connection: in a transaction that may write.
            job_ids: of the jobs; those that do not exist any more are left out.
            claims: on tasks of these jobs.
        """
        columns = [jobs.c[name] for name in JobRow.__dataclass_fields__]
        locked = (
            select(*columns, database.from_now().label("now"))
            .where(jobs.c.id.in_(set(job_ids)))
            .order_by(jobs.c.id)
            .with_for_update()
        )
        rows = (await connection.execute(locked)).mappings().all()
        found = {row["id"]: job_of_row(row) for row in rows}
        now = rows[0]["now"] if rows else await time_of(database, connection)
        book = Book(database, connection, now, found)
        if claims:
            await book._lock(claims)  # noqa: SLF001 - it is the same class
        return book

    def held(self, claim: Claim) -> TaskRow | None:
        """Return the task of a claim that is the latest on it; None if somebody took it away.

        A task that is settled already under this very token was settled by this worker: the answer
        to its commit was lost, and the transaction is repeated.
        """
        task = self._tasks.get(claim.task_id)
        return task if task is not None and task.token == claim.token else None

    def tell(self, job: JobRow, kind: str, **details: object) -> None:
        """Append an event to a job."""
        job.event_seq += 1
        self._events.append(
            {
                "job_id": job.id,
                "seq": job.event_seq,
                "at": self.now,
                "kind": kind,
                "details": {"state": job.state, **details},
            }
        )

    def write(self, statement: Executable, row: dict[str, Any]) -> None:
        """Execute a statement with these values at the end, together with its others.

        Args:
            statement: always the same object for the same statement.
            row: values of its parameters.
        """
        self._writes.setdefault(statement, []).append(row)

    def make_findable(self, source: Source) -> None:
        """Let a version of a transcript or of an entry be found, instead of that before it."""
        self._sources.append(source)

    def move(self, job: JobRow, state: JobState) -> None:
        """Let a job go to another state.

        Raises:
            ValueError: if that may not follow; a defect.
        """
        before = JobState(job.state)
        if not may_follow(before, state):
            raise ValueError(f"a job that is {before} cannot become {state}")
        job.state = state.value
        job.finished_at = self.now if state in ENDED else None

    def settle(
        self,
        task: TaskRow,
        state: TaskState,
        *,
        tries: Tries | None = None,
        available_at: datetime | None = None,
        error: DiaristError | None = None,
    ) -> None:
        """End a claim on a task: it is done, failed, or goes back."""
        tries = tries or task.tries
        task.state = state.value
        self._settled.append(
            {
                "its_id": task.id,
                "state": state.value,
                "attempts": tries.attempts,
                "losses": tries.losses,
                "delays": tries.delays,
                "available_at": available_at or self.now,
                "finished_at": None if state in (TaskState.WAITING, TaskState.READY) else self.now,
                "last_error": None if error is None else as_json(error),
            }
        )

    async def hand_back(self, job: JobRow, task: TaskRow, tries: Tries | None = None) -> None:
        """Let a task be claimed again at once, before those that are ready now.

        A suspect waits until a worker can do it alone.
        """
        if (tries or task.tries).is_suspect:
            self.settle(task, TaskState.WAITING, tries=tries)
            return
        queue = QueueName(Stage(task.stage), Priority(job.priority))
        self.settle(task, TaskState.READY, tries=tries)
        served = await self._turns.now(queue.stage, queue.priority)
        if served is not None:
            await self.connection.execute(
                update(tasks).where(tasks.c.id == task.id).values(turn=served)
            )
        self.ready[queue] += 1

    async def add_task(
        self,
        job: JobRow,
        stage: Stage,
        number: int = 0,
        audio_s: float = 0.0,
        *,
        keeps_old: bool = False,
    ) -> None:
        """Let there be something more to do.

        Args:
            job: that it belongs to.
            stage: what is to be done.
            number: of the chunk.
            audio_s: how much audio it is.
            keeps_old: a task of that stage and number stays as it is; else it begins anew.
        """
        queue = QueueName(stage, Priority(job.priority))
        rows = self._tasks_if_missing if keeps_old else self._tasks_anew
        rows.append(
            {
                "id": new_id(),
                "job_id": job.id,
                "owner_id": job.owner_id,
                "stage": stage.value,
                "number": number,
                "state": TaskState.READY.value,
                "priority": job.priority,
                "turn": await self._turns.take(job.owner_id, stage, queue.priority, audio_s),
                "audio_s": audio_s,
                "attempts": 0,
                "losses": 0,
                "delays": 0,
                "token": 0,
                "available_at": self.now,
            }
        )
        self.ready[queue] += 1

    async def end_tasks(self, job: JobRow, state: TaskState) -> None:
        """End all tasks of a job that are still to be done, also those that somebody holds."""
        await self.connection.execute(
            update(tasks)
            .where(tasks.c.job_id == job.id, tasks.c.state.in_(_OPEN))
            .values(
                state=state.value,
                token=tasks.c.token + 1,
                lease_owner=None,
                lease_until=None,
                finished_at=self.now,
            )
        )
        # In this very transaction, too, nobody holds them any more.
        held = {id_: task for id_, task in self._tasks.items() if task.job_id != job.id}
        self._tasks = held

    async def write_now(self) -> None:
        """Execute what `write` was given so far, because it is going to be read."""
        writes, self._writes = self._writes, {}
        for statement, rows in writes.items():
            await self.connection.execute(statement, rows)

    async def close(self) -> None:
        """Write what was changed. Nothing may be changed after it."""
        if self._sources:
            await self._take_turns_on_recordings()
        await self.write_now()
        await index_sources(self.connection, self._sources)
        if self._settled:
            await self.connection.execute(SETTLE_TASK, self._settled)
        if self._tasks_anew:
            anew = begin_task(self.database, is_anew=True)
            await self.connection.execute(anew, self._tasks_anew)
        if self._tasks_if_missing:
            missing = begin_task(self.database, is_anew=False)
            await self.connection.execute(missing, self._tasks_if_missing)
        changed = [job for job in self.jobs.values() if job != self._before[job.id]]
        if changed:
            rows = [changes_of(job, self.now) for job in changed]
            await self.connection.execute(CHANGE_JOB, rows)
        if self._events:
            await self.connection.execute(job_events.insert(), self._events)

    async def _take_turns_on_recordings(self) -> None:
        """Let nobody else add versions to the same recordings, on behalf of another job."""
        ids = {source.recording_id for source in self._sources}
        locked = select(recordings.c.id).where(recordings.c.id.in_(ids))
        await self.connection.execute(locked.order_by(recordings.c.id).with_for_update())

    async def _lock(self, claims: Sequence[Claim]) -> None:
        columns = [tasks.c[name] for name in TaskRow.__dataclass_fields__]
        locked = (
            select(*columns)
            .where(tasks.c.id.in_([claim.task_id for claim in claims]))
            .order_by(tasks.c.id)
            .with_for_update()
        )
        for row in (await self.connection.execute(locked)).mappings():
            self._tasks[row["id"]] = TaskRow(**row)


async def time_of(database: Database, connection: AsyncConnection) -> datetime:
    """Return what time it is for the database."""
    now: datetime = (await connection.execute(select(database.from_now()))).scalar_one()
    return now


_OPEN = tuple(state.value for state in OPEN)
