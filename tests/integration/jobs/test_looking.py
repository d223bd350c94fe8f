"""Jobs as their owner looks at them: by name, from near, many at once, and what is left to do."""

from __future__ import annotations

from uuid import UUID, uuid4

from diarist.jobs.commands import cancel
from diarist.jobs.queue import all_queues, queues_named
from diarist.jobs.reading.details import TaskView, tasks_of, titles_of, versions_by, words_so_far
from diarist.jobs.reading.following import Head, heads_of, open_jobs_of
from diarist.jobs.reading.naming import jobs_named
from diarist.jobs.reading.remaining import is_work_left
from diarist.jobs.states import JobState, Stage, TaskState
from diarist.jobs.submitting import owner_named
from integration.jobs.test_pipeline import too_slow
from support.line import SEGMENT, Line, OnLine, heard


async def anna(line: Line) -> UUID:
    return await owner_named(line.database, "anna")


async def named(line: Line, part: str) -> list[UUID]:
    return await jobs_named(line.database, await anna(line), part)


def test_a_job_is_found_by_its_whole_id_its_beginning_and_its_end(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[UUID, UUID, list[list[UUID]]]:
        first, second = await line.submit(), await line.submit()
        names = (str(first), first.hex.upper(), str(second)[-10:], second.hex[:8], first.hex[:4])
        return first, second, [await named(line, name) for name in names]

    first, second, found = on_line(work)

    assert found[:3] == [[first], [first], [second]]
    assert found[3:] == [[second, first]] * 2  # they were submitted in the same moment


def test_nothing_is_found_by_what_is_no_part_of_an_id_or_by_others(on_line: OnLine) -> None:
    async def work(line: Line) -> list[list[UUID]]:
        job_id = await line.submit(owner="ben")
        names = (str(job_id), job_id.hex[-6:], "zebra", "%", "_", "", "0" * 33, str(uuid4()))
        return [await named(line, name) for name in names]

    assert on_line(work) == [[]] * 8


def test_heads_tell_how_far_many_jobs_are(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[list[UUID], list[Head], list[UUID], list[UUID]]:
        ids = [await line.submit() for _ in range(3)]
        await cancel(line.database, await anna(line), ids[1])
        heads = await heads_of(line.database, await anna(line), [*ids, uuid4()])
        open_ids = await open_jobs_of(line.database, await anna(line))
        later = await open_jobs_of(line.database, await anna(line), after=ids[0])
        return ids, heads, open_ids, later

    ids, heads, open_ids, later = on_line(work)

    assert {head.job_id: (head.state, head.seq, head.has_ended) for head in heads} == {
        ids[0]: (JobState.QUEUED, 1, False),
        ids[1]: (JobState.CANCELLED, 2, True),
        ids[2]: (JobState.QUEUED, 1, False),
    }
    assert (open_ids, later) == ([ids[0], ids[2]], [ids[2]])


def test_work_is_left_until_all_of_it_is_done(on_line: OnLine) -> None:
    async def work(line: Line) -> list[bool]:
        async def left(names: str = "") -> bool:
            return await is_work_left(line.database, queues_named(names))

        seen = [await left()]
        await line.submit()
        seen += [await left(), await left("write,prepare.low"), await left("prepare.normal")]
        order = await line.one(Stage.PREPARE)
        seen.append(await left("prepare"))  # somebody is at it
        await line.commit(order, too_slow(attempts=1))
        return [*seen, await is_work_left(line.database, all_queues())]

    assert on_line(work) == [False, True, False, True, True, False]


def test_a_job_from_near_tells_what_befell_its_tasks_and_what_it_made(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[list[TaskView], list[str], dict[UUID, str]]:
        job_id = await line.submit()
        await line.prepare(2)
        await line.commit(await line.one(Stage.TRANSCRIBE), too_slow(attempts=1))
        failed = await tasks_of(line.database, job_id)
        other = await line.submit()
        await line.finish(chunks=1)
        made = [f"{one.kind} {one.number}" for one in await versions_by(line.database, other)]
        titles = await titles_of(line.database, [job_id, other])
        return failed, made, {other: titles.pop(other), **titles}

    tasks, made, titles = on_line(work)

    assert [(task.stage, task.number, task.state) for task in tasks] == [
        (Stage.PREPARE, 0, TaskState.DONE),
        (Stage.TRANSCRIBE, 0, TaskState.FAILED),
        (Stage.TRANSCRIBE, 1, TaskState.CANCELLED),
    ]
    assert tasks[1].error is not None
    assert tasks[1].error["code"] == "jobs/too-slow"
    assert sorted(made) == ["entry 1", "transcript 1"]
    assert list(titles.values()) == ["A walk"]


def test_the_words_so_far_stand_where_they_were_said(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[float, list[float], str, float]:
        job_id = await line.submit()
        await line.prepare(2)
        before = await words_so_far(line.database, job_id, None)
        orders = await line.claim(Stage.TRANSCRIBE, at_most=2)
        await line.commit(orders[1], heard())
        after = await words_so_far(line.database, job_id, 20.0)
        starts = [segment.start_s for segment in after.segments]
        return before.duration_s, starts, after.text, after.duration_s

    assert on_line(work) == (0.0, [10.0 + SEGMENT.start_s], SEGMENT.text, 20.0)
