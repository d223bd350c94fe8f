"""The chunks of a job: which there are, what was heard in them, and beginning anew."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from diarist.jobs.engine.book import Book
from diarist.jobs.engine.removal import forget_chunk_audio
from diarist.jobs.engine.rows import JobRow
from diarist.jobs.states import Stage
from diarist.storage.tables import chunks, tasks


async def start_over(book: Book, job: JobRow, *, track: int = 0) -> None:
    """Have a recording prepared anew, as if nothing had been heard in it."""
    await drop_chunks(book, job, sorted(await chunk_numbers(book, job)))
    job.track, job.language, job.warnings = track, None, []
    job.chunks_done, job.heard_s = 0, 0.0
    await _prepare_anew(book, job)


async def prepare_missing(book: Book, job: JobRow) -> None:
    """Have a recording prepared anew, for the sake of what was not heard in it yet."""
    await drop_chunks(book, job, sorted(await chunk_numbers(book, job, is_heard=False)))
    await _prepare_anew(book, job)


async def _prepare_anew(book: Book, job: JobRow) -> None:
    forget_chunk_audio(book, job)
    job.generation += 1
    job.chunks_total = None
    await book.add_task(job, Stage.PREPARE, audio_s=job.duration_s or 0.0)


async def chunk_numbers(book: Book, job: JobRow, *, is_heard: bool | None = None) -> set[int]:
    """Return the numbers of a job's chunks: all, or those that were heard, or were not."""
    await book.write_now()
    numbers = select(chunks.c.number).where(chunks.c.job_id == job.id)
    if is_heard is not None:
        numbers = numbers.where(chunks.c.body.is_not(None) == is_heard)
    return set((await book.connection.execute(numbers)).scalars())


async def heard_so_far(book: Book, job: JobRow) -> tuple[int, float]:
    """Return how many chunks were heard, and how many seconds of audio."""
    await book.write_now()
    heard = select(func.count(), func.coalesce(func.sum(chunks.c.duration_s), 0.0)).where(
        chunks.c.job_id == job.id, chunks.c.body.is_not(None)
    )
    count, duration_s = (await book.connection.execute(heard)).one()
    return int(count), float(duration_s)


async def drop_chunks(book: Book, job: JobRow, numbers: Sequence[int]) -> None:
    """Delete chunks, with what was heard in them and the tasks of hearing them."""
    if not numbers:
        return
    await book.connection.execute(
        delete(chunks).where(chunks.c.job_id == job.id, chunks.c.number.in_(numbers))
    )
    await book.connection.execute(
        delete(tasks).where(
            tasks.c.job_id == job.id,
            tasks.c.stage == Stage.TRANSCRIBE.value,
            tasks.c.number.in_(numbers),
        )
    )


_POSTGRES, _SQLITE = postgresql.insert(chunks), sqlite.insert(chunks)
_KEY = ("job_id", "number")
ADD_CHUNK = {
    # One that is there was heard before its recording was prepared anew, or this is the repetition
    # of a commit whose answer was lost. Its audio is at another place now.
    "postgresql": _POSTGRES.on_conflict_do_update(
        index_elements=_KEY, set_={"blob_key": _POSTGRES.excluded.blob_key}
    ),
    "sqlite": _SQLITE.on_conflict_do_update(
        index_elements=_KEY, set_={"blob_key": _SQLITE.excluded.blob_key}
    ),
}
HEAR_CHUNK = (
    update(chunks)
    .where(chunks.c.job_id == bindparam("its_job"), chunks.c.number == bindparam("its_number"))
    .values(**{name: bindparam(name) for name in ("guess", "language", "engine", "model", "body")})
)
