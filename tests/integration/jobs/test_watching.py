"""What is remembered of the files of a watched folder."""

from __future__ import annotations

from uuid import UUID

from diarist.jobs.states import JobState
from diarist.jobs.submitting import owner_named
from diarist.jobs.watching import (
    SeenFile,
    Unwritten,
    mark_written,
    remember,
    seen_files,
    unwritten,
)
from support.line import Line, OnLine

MEMO = SeenFile("/inbox/memo.wav", 100, 1_700_000_000_000_000_001)


async def anna(line: Line) -> UUID:
    return await owner_named(line.database, "anna")


def test_a_file_is_known_as_it_was_when_it_was_seen_last(on_line: OnLine) -> None:
    longer = SeenFile(MEMO.path, 200, MEMO.modified_ns)

    async def work(line: Line) -> tuple[set[SeenFile], set[SeenFile]]:
        await remember(line.database, await anna(line), MEMO, None)
        first = await seen_files(line.database, await anna(line))
        await remember(line.database, await anna(line), longer, None)
        return first, await seen_files(line.database, await anna(line))

    assert on_line(work) == ({MEMO}, {longer})


def test_files_of_others_are_not_known(on_line: OnLine) -> None:
    async def work(line: Line) -> set[SeenFile]:
        await remember(line.database, await owner_named(line.database, "ben"), MEMO, None)
        return await seen_files(line.database, await anna(line))

    assert on_line(work) == set()


def test_results_are_to_be_written_until_they_are(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[UUID, list[list[Unwritten]]]:
        job_id = await line.submit()
        await remember(line.database, await anna(line), MEMO, job_id)
        seen = [await unwritten(line.database, await anna(line))]
        await line.finish(chunks=1)
        seen.append(await unwritten(line.database, await anna(line)))
        await mark_written(line.database, await anna(line), [job_id])
        seen.append(await unwritten(line.database, await anna(line)))
        return job_id, seen

    job_id, (queued, done, written) = on_line(work)

    assert queued == [Unwritten(job_id, JobState.QUEUED, 1, (MEMO.path,))]
    assert [(one.job_id, one.state) for one in done] == [(job_id, JobState.DONE)]
    assert written == []


def test_the_results_of_the_same_bytes_are_written_for_one_of_their_files(
    on_line: OnLine,
) -> None:
    renamed, copied = (SeenFile(f"/inbox/{n}.wav", 100, n) for n in (1, 2))

    async def work(line: Line) -> tuple[list[Unwritten], list[Unwritten]]:
        job_id = await line.submit()
        await remember(line.database, await anna(line), MEMO, job_id)
        await remember(line.database, await anna(line), renamed, job_id)
        before = await unwritten(line.database, await anna(line))
        await mark_written(line.database, await anna(line), [job_id])
        await remember(line.database, await anna(line), copied, job_id)
        return before, await unwritten(line.database, await anna(line))

    before, after = on_line(work)

    assert [one.paths for one in before] == [(renamed.path, MEMO.path)]
    assert after == []


def test_a_file_that_cannot_be_used_has_no_results(on_line: OnLine) -> None:
    async def work(line: Line) -> list[Unwritten]:
        await remember(line.database, await anna(line), MEMO, None)
        await mark_written(line.database, await anna(line), [])
        return await unwritten(line.database, await anna(line))

    assert on_line(work) == []
