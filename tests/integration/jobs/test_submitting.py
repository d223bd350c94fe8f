"""The same recording is stored once, and no blob is forgotten, whatever happens in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import select

from diarist.errors import ConflictError, EmptyFileError
from diarist.jobs.commands import cancel
from diarist.jobs.engine.removal import remove_due
from diarist.jobs.options import JobOptions
from diarist.jobs.states import JobState, Stage
from diarist.jobs.submitting import (
    NewRecording,
    keep_audio,
    known_recording,
    owner_named,
    submit,
    submit_known,
)
from diarist.storage.tables import recordings
from integration.jobs.test_pipeline import no_speech
from support.line import RECORDED_AT, Line, OnLine

DAY_S = 24 * 3600.0


async def blob_keys(line: Line) -> list[str]:
    stored = line.blobs.keys()
    return sorted([key async for key, _ in stored])


async def recording_ids(line: Line) -> list[UUID]:
    async with line.database.reading() as connection:
        return list((await connection.execute(select(recordings.c.id))).scalars())


async def after_a_day(line: Line) -> list[str]:
    line.pass_time(DAY_S + 1.0)
    await remove_due(line.database, line.blobs)
    return await blob_keys(line)


def test_the_same_bytes_are_one_recording_and_one_job(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[bool, list[str], list[UUID]]:
        one = await line.submit(content=b"once")
        two = await line.submit(content=b"once")
        return one == two, await after_a_day(line), await recording_ids(line)

    is_same, blobs, ids = on_line(work)

    assert is_same
    assert blobs == [f"recordings/{ids[0]}"]
    assert len(ids) == 1


def test_two_owners_of_the_same_bytes_share_nothing(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[bool, int]:
        one = await line.submit("anna", content=b"once")
        two = await line.submit("ben", content=b"once")
        return one == two, len(await after_a_day(line))

    assert on_line(work) == (False, 2)


def test_other_wishes_make_another_job_of_the_same_recording(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[bool, int]:
        one = await line.submit(content=b"once")
        two = await line.submit(content=b"once", options=JobOptions(language="de"))
        return one == two, len(await recording_ids(line))

    assert on_line(work) == (False, 1)


def test_a_job_that_failed_or_was_cancelled_may_be_submitted_again(
    on_line: OnLine,
) -> None:
    async def work(line: Line) -> int:
        failed = await line.submit(content=b"once")
        await line.commit(await line.one(Stage.PREPARE), no_speech())
        cancelled = await line.submit(content=b"once")
        await cancel(line.database, await owner_named(line.database, "anna"), cancelled)
        third = await line.submit(content=b"once")
        return len({failed, cancelled, third})

    assert on_line(work) == 3


def test_many_submissions_of_the_same_bytes_at_once_are_one(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[int, int, int]:
        await owner_named(line.database, "anna")
        jobs = await asyncio.gather(*(line.submit(content=b"once") for _ in range(8)))
        return len(await recording_ids(line)), len(await after_a_day(line)), len(set(jobs))

    recordings_made, blobs, jobs_made = on_line(work)

    assert (recordings_made, blobs, jobs_made) == (1, 1, 1)


def test_audio_that_nobody_submits_is_gone_after_a_day(on_line: OnLine) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"never submitted"

    async def work(line: Line) -> tuple[int, int, list[str]]:
        await keep_audio(line.database, line.blobs, pieces(), "memo")
        at_once = len(await blob_keys(line))
        line.pass_time(DAY_S / 2)
        await remove_due(line.database, line.blobs)
        later = len(await blob_keys(line))
        return at_once, later, await after_a_day(line)

    assert on_line(work) == (1, 1, [])


def test_an_upload_that_took_longer_than_a_day_is_refused(on_line: OnLine) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"late"

    async def work(line: Line) -> list[UUID]:
        owner_id = await owner_named(line.database, "anna")
        audio = await keep_audio(line.database, line.blobs, pieces(), "memo")
        await after_a_day(line)
        late = NewRecording(owner_id, "memo", RECORDED_AT, is_date_given=False, audio=audio)
        with pytest.raises(ConflictError):
            await submit(line.database, line.hints, late, JobOptions())
        return await recording_ids(line)

    assert on_line(work) == []


def test_a_recording_without_bytes_is_refused_and_leaves_nothing(
    on_line: OnLine,
) -> None:
    async def nothing() -> AsyncIterator[bytes]:
        pieces: tuple[bytes, ...] = ()
        for piece in pieces:
            yield piece

    async def work(line: Line) -> list[str]:
        with pytest.raises(EmptyFileError):
            await keep_audio(line.database, line.blobs, nothing(), "memo")
        return await after_a_day(line)

    assert on_line(work) == []


def test_an_upload_that_breaks_off_leaves_nothing(on_line: OnLine) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"half of"
        raise ConnectionResetError

    async def work(line: Line) -> list[str]:
        with pytest.raises(ConnectionResetError):
            await keep_audio(line.database, line.blobs, broken(), "memo")
        return await blob_keys(line)

    assert on_line(work) == []


def test_a_known_recording_needs_no_second_copy(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[bool, bool, int]:
        owner_id = await owner_named(line.database, "anna")
        digest = "5e2bf57d3f40c4b6df69daf1936cb766f832374b4fc0259a7cbff06e2f70f269"
        unknown = await known_recording(line.database, owner_id, digest)
        job_id = await line.submit(content=b"once upon a time")
        (recording_id,) = await recording_ids(line)
        again = await submit_known(line.database, line.hints, owner_id, recording_id, JobOptions())
        return unknown is None, again.job_id == job_id, len(await blob_keys(line))

    assert on_line(work) == (True, True, 1)


def test_a_job_says_when_its_recording_was_made(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[object, JobState]:
        job = await line.job(await line.submit())
        return job.recorded_at, job.state

    assert on_line(work) == (RECORDED_AT, JobState.QUEUED)
