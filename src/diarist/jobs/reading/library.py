"""What jobs have made so far, as the next stage or a reader wants it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select

from diarist.audio.spans import Span
from diarist.diary.entry import Entry
from diarist.errors import NotFoundError
from diarist.jobs.claims import ChunkFacts
from diarist.storage.bodies import unpack_entry, unpack_segments, unpack_transcript
from diarist.storage.database import Database
from diarist.storage.tables import chunks, entries, jobs, recordings, transcripts
from diarist.transcription.engine import LanguageGuess
from diarist.transcription.transcript import UNKNOWN_LANGUAGE, Segment, Transcript


@dataclass(frozen=True)
class HeardFacts:
    """What was heard in a chunk.

    Attributes:
        number: of the chunk.
        start_s: where it starts on the recording.
        speech: where somebody speaks in it.
        segments: timed from the start of the chunk.
        guess: what its language was taken for.
        language: in which it was transcribed.
        engine: which engine was used.
        model: which model the engine used.
    """

    number: int
    start_s: float
    speech: tuple[Span, ...]
    segments: tuple[Segment, ...]
    guess: LanguageGuess | None
    language: str
    engine: str
    model: str


@dataclass(frozen=True)
class KeptTranscript:
    """A version of a transcript."""

    id: UUID
    version: int
    transcript: Transcript


@dataclass(frozen=True)
class KeptEntry:
    """A version of an entry."""

    id: UUID
    version: int
    entry: Entry


async def chunks_of(database: Database, job_id: UUID) -> dict[int, ChunkFacts]:
    """Return a job's chunks by number, whether they were heard or not."""
    columns = (chunks.c[name] for name in ("number", "start_s", "duration_s", "speech", "blob_key"))
    rows = await database.rows(select(*columns).where(chunks.c.job_id == job_id))
    return {
        row.number: ChunkFacts(
            row.number, row.start_s, row.duration_s, _spans(row.speech), row.blob_key
        )
        for row in rows
    }


async def heard_chunks_of(database: Database, job_id: UUID) -> list[HeardFacts]:
    """Return what was heard so far, in the order of the recording."""
    heard = (
        select(chunks)
        .where(chunks.c.job_id == job_id, chunks.c.body.is_not(None))
        .order_by(chunks.c.number)
    )
    return [_heard(row) for row in await database.rows(heard)]


async def latest_transcript_of(database: Database, job_id: UUID) -> KeptTranscript:
    """Return the newest transcript that a job made.

    Raises:
        NotFoundError: if it made none.
    """
    row = await _newest(database, select(transcripts).where(transcripts.c.job_id == job_id))
    if row is None:
        raise NotFoundError(
            f"job {job_id} has no transcript", hint="Retry it from the stage assemble."
        )
    return KeptTranscript(row.id, row.version, unpack_transcript(row.body))


async def latest_entry_of(database: Database, job_id: UUID) -> KeptEntry | None:
    """Return the newest entry that a job made; None if it made none."""
    row = await _newest(database, select(entries).where(entries.c.job_id == job_id))
    return None if row is None else KeptEntry(row.id, row.version, unpack_entry(row.body))


async def recording_of(database: Database, owner_id: UUID, job_id: UUID) -> Row[Any]:
    """Return the row of a job's recording.

    Raises:
        NotFoundError: if the owner has no such job.
    """
    own = (
        select(recordings)
        .join(jobs, jobs.c.recording_id == recordings.c.id)
        .where(jobs.c.id == job_id, jobs.c.owner_id == owner_id)
    )
    row = next(iter(await database.rows(own)), None)
    if row is None:
        raise NotFoundError(f"there is no job {job_id}", hint="List them: diarist jobs list")
    return row


async def _newest(database: Database, versions: Select[Any]) -> Row[Any] | None:
    table = versions.get_final_froms()[0]
    newest = versions.order_by(table.c.version.desc()).limit(1)
    return next(iter(await database.rows(newest)), None)


def _heard(row: Row[Any]) -> HeardFacts:
    return HeardFacts(
        number=row.number,
        start_s=row.start_s,
        speech=_spans(row.speech),
        segments=unpack_segments(row.body),
        guess=None if row.guess is None else LanguageGuess(*row.guess),
        language=row.language or UNKNOWN_LANGUAGE,
        engine=row.engine or "",
        model=row.model or "",
    )


def _spans(stored: Sequence[Sequence[float]]) -> tuple[Span, ...]:
    return tuple(Span(start_s, end_s) for start_s, end_s in stored)
