"""Whose turn it is, and who holds what."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import UUID

from diarist.jobs.commands import cancel
from diarist.jobs.engine.claiming import keep
from diarist.jobs.engine.outcomes import Failed
from diarist.jobs.policy import RetryPolicy
from diarist.jobs.states import Priority, Stage
from diarist.jobs.submitting import owner_named
from integration.jobs.test_pipeline import highest, too_slow
from support.line import Line, OnLine, prepared


async def in_turn(line: Line, stage: Stage = Stage.PREPARE, at_most: int = 1) -> list[UUID]:
    """Claim everything, a few at a time, and return the jobs in the order in which they come."""
    order: list[UUID] = []
    while found := await line.claim(stage, at_most=at_most):
        order += [one.claim.job_id for one in found]
    return order


def test_the_first_that_came_is_the_first_that_is_served(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[list[UUID], list[UUID]]:
        submitted = [await line.submit() for _ in range(5)]
        return submitted, await in_turn(line)

    submitted, served = on_line(work)

    assert served == submitted


def test_a_higher_class_comes_first(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[list[UUID], list[UUID]]:
        low = await line.submit(priority=Priority.LOW)
        normal = await line.submit()
        high = await line.submit(priority=Priority.HIGH)
        return [high, normal, low], await in_turn(line, at_most=2)

    wanted, served = on_line(work)

    assert served == wanted


def test_many_recordings_of_one_owner_do_not_hold_up_one_of_another(
    on_line: OnLine,
) -> None:
    async def work(line: Line) -> list[UUID]:
        many = [await line.submit("anna") for _ in range(40)]
        started = [order.claim.job_id for order in await line.claim(Stage.PREPARE, at_most=3)]
        assert started == many[:3]
        ben = await line.submit("ben")
        carla = await line.submit("carla")
        served = await in_turn(line)
        return [job for job in served[:3] if job in (ben, carla)]

    assert len(on_line(work)) == 2


def test_owners_take_turns(on_line: OnLine) -> None:
    async def work(line: Line) -> list[Counter[str]]:
        owners: dict[UUID, str] = {}
        for owner, count in (("anna", 12), ("ben", 6), ("carla", 3)):
            for _ in range(count):
                owners[await line.submit(owner)] = owner
        served = [owners[job] for job in await in_turn(line)]
        return [Counter(served[:9]), Counter(served[9:15]), Counter(served[15:])]

    first, second, last = on_line(work)

    assert first == {"anna": 3, "ben": 3, "carla": 3}
    assert second == {"anna": 3, "ben": 3}
    assert last == {"anna": 6}


def test_a_retried_task_does_not_let_newcomers_before_everybody(
    on_line: OnLine,
) -> None:
    async def work(line: Line) -> tuple[UUID, list[UUID], list[UUID], list[UUID]]:
        many = [await line.submit("anna") for _ in range(6)]
        retried = await line.one(Stage.PREPARE)
        await line.commit(retried, too_slow())
        begun = [order.claim.job_id for order in await line.claim(Stage.PREPARE, at_most=3)]
        line.pass_time(60.0)
        await line.reconcile()
        ben = [await line.submit("ben") for _ in range(3)]
        return many[0], ben, begun, await in_turn(line)

    first, ben, _, served = on_line(work)

    assert first in served[:2]
    assert served[-1] in ben or served[-2] in ben
    assert [job in ben for job in served[:4]].count(True) <= 2


def test_a_task_is_given_to_one_of_many_who_ask_at_once(on_line: OnLine) -> None:
    async def work(line: Line) -> list[UUID]:
        for _ in range(10):
            await line.submit()
        claims = [line.claim(Stage.PREPARE, f"w{number}", 3) for number in range(8)]
        found = [order for orders in await asyncio.gather(*claims) for order in orders]
        while rest := await line.claim(Stage.PREPARE, "late", 3):
            found += rest
        return [order.claim.task_id for order in found]

    tasks = on_line(work)

    assert len(set(tasks)) == len(tasks) == 10


def test_a_heartbeat_keeps_what_would_be_lost(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[int, int, int]:
        await line.submit()
        await line.submit()
        kept, lost = await line.claim(Stage.PREPARE, at_most=2)
        line.pass_time(20.0)
        none = await keep(line.database, "w1", [kept.claim], 30.0)
        line.pass_time(20.0)
        repairs = await line.reconcile()
        gone = await keep(line.database, "w1", [kept.claim, lost.claim], 30.0)
        assert gone == [lost.claim]
        return len(none), repairs.recovered, len(await line.claim(Stage.PREPARE, "w2", 5))

    assert on_line(work) == (0, 1, 1)


def test_a_heartbeat_hears_that_a_job_was_cancelled(on_line: OnLine) -> None:
    async def work(line: Line) -> bool:
        job_id = await line.submit()
        order = await line.one(Stage.PREPARE)
        await cancel(line.database, await owner_named(line.database, "anna"), job_id)
        return await keep(line.database, "w1", [order.claim], 30.0) == [order.claim]

    assert on_line(work) is True


def test_a_worker_cannot_keep_what_another_holds(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[int, int]:
        await line.submit()
        first = await line.one(Stage.PREPARE, "w1")
        line.pass_time(31.0)
        await line.reconcile()
        second = await line.one(Stage.PREPARE, "w2")
        return (
            len(await keep(line.database, "w1", [first.claim], 30.0)),
            len(await keep(line.database, "w2", [second.claim], 30.0)),
        )

    assert on_line(work) == (1, 0)


def test_a_worker_that_vanishes_too_often_fails_the_job_and_no_other(
    on_line: OnLine,
) -> None:
    async def work(line: Line) -> tuple[str, str, str]:
        poison = await line.submit()
        for _ in range(line.policy.losses):
            assert await line.claim(Stage.PREPARE)
            line.pass_time(31.0)
            await line.reconcile()
        good = await line.submit()
        await line.finish(1)
        job = await line.job(poison)
        assert job.error is not None
        return job.state, job.error["code"], (await line.job(good)).state

    assert on_line(work) == ("failed", "jobs/worker-died", "done")


def test_what_is_ready_is_announced_again_after_hints_were_lost(
    on_line: OnLine,
) -> None:
    async def work(line: Line) -> tuple[list[str], list[str]]:
        await line.submit()
        line.hints.queues.clear()
        await line.reconcile()
        announced = sorted({str(queue) for queue in line.hints.queues})
        await line.claim(Stage.PREPARE)
        line.hints.queues.clear()
        await line.reconcile()
        return announced, [str(queue) for queue in line.hints.queues]

    assert on_line(work) == (["prepare.normal"], [])


def test_clocks_that_jump_forward_cost_work_but_no_result(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[str, int]:
        job_id = await line.submit()
        late = await line.one(Stage.PREPARE)
        line.pass_time(10 * 365 * 86_400.0)
        await line.reconcile()
        await line.prepare(1)
        line.pass_time(-10 * 365 * 86_400.0)
        await line.reconcile()
        await asyncio.gather(line.commit(late, prepared(4)), return_exceptions=True)
        await line.transcribe()
        await line.assemble()
        await line.write()
        job = await line.job(job_id)
        return job.state, job.chunks_total or 0

    assert on_line(work) == ("done", 1)


def test_clocks_that_are_put_back_hold_up_nothing(on_line: OnLine) -> None:
    failed = Failed(too_slow().error, RetryPolicy(), highest)

    async def work(line: Line) -> tuple[int, int]:
        await line.submit()
        await line.submit()
        paused, _ = await line.claim(Stage.PREPARE, at_most=2)
        await line.commit(paused, failed)
        line.pass_time(-10 * 3_600.0)
        repairs = await line.reconcile()
        return repairs.woken, repairs.recovered

    assert on_line(work) == (1, 1)
