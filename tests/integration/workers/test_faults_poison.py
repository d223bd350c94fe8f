"""Recordings that crash whoever works on them: the child dies, the worker and other jobs do not."""

from __future__ import annotations

from dataclasses import replace

from diarist.jobs.commands import retry
from diarist.jobs.states import JobState
from integration.workers.conftest import OnFleet
from support.directing import Answer
from support.fleet import Fleet
from support.worker_process import QUICK_RETRIES


def test_a_recording_that_crashes_every_child_fails_and_harms_no_other(on_fleet: OnFleet) -> None:
    async def work(fleet: Fleet) -> None:
        fleet.director.always(Answer(trouble="segfault"), "transcribe", 1, name="poison")
        poison = await fleet.submit("poison")
        others = [await fleet.submit() for _ in range(3)]
        worker = fleet.start(policy=replace(QUICK_RETRIES, attempts=3))

        await fleet.ended(poison, *others)

        failed = await fleet.job(poison)
        kinds = await fleet.kinds(poison)
        assert failed.state is JobState.FAILED
        assert failed.error is not None
        assert failed.error["code"] == "jobs/worker-died"
        assert "SIGSEGV" in failed.error["message"]
        assert len(fleet.director.visits("transcribe", 1, name="poison")) == 3
        assert (kinds["task.retried"], kinds["job.failed"]) == (2, 1)
        assert len({point.number for point in fleet.director.visits("child")}) == 1
        assert worker.is_alive
        await fleet.require_order(*others)

    on_fleet(work)


def test_a_job_that_failed_keeps_what_was_heard_for_the_next_try(on_fleet: OnFleet) -> None:
    async def work(fleet: Fleet) -> None:
        fleet.director.always(Answer(trouble="segfault"), "transcribe", 1)
        job_id = await fleet.submit()
        fleet.start(policy=replace(QUICK_RETRIES, attempts=1))
        await fleet.told(job_id, "job.failed")
        heard = len(await fleet.events(job_id, "chunk.transcribed"))

        fleet.director.always(Answer(), "transcribe", 1)
        await retry(fleet.database, fleet.hints, fleet.owner_id, job_id)

        assert await fleet.ended(job_id) == [JobState.DONE]
        assert len(fleet.director.visits("transcribe")) == 1 + 3
        assert len(await fleet.events(job_id, "chunk.transcribed")) == 3
        assert heard in (1, 2)
        await fleet.require_order(job_id)

    on_fleet(work)
