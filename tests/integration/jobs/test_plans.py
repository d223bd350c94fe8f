"""What is asked all the time is answered by an index, however much was done before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, insert, select, text

from diarist.jobs.states import Stage, TaskState
from diarist.storage.keys import new_id
from diarist.storage.tables import jobs, recordings, tasks
from support.line import Line, OnLine

_DONE = 3_000
_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


async def with_much_done(line: Line) -> UUID:
    """Submit a job, beside the tasks of thousands that are done."""
    job_id = await line.submit()
    async with line.database.transaction() as connection:
        job = (await connection.execute(select(jobs))).mappings().one()
        recording = (await connection.execute(select(recordings))).mappings().one()
        ids = [new_id() for _ in range(_DONE)]
        await connection.execute(
            insert(recordings), [{**recording, "id": key, "sha256": key.hex} for key in ids]
        )
        done = {"state": "done", "finished_at": _LONG_AGO}
        await connection.execute(
            insert(jobs), [{**job, **done, "id": key, "recording_id": key} for key in ids]
        )
        await connection.execute(
            insert(tasks),
            [_done_task(key, job["owner_id"], stage) for key in ids for stage in Stage],
        )
    async with line.database.transaction() as connection:
        await connection.execute(text("ANALYZE"))
    return job_id


def _done_task(job_id: UUID, owner_id: UUID, stage: Stage) -> dict[str, Any]:
    return {
        "id": new_id(),
        "job_id": job_id,
        "owner_id": owner_id,
        "stage": stage.value,
        "number": 0,
        "state": TaskState.DONE.value,
        "priority": 1,
        "turn": 0,
        "audio_s": 300.0,
        "attempts": 0,
        "losses": 0,
        "delays": 0,
        "token": 1,
        "available_at": _LONG_AGO,
        "finished_at": _LONG_AGO,
    }


async def plans_of(line: Line, work: Callable[[], Awaitable[object]]) -> list[str]:
    """Return how the database goes about each statement that some work consists of."""
    asked: list[tuple[str, Any]] = []

    def noted(_: object, __: object, statement: str, parameters: Any, *___: object) -> None:
        if statement.lstrip().startswith(("SELECT", "UPDATE", "DELETE")):
            asked.append((statement, parameters))

    engine = line.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", noted)
    await work()
    event.remove(engine, "before_cursor_execute", noted)
    explain = "EXPLAIN QUERY PLAN " if line.database.is_sqlite else "EXPLAIN "
    plans: list[str] = []
    async with line.database.reading() as connection:
        for statement, parameters in asked:
            one = parameters[0] if isinstance(parameters, list) else parameters
            rows = await connection.exec_driver_sql(explain + statement, one)
            plans.append(statement + "\n" + "\n".join(str(row[-1]) for row in rows))
    return plans


def scans(plans: list[str]) -> list[str]:
    """Return those plans that read a whole table which grows."""
    reads_all = [
        f"{how} {table}" + ("\n" if how == "SCAN" else " ")
        for table in ("tasks", "jobs", "recordings")
        for how in ("SCAN", "Seq Scan on")
    ]
    return [plan for plan in plans if any(sign in plan + "\n" for sign in reads_all)]


@pytest.mark.parametrize("what", ["claim", "commit", "reconcile", "submit", "keep"])
def test_no_step_reads_a_whole_table(on_line: OnLine, what: str) -> None:
    async def work(line: Line) -> list[str]:
        await with_much_done(line)
        doing: dict[str, Callable[[], Awaitable[object]]] = {
            "claim": lambda: line.claim(Stage.TRANSCRIBE),
            "commit": line.prepare,
            "reconcile": line.reconcile,
            "submit": line.submit,
            "keep": lambda: line.finish(2),
        }
        return await plans_of(line, doing[what])

    plans = on_line(work)

    assert len(plans) > 2 or what == "claim"
    assert scans(plans) == []
