"""What `diarist run` made is in the library like everything else."""

from __future__ import annotations

from uuid import UUID

from diarist.errors import NoSpeechError
from diarist.jobs.keeping import Result, keep_result
from diarist.jobs.options import JobOptions
from diarist.jobs.reading.library import latest_entry_of, latest_transcript_of
from diarist.jobs.states import JobState
from diarist.jobs.submitting import KeptAudio, NewRecording, owner_named
from diarist.storage.keys import new_id
from diarist.storage.search import search
from support.line import RECORDED_AT, TRANSCRIPT, Line, OnLine, entry

SHA256 = "ab" * 32
SILENT = NoSpeechError("memo.wav holds no speech", hint="Speak.")


async def keep(line: Line, result: Result) -> UUID:
    audio = KeptAudio(new_id(), SHA256, 1_000, None, source_path="/memos/memo.wav")
    owner_id = await owner_named(line.database, "anna")
    recording = NewRecording(owner_id, "memo.wav", RECORDED_AT, is_date_given=True, audio=audio)
    return await keep_result(line.database, recording, JobOptions(), result)


def test_a_transcript_and_an_entry_are_kept(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[JobState, str, str, list[str]]:
        job_id = await keep(line, Result(TRANSCRIPT, entry()))
        kept = await latest_entry_of(line.database, job_id)
        assert kept is not None
        text = (await latest_transcript_of(line.database, job_id)).transcript.text
        return (await line.job(job_id)).state, text, kept.entry.title, await line.kinds(job_id)

    state, text, title, kinds = on_line(work)

    assert (state, text, title) == (JobState.DONE, TRANSCRIPT.text, "A walk")
    assert kinds == ["job.created", "job.done"]


def test_what_is_kept_can_be_found(on_line: OnLine) -> None:
    async def work(line: Line) -> set[str]:
        await keep(line, Result(TRANSCRIPT, entry()))
        owner_id = await owner_named(line.database, "anna")
        async with line.database.reading() as connection:
            return {hit.kind for hit in (await search(connection, owner_id, "river")).hits}

    assert on_line(work) == {"transcript", "entry"}


def test_a_transcript_whose_entry_failed_is_kept(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[JobState, object]:
        job = await line.job(await keep(line, Result(TRANSCRIPT, None, SILENT)))
        return job.state, job.error

    state, error = on_line(work)

    assert state == JobState.PARTIAL
    assert error == {"code": "audio/no-speech", "message": SILENT.message, "hint": SILENT.hint}


def test_a_failure_is_kept(on_line: OnLine) -> None:
    async def work(line: Line) -> JobState:
        return (await line.job(await keep(line, Result(None, None, SILENT)))).state

    assert on_line(work) == JobState.FAILED


def test_a_second_run_adds_versions_to_the_same_recording(on_line: OnLine) -> None:
    async def work(line: Line) -> tuple[bool, int, int]:
        first = await keep(line, Result(TRANSCRIPT, entry()))
        second = await keep(line, Result(TRANSCRIPT, entry("Again")))
        one, other = await line.job(first), await line.job(second)
        kept = await latest_entry_of(line.database, second)
        assert kept is not None
        transcript = await latest_transcript_of(line.database, second)
        return one.recording_id == other.recording_id, transcript.version, kept.version

    assert on_line(work) == (True, 2, 2)


def test_no_worker_finds_anything_to_do_for_it(on_line: OnLine) -> None:
    async def work(line: Line) -> int:
        await keep(line, Result(TRANSCRIPT, entry()))
        return len((await line.reconcile()).ready)

    assert on_line(work) == 0
