"""New versions of transcripts and entries. A row is never changed; the newest is what is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, Table, bindparam, func, insert, select

from diarist.diary.entry import Entry
from diarist.jobs.engine.book import Book
from diarist.jobs.engine.rows import JobRow
from diarist.storage.bodies import pack_entry, pack_transcript
from diarist.storage.keys import new_id
from diarist.storage.search_index import Source
from diarist.storage.search_passages import Passage, entry_passages, transcript_passages
from diarist.storage.tables import entries, transcripts
from diarist.transcription.transcript import Transcript


@dataclass(frozen=True)
class PackedTranscript:
    """A transcript as it is stored. Made before a transaction, which it would make longer."""

    language: str
    words: int
    body: bytes
    passages: Sequence[Passage]

    @staticmethod
    def of(transcript: Transcript) -> PackedTranscript:
        """Pack a transcript."""
        return PackedTranscript(
            transcript.language,
            transcript.word_count,
            pack_transcript(transcript),
            transcript_passages(transcript),
        )


@dataclass(frozen=True)
class PackedEntry:
    """An entry as it is stored; see `PackedTranscript`."""

    on_date: date
    title: str
    support: float
    body: bytes
    passages: Sequence[Passage]

    @staticmethod
    def of(entry: Entry) -> PackedEntry:
        """Pack an entry."""
        title = entry.title.replace("\0", "")  # which no text of PostgreSQL may hold
        return PackedEntry(
            entry.date, title, entry.support, pack_entry(entry), entry_passages(entry)
        )


def add_transcript(book: Book, job: JobRow, transcript: PackedTranscript) -> UUID:
    """Keep a transcript as its recording's next version, and return its key."""
    key = new_id()
    row = {
        **_of(book, job, key),
        "language": transcript.language,
        "words": transcript.words,
        "body": transcript.body,
    }
    book.write(_ADD_TRANSCRIPT, row)
    found = Source("transcript", key, job.recording_id, job.owner_id, transcript.passages)
    book.make_findable(found)
    return key


def add_entry(book: Book, job: JobRow, transcript_id: UUID, entry: PackedEntry) -> UUID:
    """Keep an entry as its recording's next version, and return its key."""
    key = new_id()
    row = {
        **_of(book, job, key),
        "transcript_id": transcript_id,
        "on_date": entry.on_date,
        "title": entry.title,
        "body": entry.body,
    }
    book.write(_ADD_ENTRY, row)
    found = Source("entry", key, job.recording_id, job.owner_id, entry.passages, entry.on_date)
    book.make_findable(found)
    return key


def _of(book: Book, job: JobRow, key: UUID) -> dict[str, Any]:
    return {
        "id": key,
        "owner_id": job.owner_id,
        "recording_id": job.recording_id,
        "its_recording": job.recording_id,
        "job_id": job.id,
        "created_at": book.now,
    }


def _next_version(table: Table) -> ScalarSelect[int]:
    highest = select(func.coalesce(func.max(table.c.version), 0) + 1)
    return highest.where(table.c.recording_id == bindparam("its_recording")).scalar_subquery()


_ADD_TRANSCRIPT = insert(transcripts).values(version=_next_version(transcripts))
_ADD_ENTRY = insert(entries).values(version=_next_version(entries))
