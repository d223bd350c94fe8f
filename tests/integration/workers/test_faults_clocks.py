"""Clocks that jump while jobs run: nothing is lost, doubled, or left until the old time returns."""

from __future__ import annotations

from datetime import timedelta

import pytest

from diarist.jobs.states import JobState
from integration.workers.conftest import OnFleet
from support.fleet import Fleet

AN_HOUR = timedelta(hours=1)


@pytest.mark.parametrize("jump", [AN_HOUR, -AN_HOUR])
def test_a_clock_that_jumps_while_a_worker_works_costs_nothing_but_time(
    on_fleet: OnFleet, jump: timedelta
) -> None:
    async def work(fleet: Fleet) -> None:
        stop = fleet.director.stop_at("transcribe", 1)
        job_id = await fleet.submit()
        async with fleet.embedded():
            await stop.reached()
            fleet.database.shift += jump
            stop.go_on()

            assert await fleet.ended(job_id) == [JobState.DONE]
        fleet.database.shift -= jump
        await fleet.require_order(job_id)

    on_fleet(work)


@pytest.mark.parametrize("jump", [AN_HOUR, -AN_HOUR])
def test_what_a_killed_worker_held_is_free_soon_however_the_clock_was_turned(
    on_fleet: OnFleet, jump: timedelta
) -> None:
    async def work(fleet: Fleet) -> None:
        stop = fleet.director.stop_at("transcribe", 1)
        job_id = await fleet.submit()
        victim = fleet.start(lease_s=0.5)
        await stop.reached()
        victim.kill()

        fleet.database.shift += jump
        async with fleet.embedded():
            assert await fleet.ended(job_id) == [JobState.DONE]

        fleet.database.shift -= jump
        assert (await fleet.kinds(job_id))["task.lost"] >= 1
        assert await fleet.stray_blobs() == ([], [])
        await fleet.require_order(job_id)

    on_fleet(work)
