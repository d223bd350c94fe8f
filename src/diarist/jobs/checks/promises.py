"""What must be true of all jobs at every moment, as questions to the database that find nothing.

Each rule is one statement, so that it sees one moment, also while workers work.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    ScalarSelect,
    Select,
    Table,
    and_,
    exists,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from diarist.jobs.checks.blobs import BlobDifferences, blob_differences
from diarist.jobs.states import ENDED, OPEN, JobState, Stage, TaskState
from diarist.storage.database import Database
from diarist.storage.tables import chunks, entries, job_events, jobs, tasks, transcripts

__all__ = ["BlobDifferences", "blob_differences", "violations"]

_NAMED = 20  # of each kind; a defect that hits a million jobs is one defect


@dataclass(frozen=True)
class _Rule:
    """What must not be.

    Attributes:
        says: what is wrong, about `{key}`.
        finds: the keys of which it is true.
    """

    says: str
    finds: Select[Any]


async def violations(database: Database) -> list[str]:
    """Return what is wrong with jobs and what they made, in sentences; none if all is well."""
    found: list[str] = []
    for rule in _RULES:
        found += await _broken(database, rule)
    return found


async def _broken(database: Database, rule: _Rule) -> list[str]:
    async def work(connection: AsyncConnection) -> list[Any]:
        return list((await connection.execute(rule.finds.limit(_NAMED + 1))).scalars())

    keys = await database.read(work)
    sentences = [rule.says.format(key=key) for key in keys[:_NAMED]]
    if len(keys) > _NAMED:
        sentences.append(f"… and more than {_NAMED} in all of which that is true")
    return sentences


def _rules() -> Iterator[_Rule]:
    yield from _rules_of_states()
    yield from _rules_of_tasks()
    yield from _rules_of_chunks()
    yield from _rules_of_events()
    yield from _rules_of_results()


def _rules_of_states() -> Iterator[_Rule]:
    has_open_tasks = exists().where(tasks.c.job_id == jobs.c.id, tasks.c.state.in_(_OPEN))
    yield _Rule("job {key} has ended, and has tasks to be done", _jobs(_has_ended, has_open_tasks))
    yield _Rule(
        "job {key} has not ended, and has no task to be done", _jobs(~_has_ended, ~has_open_tasks)
    )
    yield _Rule(
        "job {key} has ended, and it is not known when",
        _jobs(_has_ended, jobs.c.finished_at.is_(None)),
    )
    yield _Rule(
        "job {key} has not ended, and has a time at which it did",
        _jobs(~_has_ended, jobs.c.finished_at.is_not(None)),
    )
    yield _Rule(
        "job {key} failed, and it is not known why",
        _jobs(_in_state(JobState.FAILED, JobState.PARTIAL), jobs.c.error.is_(None)),
    )
    yield _Rule(
        "job {key} is done, and has an error",
        _jobs(_in_state(JobState.DONE), jobs.c.error.is_not(None)),
    )


def _rules_of_tasks() -> Iterator[_Rule]:
    is_running = tasks.c.state == TaskState.RUNNING.value
    has_no_lease = or_(tasks.c.lease_owner.is_(None), tasks.c.lease_until.is_(None))
    has_some_lease = or_(tasks.c.lease_owner.is_not(None), tasks.c.lease_until.is_not(None))
    yield _Rule("task {key} is running without a lease", _tasks(is_running, has_no_lease))
    yield _Rule("task {key} has a lease and is not running", _tasks(~is_running, has_some_lease))


def _rules_of_chunks() -> Iterator[_Rule]:
    # While a recording is prepared its chunks come and go; then they are counted anew.
    is_prepared = jobs.c.chunks_total.is_not(None)
    heard = _count(chunks, chunks.c.body.is_not(None))
    yield _Rule(
        "job {key} counts other chunks as heard than those that are",
        _jobs(is_prepared, jobs.c.chunks_done != heard),
    )
    yield _Rule(
        "job {key} has another number of chunks than it counts",
        _jobs(is_prepared, jobs.c.chunks_total != _count(chunks)),
    )
    is_to_be_heard = exists().where(
        tasks.c.job_id == chunks.c.job_id,
        tasks.c.number == chunks.c.number,
        tasks.c.stage == Stage.TRANSCRIBE.value,
        tasks.c.state.in_(_OPEN),
    )
    forgotten = exists().where(
        chunks.c.job_id == jobs.c.id, chunks.c.body.is_(None), ~is_to_be_heard
    )
    yield _Rule(
        "job {key} waits for a chunk that nobody is going to hear", _jobs(~_has_ended, forgotten)
    )


def _rules_of_events() -> Iterator[_Rule]:
    last = select(func.coalesce(func.max(job_events.c.seq), 0)).where(
        job_events.c.job_id == jobs.c.id
    )
    is_gapless = and_(
        jobs.c.event_seq == _count(job_events), jobs.c.event_seq == last.scalar_subquery()
    )
    yield _Rule("the events of job {key} have gaps", _jobs(~is_gapless))


def _rules_of_results() -> Iterator[_Rule]:
    wants_entry = func.coalesce(jobs.c.options["wants_entry"].as_boolean(), true())
    has_transcript = exists().where(transcripts.c.job_id == jobs.c.id)
    has_entry = exists().where(entries.c.job_id == jobs.c.id)
    is_kept = _in_state(JobState.DONE, JobState.PARTIAL, JobState.WRITING)
    yield _Rule("job {key} has lost its transcript", _jobs(is_kept, ~has_transcript))
    yield _Rule(
        "job {key} is done without an entry",
        _jobs(_in_state(JobState.DONE), wants_entry, ~has_entry),
    )
    for table, kind in ((transcripts, "transcript"), (entries, "entry")):
        is_completed = job_events.c.kind == f"{kind}.completed"
        made, told = _count(table), _count(job_events, is_completed)
        # What `diarist run` made is kept as one event.
        yield _Rule(
            f"job {{key}} made more than one {kind} at a time", _jobs(made > 1, made > told)
        )
        yield _Rule(
            f"the versions of the {kind} of recording {{key}} have gaps",
            select(table.c.recording_id)
            .group_by(table.c.recording_id)
            .having(func.count() != func.max(table.c.version)),
        )


def _jobs(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(jobs.c.id).where(*conditions)


def _tasks(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(tasks.c.id).where(*conditions)


def _in_state(*states: JobState) -> ColumnElement[bool]:
    return jobs.c.state.in_([state.value for state in states])


def _count(table: Table, *conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    """Return how many rows of a table belong to the job, as a part of a statement."""
    job_id: Column[Any] = table.c.job_id
    rows = select(func.count()).select_from(table).where(job_id == jobs.c.id, *conditions)
    return rows.correlate(jobs).scalar_subquery()


_OPEN = tuple(state.value for state in OPEN)
_has_ended = _in_state(*ENDED)
_RULES = tuple(_rules())
