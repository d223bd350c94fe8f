"""The job engine without workers: a test takes each step by hand, in the order that it wants."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Protocol, TypeVar
from uuid import UUID

from diarist.audio.spans import Span
from diarist.diary.entry import Author, Entry, Paragraph
from diarist.jobs.claims import Claim, Order
from diarist.jobs.engine.claiming import claim, claim_suspect
from diarist.jobs.engine.committing import Commits
from diarist.jobs.engine.outcomes import (
    Assembled,
    ChunkAdded,
    ChunkHeard,
    Outcome,
    RecordingPrepared,
    Written,
)
from diarist.jobs.engine.reconciling import Repairs, reconcile
from diarist.jobs.engine.removal import chunk_key
from diarist.jobs.engine.results import PackedEntry, PackedTranscript
from diarist.jobs.options import JobOptions
from diarist.jobs.policy import RetryPolicy
from diarist.jobs.queue import Counts, QueueName
from diarist.jobs.reading.library import latest_transcript_of
from diarist.jobs.reading.views import Event, JobView, events_of, job_of
from diarist.jobs.states import Priority, Stage
from diarist.jobs.submitting import NewRecording, keep_audio, owner_named, submit
from diarist.storage.blobs import BlobOptions, Blobs, BlobStore
from diarist.storage.bodies import pack_segments
from diarist.storage.database import Database
from diarist.transcription.engine import LanguageGuess
from diarist.transcription.transcript import Segment, Transcript
from support.databases import opened

CHUNK_S = 10.0
LEASE_S = 30.0
ON = date(2026, 11, 18)
RECORDED_AT = datetime(2026, 11, 18, 20, 15, tzinfo=UTC)
SEGMENT = Segment(0, 1.0, 4.0, "I walked along the river.")


T = TypeVar("T")


class OnLine(Protocol):
    """Runs a coroutine function with an engine of its own."""

    def __call__(self, work: Callable[[Line], Awaitable[T]]) -> T:
        """Return what it returns."""


class Told:
    """Hints, as they were sent."""

    def __init__(self) -> None:
        self.queues: list[QueueName] = []

    def send(self, counts: Counts) -> None:
        self.queues += [queue for queue in counts for _ in range(counts[queue])]

    def close(self) -> None:
        """Nothing is kept open."""


@dataclass
class Line:
    """A job engine whose steps are taken by hand."""

    database: Database
    blobs: Blobs
    policy: RetryPolicy = RetryPolicy()
    hints: Told = field(default_factory=Told)
    _numbers: count[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self._commits = Commits(self.database, self.hints)

    async def submit(
        self,
        owner: str = "anna",
        content: bytes | None = None,
        options: JobOptions = JobOptions(),  # noqa: B008 - frozen
        priority: Priority = Priority.NORMAL,
        *,
        again: bool = False,
    ) -> UUID:
        """Submit a recording that nobody submitted before, unless its content is given."""
        content = content or f"recording {next(self._numbers)}".encode()
        owner_id = await owner_named(self.database, owner)
        audio = await keep_audio(self.database, self.blobs, _pieces(content), "memo")
        recording = NewRecording(owner_id, "memo", RECORDED_AT, False, audio)
        submitted = await submit(
            self.database, self.hints, recording, options, priority, again=again
        )
        return submitted.job_id

    async def claim(
        self, stage: Stage, worker: str = "w1", at_most: int = 1, lease_s: float = LEASE_S
    ) -> list[Order]:
        """Claim what is ready, or else a task that is to be done alone."""
        found = await claim(self.database, stage, list(Priority), worker, lease_s, at_most)
        if found:
            return found
        suspect = await claim_suspect(self.database, stage, list(Priority), worker, lease_s)
        return [suspect] if suspect else []

    async def one(self, stage: Stage, worker: str = "w1") -> Order:
        (order,) = await self.claim(stage, worker)
        return order

    async def commit(self, order: Order | Claim, outcome: Outcome) -> None:
        await self._commits.commit(order if isinstance(order, Claim) else order.claim, outcome)

    async def add_chunk(self, order: Order, number: int, *, replaces: bool = False) -> None:
        key = chunk_key(order.claim.job_id, order.generation, number)
        await self.blobs.put(key, b"\0\0" * 8)
        chunk = ChunkAdded(number, number * CHUNK_S, CHUNK_S, (Span(1, 9),), key, replaces)
        await self.commit(order, chunk)

    async def prepare(self, chunks: int = 2) -> Order:
        """Take the step prepare of the next job, whole."""
        order = await self.one(Stage.PREPARE)
        for number in range(chunks):
            await self.add_chunk(order, number)
        await self.commit(order, prepared(chunks))
        return order

    async def transcribe(self, language: str = "en", probability: float = 0.9) -> Order:
        order = await self.one(Stage.TRANSCRIBE)
        await self.commit(order, heard(language, probability))
        return order

    async def assemble(self) -> Order:
        order = await self.one(Stage.ASSEMBLE)
        await self.commit(order, Assembled(PackedTranscript.of(TRANSCRIPT)))
        return order

    async def write(self) -> Order:
        order = await self.one(Stage.WRITE)
        await self.commit(order, await self.written(order))
        return order

    async def written(self, order: Order, title: str = "A walk") -> Written:
        kept = await latest_transcript_of(self.database, order.claim.job_id)
        return Written(kept.id, PackedEntry.of(entry(title)))

    async def finish(self, chunks: int = 2) -> None:
        """Take all steps of the only job."""
        await self.prepare(chunks)
        for _ in range(chunks):
            await self.transcribe()
        await self.assemble()
        await self.write()

    async def job(self, job_id: UUID, owner: str = "anna") -> JobView:
        return await job_of(self.database, await owner_named(self.database, owner), job_id)

    async def events(self, job_id: UUID, owner: str = "anna") -> list[Event]:
        owner_id = await owner_named(self.database, owner)
        return await events_of(self.database, owner_id, job_id)

    async def kinds(self, job_id: UUID, owner: str = "anna") -> list[str]:
        return [event.kind for event in await self.events(job_id, owner)]

    async def reconcile(self) -> Repairs:
        return await reconcile(self.database, self.hints, self.policy, LEASE_S)

    def pass_time(self, seconds: float) -> None:
        self.database.shift += timedelta(seconds=seconds)


@asynccontextmanager
async def line(url: str, folder: Path, policy: RetryPolicy | None = None) -> AsyncIterator[Line]:
    """Open a job engine on a migrated database."""
    async with opened(url) as database:
        blobs = BlobStore(BlobOptions(str(folder / "blobs")))
        try:
            yield Line(database, blobs, policy or RetryPolicy())
        finally:
            await blobs.close()


def prepared(chunks: int, track: int = 0, tracks: int = 1) -> RecordingPrepared:
    duration_s = chunks * CHUNK_S
    return RecordingPrepared(
        duration_s, duration_s, track, tracks, warnings=(), numbers=range(chunks)
    )


def heard(language: str = "en", probability: float = 0.9) -> ChunkHeard:
    guess = LanguageGuess(language, probability)
    return ChunkHeard(pack_segments((SEGMENT,)), guess, language, "paced", "paced")


TRANSCRIPT = Transcript("en", 2 * CHUNK_S, (SEGMENT,))


def entry(title: str = "A walk") -> Entry:
    return Entry(
        date=ON,
        title=title,
        summary=SEGMENT.text,
        language="en",
        paragraphs=(Paragraph(text=SEGMENT.text, evidence=(0,)),),
        writer=Author(provider="test", model="test"),
    )


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content
