"""Workers that are killed with -9, wherever they are: others finish what they had begun."""

from __future__ import annotations

from dataclasses import replace

import pytest

from diarist.jobs.states import JobState, Stage
from integration.workers.conftest import OnFleet
from support.directing import Answer
from support.fleet import Fleet
from support.worker_process import QUICK_RETRIES

CHUNKS = 3
SOON = {"lease_s": 0.5, "heartbeat_s": 0.1, "reconcile_s": 1000.0}
"""Of a worker that will be killed: what it held is free half a second later."""


@pytest.mark.parametrize(
    ("stage", "number", "heard"),
    [("prepare", 1, 1), ("transcribe", 1, 1), ("assemble", 0, 3), ("write", 0, 3)],
)
def test_a_worker_killed_in_the_middle_of_a_stage_is_replaced_by_another(
    on_fleet: OnFleet, stage: str, number: int, heard: int
) -> None:
    async def work(fleet: Fleet) -> None:
        stop = fleet.director.stop_at(stage, number)
        job_id = await fleet.submit()
        victim = fleet.start(**SOON)
        await stop.reached()
        await fleet.told(job_id, "chunk.transcribed", heard)
        if stage != "prepare":
            await fleet.told(job_id, "recording.prepared")

        victim.kill()
        fleet.start()

        await fleet.ended(job_id)
        (lost,) = await fleet.events(job_id, "task.lost")
        assert (lost.details["stage"], lost.details["losses"]) == (stage, 1)
        assert f"-{victim.pid}-" in lost.details["worker"]
        assert len(fleet.director.visits(stage, number)) == 2
        assert len(fleet.director.visits("transcribe")) == CHUNKS + (stage == "transcribe")
        await fleet.require_order(job_id)

    on_fleet(work)


def test_a_recording_that_kills_every_worker_fails_and_harms_no_other(on_fleet: OnFleet) -> None:
    policy = replace(QUICK_RETRIES, losses=3)

    async def work(fleet: Fleet) -> None:
        fleet.director.always(Answer(kills=True), "transcribe", 1, name="poison")
        poison = await fleet.submit("poison")
        others = [await fleet.submit() for _ in range(3)]
        fleet.start(policy=policy, stages=frozenset(Stage) - {Stage.TRANSCRIBE})
        listener = {"policy": policy, "stages": frozenset({Stage.TRANSCRIBE})}

        codes = [await fleet.start(**listener, lease_s=1.0).exit_code() for _ in range(3)]
        fleet.start(**listener)
        await fleet.ended(poison, *others)

        failed = await fleet.job(poison)
        assert codes == [-9, -9, -9]
        assert failed.state is JobState.FAILED
        assert failed.error is not None
        assert failed.error["code"] == "jobs/worker-died"
        assert "3 workers vanished" in failed.error["message"]
        assert len(fleet.director.visits("transcribe", 1, name="poison")) == 3
        assert (await fleet.kinds(poison))["task.lost"] == 3
        assert (await fleet.kinds(poison))["job.failed"] == 1
        await fleet.require_order(*others)

    on_fleet(work)


def test_work_that_is_beside_what_kills_its_workers_is_not_blamed(on_fleet: OnFleet) -> None:
    policy = replace(QUICK_RETRIES, losses=3)

    async def work(fleet: Fleet) -> None:
        poison = await fleet.submit("poison")
        job_id = await fleet.submit("long")
        fleet.director.always(Answer(kills=True), "transcribe", 1, name="poison")
        for _ in range(2):
            beside = fleet.director.stop_at("prepare", 3, name="long")
            deadly = fleet.director.stop_at("transcribe", 1, name="poison")
            worker = fleet.start(policy=policy, lease_s=1.0)
            await beside.reached()
            await deadly.reached()
            deadly.go_on(Answer(kills=True))
            await worker.exit_code()

        code = await fleet.start(policy=policy, lease_s=1.0).exit_code()
        fleet.start(policy=policy, lease_s=1.0)

        assert code == -9
        assert await fleet.ended(poison, job_id) == [JobState.FAILED, JobState.DONE]
        assert (await fleet.kinds(job_id))["task.lost"] == 2
        await fleet.require_order(job_id)

    on_fleet(work)
