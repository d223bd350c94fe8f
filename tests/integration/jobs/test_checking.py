"""What is wrong with jobs or blobs is found, and nothing is said of those that are well."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, insert, select, update

from diarist.jobs.checks.blobs import remove_orphans
from diarist.jobs.checks.promises import BlobDifferences, blob_differences, violations
from diarist.jobs.commands import cancel, delete_recording, retry
from diarist.jobs.engine.removal import chunk_key
from diarist.jobs.keeping import Result, keep_result
from diarist.jobs.options import JobOptions
from diarist.jobs.states import Stage
from diarist.jobs.submitting import KeptAudio, NewRecording, owner_named
from diarist.storage.keys import new_id
from diarist.storage.tables import (
    chunks,
    entries,
    job_events,
    jobs,
    recordings,
    tasks,
    transcripts,
)
from integration.jobs.test_pipeline import no_speech, too_slow
from integration.jobs.test_submitting import blob_keys
from support.line import RECORDED_AT, TRANSCRIPT, Line, OnLine, entry, prepared

DAY_S = 86_400.0
Change = Callable[[Line], Awaitable[None]]


async def anna(line: Line) -> UUID:
    return await owner_named(line.database, "anna")


async def differences(line: Line) -> BlobDifferences:
    return await blob_differences(line.database, line.blobs)


async def all_is_well(line: Line) -> bool:
    return not await violations(line.database) and await differences(line) == BlobDifferences(
        [], []
    )


def test_all_is_well_after_each_step_of_a_job(on_line: OnLine) -> None:
    async def work(line: Line) -> list[bool]:
        seen = [await all_is_well(line)]
        job_id = await line.submit()
        seen.append(await all_is_well(line))
        order = await line.one(Stage.PREPARE)
        await line.add_chunk(order, 0)
        seen.append(await all_is_well(line))
        await line.transcribe()
        await line.commit(order, prepared(1))
        seen.append(await all_is_well(line))
        await line.assemble()
        seen.append(await all_is_well(line))
        await line.write()
        await retry(line.database, line.hints, await anna(line), job_id, Stage.WRITE)
        seen.append(await all_is_well(line))
        await line.write()
        seen.append(await all_is_well(line))
        return seen

    assert all(on_line(work))


def test_all_is_well_with_jobs_that_did_not_end_well(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[bool, list[str]]:
        await line.submit()
        await line.commit(await line.one(Stage.PREPARE), no_speech())
        cancelled = await line.submit()
        await cancel(line.database, await anna(line), cancelled)
        await line.submit(options=JobOptions(wants_entry=False))
        await line.prepare(1)
        await line.commit(await line.one(Stage.TRANSCRIBE), too_slow())
        return await all_is_well(line), await violations(line.database)

    assert on_line(work) == (True, [])


def test_all_is_well_with_what_was_made_outside_of_the_engine(on_line: OnLine) -> None:
    async def work(line: Line) -> list[str]:
        audio = KeptAudio(new_id(), "0" * 64, 1, None, "/home/anna/memo.m4a")
        recording = NewRecording(await anna(line), "memo", RECORDED_AT, False, audio)
        for result in (Result(TRANSCRIPT, entry()), Result(None, None, no_speech().error)):
            await keep_result(line.database, recording, JobOptions(), result)
        return await violations(line.database)

    assert on_line(work) == []


async def an_open_task(line: Line) -> None:
    await _execute(line, update(tasks).where(tasks.c.stage == "write").values(state="ready"))


async def a_lost_task(line: Line) -> None:
    await _execute(line, update(jobs).values(state="writing", finished_at=None))


async def an_unknown_end(line: Line) -> None:
    await _execute(line, update(jobs).values(finished_at=None))


async def an_end_before_the_end(line: Line) -> None:
    await _execute(line, update(jobs).values(state="writing"))


async def an_unknown_reason(line: Line) -> None:
    await _execute(line, update(jobs).values(state="partial"))


async def an_error_of_nothing(line: Line) -> None:
    await _execute(line, update(jobs).values(error={"code": "x"}))


async def no_lease(line: Line) -> None:
    await _execute(line, update(tasks).values(state="running"))


async def a_lease_for_nothing(line: Line) -> None:
    await _execute(line, update(tasks).values(lease_owner="w1"))


async def a_chunk_that_was_not_counted(line: Line) -> None:
    await _execute(line, update(jobs).values(chunks_done=1))


async def a_chunk_that_is_gone(line: Line) -> None:
    await _execute(line, delete(chunks).where(chunks.c.number == 1))


async def a_chunk_nobody_hears(line: Line) -> None:
    await _execute(line, update(chunks).values(body=None))
    await _execute(line, update(jobs).values(state="transcribing"))


async def a_gap(line: Line) -> None:
    await _execute(line, delete(job_events).where(job_events.c.seq == 2))


async def no_transcript(line: Line) -> None:
    await _execute(line, delete(transcripts))


async def no_entry(line: Line) -> None:
    await _execute(line, delete(entries))


async def a_second_entry(line: Line) -> None:
    async with line.database.transaction() as connection:
        row = dict((await connection.execute(select(entries))).mappings().one())
        await connection.execute(insert(entries).values({**row, "id": uuid4(), "version": 2}))


async def a_version_that_is_gone(line: Line) -> None:
    await _execute(line, update(transcripts).values(version=3))


async def _execute(line: Line, statement: object) -> None:
    async with line.database.transaction() as connection:
        await connection.execute(statement)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (an_open_task, "has ended, and has tasks to be done"),
        (a_lost_task, "has not ended, and has no task to be done"),
        (an_unknown_end, "has ended, and it is not known when"),
        (an_end_before_the_end, "has not ended, and has a time"),
        (an_unknown_reason, "failed, and it is not known why"),
        (an_error_of_nothing, "is done, and has an error"),
        (no_lease, "is running without a lease"),
        (a_lease_for_nothing, "has a lease and is not running"),
        (a_chunk_that_was_not_counted, "counts other chunks as heard"),
        (a_chunk_that_is_gone, "has another number of chunks"),
        (a_chunk_nobody_hears, "waits for a chunk that nobody is going to hear"),
        (a_gap, "have gaps"),
        (no_transcript, "has lost its transcript"),
        (no_entry, "is done without an entry"),
        (a_second_entry, "made more than one entry at a time"),
        (a_version_that_is_gone, "the versions of the transcript"),
    ],
)
def test_what_must_not_be_is_found(on_line: OnLine, change: Change, said: str) -> None:
    async def work(line: Line) -> tuple[list[str], list[str]]:
        await line.submit()
        await line.finish(chunks=2)
        before = await violations(line.database)
        await change(line)
        return before, await violations(line.database)

    before, after = on_line(work)

    assert before == []
    assert any(said in sentence for sentence in after), after


def test_a_defect_of_many_jobs_names_only_some_of_them(on_line: OnLine) -> None:
    async def work(line: Line) -> list[str]:
        for _ in range(25):
            await line.submit()
        await _execute(line, delete(tasks))
        return await violations(line.database)

    found = on_line(work)

    assert len(found) == 21
    assert "more than 20" in found[-1]


def test_a_blob_that_is_needed_and_not_there_is_missing(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[BlobDifferences, list[str]]:
        job_id = await line.submit()
        await line.prepare(2)
        keys = [chunk_key(job_id, 0, 1), await audio_of(line)]
        await line.blobs.delete(keys)
        return await differences(line), sorted(keys)

    found, deleted = on_line(work)

    assert (found.missing, found.orphans) == (deleted, [])


def test_the_audio_of_chunks_that_were_heard_before_is_not_missed(on_line: OnLine) -> None:
    async def work(line: Line) -> BlobDifferences:
        job_id = await line.submit()
        order = await line.one(Stage.PREPARE)
        await line.add_chunk(order, 0)
        await line.transcribe()
        await line.commit(order, too_slow(attempts=1))
        await retry(line.database, line.hints, await anna(line), job_id)
        await line.blobs.delete([chunk_key(job_id, 0, 0)])  # as its folder is to go
        return await differences(line)

    assert on_line(work) == BlobDifferences([], [])


def test_a_blob_that_no_row_knows_of_is_an_orphan(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[BlobDifferences, list[str]]:
        job_id = await line.submit()
        await line.finish(chunks=1)
        strange = ["recordings/of-somebody-else", chunk_key(job_id, 7, 0), f"recordings/{new_id()}"]
        for key in strange:
            await line.blobs.put(key, b"x")
        return await differences(line), sorted(strange)

    found, strange = on_line(work)

    assert (found.missing, found.orphans) == ([], strange)


def test_blobs_that_are_to_be_deleted_are_no_orphans(on_line: OnLine) -> None:
    async def work(line: Line) -> BlobDifferences:
        await line.submit()
        await line.finish(chunks=2)
        async with line.database.reading() as connection:
            recording_id = (await connection.execute(select(recordings.c.id))).scalar_one()
        await delete_recording(line.database, await anna(line), recording_id)
        return await differences(line)

    assert on_line(work) == BlobDifferences([], [])


def test_only_old_orphans_of_our_making_are_removed(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[list[str], list[str]]:
        old = f"recordings/{uuid_of(datetime(2026, 1, 2, tzinfo=UTC))}"
        young, foreign = f"recordings/{new_id()}", "somebody/else.txt"
        for key in (old, young, foreign):
            await line.blobs.put(key, b"x")
        await line.submit()
        keys = await blob_keys(line)
        removed = await remove_orphans(line.database, line.blobs, keys)
        left = await blob_keys(line)
        assert removed == [old]
        return sorted(left), sorted({*keys} - {old})

    left, expected = on_line(work)

    assert left == expected


def uuid_of(moment: datetime) -> UUID:
    milliseconds = int(moment.timestamp() * 1000)
    return UUID(int=(milliseconds << 80) | (7 << 76) | (2 << 62) | 5)


async def audio_of(line: Line) -> str:
    async with line.database.reading() as connection:
        key: str = (await connection.execute(select(recordings.c.blob_key))).scalar_one()
    return key
