"""Real spawned processes that crash, hang, leak and are killed, seen from their parent."""

from __future__ import annotations

import asyncio
import logging
import os
import select
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest

from diarist.errors import (
    DiaristError,
    MissingExtraError,
    NoSpeechError,
    RateLimitedError,
    TooSlowError,
    UnexpectedError,
    WorkerDiedError,
)
from diarist.workers.children.child import Child
from diarist.workers.children.messages import AHEAD
from diarist.workers.children.pool import ChildPool
from support.child_objects import SecondTimeLucky, Troublemaker, Unbuildable, term_signals

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="watches processes by pidfd")

TESTS = Path(__file__).parents[2]
LONG_S = 60.0  # a deadline that is not meant to pass
T = TypeVar("T")


@asynccontextmanager
async def child_of(
    factory: Callable[[], object] = Troublemaker, recycle_after: int | None = None
) -> AsyncIterator[Child]:
    child = Child(factory, "test", recycle_after)
    try:
        yield child
    finally:
        await child.close()


def with_child(use: Callable[[Child], Awaitable[T]]) -> T:
    """Return what a child is used for."""

    async def lent() -> T:
        async with child_of() as child:
            return await use(child)

    return asyncio.run(lent())


class Watch:
    """Sees a process end, whoever its parent is."""

    def __init__(self, pid: int) -> None:
        self._descriptor = os.pidfd_open(pid)

    def is_gone(self, within_s: float = 30.0) -> bool:
        ready, _, _ = select.select([self._descriptor], [], [], within_s)
        os.close(self._descriptor)
        return bool(ready)


async def started(child: Child) -> Watch:
    """Start a child and watch it."""
    return Watch(await child.call("pid", deadline_s=LONG_S))


def test_a_call_is_answered_in_another_process() -> None:
    async def use(child: Child) -> tuple[int, int | None]:
        return await child.call("pid", deadline_s=LONG_S), child.pid

    answered, pid = with_child(use)

    assert answered == pid != os.getpid()


def test_nothing_is_started_before_the_first_call() -> None:
    child = Child(Troublemaker, "test")

    assert (child.is_alive, child.pid, child.calls_done) == (False, None, 0)


def test_ten_megabytes_travel_both_ways() -> None:
    samples = os.urandom(10_000_000)

    assert with_child(lambda child: child.call("echo", samples, deadline_s=LONG_S)) == samples


@pytest.mark.parametrize(
    ("method", "arguments", "how"),
    [
        ("segfault", (), "was killed by SIGSEGV"),
        ("send_itself", (signal.SIGABRT,), "was killed by SIGABRT"),
        ("send_itself", (signal.SIGKILL,), "was killed: out of memory?"),
        ("leave", (3,), "ended with exit code 3"),
        ("leave", (0,), "ended with exit code 0"),
    ],
)
def test_a_death_is_told_in_words_and_the_next_call_finds_a_new_process(
    method: str, arguments: tuple[int, ...], how: str
) -> None:
    async def use(child: Child) -> tuple[str, object]:
        with pytest.raises(WorkerDiedError) as caught:
            await child.call(method, *arguments, deadline_s=LONG_S)
        return caught.value.message, await child.call("echo", "again", deadline_s=LONG_S)

    assert with_child(use) == (f"the test process {how}", "again")


def test_what_a_process_said_last_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def use(child: Child) -> None:
        with pytest.raises(WorkerDiedError):
            await child.call("leave_with_last_words", "assertion failed in x.cc", deadline_s=LONG_S)

    with_child(use)

    assert "assertion failed in x.cc" in caplog.text


def test_a_death_between_two_calls_is_not_noticed_by_the_second() -> None:
    async def use(child: Child) -> tuple[bool, object]:
        watch = await started(child)
        os.kill(child.pid or 0, signal.SIGKILL)
        assert watch.is_gone()
        return child.is_alive, await child.call("echo", "again", deadline_s=LONG_S)

    assert with_child(use) == (False, "again")


def test_a_hanging_call_is_ended_at_its_deadline() -> None:
    async def use(child: Child) -> tuple[bool, object]:
        watch = await started(child)
        with pytest.raises(TooSlowError, match=r"took more than 0\.1 s to hang"):
            await child.call("hang", deadline_s=0.1)
        gone = await asyncio.to_thread(watch.is_gone)
        return gone, await child.call("echo", "again", deadline_s=LONG_S)

    assert with_child(use) == (True, "again")


def test_a_deadline_that_passes_before_the_process_runs_leaves_none_behind() -> None:
    async def use(child: Child) -> bool:
        with pytest.raises(TooSlowError):
            await child.call("echo", "early", deadline_s=0.0)
        return child.is_alive

    assert with_child(use) is False


def test_a_cancelled_call_ends_the_process_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")

    async def use(child: Child) -> tuple[bool, bool, object]:
        watch = await started(child)
        call = asyncio.create_task(child.call("hang", tmp_path / "fifo", deadline_s=LONG_S))
        assert await asyncio.to_thread((tmp_path / "fifo").read_bytes) == b"here"
        call.cancel()
        await asyncio.wait([call])
        gone = await asyncio.to_thread(watch.is_gone)
        return call.cancelled(), gone, await child.call("echo", "again", deadline_s=LONG_S)

    assert with_child(use) == (True, True, "again")


def test_a_call_that_waits_for_another_can_be_cancelled_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")

    async def use(child: Child) -> tuple[bool, bool]:
        first = asyncio.create_task(child.call("hang", tmp_path / "fifo", deadline_s=LONG_S))
        await asyncio.to_thread((tmp_path / "fifo").read_bytes)
        second = asyncio.create_task(child.call("echo", 1, deadline_s=LONG_S))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait([second])
        still = (child.is_alive, not first.done())
        first.cancel()
        await asyncio.wait([first])
        return still

    assert with_child(use) == (True, True)


def test_a_stream_comes_in_order_and_leaves_the_process_as_it_was(tmp_path: Path) -> None:
    async def use(child: Child) -> tuple[list[int], list[int], object]:
        first = [n async for n in child.stream("count", 9, tmp_path / "a", deadline_s=LONG_S)]
        pid = child.pid
        second = [n async for n in child.stream("count", 1, tmp_path / "b", deadline_s=LONG_S)]
        return first, second, await child.call("pid", deadline_s=LONG_S) == pid

    assert with_child(use) == (list(range(9)), [0], True)


def test_a_stream_is_never_more_than_some_items_ahead(tmp_path: Path) -> None:
    made = tmp_path / "made"

    async def use(child: Child) -> list[int]:
        ahead = []
        async with aclosing(child.stream("count", 200, made, deadline_s=LONG_S)) as items:
            async for number in items:
                ahead.append(made.stat().st_size - (number + 1))
        return ahead

    ahead = with_child(use)

    assert len(ahead) == 200
    assert max(ahead) <= AHEAD


def test_an_abandoned_stream_ends_the_process_at_once(tmp_path: Path) -> None:
    async def use(child: Child) -> bool:
        watch = await started(child)
        async for _ in child.stream("count", 9, tmp_path / "made", deadline_s=LONG_S):
            break
        return await asyncio.to_thread(watch.is_gone)

    assert with_child(use)


def test_an_error_in_a_stream_comes_behind_its_items() -> None:
    async def use(child: Child) -> tuple[list[int], object]:
        stream = child.stream("count_and_refuse", 5, deadline_s=LONG_S)
        items = [await anext(stream) for _ in range(5)]
        with pytest.raises(NoSpeechError):
            await anext(stream)
        return items, child.calls_done

    assert with_child(use) == ([0, 1, 2, 3, 4], 1)


def test_an_error_of_ours_arrives_as_itself() -> None:
    async def use(child: Child) -> tuple[DiaristError, int | None, int | None]:
        pid = await child.call("pid", deadline_s=LONG_S)
        with pytest.raises(RateLimitedError) as caught:
            await child.call("be_limited", deadline_s=LONG_S)
        return caught.value, pid, child.pid

    error, before, after = with_child(use)

    assert vars(error) == {"message": "slow down", "hint": "Wait.", "retry_after_s": 7.5}
    assert before == after


def test_a_defect_is_logged_with_its_traceback_and_not_shown(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def use(child: Child) -> str:
        with pytest.raises(UnexpectedError) as caught:
            await child.call("fail", "the secret", deadline_s=LONG_S)
        return f"{caught.value.message} {caught.value.hint}"

    with caplog.at_level(logging.ERROR):
        shown = with_child(use)

    assert "ValueError" in shown
    assert "the secret" not in shown
    assert "ValueError: the secret" in caplog.text


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("lack_a_library", MissingExtraError),
        ("run_out_of_memory", WorkerDiedError),
        ("return_what_cannot_travel", UnexpectedError),
        ("no_such_method", UnexpectedError),
    ],
)
def test_other_failures_arrive_as_errors_of_ours(method: str, expected: type[DiaristError]) -> None:
    async def use(child: Child) -> object:
        with pytest.raises(expected):
            await child.call(method, deadline_s=LONG_S)
        return await child.call("echo", "again", deadline_s=LONG_S)

    assert with_child(use) == "again"


def test_a_process_that_ran_out_of_memory_is_replaced() -> None:
    async def use(child: Child) -> bool:
        watch = await started(child)
        with pytest.raises(WorkerDiedError, match="ran out of memory"):
            await child.call("run_out_of_memory", deadline_s=LONG_S)
        return await asyncio.to_thread(watch.is_gone)

    assert with_child(use)


def test_arguments_that_cannot_travel_are_the_callers_mistake() -> None:
    async def use(child: Child) -> None:
        with pytest.raises((AttributeError, TypeError)):
            await child.call("echo", lambda: None, deadline_s=LONG_S)

    with_child(use)


def test_an_object_that_cannot_be_built_is_tried_again_at_the_next_call(tmp_path: Path) -> None:
    async def use() -> object:
        async with child_of(partial(SecondTimeLucky, tmp_path / "tried")) as child:
            with pytest.raises(NoSpeechError, match="not yet"):
                await child.call("echo", 1, deadline_s=LONG_S)
            return await child.call("echo", 1, deadline_s=LONG_S)

    assert asyncio.run(use()) == 1


def test_a_process_is_replaced_after_so_many_calls() -> None:
    async def use() -> tuple[list[int], list[int]]:
        async with child_of(recycle_after=2) as child:
            pids, done = [], []
            for _ in range(5):
                pids.append(await child.call("pid", deadline_s=LONG_S))
                done.append(child.calls_done)
            return pids, done

    pids, done = asyncio.run(use())

    assert pids[0] == pids[1] != pids[2] == pids[3] != pids[4]
    assert done == [1, 0, 1, 0, 1]


def test_a_child_that_holds_the_interpreters_lock_holds_up_nobody_else() -> None:
    async def use() -> tuple[object, bool]:
        async with child_of() as stuck, child_of() as other:
            items = stuck.stream("pid_and_hold_the_lock", deadline_s=LONG_S)
            watch = Watch(await anext(items))
            answer = await other.call("echo", "fine", deadline_s=LONG_S)
            await items.aclose()
            return answer, await asyncio.to_thread(watch.is_gone)

    assert asyncio.run(use()) == ("fine", True)


def test_signals_for_everyone_are_left_to_the_parent() -> None:
    async def use(child: Child) -> object:
        pid = await child.call("pid", deadline_s=LONG_S)
        for number in term_signals():
            os.kill(pid, number)
        return await child.call("pid", deadline_s=LONG_S) == pid

    assert with_child(use)


def test_signals_while_a_process_starts_do_not_end_it() -> None:
    async def use(child: Child) -> object:
        call = asyncio.create_task(child.call("pid", deadline_s=LONG_S))
        while child.pid is None:  # noqa: ASYNC110 - nobody else wants to know when it has one
            await asyncio.sleep(0)
        pid = child.pid
        os.kill(pid, signal.SIGTERM)
        return await call == pid

    assert with_child(use)


def script(body: str) -> list[str]:
    """Return the command line of a program that has a child."""
    lines = (
        "import asyncio",
        "from diarist.workers.children.child import Child",
        "from support.child_objects import Troublemaker",
        "child = Child(Troublemaker, 'test')",
        "async def main():",
        *(f"    {line}" for line in body.splitlines()),
        "asyncio.run(main())",
    )
    return [sys.executable, "-c", "\n".join(lines)]


ENVIRON = {"PYTHONPATH": str(TESTS), "PATH": os.defpath}


def test_a_child_in_a_native_call_ends_when_its_parent_is_killed() -> None:
    body = """async for pid in child.stream("pid_and_hold_the_lock", deadline_s=999):
    print(pid, flush=True)"""
    with subprocess.Popen(script(body), stdout=subprocess.PIPE, env=ENVIRON) as parent:
        assert parent.stdout is not None
        watch = Watch(int(parent.stdout.readline()))
        parent.kill()

    assert watch.is_gone()


def test_an_idle_child_ends_when_its_parent_is_killed() -> None:
    body = """print(await child.call("pid", deadline_s=999), flush=True)
await asyncio.Event().wait()"""
    with subprocess.Popen(script(body), stdout=subprocess.PIPE, env=ENVIRON) as parent:
        assert parent.stdout is not None
        watch = Watch(int(parent.stdout.readline()))
        parent.kill()

    assert watch.is_gone()


def test_a_child_that_nobody_closed_does_not_keep_its_parent_from_ending() -> None:
    body = """print(await child.call("pid", deadline_s=999), flush=True)
asyncio.create_task(child.call("hang", deadline_s=999))
await asyncio.sleep(0)"""

    done = subprocess.run(script(body), capture_output=True, env=ENVIRON, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (0, b"")


def test_what_a_child_prints_does_not_reach_the_terminal() -> None:
    body = """print("lines:", await child.call("print_much", 5000, deadline_s=999))
await child.close()"""

    done = subprocess.run(script(body), capture_output=True, env=ENVIRON, timeout=60, check=False)

    assert (done.stdout, done.stderr) == (b"lines: 5000\n", b"")


def test_a_pool_lends_each_child_to_one_at_a_time() -> None:
    async def use() -> tuple[int, int]:
        pool = ChildPool(Troublemaker, 2, "test")
        at_once = most = 0

        async def ask() -> int:
            nonlocal at_once, most
            async with pool.borrowed() as child:
                at_once += 1
                most = max(most, at_once)
                pid = await child.call("pid", deadline_s=LONG_S)
                at_once -= 1
            return int(pid)

        pids = await asyncio.gather(*(ask() for _ in range(8)))
        await pool.close()
        return most, len(set(pids))

    assert asyncio.run(use()) == (2, 2)


def test_a_pool_starts_no_second_child_while_the_first_is_free() -> None:
    async def use() -> int:
        pool = ChildPool(Troublemaker, 4, "test")
        pids = set()
        for _ in range(3):
            async with pool.borrowed() as child:
                pids.add(await child.call("pid", deadline_s=LONG_S))
        await pool.close()
        return len(pids)

    assert asyncio.run(use()) == 1


def test_closing_a_pool_ends_what_is_under_way(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")

    async def use() -> str:
        pool = ChildPool(Troublemaker, 1, "test")

        async def hang() -> None:
            async with pool.borrowed() as child:
                await child.call("hang", tmp_path / "fifo", deadline_s=LONG_S)

        task = asyncio.create_task(hang())
        await asyncio.to_thread((tmp_path / "fifo").read_bytes)
        await pool.close()
        with pytest.raises(WorkerDiedError) as caught:
            await task
        with pytest.raises(RuntimeError, match="closed"):
            async with pool.borrowed():
                pass
        return caught.value.message

    assert asyncio.run(use()) == "the test process was stopped"


def test_a_child_whose_object_cannot_be_built_says_why() -> None:
    async def use() -> None:
        async with child_of(Unbuildable) as child:
            with pytest.raises(NoSpeechError, match="nothing to build from"):
                await child.call("echo", 1, deadline_s=LONG_S)

    asyncio.run(use())
