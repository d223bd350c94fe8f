"""Jobs, tasks and events in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from diarist.diary.markdown import clock
from diarist.jobs.reading.details import TaskView
from diarist.jobs.reading.forecast import Forecast
from diarist.jobs.reading.views import Event, JobView
from diarist.jobs.states import JobState, Stage, TaskState

_VERBS: Mapping[str, str] = {
    Stage.PREPARE: "decoding",
    Stage.TRANSCRIBE: "transcribing",
    Stage.ASSEMBLE: "assembling",
    Stage.WRITE: "writing",
}


def state_in_words(job: JobView) -> str:
    """Return how far a job is."""
    if job.state in (JobState.PREPARING, JobState.TRANSCRIBING) and job.chunks_done:
        total = job.chunks_total if job.chunks_total is not None else "?"
        return f"{job.state}, {job.chunks_done} of {total} chunks"
    return str(job.state)


def place_and_time(job: JobView, before: Forecast) -> str:
    """Return what lies before a job, as far as anybody knows."""
    if job.has_ended:
        return ""
    parts = []
    if before.place:
        more = "more than " if before.is_at_least else ""
        parts.append(f"{more}{before.place} before it")
    if before.eta_s is not None and before.eta_s >= 1:
        parts.append(f"about {clock(before.eta_s)} to go")
    return ", ".join(parts)


def moment(when: datetime | None) -> str:
    """Return a time by the clock on the wall here."""
    return "" if when is None else f"{when.astimezone():%Y-%m-%d %H:%M:%S}"


def task_in_words(task: TaskView) -> str:
    """Return what befell a task, on one line."""
    chunk = f" chunk {task.number}" if task.stage is Stage.TRANSCRIBE else ""
    parts = [f"{task.stage}{chunk}: {_state_of(task)}"]
    if task.attempts:
        parts.append(f"{_times(task.attempts)} it ended with an error")
    if task.losses:
        parts.append(f"{_times(task.losses)} its worker vanished")
    if task.delays:
        parts.append(f"{_times(task.delays)} it waited for the storage")
    if task.error is not None:
        parts.append(f"last error: {task.error['message']}")
    return "; ".join(parts)


def _state_of(task: TaskView) -> str:
    if task.state is TaskState.RUNNING:
        return f"is done by {task.worker} since {moment(task.started_at)}"
    if task.state is TaskState.WAITING:
        return f"waits until {moment(task.available_at)}"
    return str(task.state)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def event_in_words(event: Event) -> str:
    """Return what happened, on one line."""
    details = event.details
    words = _SENTENCES.get(event.kind)
    if words is None:
        return event.kind  # of a newer version
    return words.format_map(_Known(_derived(details)))


class _Known(dict[str, Any]):
    """Details of an event; what a version did not tell is a question mark."""

    def __missing__(self, key: str) -> str:
        return "?"


def _derived(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return the details of an event as sentences need them."""
    derived = {name: value for name, value in details.items() if value is not None}
    error = derived.get("error")
    if isinstance(error, Mapping):
        derived["error"] = error.get("message", "?")
    stage = str(derived.get("stage"))
    if stage in _VERBS:
        chunk = f" chunk {derived.get('number')}" if stage == Stage.TRANSCRIBE else ""
        derived["doing"] = f"{_VERBS[stage]}{chunk}"
    for name in ("duration_s", "speech_s"):
        if isinstance(derived.get(name), int | float):
            derived[name] = clock(derived[name])
    return derived


_SENTENCES: Mapping[str, str] = {
    "job.created": "submitted, priority {priority}",
    "job.started": "begun by {worker}",
    "recording.prepared": "decoded: {duration_s} long, {speech_s} of speech, {chunks} chunks",
    "chunk.transcribed": "chunk {number} transcribed; {chunks_done} of {chunks_total}",
    "language.agreed": "the language is {language}; some chunks are transcribed again",
    "track.skipped": "no words in this audio track; listening to track {track}",
    "transcript.completed": "transcript completed: {words} words, language {language}",
    "entry.completed": "entry written",
    "job.done": "done",
    "job.partial": "the transcript is there, but no entry: {error}",
    "job.failed": "failed while {doing}: {error}",
    "job.cancelled": "cancelled",
    "job.retried": "to be done again from {stage} on",
    "task.retried": "an error while {doing}; again in {delay_s} s: {error}",
    "task.lost": "the worker {worker} vanished while {doing}",
    "task.handed-back": "handed back while {doing}, because the worker stops",
}
