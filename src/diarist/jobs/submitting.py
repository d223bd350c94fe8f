"""A recording becomes a job: its audio is kept first, then one transaction makes all rows."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from diarist.errors import EmptyFileError
from diarist.jobs.engine.book import Book
from diarist.jobs.engine.removal import UNCLAIMED_S, claim_blob, forget, forget_now, recording_key
from diarist.jobs.options import JobOptions
from diarist.jobs.queue import Hints, QueueName
from diarist.jobs.states import JobState, Priority, Stage
from diarist.storage.blobs import Blobs
from diarist.storage.database import Database
from diarist.storage.keys import new_id
from diarist.storage.tables import jobs, owners, recordings


@dataclass(frozen=True)
class KeptAudio:
    """Audio that lies in the blob store, and that no recording refers to yet.

    Attributes:
        recording_id: key of the recording that it is to be of.
        sha256: of its bytes, in hexadecimal.
        size_bytes: how many there are.
        blob_key: where they lie; None if the file was left where it is.
        source_path: of that file.
    """

    recording_id: UUID
    sha256: str
    size_bytes: int
    blob_key: str | None
    source_path: str | None = None


@dataclass(frozen=True)
class NewRecording:
    """A recording that is handed in.

    Attributes:
        owner_id: whose it is.
        name: what to call it.
        recorded_at: when it was made, with its zone.
        is_date_given: the owner said when; what its tags say does not matter.
        audio: where its bytes are.
    """

    owner_id: UUID
    name: str
    recorded_at: datetime
    is_date_given: bool
    audio: KeptAudio


@dataclass(frozen=True)
class Submitted:
    """What a submission came to.

    Attributes:
        job_id: of the job.
        recording_id: of its recording.
        is_new: False if the same recording was submitted before, with the same wishes.
    """

    job_id: UUID
    recording_id: UUID
    is_new: bool


async def owner_named(database: Database, name: str) -> UUID:
    """Return the key of an owner, who is made if there is none of that name."""

    async def work(connection: AsyncConnection) -> UUID:
        dialect = sqlite if database.is_sqlite else postgresql
        row = {"id": new_id(), "name": name, "created_at": database.from_now()}
        await connection.execute(dialect.insert(owners).values(row).on_conflict_do_nothing())
        found = select(owners.c.id).where(owners.c.name == name)
        owner_id: UUID = (await connection.execute(found)).scalar_one()
        return owner_id

    return await database.run(work)


async def keep_audio(
    database: Database, blobs: Blobs, content: AsyncIterable[bytes], name: str
) -> KeptAudio:
    """Store a recording while it arrives, in constant memory.

    If nothing comes of it, the blob is deleted after a day.

    Args:
        database: where jobs are.
        blobs: where audio is.
        content: the bytes.
        name: what to call it in errors.

    Raises:
        EmptyFileError: if there are no bytes.
        StorageUnavailableError, StorageFullError, StorageSetupError.
    """
    recording_id = new_id()
    key = recording_key(recording_id)
    digest = hashlib.sha256()

    async def hashed() -> AsyncIterator[bytes]:
        async for piece in content:
            digest.update(piece)
            yield piece

    async def announce(connection: AsyncConnection) -> None:
        await forget(database, connection, key, in_s=UNCLAIMED_S)

    await database.run(announce)
    size_bytes = await blobs.put(key, hashed())
    if size_bytes == 0:
        raise EmptyFileError(f"{name} is empty", hint="Record it again.")
    return KeptAudio(recording_id, digest.hexdigest(), size_bytes, key)


async def known_recording(database: Database, owner_id: UUID, sha256: str) -> UUID | None:
    """Return the key of a recording that has these bytes, if its audio is still there."""
    found = select(recordings.c.id).where(
        recordings.c.owner_id == owner_id,
        recordings.c.sha256 == sha256,
        recordings.c.blob_key.is_not(None),
    )
    return next((row.id for row in await database.rows(found)), None)


async def submit(
    database: Database,
    hints: Hints,
    recording: NewRecording,
    options: JobOptions,
    priority: Priority = Priority.NORMAL,
    *,
    again: bool = False,
) -> Submitted:
    """Make a job of a recording.

    The same bytes of the same owner are one recording, and stored once. If they were submitted
    before with the same options, and that did not fail, this is that job.

    Args:
        database: where jobs are.
        hints: told about the new task.
        recording: whose audio is kept.
        options: what is wanted.
        priority: whose work comes first.
        again: make a new job even if there is one.

    Raises:
        ConflictError: if the audio was kept for so long that it is gone.
    """

    async def row(connection: AsyncConnection) -> UUID:
        return await recorded(database, connection, recording)

    wish = _Wish(recording.owner_id, options, priority, again)
    return await _submit(database, hints, row, wish)


async def submit_known(
    database: Database,
    hints: Hints,
    owner_id: UUID,
    recording_id: UUID,
    options: JobOptions,
    priority: Priority = Priority.NORMAL,
    *,
    again: bool = False,
) -> Submitted:
    """Make a job of a recording that is kept already; see `submit`."""

    async def row(_: AsyncConnection) -> UUID:
        return recording_id

    return await _submit(database, hints, row, _Wish(owner_id, options, priority, again))


@dataclass(frozen=True)
class _Wish:
    owner_id: UUID
    options: JobOptions
    priority: Priority
    again: bool


async def _submit(
    database: Database,
    hints: Hints,
    recording_row: Callable[[AsyncConnection], Awaitable[UUID]],
    wish: _Wish,
) -> Submitted:
    ready: Counter[QueueName] = Counter()

    async def work(connection: AsyncConnection) -> Submitted:
        ready.clear()
        recording_id = await recording_row(connection)
        if not wish.again:
            known = await _job_like(connection, recording_id, wish.options)
            if known is not None:
                return Submitted(known, recording_id, is_new=False)
        book = await new_job(
            database, connection, wish.owner_id, recording_id, wish.options, wish.priority
        )
        (job,) = book.jobs.values()
        await book.add_task(job, Stage.PREPARE, audio_s=job.duration_s or 0.0)
        await book.close()
        ready.update(book.ready)
        return Submitted(job.id, recording_id, is_new=True)

    submitted = await database.run(work)
    hints.send(ready)
    return submitted


async def recorded(
    database: Database, connection: AsyncConnection, recording: NewRecording
) -> UUID:
    """Return the key of a recording's row, which is made if there is none with these bytes.

    Whichever copy of the audio is not needed is deleted.
    """
    audio = recording.audio
    offset = recording.recorded_at.utcoffset() or timedelta()
    row = {
        "id": audio.recording_id,
        "owner_id": recording.owner_id,
        "sha256": audio.sha256,
        "size_bytes": audio.size_bytes,
        "name": recording.name,
        "blob_key": audio.blob_key,
        "source_path": audio.source_path,
        "recorded_at": recording.recorded_at,
        "utc_offset_s": int(offset.total_seconds()),
        "is_date_given": recording.is_date_given,
        "created_at": database.from_now(),
    }
    dialect = sqlite if database.is_sqlite else postgresql
    await connection.execute(dialect.insert(recordings).values(row).on_conflict_do_nothing())
    same = select(recordings.c.id, recordings.c.blob_key).where(
        recordings.c.owner_id == recording.owner_id, recordings.c.sha256 == audio.sha256
    )
    found = (await connection.execute(same.with_for_update())).one()
    if found.id == audio.recording_id or found.blob_key is None:
        await _adopt(connection, found.id, audio)
    elif audio.blob_key is not None:
        await forget_now(database, connection, audio.blob_key)
    recording_id: UUID = found.id
    return recording_id


async def _adopt(connection: AsyncConnection, recording_id: UUID, audio: KeptAudio) -> None:
    """Let a recording that has no audio in the blob store have this: the file may have moved."""
    if audio.blob_key is not None:
        await claim_blob(connection, audio.blob_key)
    await connection.execute(
        update(recordings)
        .where(recordings.c.id == recording_id)
        .values(blob_key=audio.blob_key, source_path=audio.source_path)
    )


async def _job_like(
    connection: AsyncConnection, recording_id: UUID, options: JobOptions
) -> UUID | None:
    """Return a recording's latest job, if it does what is wanted and has not failed."""
    latest = (
        select(jobs.c.id, jobs.c.state, jobs.c.options)
        .where(jobs.c.recording_id == recording_id)
        .order_by(jobs.c.id.desc())
        .limit(1)
    )
    row = (await connection.execute(latest)).first()
    if row is None or row.state in (JobState.FAILED, JobState.CANCELLED):
        return None
    job_id: UUID = row.id
    return job_id if row.options == options.to_json() else None


async def new_job(
    database: Database,
    connection: AsyncConnection,
    owner_id: UUID,
    recording_id: UUID,
    options: JobOptions,
    priority: Priority,
) -> Book:
    """Insert a job without tasks, and return a book that holds it."""
    job_id = new_id()
    length = select(recordings.c.duration_s).where(recordings.c.id == recording_id)
    await connection.execute(
        insert(jobs).values(
            id=job_id,
            owner_id=owner_id,
            recording_id=recording_id,
            state=JobState.QUEUED.value,
            priority=int(priority),
            options=options.to_json(),
            track=0,
            generation=0,
            has_chunk_audio=False,
            duration_s=length.scalar_subquery(),
            heard_s=0.0,
            chunks_done=0,
            warnings=[],
            event_seq=0,
            created_at=database.from_now(),
            updated_at=database.from_now(),
        )
    )
    book = await Book.opened(database, connection, [job_id])
    book.tell(book.jobs[job_id], "job.created", priority=priority.name.lower())
    return book
