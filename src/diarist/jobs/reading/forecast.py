"""A job's place in the queue, and when it will be done: from what was done lately, or not at all.

The estimate is the audio that has to be heard before it is done, divided by the audio that all
workers together heard a second during the last minutes. If they heard nothing, nobody knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from diarist.jobs.engine.book import time_of
from diarist.jobs.engine.rows import IS_READY, is_in
from diarist.jobs.states import OPEN, Stage, TaskState
from diarist.storage.database import Database
from diarist.storage.tables import jobs, tasks

_LATELY_S = 600.0
_AT_LEAST_S = 5.0  # of work, before a rate is believed
_COUNTED = 10_000  # tasks at most that are looked at; beyond it the place is "more than"
_GUESSED_AUDIO_S = 120.0  # of a recording that nobody has decoded yet


@dataclass(frozen=True)
class Forecast:
    """What lies before a job.

    Attributes:
        place: how many tasks will be begun before its next one; 0 if it is being worked on, None
            if it has ended.
        is_at_least: there are more than can be counted in passing.
        eta_s: seconds until it will probably be done; None if nothing was heard lately.
    """

    place: int | None
    is_at_least: bool = False
    eta_s: float | None = None


async def forecast_of(database: Database, connection: AsyncConnection, job_id: UUID) -> Forecast:
    """Return what lies before a job."""
    open_tasks = (
        select(tasks.c.stage, tasks.c.priority, tasks.c.turn, tasks.c.id, tasks.c.state)
        .where(tasks.c.job_id == job_id, tasks.c.state.in_([state.value for state in OPEN]))
        .order_by(tasks.c.turn, tasks.c.id)
    )
    rows = (await connection.execute(open_tasks)).all()
    if not rows:
        return Forecast(place=None)
    ready = [row for row in rows if row.state == TaskState.READY]
    is_at_work = any(row.state == TaskState.RUNNING for row in rows)
    place, ahead_s = 0, 0.0
    if ready and not is_at_work:
        place, ahead_s = await _ahead(connection, _before(ready[0]))
    left_s = await _left_s(connection, job_id)
    rate = await _rate(database, connection)
    return Forecast(
        place=place,
        is_at_least=place >= _COUNTED,
        eta_s=None if rate is None else (ahead_s + left_s) / rate,
    )


def _before(row: Row[str, int, int, UUID, str]) -> ColumnElement[bool]:
    """Return the condition of being served before a task."""
    priority, turn, key = row.priority, row.turn, row.id
    return and_(
        IS_READY,
        tasks.c.stage == row.stage,
        or_(
            tasks.c.priority < priority,
            and_(tasks.c.priority == priority, tasks.c.turn < turn),
            and_(tasks.c.priority == priority, tasks.c.turn == turn, tasks.c.id < key),
        ),
    )


async def _ahead(connection: AsyncConnection, condition: ColumnElement[bool]) -> tuple[int, float]:
    """Return how many tasks are before one, and how much audio they are."""
    some = select(tasks.c.audio_s).where(condition).limit(_COUNTED).subquery()
    audio_s = func.sum(func.coalesce(func.nullif(some.c.audio_s, 0.0), _GUESSED_AUDIO_S))
    count, sum_s = (await connection.execute(select(func.count(), audio_s))).one()
    return int(count), float(sum_s or 0.0)


async def _left_s(connection: AsyncConnection, job_id: UUID) -> float:
    own = select(jobs.c.duration_s, jobs.c.heard_s).where(jobs.c.id == job_id)
    row = (await connection.execute(own)).one()
    return max(0.0, float((row.duration_s or _GUESSED_AUDIO_S) - row.heard_s))


async def _rate(database: Database, connection: AsyncConnection) -> float | None:
    """Return how many seconds of audio were transcribed a second lately."""
    lately = select(func.sum(tasks.c.audio_s), func.min(tasks.c.finished_at)).where(
        tasks.c.stage == Stage.TRANSCRIBE.value,
        is_in(TaskState.DONE),
        tasks.c.finished_at >= database.from_now(-_LATELY_S),
    )
    audio_s, since = (await connection.execute(lately)).one()
    if since is None:
        return None
    began = select(func.min(tasks.c.started_at)).where(
        tasks.c.stage == Stage.TRANSCRIBE.value,
        is_in(TaskState.DONE),
        tasks.c.finished_at == since,
    )
    started_at = (await connection.execute(began)).scalar_one()
    worked_s: float = (await time_of(database, connection) - started_at).total_seconds()
    return float(audio_s) / max(_AT_LEAST_S, worked_s)
