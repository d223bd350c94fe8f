"""What became of a job, as `diarist run` tells what became of a recording."""

from __future__ import annotations

from diarist.cli.batch.outcome import Outcome
from diarist.cli.failures import error_as_stored
from diarist.cli.jobs.resolving import short_name
from diarist.cli.library.session import Session
from diarist.errors import ConflictError, DiaristError, NotFoundError
from diarist.jobs.reading.library import latest_entry_of, latest_transcript_of
from diarist.jobs.reading.views import JobView
from diarist.jobs.states import JobState
from diarist.transcription.transcript import Transcript


async def outcome_of(here: Session, job: JobView, name: str = "") -> Outcome:
    """Return what became of a job that has ended.

    Args:
        here: where it is.
        job: that has ended.
        name: what to call its recording; its own name if not given.
    """
    kept = await latest_entry_of(here.database, job.id)
    took_s = 0.0
    if job.started_at is not None and job.finished_at is not None:
        took_s = (job.finished_at - job.started_at).total_seconds()
    return Outcome(
        name=name or job.name,
        status="done" if job.state is JobState.DONE else "failed",
        recorded_at=job.recorded_at.astimezone(),
        transcript=await _transcript(here, job),
        entry=None if kept is None else kept.entry,
        took_s=took_s,
        error=error_of(job),
        job=str(job.id),
    )


def error_of(job: JobView) -> DiaristError | None:
    """Return why a job has not made what it was to make; None if it has, or goes on."""
    if job.state is JobState.CANCELLED:
        return ConflictError(
            f"job {short_name(job.id)} was cancelled",
            hint=f"Have it done after all: diarist jobs retry {short_name(job.id)}",
        )
    return None if job.error is None else error_as_stored(job.error)


async def _transcript(here: Session, job: JobView) -> Transcript | None:
    try:
        kept = await latest_transcript_of(here.database, job.id)
    except NotFoundError:
        return None
    return kept.transcript
