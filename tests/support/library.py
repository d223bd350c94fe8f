"""Recordings, transcripts and entries as rows, without the jobs that make them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from diarist.diary.entry import Entry
from diarist.storage.bodies import pack_entry, pack_transcript
from diarist.storage.keys import new_id
from diarist.storage.search_index import Source, index_sources
from diarist.storage.search_passages import entry_passages, transcript_passages
from diarist.storage.tables import entries, owners, recordings, transcripts
from diarist.transcription.transcript import Transcript

AT = dt.datetime(2026, 11, 18, 23, 30, tzinfo=dt.UTC)
"""When recordings were made and rows were written."""


async def add_owner(connection: AsyncConnection, name: str = "anna") -> UUID:
    owner_id = new_id()
    await connection.execute(insert(owners).values(id=owner_id, name=name, created_at=AT))
    return owner_id


@dataclass(frozen=True)
class Shelf:
    """Where the recordings of an owner are put."""

    connection: AsyncConnection
    owner_id: UUID

    async def add_recording(self, recorded_at: dt.datetime = AT, utc_offset_s: int = 0) -> UUID:
        key = new_id()
        row = {
            "id": key,
            "owner_id": self.owner_id,
            "sha256": key.hex * 2,
            "size_bytes": 1,
            "name": "memo.mp3",
            "recorded_at": recorded_at,
            "utc_offset_s": utc_offset_s,
            "is_date_given": False,
            "created_at": AT,
        }
        await self.connection.execute(insert(recordings).values(row))
        return key

    async def add_transcript(
        self, recording_id: UUID, transcript: Transcript, version: int = 1
    ) -> UUID:
        """Add a version of a transcript, which is not found yet."""
        row = {
            **self._row(recording_id, version),
            "language": transcript.language,
            "words": transcript.word_count,
            "body": pack_transcript(transcript),
        }
        await self.connection.execute(insert(transcripts).values(row))
        return UUID(str(row["id"]))

    async def add_entry(
        self, recording_id: UUID, transcript_id: UUID, entry: Entry, version: int = 1
    ) -> UUID:
        """Add a version of an entry, which is not found yet."""
        row = {
            **self._row(recording_id, version),
            "transcript_id": transcript_id,
            "on_date": entry.date,
            "title": entry.title,
            "body": pack_entry(entry),
        }
        await self.connection.execute(insert(entries).values(row))
        return UUID(str(row["id"]))

    async def keep(
        self, items: Sequence[Transcript | Entry], on_date: dt.date | None = None
    ) -> list[Source]:
        """Add transcripts and entries, each to a recording of its own, and make them findable."""
        sources = []
        for item in items:
            recording_id = await self.add_recording()
            if isinstance(item, Transcript):
                key = await self.add_transcript(recording_id, item)
                sources.append(self.source(recording_id, key, item, on_date))
            else:
                said = await self.add_transcript(recording_id, Transcript("en", 0.0, ()))
                key = await self.add_entry(recording_id, said, item)
                sources.append(self.source(recording_id, key, item, on_date))
        await index_sources(self.connection, sources)
        return sources

    def source(
        self,
        recording_id: UUID,
        key: UUID,
        item: Transcript | Entry,
        on_date: dt.date | None = None,
    ) -> Source:
        if isinstance(item, Transcript):
            passages = transcript_passages(item)
            return Source("transcript", key, recording_id, self.owner_id, passages, on_date)
        passages = entry_passages(item)
        return Source("entry", key, recording_id, self.owner_id, passages, on_date or item.date)

    def _row(self, recording_id: UUID, version: int) -> dict[str, object]:
        return {
            "id": new_id(),
            "owner_id": self.owner_id,
            "recording_id": recording_id,
            "job_id": new_id(),
            "version": version,
            "created_at": AT,
        }
