"""Cancelling, doing again, deleting."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from diarist.errors import ConflictError, LeaseLostError, NotFoundError
from diarist.jobs.commands import cancel, delete_recording, retry
from diarist.jobs.engine.removal import chunk_key, remove_due
from diarist.jobs.reading.library import heard_chunks_of, latest_entry_of, latest_transcript_of
from diarist.jobs.retention import RetentionOptions, apply_retention
from diarist.jobs.states import JobState, Stage
from diarist.jobs.submitting import owner_named
from diarist.storage.tables import metadata
from integration.jobs.test_pipeline import no_speech, too_slow
from integration.jobs.test_submitting import blob_keys
from support.line import Line, OnLine, heard, prepared

DAY_S = 86_400.0
KEPT = {"owners", "alembic_version"}


async def anna(line: Line) -> UUID:
    return await owner_named(line.database, "anna")


async def again(line: Line, job_id: UUID, stage: Stage | None = None) -> Stage:
    return await retry(line.database, line.hints, await anna(line), job_id, stage)


async def later(line: Line, days: float = 0.01) -> list[str]:
    line.pass_time(days * DAY_S)
    while await remove_due(line.database, line.blobs):
        pass
    return await blob_keys(line)


async def rows(line: Line) -> dict[str, int]:
    async with line.database.reading() as connection:
        counts = {
            table.name: (
                await connection.execute(select(func.count()).select_from(table))
            ).scalar_one()
            for table in metadata.sorted_tables
        }
    return {name: count for name, count in counts.items() if count and name not in KEPT}


def test_a_cancelled_job_stops_and_its_chunks_go(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[JobState, int, list[str], list[str]]:
        job_id = await line.submit()
        await line.prepare(2)
        running = await line.one(Stage.TRANSCRIBE)
        await cancel(line.database, await anna(line), job_id)
        with pytest.raises(LeaseLostError):
            await line.commit(running, heard())
        left = await line.claim(Stage.TRANSCRIBE)
        return (
            (await line.job(job_id)).state,
            len(left),
            [key.split("/")[0] for key in await later(line)],
            await line.kinds(job_id),
        )

    state, left, blobs, kinds = on_line(work)

    assert (state, left, blobs, kinds[-1]) == (
        JobState.CANCELLED,
        0,
        ["recordings"],
        "job.cancelled",
    )


def test_a_chunk_that_was_stored_and_never_committed_goes_with_its_job(on_line: OnLine) -> None:
    async def work(line: Line) -> list[str]:
        job_id = await line.submit()
        order = await line.one(Stage.PREPARE)
        await line.blobs.put(chunk_key(job_id, order.generation, 0), b"a worker died here")
        await cancel(line.database, await anna(line), job_id)
        return [key.split("/")[0] for key in await later(line)]

    assert on_line(work) == ["recordings"]


def test_what_has_ended_cannot_be_cancelled(on_line: OnLine) -> None:
    async def work(line: Line) -> None:
        job_id = await line.submit()
        await line.finish(1)
        with pytest.raises(ConflictError, match="done already"):
            await cancel(line.database, await anna(line), job_id)

    on_line(work)


@pytest.mark.parametrize("what", ["cancel", "retry", "delete"])
def test_a_job_of_somebody_else_is_not_there(on_line: OnLine, what: str) -> None:
    async def work(line: Line) -> JobState:
        job_id = await line.submit("anna")
        ben = await owner_named(line.database, "ben")
        recording_id = (await line.job(job_id)).recording_id
        doing: dict[str, Callable[[], Awaitable[object]]] = {
            "cancel": lambda: cancel(line.database, ben, job_id),
            "retry": lambda: retry(line.database, line.hints, ben, job_id),
            "delete": lambda: delete_recording(line.database, ben, recording_id),
        }
        with pytest.raises(NotFoundError):
            await doing[what]()
        return (await line.job(job_id)).state

    assert on_line(work) == JobState.QUEUED


def test_what_does_not_exist_cannot_be_deleted(on_line: OnLine) -> None:
    async def work(line: Line) -> None:
        with pytest.raises(NotFoundError):
            await delete_recording(line.database, await anna(line), uuid4())

    on_line(work)


def test_a_job_at_work_cannot_be_retried(on_line: OnLine) -> None:
    async def work(line: Line) -> None:
        job_id = await line.submit()
        with pytest.raises(ConflictError, match="queued"):
            await again(line, job_id)

    on_line(work)


def test_a_failed_job_goes_on_where_it_failed(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[Stage, list[int], JobState]:
        job_id = await line.submit()
        await line.prepare(3)
        await line.transcribe()
        await line.commit(await line.one(Stage.TRANSCRIBE), no_speech())
        begins = await again(line, job_id)
        orders = await line.claim(Stage.TRANSCRIBE, at_most=9)
        for order in orders:
            await line.commit(order, heard())
        await line.assemble()
        await line.write()
        return begins, [order.number for order in orders], (await line.job(job_id)).state

    assert on_line(work) == (Stage.TRANSCRIBE, [1, 2], JobState.DONE)


def test_a_job_that_failed_at_once_begins_anew(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[Stage, JobState, object, JobState]:
        job_id = await line.submit()
        await line.commit(await line.one(Stage.PREPARE), no_speech())
        begins = await again(line, job_id)
        queued = await line.job(job_id)
        await line.finish(1)
        return begins, queued.state, queued.error, (await line.job(job_id)).state

    assert on_line(work) == (Stage.PREPARE, JobState.QUEUED, None, JobState.DONE)


def test_a_partial_job_is_finished_without_hearing_anything_again(
    on_line: OnLine,
) -> None:
    async def work(line: Line) -> tuple[Stage, JobState, int]:
        job_id = await line.submit()
        await line.prepare(1)
        await line.transcribe()
        await line.assemble()
        await line.commit(await line.one(Stage.WRITE), no_speech())
        begins = await again(line, job_id)
        await line.write()
        kept = await latest_transcript_of(line.database, job_id)
        return begins, (await line.job(job_id)).state, kept.version

    assert on_line(work) == (Stage.WRITE, JobState.DONE, 1)


def test_an_entry_may_be_written_again_and_the_old_one_stays(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[int, dict[str, int]]:
        job_id = await line.submit()
        await line.finish(1)
        await again(line, job_id, Stage.WRITE)
        await line.write()
        kept = await latest_entry_of(line.database, job_id)
        assert kept is not None
        return kept.version, await rows(line)

    version, counts = on_line(work)

    assert (version, counts["entries"], counts["transcripts"]) == (2, 2, 1)


def test_a_done_job_says_that_it_wants_a_stage(on_line: OnLine) -> None:
    async def work(line: Line) -> None:
        job_id = await line.submit()
        await line.finish(1)
        with pytest.raises(ConflictError) as raised:
            await again(line, job_id)
        assert "--stage" in raised.value.hint

    on_line(work)


def test_hearing_again_begins_earlier_if_the_chunks_are_gone(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[Stage, int, list[str]]:
        job_id = await line.submit()
        await line.finish(2)
        begins = await again(line, job_id, Stage.TRANSCRIBE)
        await line.finish(2)
        kept = await latest_transcript_of(line.database, job_id)
        blobs = await later(line)
        return begins, kept.version, [key.split("/")[0] for key in blobs]

    assert on_line(work) == (Stage.PREPARE, 2, ["recordings"])


def test_the_chunks_of_a_second_round_outlive_those_of_the_first(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[list[str], int]:
        job_id = await line.submit()
        await line.finish(1)
        await again(line, job_id, Stage.PREPARE)
        await line.prepare(1)
        blobs = await later(line)
        order = await line.one(Stage.TRANSCRIBE)
        assert order.chunk is not None
        return blobs, len(await line.blobs.get(order.chunk.blob_key))

    blobs, size = on_line(work)

    assert [key.split("/")[0] for key in blobs] == ["chunks", "recordings"]
    assert size > 0


def test_hearing_again_keeps_to_the_chunks_if_they_are_there(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[Stage, int, int]:
        job_id = await line.submit()
        await line.prepare(2)
        await line.transcribe()
        await line.commit(await line.one(Stage.TRANSCRIBE), no_speech())
        begins = await again(line, job_id, Stage.TRANSCRIBE)
        during = (await line.job(job_id)).chunks_done
        return begins, during, len(await line.claim(Stage.TRANSCRIBE, at_most=9))

    assert on_line(work) == (Stage.TRANSCRIBE, 0, 2)


def test_a_cancelled_job_that_goes_on_keeps_what_was_heard(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[Stage, int, list[int], JobState, list[str]]:
        job_id = await line.submit()
        order = await line.one(Stage.PREPARE)
        await line.add_chunk(order, 0)
        await line.transcribe()
        await line.add_chunk(order, 1)
        await cancel(line.database, await anna(line), job_id)
        begins = await again(line, job_id)
        kept = len(await heard_chunks_of(line.database, job_id))
        order = await line.one(Stage.PREPARE)
        await line.add_chunk(order, 1)
        await line.commit(order, prepared(2))
        rest = await line.claim(Stage.TRANSCRIBE, at_most=9)
        await line.commit(rest[0], heard())
        await line.assemble()
        await line.write()
        job = await line.job(job_id)
        return begins, kept, [one.number for one in rest], job.state, await later(line)

    begins, kept, rest, state, blobs = on_line(work)

    assert (begins, kept, rest, state) == (Stage.PREPARE, 1, [1], JobState.DONE)
    assert [key.split("/")[0] for key in blobs] == ["recordings"]


def test_deleting_leaves_nothing(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[dict[str, int], list[str]]:
        job_id = await line.submit()
        await line.finish(2)
        await again(line, job_id, Stage.TRANSCRIBE)
        await delete_recording(
            line.database, await anna(line), (await line.job(job_id)).recording_id
        )
        blobs = await later(line)
        return await rows(line), blobs

    assert on_line(work) == ({}, [])


def test_deleting_stops_whoever_works_on_it(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[dict[str, int], list[str]]:
        job_id = await line.submit()
        order = await line.one(Stage.PREPARE)
        await line.add_chunk(order, 0)
        recording_id = (await line.job(job_id)).recording_id
        await delete_recording(line.database, await anna(line), recording_id)
        with pytest.raises(LeaseLostError):
            await line.add_chunk(order, 1)  # its blob is stored before it is refused
        blobs = await later(line)
        return await rows(line), blobs

    assert on_line(work) == ({}, [])


def test_other_recordings_stay_when_one_is_deleted(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[JobState, int]:
        stays = await line.submit()
        goes = await line.submit()
        recording_id = (await line.job(goes)).recording_id
        await delete_recording(line.database, await anna(line), recording_id)
        await later(line)
        await line.finish(1)
        return (await line.job(stays)).state, (await rows(line))["recordings"]

    assert on_line(work) == (JobState.DONE, 1)


def test_nothing_is_deleted_by_itself_unless_somebody_wants_it(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[int, int]:
        await line.submit()
        await line.finish(1)
        line.pass_time(5_000 * DAY_S)
        changed = await apply_retention(line.database, RetentionOptions())
        return changed, len(await later(line))

    assert on_line(work) == (0, 1)


def test_audio_goes_first_and_the_words_stay(on_line: OnLine) -> None:
    options = RetentionOptions(audio_days=30.0)

    async def work(line: Line) -> tuple[int, int, list[str], str]:
        job_id = await line.submit()
        await line.finish(1)
        line.pass_time(29 * DAY_S)
        early = await apply_retention(line.database, options)
        line.pass_time(2 * DAY_S)
        late = await apply_retention(line.database, options)
        blobs = await later(line)
        kept = await latest_transcript_of(line.database, job_id)
        with pytest.raises(ConflictError, match="retention"):
            await again(line, job_id, Stage.PREPARE)
        return early, late, blobs, kept.transcript.text

    early, late, blobs, text = on_line(work)

    assert (early, late, blobs) == (0, 1, [])
    assert text


def test_audio_that_is_being_worked_on_stays(on_line: OnLine) -> None:
    async def work(line: Line) -> int:
        await line.submit()
        line.pass_time(31 * DAY_S)
        return await apply_retention(line.database, RetentionOptions(audio_days=30.0))

    assert on_line(work) == 0


def test_recordings_go_with_all_that_was_made_from_them(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[dict[str, int], list[str]]:
        await line.submit()
        await line.finish(1)
        line.pass_time(31 * DAY_S)
        await line.submit()
        await apply_retention(line.database, RetentionOptions(recordings_days=30.0))
        blobs = await later(line)
        counts = await rows(line)
        return {name: counts.get(name, 0) for name in ("recordings", "jobs", "entries")}, blobs

    counts, blobs = on_line(work)

    assert counts == {"recordings": 1, "jobs": 1, "entries": 0}
    assert len(blobs) == 1


def test_chunks_of_failed_jobs_go_after_a_week(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[int, int]:
        await line.submit()
        await line.prepare(2)
        await line.commit(await line.one(Stage.TRANSCRIBE), too_slow(attempts=1))
        line.pass_time(6 * DAY_S)
        await apply_retention(line.database, RetentionOptions())
        early = len(await later(line))
        line.pass_time(2 * DAY_S)
        await apply_retention(line.database, RetentionOptions())
        return early, len(await later(line))

    assert on_line(work) == (3, 1)
