"""What was made outside of the job engine is kept in it: a job that is done from the beginning.

`diarist run` works in one process, for which nothing has to be handed over; what it made is in
the library all the same, and can be found, searched, and made anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from diarist.diary.entry import Entry
from diarist.errors import DiaristError
from diarist.jobs.engine.results import PackedEntry, PackedTranscript, add_entry, add_transcript
from diarist.jobs.engine.rows import as_json
from diarist.jobs.options import JobOptions
from diarist.jobs.states import JobState, Priority
from diarist.jobs.submitting import NewRecording, new_job, recorded
from diarist.storage.database import Database
from diarist.transcription.transcript import Transcript


@dataclass(frozen=True)
class Result:
    """What was made of a recording.

    Attributes:
        transcript: None if it failed.
        entry: None if none was wanted, or it failed.
        error: why something is missing.
    """

    transcript: Transcript | None
    entry: Entry | None
    error: DiaristError | None = None


async def keep_result(
    database: Database, recording: NewRecording, options: JobOptions, result: Result
) -> UUID:
    """Keep what was made of a recording.

    Returns:
        The key of the job.
    """
    transcript = None if result.transcript is None else PackedTranscript.of(result.transcript)
    entry = None if result.entry is None else PackedEntry.of(result.entry)

    async def work(connection: AsyncConnection) -> UUID:
        recording_id = await recorded(database, connection, recording)
        book = await new_job(
            database, connection, recording.owner_id, recording_id, options, Priority.NORMAL
        )
        (job,) = book.jobs.values()
        job.started_at = book.now
        if result.transcript is not None and transcript is not None:
            job.duration_s = job.heard_s = result.transcript.duration_s
            job.warnings = list(result.transcript.warnings)
            transcript_id = add_transcript(book, job, transcript)
            if entry is not None:
                add_entry(book, job, transcript_id, entry)
        job.state = _state_of(result).value
        job.finished_at = book.now
        job.error = None if result.error is None else as_json(result.error)
        book.tell(job, f"job.{job.state}")
        await book.close()
        return job.id

    return await database.run(work)


def _state_of(result: Result) -> JobState:
    if result.transcript is None:
        return JobState.FAILED
    return JobState.DONE if result.error is None else JobState.PARTIAL
