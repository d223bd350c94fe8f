"""Jobs, tasks and events as plain values, for JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from diarist.jobs.reading.details import TaskView, Version
from diarist.jobs.reading.forecast import Forecast
from diarist.jobs.reading.views import Event, JobView


def plain_job(job: JobView) -> dict[str, Any]:
    """Return a job."""
    return {
        "job": str(job.id),
        "recording": str(job.recording_id),
        "name": job.name,
        "recorded_at": plain_time(job.recorded_at),
        "state": job.state.value,
        "progress": round(job.progress, 4),
        "priority": job.priority.name.lower(),
        "options": job.options.to_json(),
        "duration_s": job.duration_s,
        "heard_s": job.heard_s,
        "chunks_total": job.chunks_total,
        "chunks_done": job.chunks_done,
        "language": job.language,
        "warnings": list(job.warnings),
        "error": None if job.error is None else dict(job.error),
        "created_at": plain_time(job.created_at),
        "started_at": plain_time(job.started_at),
        "finished_at": plain_time(job.finished_at),
    }


def plain_forecast(before: Forecast) -> dict[str, Any]:
    """Return what lies before a job."""
    return {
        "place": before.place,
        "eta_s": None if before.eta_s is None else round(before.eta_s, 1),
    }


def plain_task(task: TaskView) -> dict[str, Any]:
    """Return a task."""
    return {
        "stage": task.stage.value,
        "number": task.number,
        "state": task.state.value,
        "attempts": task.attempts,
        "losses": task.losses,
        "delays": task.delays,
        "worker": task.worker,
        "started_at": plain_time(task.started_at),
        "finished_at": plain_time(task.finished_at),
        "error": None if task.error is None else dict(task.error),
    }


def plain_version(version: Version) -> dict[str, Any]:
    """Return a version of a result."""
    return {
        "kind": version.kind,
        "version": version.number,
        "created_at": plain_time(version.created_at),
    }


def plain_event(job_id: str, event: Event) -> dict[str, Any]:
    """Return an event."""
    return {
        "job": job_id,
        "seq": event.seq,
        "at": plain_time(event.at),
        "kind": event.kind,
        "details": dict(event.details),
    }


def plain_time(when: datetime | None) -> str | None:
    """Return a time as ISO 8601 has it."""
    return None if when is None else when.isoformat(timespec="milliseconds")
