"""Workers that are told to end, and work that nobody wants any more."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

import psutil
import pytest
from sqlalchemy import Connection, Engine, event

from diarist.jobs.commands import cancel, delete_recording
from diarist.jobs.states import JobState
from diarist.storage.tables import metadata, owners
from integration.workers.conftest import OnFleet
from support.directing import Answer
from support.fleet import Fleet
from support.waiting import until

STAGES = [("prepare", 1), ("transcribe", 1), ("assemble", 0), ("write", 0)]


def test_a_worker_that_is_told_to_end_finishes_what_it_has_begun_and_no_more(
    on_fleet: OnFleet,
) -> None:
    async def work(fleet: Fleet) -> None:
        stop = fleet.director.stop_at("transcribe", 1)
        job_id = await fleet.submit()
        leaving = fleet.start()
        await stop.reached()
        await fleet.told(job_id, "recording.prepared")

        leaving.send(signal.SIGTERM)
        stop.go_on()
        code = await leaving.exit_code()
        heard = await fleet.events(job_id, "chunk.transcribed")
        fleet.start()
        await fleet.ended(job_id)

        assert code == 0
        assert [one.details["number"] for one in heard] == [0, 1]
        assert len(fleet.director.visits("transcribe")) == 3
        assert (await fleet.kinds(job_id))["task.handed-back"] == 0
        assert await fleet.tries(job_id) == []
        await fleet.require_order(job_id)

    on_fleet(work)


@pytest.mark.parametrize(("stage", "number"), STAGES)
def test_what_a_worker_cannot_finish_in_time_is_handed_back_at_once(
    on_fleet: OnFleet, stage: str, number: int
) -> None:
    async def work(fleet: Fleet) -> None:
        stop = fleet.director.stop_at(stage, number)
        job_id = await fleet.submit()
        leaving = fleet.start(lease_s=1000.0, grace_s=0.0)
        await stop.reached()
        if stage != "prepare":
            await fleet.told(job_id, "recording.prepared")

        leaving.send(signal.SIGTERM)
        code = await leaving.exit_code()
        other = fleet.start()
        await fleet.ended(job_id)

        handed_back = await fleet.events(job_id, "task.handed-back")
        assert code == 0
        assert stage in {one.details["stage"] for one in handed_back}
        assert [one.pid for one in fleet.director.visits(stage, number)] == [leaving.pid, other.pid]
        assert (await fleet.kinds(job_id))["task.lost"] == 0
        assert await fleet.tries(job_id) == []
        await fleet.require_order(job_id)

    on_fleet(work)


def test_a_worker_that_is_told_to_end_while_it_claims_leaves_nothing_claimed(
    on_fleet: OnFleet,
) -> None:
    async def work(fleet: Fleet) -> None:
        ending = asyncio.Event()
        _once_a_claim_is_being_committed(fleet.database.engine.sync_engine, ending.set)
        job_id = await fleet.submit()

        async with fleet.embedded(grace_s=0.0, lease_s=1000.0):
            await ending.wait()

        fleet.start()
        await fleet.ended(job_id)
        assert await fleet.tries(job_id) == []
        await fleet.require_order(job_id)

    on_fleet(work)


def _once_a_claim_is_being_committed(engine: Engine, tell: Callable[[], None]) -> None:
    claims: set[Connection] = set()

    def executed(connection: Connection, _: object, statement: str, *__: object) -> None:
        if statement.startswith("UPDATE tasks SET state=") and "token=(tasks.token" in statement:
            claims.add(connection)

    def committing(connection: Connection) -> None:
        if connection in claims:
            tell()

    event.listen(engine, "before_cursor_execute", executed)
    event.listen(engine, "commit", committing)


@pytest.mark.parametrize(("stage", "number"), STAGES)
def test_a_job_that_is_cancelled_stops_in_the_middle_of_its_work(
    on_fleet: OnFleet, stage: str, number: int
) -> None:
    async def work(fleet: Fleet) -> None:
        stop = fleet.director.stop_at(stage, number)
        job_id = await fleet.submit()
        fleet.start()
        await stop.reached()
        other_id = await fleet.submit()

        await cancel(fleet.database, fleet.owner_id, job_id)

        await stop.left()
        await fleet.ended(other_id)
        kinds = await fleet.kinds(job_id)
        assert (await fleet.job(job_id)).state is JobState.CANCELLED
        assert list(kinds)[-1] == "job.cancelled"
        assert len(fleet.director.visits(stage, number)) == 2  # one of them the other's
        await fleet.require_order(other_id)

    on_fleet(work)


def test_a_job_that_is_cancelled_ends_the_process_that_works_on_it(on_fleet: OnFleet) -> None:
    async def work(fleet: Fleet) -> None:
        fleet.director.always(Answer(trouble="hang"), "transcribe", 1, name="endless")
        in_child = fleet.director.stop_at("child")
        job_id = await fleet.submit("endless")
        worker = fleet.start()
        child = psutil.Process((await in_child.reached()).pid)
        in_child.go_on()

        await cancel(fleet.database, fleet.owner_id, job_id)

        async def is_gone() -> bool:
            return not child.is_running()

        await until(is_gone)
        other_id = await fleet.submit()
        await fleet.ended(other_id)
        assert worker.is_alive
        await fleet.require_order(other_id)

    on_fleet(work)


@pytest.mark.parametrize(("stage", "number"), STAGES)
def test_a_recording_that_is_deleted_while_it_is_worked_on_leaves_nothing(
    on_fleet: OnFleet, stage: str, number: int
) -> None:
    async def work(fleet: Fleet) -> None:
        stop = fleet.director.stop_at(stage, number)
        job_id = await fleet.submit()
        worker = fleet.start()
        await stop.reached()
        recording_id = (await fleet.job(job_id)).recording_id

        await delete_recording(fleet.database, fleet.owner_id, recording_id)
        await stop.left()

        assert await fleet.stray_blobs() == ([], [])
        worker.kill()
        tables = [table for table in metadata.sorted_tables if table is not owners]
        assert {table.name: await fleet.rows(table) for table in tables} == {
            table.name: 0 for table in tables
        }

    on_fleet(work)
