"""Workers and steps that hang: others take over, and what comes too late is refused."""

from __future__ import annotations

import signal
from dataclasses import replace

import pytest

from diarist.jobs.policy import TimeLimit
from diarist.jobs.states import JobState, Stage
from integration.workers.conftest import OnFleet
from support.directing import Answer
from support.fleet import Fleet
from support.worker_process import QUICK_RETRIES

DEAF = {"lease_s": 0.5, "heartbeat_s": 1000.0, "reconcile_s": 1000.0}
"""Of a worker that does not notice what it lost before it commits."""


@pytest.mark.parametrize("stage", ["prepare", "transcribe", "assemble", "write"])
def test_what_a_stopped_worker_commits_too_late_is_refused(on_servers: OnFleet, stage: str) -> None:
    async def work(fleet: Fleet) -> None:
        number = 1 if stage in ("prepare", "transcribe") else 0
        stop = fleet.director.stop_at(stage, number)
        job_id = await fleet.submit()
        late = fleet.start(**DEAF)
        await stop.reached()
        late.send(signal.SIGSTOP)
        other = fleet.start()
        await fleet.ended(job_id)
        other.kill()

        late.send(signal.SIGCONT)
        stop.go_on()
        second_id = await fleet.submit()
        await fleet.ended(second_id)

        assert (await fleet.kinds(job_id))["task.lost"] >= 1
        assert {point.pid for point in fleet.director.visits(stage, number)} == {
            late.pid,
            other.pid,
        }
        assert late.is_alive
        await fleet.require_order(job_id, second_id)

    on_servers(work)


def test_a_worker_that_was_stopped_for_a_day_leaves_no_blob_behind(on_servers: OnFleet) -> None:
    async def work(fleet: Fleet) -> None:
        stop = fleet.director.stop_at("prepare", 1)
        job_id = await fleet.submit()
        late = fleet.start(**DEAF)
        await stop.reached()
        late.send(signal.SIGSTOP)
        other = fleet.start()
        await fleet.ended(job_id)
        other.kill()
        await fleet.require_order(job_id)

        late.send(signal.SIGCONT)
        stop.go_on()
        second_id = await fleet.submit()
        await fleet.ended(second_id)

        await fleet.require_order(job_id, second_id)

    on_servers(work)


def test_a_worker_that_hears_it_was_too_slow_stops_in_the_middle(on_servers: OnFleet) -> None:
    async def work(fleet: Fleet) -> None:
        stop = fleet.director.stop_at("transcribe", 1)
        job_id = await fleet.submit()
        late = fleet.start(lease_s=0.5, heartbeat_s=0.1, reconcile_s=1000.0)
        await stop.reached()
        late.send(signal.SIGSTOP)
        fleet.start()
        await fleet.ended(job_id)

        late.send(signal.SIGCONT)

        await stop.left()
        assert late.is_alive
        await fleet.require_order(job_id)

    on_servers(work)


def test_a_worker_with_longer_leases_than_others_is_not_taken_for_dead(on_fleet: OnFleet) -> None:
    async def work(fleet: Fleet) -> None:
        stop = fleet.director.stop_at("transcribe", 1)
        patient_id = await fleet.submit("patient")
        fleet.start(lease_s=1000.0)
        await stop.reached()
        await fleet.told(patient_id, "recording.prepared")

        fleet.start(lease_s=2.0)
        other_id = await fleet.submit()
        await fleet.ended(other_id)
        stop.go_on()

        await fleet.ended(patient_id)
        assert len(fleet.director.visits("transcribe", 1, name="patient")) == 1
        await fleet.require_order(patient_id, other_id)

    on_fleet(work)


def test_a_step_that_hangs_is_stopped_at_its_deadline_and_tried_again(on_fleet: OnFleet) -> None:
    limits = {**QUICK_RETRIES.limits, Stage.TRANSCRIBE: TimeLimit(0.2, 0.0)}

    async def work(fleet: Fleet) -> None:
        stop = fleet.director.stop_at("transcribe", 1)
        job_id = await fleet.submit()
        worker = fleet.start(policy=replace(QUICK_RETRIES, limits=limits))
        await stop.reached()

        stop.go_on(Answer(trouble="hang"))

        assert await fleet.ended(job_id) == [JobState.DONE]
        (retried,) = await fleet.events(job_id, "task.retried")
        assert retried.details["error"]["code"] == "jobs/too-slow"
        assert (retried.details["stage"], retried.details["number"]) == ("transcribe", 1)
        assert await fleet.tries(job_id) == [(1, 0, 0)]
        assert worker.is_alive
        await fleet.require_order(job_id)

    on_fleet(work)
