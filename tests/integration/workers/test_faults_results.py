"""What was made stays, whatever a later step comes to; and steps that have to be taken again."""

from __future__ import annotations

import pytest

from diarist.errors import NoSpeechError
from diarist.jobs.commands import retry
from diarist.jobs.reading.library import latest_entry_of, latest_transcript_of
from diarist.jobs.states import JobState, Stage
from diarist.transcription.engine import LanguageGuess
from integration.workers.conftest import OnFleet
from support.directing import GO_ON, Answer
from support.fleet import Fleet


@pytest.mark.parametrize("stage", [None, Stage.WRITE])
def test_a_job_whose_writing_failed_keeps_its_transcript_and_can_be_finished(
    on_fleet: OnFleet, stage: Stage | None
) -> None:
    async def work(fleet: Fleet) -> None:
        refused = NoSpeechError("only fillers", hint="Say more.")
        fleet.director.always(Answer(error=refused), "write")
        job_id = await fleet.submit()
        fleet.start()

        assert await fleet.ended(job_id) == [JobState.PARTIAL]
        kept = await latest_transcript_of(fleet.database, job_id)
        assert kept.transcript.word_count > 0
        assert await latest_entry_of(fleet.database, job_id) is None
        assert (await fleet.job(job_id)).error == {
            "code": refused.code,
            "message": refused.message,
            "hint": refused.hint,
        }

        fleet.director.always(GO_ON, "write")
        await retry(fleet.database, fleet.hints, fleet.owner_id, job_id, stage)

        assert await fleet.ended(job_id) == [JobState.DONE]
        assert len(fleet.director.visits("transcribe")) == 3
        assert len(fleet.director.visits("assemble")) == 1
        assert (await fleet.job(job_id)).error is None
        assert (await fleet.kinds(job_id))["job.partial"] == 1
        await fleet.require_order(job_id)

    on_fleet(work)


def test_a_chunk_that_was_taken_for_another_language_is_heard_again_once(
    on_fleet: OnFleet,
) -> None:
    async def work(fleet: Fleet) -> None:
        fleet.director.always(Answer(guess=LanguageGuess("nl", 0.4)), "transcribe", 1)
        job_id = await fleet.submit()
        fleet.start()

        await fleet.ended(job_id)

        (agreed,) = await fleet.events(job_id, "language.agreed")
        languages = [point.language for point in fleet.director.visits("transcribe", 1)]
        kept = await latest_transcript_of(fleet.database, job_id)
        assert (agreed.details["language"], agreed.details["again"]) == ("en", [1])
        assert languages == [None, "en"]
        assert len(fleet.director.visits("transcribe")) == 4
        assert [segment.text[-3:] for segment in kept.transcript.segments] == ["en."] * 3
        await fleet.require_order(job_id)

    on_fleet(work)


def test_a_recording_whose_first_track_has_no_words_goes_on_with_its_next(
    on_fleet: OnFleet,
) -> None:
    async def work(fleet: Fleet) -> None:
        fleet.director.always(Answer(is_silent=True), "transcribe", track=0)
        job_id = await fleet.submit()
        fleet.start(tracks=2)

        await fleet.ended(job_id)

        (skipped,) = await fleet.events(job_id, "track.skipped")
        assert skipped.details["track"] == 1
        assert len(fleet.director.visits("transcribe", track=0)) == 3
        assert len(fleet.director.visits("transcribe", track=1)) == 3
        await fleet.require_order(job_id)

    on_fleet(work)


def test_a_recording_without_words_in_any_track_fails_and_says_so(on_fleet: OnFleet) -> None:
    async def work(fleet: Fleet) -> None:
        fleet.director.always(Answer(is_silent=True), "transcribe")
        job_id = await fleet.submit()
        fleet.start(tracks=2)

        assert await fleet.ended(job_id) == [JobState.FAILED]
        error = (await fleet.job(job_id)).error
        assert error is not None
        assert error["code"] == "audio/no-speech"
        assert await fleet.stray_blobs() == ([], [])

    on_fleet(work)


def test_a_chunk_that_was_heard_before_a_retry_can_still_be_heard_again(on_fleet: OnFleet) -> None:
    async def work(fleet: Fleet) -> None:
        broken = NoSpeechError("cannot be read", hint="None.")
        fleet.director.always(Answer(guess=LanguageGuess("nl", 0.4)), "transcribe", 0)
        stop = fleet.director.stop_at("prepare", 2)
        job_id = await fleet.submit()
        fleet.start()
        await stop.reached()
        await fleet.told(job_id, "chunk.transcribed", 2)
        stop.go_on(Answer(error=broken))
        await fleet.ended(job_id)

        stop = fleet.director.stop_at("prepare", 2)
        await retry(fleet.database, fleet.hints, fleet.owner_id, job_id)
        await stop.reached()
        assert await fleet.stray_blobs() == ([], [])  # those of the first try are gone now
        stop.go_on()

        assert await fleet.ended(job_id) == [JobState.DONE]
        assert len(fleet.director.visits("transcribe")) == 4
        await fleet.require_order(job_id)

    on_fleet(work)
