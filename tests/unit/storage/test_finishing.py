"""Work that cannot be broken off is waited for, but not for ever where it need not be."""

from __future__ import annotations

import asyncio
import threading

import pytest

from diarist.storage.blobs.finishing import finished


def test_the_result_and_the_error_come_out() -> None:
    async def fail() -> None:
        raise KeyError("mine")

    async def use() -> int:
        with pytest.raises(KeyError, match="mine"):
            await finished(fail())
        return await finished(asyncio.sleep(0, 7))

    assert asyncio.run(use()) == 7


@pytest.mark.parametrize("calls", [1, 3])
def test_a_cancellation_comes_out_once_a_thread_has_ended(calls: int) -> None:
    begun, may_end, has_ended = (threading.Event() for _ in range(3))

    def work() -> None:
        begun.set()
        may_end.wait()
        has_ended.set()

    async def use() -> list[bool]:
        task = asyncio.create_task(finished(asyncio.to_thread(work)))
        await asyncio.to_thread(begun.wait)
        ended = []
        for _ in range(calls):
            task.cancel()
            for _ in range(10):
                await asyncio.sleep(0)
            ended.append(task.done())
        may_end.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        return [*ended, has_ended.is_set()]

    assert asyncio.run(use()) == [*[False] * calls, True]


def test_an_error_after_a_cancellation_is_nobodys_trouble() -> None:
    async def use() -> None:
        request: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(finished(request, 60.0))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
        request.set_exception(OSError("too late"))
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(use())


def test_a_request_that_does_not_end_is_broken_off() -> None:
    async def use() -> bool:
        request: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(finished(request, patience_s=0.01))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return request.cancelled()

    assert asyncio.run(use())
