"""The states of jobs and tasks, and which may follow which.

queued ─► preparing ⇄ transcribing ─► writing ─► done
              │             │             │
              └──► failed ◄─┘             └─► partial      the transcript is there, no entry

cancelled from everywhere; failed, partial, cancelled and done go back when they are retried
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, StrEnum


class Priority(IntEnum):
    """Whose work comes first. Within a class, owners take turns."""

    HIGH = 0
    NORMAL = 1
    LOW = 2


class Stage(StrEnum):
    """A step of a job, in the order in which a recording takes them."""

    PREPARE = "prepare"
    TRANSCRIBE = "transcribe"
    ASSEMBLE = "assemble"
    WRITE = "write"


class JobState(StrEnum):
    """How far a job is."""

    QUEUED = "queued"
    PREPARING = "preparing"
    TRANSCRIBING = "transcribing"
    WRITING = "writing"
    DONE = "done"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"


class TaskState(StrEnum):
    """What is with a task.

    `waiting` has a time before which it is not tried; `ready` may be claimed; `running` is
    somebody's until the lease ends.
    """

    WAITING = "waiting"
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset({JobState.DONE, JobState.PARTIAL, JobState.FAILED, JobState.CANCELLED})
"""States in which nothing happens to a job by itself."""

OPEN = frozenset({TaskState.WAITING, TaskState.READY, TaskState.RUNNING})
"""States in which a task is still to be done."""

_AGAIN = frozenset({JobState.QUEUED, JobState.TRANSCRIBING, JobState.WRITING})

NEXT: Mapping[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.PREPARING, JobState.FAILED, JobState.CANCELLED}),
    JobState.PREPARING: frozenset({JobState.TRANSCRIBING, JobState.FAILED, JobState.CANCELLED}),
    # Back, if no words were found in the first audio track of several.
    JobState.TRANSCRIBING: frozenset(
        {JobState.PREPARING, JobState.WRITING, JobState.DONE, JobState.FAILED, JobState.CANCELLED}
    ),
    JobState.WRITING: frozenset({JobState.DONE, JobState.PARTIAL, JobState.CANCELLED}),
    JobState.DONE: _AGAIN,
    JobState.PARTIAL: _AGAIN,
    JobState.FAILED: _AGAIN,
    JobState.CANCELLED: _AGAIN,
}


def may_follow(before: JobState, after: JobState) -> bool:
    """Say whether a job may go from one state to another. Staying is always allowed."""
    return before == after or after in NEXT[before]
