"""A blob store that is away or full for a while: tasks wait for it, and nothing fails."""

from __future__ import annotations

from collections.abc import AsyncIterable

import pytest

from diarist.errors import StorageFullError
from diarist.jobs.states import JobState
from integration.workers.conftest import OnFleet
from support.blobs import FailingBlobStore
from support.fleet import Fleet


class FullBlobStore(FailingBlobStore):
    """A real blob store whose disk is full when a test says so."""

    def _pass(self) -> None:
        """Whatever is there can be read."""

    async def put(self, key: str, content: bytes | AsyncIterable[bytes]) -> int:
        if self.failing:
            raise StorageFullError("no room is left", hint="Make room.")
        return await super().put(key, content)


@pytest.mark.parametrize(
    ("kind", "number", "stage", "code"),
    [
        (FailingBlobStore, 1, "prepare", "storage/unavailable"),
        (FailingBlobStore, 3, "transcribe", "storage/unavailable"),
        (FullBlobStore, 1, "prepare", "storage/full"),
    ],
)
def test_tasks_wait_for_a_blob_store_that_does_not_do_its_part(
    on_fleet: OnFleet, kind: type[FailingBlobStore], number: int, stage: str, code: str
) -> None:
    async def work(fleet: Fleet) -> None:
        fleet.blobs = blobs = kind(fleet.blobs)
        stop = fleet.director.stop_at("prepare", number)
        held = fleet.director.stop_at("transcribe", 0)
        job_id = await fleet.submit()
        async with fleet.embedded():
            await stop.reached()
            await held.reached()  # it has read its chunk
            blobs.failing = True
            stop.go_on()
            held.go_on()
            await fleet.told(job_id, "task.retried", 2)

            blobs.failing = False

            assert await fleet.ended(job_id) == [JobState.DONE]
        retried = await fleet.events(job_id, "task.retried")
        tries = await fleet.tries(job_id)
        assert {event.details["error"]["code"] for event in retried} == {code}
        assert stage in {event.details["stage"] for event in retried}
        assert sum(delays for _, _, delays in tries) == len(retried)
        assert all((attempts, losses) == (0, 0) for attempts, losses, _ in tries)
        assert len(fleet.director.visits("transcribe")) == 3
        await fleet.require_order(job_id)

    on_fleet(work)
