"""Whether the blob store holds what the database says, and nothing that nobody knows of.

Both change while they are compared. A blob is announced before it is stored, and a row goes before
its blob; so the store is listed between two looks at the rows, and a difference counts only if
both looks agree on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from diarist.jobs.engine.book import time_of
from diarist.jobs.engine.removal import chunk_prefix
from diarist.storage.blobs import Blobs
from diarist.storage.database import Database
from diarist.storage.tables import blob_removals, chunks, jobs, recordings

_DAY_S = 24 * 3600.0
_OURS = re.compile(r"(?:recordings|chunks)/(?P<id>[0-9a-f-]{36})(?:/|$)")


@dataclass(frozen=True)
class BlobDifferences:
    """How the blob store differs from the rows.

    Attributes:
        missing: keys of blobs that rows need.
        orphans: keys of blobs that no row knows of, so that nobody would ever delete them.
    """

    missing: Sequence[str]
    orphans: Sequence[str]


@dataclass(frozen=True)
class _Known:
    """What the rows say about blobs.

    Attributes:
        needed: keys without which something cannot be done.
        kept: keys of blobs that may be there.
        kept_below: folders in which any blob may be.
    """

    needed: frozenset[str]
    kept: frozenset[str]
    kept_below: frozenset[str]

    def keeps(self, key: str) -> bool:
        return key in self.kept or any(folder in self.kept_below for folder in _folders_of(key))


async def blob_differences(database: Database, blobs: Blobs) -> BlobDifferences:
    """Compare the blob store with the rows. Memory grows with the number of recordings."""
    before = await _known(database)
    stored: set[str] = set()
    async with aclosing(blobs.keys()) as keys:
        async for key, _ in keys:
            stored.add(key)
    after = await _known(database)
    missing = (before.needed & after.needed) - stored
    return BlobDifferences(
        missing=sorted([key for key in missing if not await blobs.exists(key)]),
        orphans=sorted(key for key in stored if not before.keeps(key) and not after.keeps(key)),
    )


async def remove_orphans(
    database: Database, blobs: Blobs, orphans: Iterable[str], older_than_s: float = _DAY_S
) -> list[str]:
    """Delete blobs that no row knows of, if they are of our making and not of today.

    Args:
        database: asked once more, just before.
        blobs: where they lie.
        orphans: what `blob_differences` found.
        older_than_s: whose recording or job was submitted so long ago.

    Returns:
        The keys of those that were deleted.
    """
    known = await _known(database)
    async with database.reading() as connection:
        before = (await time_of(database, connection)).timestamp() - older_than_s
    old = [key for key in orphans if not known.keeps(key) and _made_at(key) < before]
    await blobs.delete(old)
    return old


async def _known(database: Database) -> _Known:
    async def work(connection: AsyncConnection) -> _Known:
        audio = select(recordings.c.blob_key).where(recordings.c.blob_key.is_not(None))
        needed = set((await connection.execute(audio)).scalars())
        folders: set[str] = set()
        kept_chunks: set[str] = set()
        needed_chunks: set[str] = set()
        with_audio = select(jobs.c.id, jobs.c.generation).where(jobs.c.has_chunk_audio)
        for job_id, generation in await connection.execute(with_audio):
            folders.add(chunk_prefix(job_id, generation))
        pieces = select(chunks.c.blob_key, chunks.c.body.is_(None).label("is_to_be_heard"))
        pieces = pieces.join(jobs, jobs.c.id == chunks.c.job_id).where(jobs.c.has_chunk_audio)
        for key, is_to_be_heard in await connection.execute(pieces):
            kept_chunks.add(key)
            # What was heard before the recording was prepared anew needs its audio no more.
            if is_to_be_heard or folders.intersection(_folders_of(key)):
                needed_chunks.add(key)
        going: set[str] = set()
        for key, is_prefix in await connection.execute(
            select(blob_removals.c.key, blob_removals.c.is_prefix)
        ):
            (folders if is_prefix else going).add(key)
        needed |= needed_chunks
        return _Known(
            frozenset(needed), frozenset(needed | kept_chunks | going), frozenset(folders)
        )

    return await database.read(work)


def _folders_of(key: str) -> list[str]:
    """Return the folders that a blob is in, each with a slash at its end."""
    parts = key.split("/")
    return ["/".join(parts[:depth]) + "/" for depth in range(1, len(parts))]


def _made_at(key: str) -> float:
    """Return the time that the key of a recording or job tells, in seconds; foreign ones: never."""
    match = _OURS.match(key)
    if match is None:
        return float("inf")
    try:
        return (UUID(match["id"]).int >> 80) / 1000  # RFC 9562, version 7
    except ValueError:
        return float("inf")
