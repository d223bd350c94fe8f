"""A job from its first step to its last, each step by hand."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from diarist.errors import LeaseLostError, NoSpeechError, StorageFullError, TooSlowError
from diarist.jobs.engine.outcomes import Assembled, Failed, HandedBack, LanguageAgreed, NextTrack
from diarist.jobs.engine.results import PackedTranscript
from diarist.jobs.options import JobOptions
from diarist.jobs.policy import RetryPolicy
from diarist.jobs.queue import QueueName
from diarist.jobs.reading.library import heard_chunks_of, latest_entry_of, latest_transcript_of
from diarist.jobs.reading.views import JobView
from diarist.jobs.states import JobState, Priority, Stage
from support.line import TRANSCRIPT, Line, OnLine, entry, heard, prepared


def highest(low: float, high: float) -> float:  # noqa: ARG001 - dice
    return high


def too_slow(attempts: int = 5) -> Failed:
    error = TooSlowError("it took an hour", hint="wait")
    return Failed(error, RetryPolicy(attempts=attempts, first_pause_s=8.0), highest)


def no_speech() -> Failed:
    return Failed(NoSpeechError("nobody speaks", hint="speak"), RetryPolicy(), highest)


def test_a_recording_becomes_a_transcript_and_an_entry(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[JobView, list[str], str]:
        job_id = await line.submit()
        await line.finish(chunks=2)
        kept = await latest_entry_of(line.database, job_id)
        assert kept is not None
        return await line.job(job_id), await line.kinds(job_id), kept.entry.title

    job, kinds, title = on_line(work)

    assert (job.state, job.chunks_done, job.chunks_total, job.progress) == (
        JobState.DONE, 2, 2, 1.0
    )  # fmt: skip
    assert job.started_at is not None
    assert job.finished_at is not None
    assert title == "A walk"
    assert kinds == [
        "job.created",
        "job.started",
        "recording.prepared",
        "chunk.transcribed",
        "chunk.transcribed",
        "transcript.completed",
        "entry.completed",
        "job.done",
    ]


def test_the_first_chunk_is_transcribed_while_the_rest_is_decoded(
    on_line: OnLine,
) -> None:
    async def work(line: Line) -> tuple[JobView, int, JobView]:
        job_id = await line.submit()
        order = await line.one(Stage.PREPARE)
        await line.add_chunk(order, 0)
        await line.transcribe()
        early = await line.job(job_id)
        texts = await heard_chunks_of(line.database, job_id)
        await line.add_chunk(order, 1)
        await line.commit(order, prepared(2))
        return early, len(texts), await line.job(job_id)

    early, texts, late = on_line(work)

    assert (early.state, early.chunks_done, early.chunks_total, texts) == (
        JobState.PREPARING, 1, None, 1
    )  # fmt: skip
    assert (late.state, late.chunks_done, late.chunks_total) == (JobState.TRANSCRIBING, 1, 2)


def test_a_recording_whose_chunks_are_all_heard_when_the_last_is_cut_goes_on(
    on_line: OnLine,
) -> None:
    async def work(line: Line) -> int:
        await line.submit()
        order = await line.one(Stage.PREPARE)
        await line.add_chunk(order, 0)
        await line.transcribe()
        await line.commit(order, prepared(1))
        return len(await line.claim(Stage.ASSEMBLE))

    assert on_line(work) == 1


def test_who_only_wants_a_transcript_gets_no_entry(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[JobView, int]:
        job_id = await line.submit(options=JobOptions(wants_entry=False))
        await line.prepare(1)
        await line.transcribe()
        await line.assemble()
        return await line.job(job_id), len(await line.claim(Stage.WRITE))

    job, writes = on_line(work)

    assert (job.state, writes) == (JobState.DONE, 0)


def test_each_new_task_is_announced_after_the_commit(on_line: OnLine) -> None:
    async def work(line: Line) -> list[QueueName]:
        await line.submit(priority=Priority.HIGH)
        await line.finish(chunks=2)
        return line.hints.queues

    stages = [Stage.PREPARE, Stage.TRANSCRIBE, Stage.TRANSCRIBE, Stage.ASSEMBLE, Stage.WRITE]
    assert on_line(work) == [QueueName(stage, Priority.HIGH) for stage in stages]


def test_a_second_delivery_of_a_done_task_changes_nothing(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[JobView, JobView, list[str]]:
        job_id = await line.submit()
        await line.prepare(2)
        order = await line.transcribe()
        before = await line.job(job_id)
        await line.commit(order, heard("fr"))
        return before, await line.job(job_id), await line.kinds(job_id)

    before, after, kinds = on_line(work)

    assert after == before
    assert kinds.count("chunk.transcribed") == 1


def test_a_worker_that_lost_its_lease_cannot_commit(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[str, list[str]]:
        job_id = await line.submit()
        late = await line.one(Stage.PREPARE, "slow")
        line.pass_time(31.0)
        await line.reconcile()
        await line.prepare(1)
        with pytest.raises(LeaseLostError):
            await line.commit(late, prepared(7))
        with pytest.raises(LeaseLostError):
            await line.add_chunk(late, 5)
        return (await line.job(job_id)).state, await line.kinds(job_id)

    state, kinds = on_line(work)

    assert state == JobState.TRANSCRIBING
    assert kinds.count("task.lost") == 1
    assert kinds.count("recording.prepared") == 1


def test_a_lease_that_ended_is_good_until_somebody_else_has_it(on_line: OnLine) -> None:
    async def work(line: Line) -> str:
        job_id = await line.submit()
        order = await line.one(Stage.PREPARE)
        line.pass_time(3_600.0)
        await line.add_chunk(order, 0)
        await line.commit(order, prepared(1))
        return (await line.job(job_id)).state

    assert on_line(work) == JobState.TRANSCRIBING


def test_an_error_that_passes_is_tried_again_after_its_pause(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[int, int, int, Stage, int]:
        job_id = await line.submit()
        await line.prepare(1)
        await line.commit(await line.one(Stage.TRANSCRIBE), too_slow())
        at_once = len(await line.claim(Stage.TRANSCRIBE))
        line.pass_time(7.0)
        early = (await line.reconcile()).woken
        line.pass_time(2.0)
        late = (await line.reconcile()).woken
        (order,) = await line.claim(Stage.TRANSCRIBE)
        (event,) = [e for e in await line.events(job_id) if e.kind == "task.retried"]
        assert event.details["error"]["code"] == "jobs/too-slow"
        assert event.details["delay_s"] == 8.0
        return at_once, early, late, order.stage, order.tries.attempts

    assert on_line(work) == (0, 0, 1, Stage.TRANSCRIBE, 1)


def test_after_the_last_attempt_the_job_fails_and_keeps_what_was_heard(
    on_line: OnLine,
) -> None:
    async def work(line: Line) -> tuple[JobView, int, int]:
        job_id = await line.submit()
        await line.prepare(3)
        await line.transcribe()
        await line.commit(await line.one(Stage.TRANSCRIBE), too_slow(attempts=1))
        heard_chunks = await heard_chunks_of(line.database, job_id)
        return await line.job(job_id), len(heard_chunks), len(await line.claim(Stage.TRANSCRIBE))

    job, chunks, left = on_line(work)

    assert (job.state, chunks, left) == (JobState.FAILED, 1, 0)
    assert job.error == {
        "code": "jobs/too-slow", "message": "it took an hour", "hint": "wait"
    }  # fmt: skip


def test_chunks_that_come_together_with_a_failure_do_not_revive_the_job(
    on_line: OnLine,
) -> None:
    async def work(line: Line) -> tuple[list[BaseException | None], JobView, int]:

        job_id = await line.submit()
        await line.prepare(3)
        one, two, three = await line.claim(Stage.TRANSCRIBE, at_most=3)
        # All in one transaction: the first call is under way when the others come.
        answers = await asyncio.gather(
            line.commit(one, heard()),
            line.commit(two, no_speech()),
            line.commit(three, heard()),
            return_exceptions=True,
        )
        return list(answers), await line.job(job_id), len(await line.claim(Stage.ASSEMBLE))

    answers, job, assembling = on_line(work)

    assert [type(answer) for answer in answers] == [type(None), type(None), LeaseLostError]
    assert (job.state, assembling) == (JobState.FAILED, 0)


def test_a_job_whose_writing_failed_is_partial_and_its_transcript_is_there(
    on_line: OnLine,
) -> None:
    async def work(line: Line) -> tuple[JobView, str]:
        job_id = await line.submit()
        await line.prepare(1)
        await line.transcribe()
        await line.assemble()
        await line.commit(await line.one(Stage.WRITE), no_speech())
        kept = await latest_transcript_of(line.database, job_id)
        return await line.job(job_id), kept.transcript.text

    job, text = on_line(work)

    assert (job.state, text) == (JobState.PARTIAL, TRANSCRIPT.text)
    assert job.error is not None


def test_storage_that_is_away_delays_a_task_and_costs_no_attempt(
    on_line: OnLine,
) -> None:
    full = Failed(StorageFullError("full", hint="free some"), RetryPolicy(attempts=1), highest)

    async def work(line: Line) -> tuple[JobState, int, int]:
        job_id = await line.submit()
        await line.commit(await line.one(Stage.PREPARE), full)
        line.pass_time(61.0)
        await line.reconcile()
        order = await line.one(Stage.PREPARE)
        return (await line.job(job_id)).state, order.tries.attempts, order.tries.delays

    assert on_line(work) == (JobState.PREPARING, 0, 1)


def test_work_that_is_handed_back_can_be_had_at_once(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[UUID, UUID, int]:
        await line.submit()
        first = await line.one(Stage.PREPARE)
        await line.commit(first, HandedBack())
        second = await line.one(Stage.PREPARE, "w2")
        return first.claim.task_id, second.claim.task_id, second.tries.losses

    first, second, losses = on_line(work)

    assert (first, losses) == (second, 0)


def test_chunks_that_guessed_badly_are_heard_again_in_the_language_of_the_others(
    on_line: OnLine,
) -> None:
    async def work(line: Line) -> tuple[JobView, JobView, list[tuple[int, str | None]], int]:
        job_id = await line.submit()
        await line.prepare(3)
        for language in ("de", "nl", "de"):
            await line.transcribe(language)
        await line.commit(await line.one(Stage.ASSEMBLE), LanguageAgreed("de", (1,)))
        during = await line.job(job_id)
        orders = await line.claim(Stage.TRANSCRIBE, at_most=5)
        await line.commit(orders[0], heard("de"))
        assembling = len(await line.claim(Stage.ASSEMBLE))
        asked = [(order.number, order.language) for order in orders]
        return during, await line.job(job_id), asked, assembling

    during, after, asked, assembling = on_line(work)

    assert (during.chunks_done, during.state) == (2, JobState.TRANSCRIBING)
    assert asked == [(1, "de")]
    assert (after.chunks_done, after.heard_s, assembling) == (3, 30.0, 1)


def test_a_track_without_words_makes_room_for_the_next(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[JobView, int, int, JobView]:
        job_id = await line.submit()
        order = await line.one(Stage.PREPARE)
        await line.add_chunk(order, 0)
        await line.commit(order, prepared(1, track=0, tracks=2))
        await line.transcribe()
        await line.commit(await line.one(Stage.ASSEMBLE), NextTrack(1))
        again = await line.job(job_id)
        order = await line.one(Stage.PREPARE)
        await line.add_chunk(order, 0)
        await line.commit(order, prepared(1, track=1, tracks=2))
        await line.transcribe()
        await line.assemble()
        await line.write()
        return again, order.track, order.generation, await line.job(job_id)

    again, track, generation, done = on_line(work)

    assert (again.state, again.chunks_done, again.chunks_total) == (JobState.PREPARING, 0, None)
    assert (track, generation) == (1, 1)
    assert done.state == JobState.DONE


def test_a_preparation_that_was_interrupted_keeps_what_was_heard(
    on_line: OnLine,
) -> None:
    async def work(line: Line) -> tuple[bool, JobView, int]:
        job_id = await line.submit()
        order = await line.one(Stage.PREPARE)
        await line.add_chunk(order, 0)
        await line.transcribe()
        line.pass_time(31.0)
        await line.reconcile()
        again = await line.one(Stage.PREPARE, "w2")
        await line.add_chunk(again, 1)
        await line.commit(again, prepared(2))
        return (
            again.is_first_claim,
            await line.job(job_id),
            len(await line.claim(Stage.TRANSCRIBE, at_most=9)),
        )

    is_first, job, left = on_line(work)

    assert not is_first
    assert (job.chunks_done, job.chunks_total, left) == (1, 2, 1)


def test_a_chunk_that_is_added_twice_is_heard_once(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[int, int]:
        job_id = await line.submit()
        order = await line.one(Stage.PREPARE)
        await line.add_chunk(order, 0)
        await line.transcribe()
        await line.add_chunk(order, 0)  # as if the answer to its commit had been lost
        return len(await line.claim(Stage.TRANSCRIBE)), (await line.job(job_id)).chunks_done

    assert on_line(work) == (0, 1)


def test_a_chunk_that_was_cut_differently_is_heard_again(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[JobView, int]:
        job_id = await line.submit()
        order = await line.one(Stage.PREPARE)
        await line.add_chunk(order, 0)
        await line.add_chunk(order, 1)
        await line.transcribe()
        await line.add_chunk(order, 0, replaces=True)
        await line.commit(order, prepared(1))
        return await line.job(job_id), len(await line.claim(Stage.TRANSCRIBE, at_most=9))

    job, left = on_line(work)

    assert (job.chunks_done, job.chunks_total, left) == (0, 1, 1)


def test_every_version_of_a_transcript_and_an_entry_stays(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[int, int, str]:
        content = b"the same bytes"
        await line.submit(content=content)
        await line.finish(1)
        job_id = await line.submit(content=content, again=True)
        await line.prepare(1)
        await line.transcribe()
        await line.assemble()
        order = await line.one(Stage.WRITE)
        await line.commit(order, await line.written(order, "Again"))
        kept = await latest_entry_of(line.database, job_id)
        assert kept is not None
        transcript = await latest_transcript_of(line.database, job_id)
        return transcript.version, kept.version, kept.entry.title

    assert on_line(work) == (2, 2, "Again")


def test_one_outcome_that_cannot_be_written_does_not_hold_up_the_others(
    on_line: OnLine,
) -> None:
    class Unwritable:
        async def apply(self, *_: object) -> None:
            raise ValueError("nonsense")

    async def work(line: Line) -> tuple[list[BaseException | None], int]:

        job_id = await line.submit()
        await line.prepare(3)
        one, two, three = await line.claim(Stage.TRANSCRIBE, at_most=3)
        answers = await asyncio.gather(
            line.commit(one, heard()),
            line.commit(two, Unwritable()),
            line.commit(three, heard()),
            return_exceptions=True,
        )
        return list(answers), (await line.job(job_id)).chunks_done

    answers, done = on_line(work)

    assert [type(answer) for answer in answers] == [type(None), ValueError, type(None)]
    assert done == 2


def test_a_transition_that_may_not_be_is_a_defect_and_changes_nothing(
    on_line: OnLine,
) -> None:
    async def work(line: Line) -> str:
        job_id = await line.submit()
        order = await line.one(Stage.PREPARE)
        with pytest.raises(ValueError, match="cannot become"):
            await line.commit(order, Assembled(PackedTranscript.of(TRANSCRIPT)))
        return (await line.job(job_id)).state

    assert entry().title == "A walk"
    assert on_line(work) == JobState.PREPARING
