"""Messages that come many times at once, to several workers: each task is done once."""

from __future__ import annotations

from collections import Counter

from diarist.jobs.queue import all_queues
from integration.workers.conftest import OnFleet
from support.fleet import Fleet


def test_messages_that_come_many_times_to_many_workers_do_nothing_twice(
    on_servers: OnFleet,
) -> None:
    async def work(fleet: Fleet) -> None:
        jobs = [await fleet.submit() for _ in range(10)]
        for _ in range(3):
            fleet.start(slots=2)

        for job_id in jobs:
            for _ in range(5):
                fleet.hints.send(dict.fromkeys(all_queues(), 100))
            await fleet.ended(job_id)

        done = Counter((point.stage, point.name, point.number) for point in fleet.director.points)
        assert set(done.values()) == {1}
        assert len({point.pid for point in fleet.director.points}) > 1
        for job_id in jobs:
            assert await fleet.kinds(job_id) == {
                "job.created": 1,
                "job.started": 1,
                "recording.prepared": 1,
                "chunk.transcribed": 3,
                "transcript.completed": 1,
                "entry.completed": 1,
                "job.done": 1,
            }
        await fleet.require_order(*jobs)

    on_servers(work)
