"""What a step has led to, and what follows from it for the job: the rules of the pipeline.

    prepare     ChunkAdded ×N, then RecordingPrepared
    transcribe  ChunkHeard
    assemble    LanguageAgreed (some chunks again) or NextTrack (all again) or Assembled
    write       Written
    any         Failed, HandedBack

Each is applied in the transaction that ends the claim, or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy import bindparam, update

from diarist.audio.spans import Span
from diarist.errors import DiaristError
from diarist.jobs.engine.book import Book
from diarist.jobs.engine.chunking import (
    ADD_CHUNK,
    HEAR_CHUNK,
    chunk_numbers,
    drop_chunks,
    heard_so_far,
    start_over,
)
from diarist.jobs.engine.removal import forget_chunk_audio
from diarist.jobs.engine.results import PackedEntry, PackedTranscript, add_entry, add_transcript
from diarist.jobs.engine.rows import JobRow, TaskRow, as_json
from diarist.jobs.policy import GiveUp, RetryPolicy, Tries, Uniform, judge
from diarist.jobs.states import JobState, Stage, TaskState
from diarist.storage.tables import chunks, recordings, tasks
from diarist.transcription.engine import LanguageGuess


class Outcome(Protocol):
    """What a step has led to."""

    async def apply(self, book: Book, job: JobRow, task: TaskRow) -> None:
        """Change the job and settle the task. Both are locked, and the task is ours."""


@dataclass(frozen=True)
class ChunkAdded:
    """A piece of a recording is in the blob store and may be transcribed; preparing goes on.

    Attributes:
        number: of the chunk.
        start_s: where it starts on the recording.
        duration_s: how long it is.
        speech: where somebody speaks, in seconds from the start of the chunk.
        blob_key: of its audio.
        replaces: an interrupted preparation cut it differently; what was heard in that is void.
    """

    number: int
    start_s: float
    duration_s: float
    speech: Sequence[Span]
    blob_key: str
    replaces: bool = False

    async def apply(self, book: Book, job: JobRow, task: TaskRow) -> None:  # noqa: ARG002 - ours
        """Add the chunk and the task of transcribing it."""
        if self.replaces:
            await drop_chunks(book, job, [self.number])
            job.chunks_done, job.heard_s = await heard_so_far(book, job)
        job.has_chunk_audio = True
        book.write(
            ADD_CHUNK[book.database.kind],
            {
                "job_id": job.id,
                "number": self.number,
                "start_s": self.start_s,
                "duration_s": self.duration_s,
                "speech": [[span.start_s, span.end_s] for span in self.speech],
                "blob_key": self.blob_key,
            },
        )
        await book.add_task(
            job, Stage.TRANSCRIBE, self.number, audio_s=self.duration_s, keeps_old=True
        )


@dataclass(frozen=True)
class RecordingPrepared:
    """All of a recording was decoded.

    Attributes:
        duration_s: length of the recording.
        speech_s: how much of it is speech.
        track: audio track that its chunks are from.
        tracks: how many there are.
        warnings: what a reader should know.
        numbers: of its chunks.
        recorded_at: when it was made, as tagged; None if that does not count.
    """

    duration_s: float
    speech_s: float
    track: int
    tracks: int
    warnings: tuple[str, ...]
    numbers: Sequence[int]
    recorded_at: datetime | None = None

    async def apply(self, book: Book, job: JobRow, task: TaskRow) -> None:
        """Close the list of chunks; if all of them are heard already, go on."""
        known = await chunk_numbers(book, job)
        await drop_chunks(book, job, sorted(known.difference(self.numbers)))
        job.chunks_total = len(self.numbers)
        job.chunks_done, job.heard_s = await heard_so_far(book, job)
        job.duration_s, job.speech_s = self.duration_s, self.speech_s
        job.track, job.tracks = self.track, self.tracks
        job.warnings = list(self.warnings)
        book.write(_KNOW_LENGTH, {"its_id": job.recording_id, "duration_s": self.duration_s})
        if self.recorded_at is not None:
            offset = self.recorded_at.utcoffset() or timedelta()
            row = {
                "its_id": job.recording_id,
                "recorded_at": self.recorded_at,
                "utc_offset_s": int(offset.total_seconds()),
            }
            book.write(_KNOW_DATE, row)
        book.move(job, JobState.TRANSCRIBING)
        book.settle(task, TaskState.DONE)
        book.tell(
            job,
            "recording.prepared",
            duration_s=round(self.duration_s, 3),
            speech_s=round(self.speech_s, 3),
            chunks=job.chunks_total,
        )
        await _assemble_if_heard(book, job)


@dataclass(frozen=True)
class ChunkHeard:
    """A chunk was transcribed.

    Attributes:
        body: its segments, timed from the start of the chunk, as they are stored.
        guess: what its language was taken for.
        language: in which it was transcribed.
        engine: which engine was used.
        model: which model the engine used.
    """

    body: bytes
    guess: LanguageGuess | None
    language: str
    engine: str
    model: str

    async def apply(self, book: Book, job: JobRow, task: TaskRow) -> None:
        """Keep what was heard; after the last chunk, go on."""
        guess = self.guess and [self.guess.language, self.guess.probability]
        book.write(
            HEAR_CHUNK,
            {
                "its_job": job.id,
                "its_number": task.number,
                "guess": guess,
                "language": self.language,
                "engine": self.engine,
                "model": self.model,
                "body": self.body,
            },
        )
        job.chunks_done += 1
        job.heard_s += task.audio_s
        book.settle(task, TaskState.DONE)
        book.tell(
            job,
            "chunk.transcribed",
            number=task.number,
            chunks_done=job.chunks_done,
            chunks_total=job.chunks_total,
        )
        await _assemble_if_heard(book, job)


@dataclass(frozen=True)
class LanguageAgreed:
    """Chunks guessed different languages; those that guessed badly are transcribed again.

    Attributes:
        language: that they agree on.
        again: numbers of those chunks.
    """

    language: str
    again: tuple[int, ...]

    async def apply(self, book: Book, job: JobRow, task: TaskRow) -> None:
        """Transcribe some chunks again, in the language that the recording is in."""
        job.language = self.language
        void = (
            update(chunks)
            .where(chunks.c.job_id == job.id, chunks.c.number.in_(self.again))
            .values(body=None)
            .returning(chunks.c.number, chunks.c.duration_s)
        )
        for number, duration_s in (await book.connection.execute(void)).all():
            await book.add_task(job, Stage.TRANSCRIBE, number, audio_s=duration_s)
            job.chunks_done -= 1
            job.heard_s -= duration_s
        book.settle(task, TaskState.DONE)
        book.tell(job, "language.agreed", language=self.language, again=list(self.again))
        await _assemble_if_heard(book, job)  # as it is, if there was nothing to be heard again


@dataclass(frozen=True)
class NextTrack:
    """In the voices of an audio track no words were recognised, and there is another track.

    Attributes:
        track: to be listened to instead.
    """

    track: int

    async def apply(self, book: Book, job: JobRow, task: TaskRow) -> None:
        """Prepare the recording again, from its next audio track."""
        book.settle(task, TaskState.DONE)
        await start_over(book, job, track=self.track)
        book.move(job, JobState.PREPARING)
        book.tell(job, "track.skipped", track=self.track)


@dataclass(frozen=True)
class Assembled:
    """The transcript is made."""

    transcript: PackedTranscript

    async def apply(self, book: Book, job: JobRow, task: TaskRow) -> None:
        """Keep the transcript as a new version, and have its entry written."""
        add_transcript(book, job, self.transcript)
        book.settle(task, TaskState.DONE)
        words = self.transcript.words
        language = self.transcript.language
        if job.options.get("wants_entry", True):
            book.move(job, JobState.WRITING)
            await book.add_task(job, Stage.WRITE, audio_s=job.duration_s or 0.0)
            book.tell(job, "transcript.completed", words=words, language=language)
            return
        book.move(job, JobState.DONE)
        book.tell(job, "transcript.completed", words=words, language=language)
        _finish(book, job)


@dataclass(frozen=True)
class Written:
    """The entry is written.

    Attributes:
        transcript_id: what it was written from.
        entry: what was written.
    """

    transcript_id: UUID
    entry: PackedEntry

    async def apply(self, book: Book, job: JobRow, task: TaskRow) -> None:
        """Keep the entry as a new version; that ends the job."""
        add_entry(book, job, self.transcript_id, self.entry)
        book.settle(task, TaskState.DONE)
        book.move(job, JobState.DONE)
        book.tell(job, "entry.completed", support=self.entry.support)
        _finish(book, job)


@dataclass(frozen=True)
class Failed:
    """A step ended with an error.

    Attributes:
        error: why.
        policy: how often it is tried.
        uniform: dice for the pause.
    """

    error: DiaristError
    policy: RetryPolicy
    uniform: Uniform

    async def apply(self, book: Book, job: JobRow, task: TaskRow) -> None:
        """Try the step again later, or let the job fail."""
        verdict = judge(self.error, task.tries, self.policy, self.uniform)
        if isinstance(verdict, GiveUp):
            await give_up(book, job, task, self.error, verdict.tries)
            return
        book.settle(
            task,
            TaskState.WAITING,
            tries=verdict.tries,
            available_at=book.now + timedelta(seconds=verdict.delay_s),
            error=self.error,
        )
        book.tell(
            job,
            "task.retried",
            stage=task.stage,
            number=task.number,
            delay_s=round(verdict.delay_s, 3),
            error=as_json(self.error),
        )


@dataclass(frozen=True)
class HandedBack:
    """The worker stops before the step is done."""

    async def apply(self, book: Book, job: JobRow, task: TaskRow) -> None:
        """Let another worker begin it at once."""
        await book.hand_back(job, task)
        book.tell(job, "task.handed-back", stage=task.stage, number=task.number)


async def give_up(
    book: Book, job: JobRow, task: TaskRow, error: DiaristError, tries: Tries
) -> None:
    """Let a job end because one of its tasks cannot be done. Its inputs and results stay."""
    book.settle(task, TaskState.FAILED, tries=tries, error=error)
    # Written first, since it must not become cancelled with the others.
    await book.connection.execute(
        update(tasks).where(tasks.c.id == task.id).values(state=TaskState.FAILED.value)
    )
    await book.end_tasks(job, TaskState.CANCELLED)
    job.error = as_json(error)
    is_partial = task.stage == Stage.WRITE
    book.move(job, JobState.PARTIAL if is_partial else JobState.FAILED)
    kind = "job.partial" if is_partial else "job.failed"
    book.tell(job, kind, stage=task.stage, number=task.number, error=job.error)


def _finish(book: Book, job: JobRow) -> None:
    job.error = None
    forget_chunk_audio(book, job)
    book.tell(job, "job.done")


async def _assemble_if_heard(book: Book, job: JobRow) -> None:
    if job.is_heard:
        await book.add_task(job, Stage.ASSEMBLE, audio_s=job.duration_s or 0.0)


_KNOW_LENGTH = (
    update(recordings)
    .where(recordings.c.id == bindparam("its_id"))
    .values(duration_s=bindparam("duration_s"))
)
_KNOW_DATE = (
    update(recordings)
    .where(recordings.c.id == bindparam("its_id"))
    .values(recorded_at=bindparam("recorded_at"), utc_offset_s=bindparam("utc_offset_s"))
)
