"""All that is known about a job, gathered once."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from diarist.cli.library.session import Session
from diarist.diary.entry import Entry
from diarist.errors import NotFoundError
from diarist.jobs.reading.details import TaskView, Version, tasks_of, versions_by, words_so_far
from diarist.jobs.reading.forecast import Forecast
from diarist.jobs.reading.library import latest_entry_of, latest_transcript_of
from diarist.jobs.reading.views import Event, JobView, events_of, forecast, job_of
from diarist.transcription.transcript import Transcript

_PAGE = 1_000


@dataclass(frozen=True)
class NearView:
    """A job from near.

    Attributes:
        job: how far it is.
        before: what lies before it.
        tasks: what is done for it.
        versions: what it made.
        events: what happened.
        transcript: what was said, as far as that is known.
        is_assembled: that transcript is complete.
        entry: what was written, if so.
    """

    job: JobView
    before: Forecast
    tasks: list[TaskView]
    versions: list[Version]
    events: list[Event]
    transcript: Transcript
    is_assembled: bool
    entry: Entry | None


async def near_view(here: Session, job_id: UUID) -> NearView:
    """Return all that is known about a job.

    Raises:
        NotFoundError: if the owner has no such job.
    """
    job = await job_of(*here.whose, job_id)
    kept = await latest_entry_of(here.database, job_id)
    transcript, is_assembled = await _transcript(here, job)
    return NearView(
        job=job,
        before=await forecast(here.database, job),
        tasks=await tasks_of(here.database, job_id),
        versions=await versions_by(here.database, job_id),
        events=await all_events_of(here, job_id),
        transcript=transcript,
        is_assembled=is_assembled,
        entry=None if kept is None else kept.entry,
    )


async def all_events_of(here: Session, job_id: UUID, after: int = 0) -> list[Event]:
    """Return everything that happened to a job after an event.

    Raises:
        NotFoundError: if the owner has no such job.
    """
    events: list[Event] = []
    while page := await events_of(*here.whose, job_id, after, _PAGE):
        events += page
        after = page[-1].seq
        if len(page) < _PAGE:
            break
    return events


async def _transcript(here: Session, job: JobView) -> tuple[Transcript, bool]:
    try:
        return (await latest_transcript_of(here.database, job.id)).transcript, True
    except NotFoundError:
        return await words_so_far(here.database, job.id, job.duration_s), False
