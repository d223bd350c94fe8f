"""A task that a worker holds, with all that it must know to do it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from uuid import UUID

from diarist.audio.spans import Span
from diarist.jobs.options import JobOptions
from diarist.jobs.policy import Tries
from diarist.jobs.states import Priority, Stage


@dataclass(frozen=True)
class Claim:
    """The right to finish a task, until its lease ends or somebody takes it away.

    Attributes:
        task_id: of the task.
        job_id: of its job.
        token: number of this claim; a later one is higher, and only the latest may change things.
    """

    task_id: UUID
    job_id: UUID
    token: int


@dataclass(frozen=True)
class RecordingFacts:
    """What is known about a recording.

    Attributes:
        id: key of its row.
        name: what to call it.
        size_bytes: of its file.
        blob_key: of its audio in the blob store; None if it is not there.
        source_path: of a file that was left where it is; None if it was not.
        recorded_at: when it was made.
        utc_offset_s: of the clock on the wall there and then.
        is_date_given: its owner said when; tags do not matter.
        duration_s: length; None until it was decoded once.
    """

    id: UUID
    name: str
    size_bytes: int
    blob_key: str | None
    source_path: str | None
    recorded_at: datetime
    utc_offset_s: int
    is_date_given: bool
    duration_s: float | None

    @property
    def local_time(self) -> datetime:
        """When it was made, by the clock on the wall."""
        return self.recorded_at.astimezone(timezone(timedelta(seconds=self.utc_offset_s)))


@dataclass(frozen=True)
class ChunkFacts:
    """Where a chunk lies.

    Attributes:
        number: of the chunk.
        start_s: where it starts on the recording.
        duration_s: how long it is.
        speech: where somebody speaks, in seconds from the start of the chunk.
        blob_key: of its audio in the blob store.
    """

    number: int
    start_s: float
    duration_s: float
    speech: tuple[Span, ...]
    blob_key: str


@dataclass(frozen=True)
class Order:
    """A claimed task and what it is about.

    Attributes:
        claim: the right to finish it.
        stage: what is to be done.
        number: of the chunk; 0 where there is only one task.
        priority: of its job.
        owner_id: whose it is.
        audio_s: how much audio it is, as far as is known.
        tries: what it has been through.
        is_first_claim: nobody began it before.
        options: what is wanted.
        language: that the chunks agreed on; None if they did not yet, or need not.
        track: audio track to be listened to.
        tracks: how many there are; None until that is known.
        generation: of the chunks' audio.
        warnings: what a reader should know so far.
        recording: what it is made from.
        chunk: to be transcribed; None in other stages.
    """

    claim: Claim
    stage: Stage
    number: int
    priority: Priority
    owner_id: UUID
    audio_s: float
    tries: Tries
    is_first_claim: bool
    options: JobOptions
    language: str | None
    track: int
    tracks: int | None
    generation: int
    warnings: tuple[str, ...]
    recording: RecordingFacts
    chunk: ChunkFacts | None = None
