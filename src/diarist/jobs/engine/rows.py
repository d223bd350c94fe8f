"""Rows of jobs and tasks in memory, and the statements that write them back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias, cast
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, bindparam, literal_column, update
from sqlalchemy.dialects import postgresql, sqlite

from diarist.errors import DiaristError
from diarist.jobs.policy import Tries
from diarist.jobs.states import ENDED, JobState, TaskState
from diarist.storage.database import Database
from diarist.storage.tables import jobs, tasks

if TYPE_CHECKING:
    from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
    from sqlalchemy.dialects.sqlite import Insert as SqliteInsert

    Upsert: TypeAlias = PostgresInsert | SqliteInsert


def is_in(state: TaskState) -> ColumnElement[bool]:
    """Return the condition that a task is in a state, for statements that are to use its index.

    The state is written out: PostgreSQL keeps plans, and one for any state could use no index of
    the tasks in one of them.
    """
    return tasks.c.state == literal_column(f"'{state.value}'")


IS_READY = is_in(TaskState.READY)


@dataclass
class JobRow:
    """A job, as far as it changes. Columns are described in `storage.tables`."""

    id: UUID
    owner_id: UUID
    recording_id: UUID
    priority: int
    options: Mapping[str, Any]
    state: str
    track: int
    tracks: int | None
    generation: int
    has_chunk_audio: bool
    language: str | None
    duration_s: float | None
    speech_s: float | None
    heard_s: float
    chunks_total: int | None
    chunks_done: int
    warnings: list[str]
    error: Mapping[str, str] | None
    event_seq: int
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def has_ended(self) -> bool:
        """Nothing happens to it by itself."""
        return JobState(self.state) in ENDED

    @property
    def is_heard(self) -> bool:
        """Every chunk is known, and transcribed."""
        return self.chunks_total is not None and self.chunks_done >= self.chunks_total


_JOB_FIXED = ("id", "owner_id", "recording_id", "priority", "options")
_JOB_CHANGING = tuple(name for name in JobRow.__dataclass_fields__ if name not in _JOB_FIXED)


@dataclass
class TaskRow:
    """A task that is being changed."""

    id: UUID
    job_id: UUID
    stage: str
    number: int
    state: str
    audio_s: float
    attempts: int
    losses: int
    delays: int
    token: int

    @property
    def tries(self) -> Tries:
        """What it has been through."""
        return Tries(self.attempts, self.losses, self.delays)


SETTLE_TASK = (
    update(tasks)
    .where(tasks.c.id == bindparam("its_id"))
    .values(
        lease_owner=None,
        lease_until=None,
        **{
            name: bindparam(name)
            for name in (
                "state",
                "attempts",
                "losses",
                "delays",
                "available_at",
                "finished_at",
                "last_error",
            )
        },
    )
)
CHANGE_JOB = (
    update(jobs)
    .where(jobs.c.id == bindparam("its_id"))
    .values(**{name: bindparam(name) for name in (*_JOB_CHANGING, "updated_at")})
)


def begin_task(database: Database, *, is_anew: bool) -> Upsert:
    """Return a statement that inserts a task, or begins anew the one that is there."""
    insert = (sqlite if database.is_sqlite else postgresql).insert(tasks)
    key = ("job_id", "stage", "number")
    if not is_anew:
        return cast("Upsert", insert.on_conflict_do_nothing(index_elements=key))
    same = ("state", "priority", "turn", "audio_s", "attempts", "losses", "delays", "available_at")
    changes: dict[str, object] = {name: insert.excluded[name] for name in same}
    cleared = ("lease_owner", "lease_until", "last_error", "started_at", "finished_at")
    changes |= dict.fromkeys(cleared)
    changes["token"] = tasks.c.token + 1  # whoever still works on the old one may not finish it
    return cast("Upsert", insert.on_conflict_do_update(index_elements=key, set_=changes))


def as_json(error: DiaristError) -> dict[str, str]:
    """Return an error as it is stored."""
    return {"code": error.code, "message": error.message, "hint": error.hint}


def job_of_row(row: RowMapping) -> JobRow:
    """Return a row of the table as an object."""
    values = {name: row[name] for name in JobRow.__dataclass_fields__}
    return JobRow(**{**values, "warnings": list(values["warnings"])})


def changes_of(job: JobRow, now: datetime) -> dict[str, Any]:
    """Return the parameters of `CHANGE_JOB`."""
    values = {name: getattr(job, name) for name in _JOB_CHANGING}
    return {**values, "its_id": job.id, "updated_at": now}
