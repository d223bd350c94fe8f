"""Every table, once, for both databases. How they got there is in `migrations/`.

    owners ─► recordings ─► jobs ─► tasks           what is to be done, and who does it
                  │          ├────► chunks          what was heard in each piece of audio
                  │          └────► job_events      what happened, in order
                  ├─► transcripts, entries          versions: a row is never changed
                  └─► search_documents              their words, for the search
    blob_removals                                   which blobs nobody needs, or nobody claimed yet
    watched_files                                   which files of a watched folder were seen

Bodies are compressed JSON, see `codec.py`. Times are UTC, durations are seconds of audio.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from diarist.storage.types import Json, UtcDateTime

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _id() -> Column[object]:
    """Return a key of UUID version 7: new rows come last in every index."""
    return Column("id", Uuid, primary_key=True)


def _of(table: str, *, nullable: bool = False) -> Column[object]:
    """Return a reference to a row without which this one makes no sense."""
    name = f"{table.removesuffix('s')}_id"
    target = ForeignKey(f"{table}.id", ondelete="CASCADE")
    return Column(name, Uuid, target, nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, UtcDateTime(), nullable=nullable)


def _only(condition: str) -> dict[str, Any]:
    return {"postgresql_where": text(condition), "sqlite_where": text(condition)}


owners = Table(
    "owners", metadata, _id(), Column("name", Text, nullable=False, unique=True), _at("created_at")
)

recordings = Table(
    "recordings",
    metadata,
    _id(),
    _of("owners"),
    Column("sha256", String(64), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("blob_key", Text),  # of the audio in the blob store; none once retention removed it
    Column("source_path", Text),  # of a file that was left where it is
    _at("recorded_at"),
    Column("utc_offset_s", Integer, nullable=False),  # of the clock on the wall there and then
    Column("is_date_given", Boolean, nullable=False),  # its owner said it; tags do not matter
    Column("duration_s", Float),
    _at("created_at"),
    UniqueConstraint("owner_id", "sha256"),
    Index(None, "created_at"),
)

jobs = Table(
    "jobs",
    metadata,
    _id(),
    _of("owners"),
    _of("recordings"),
    Column("state", String(16), nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("options", Json, nullable=False),
    Column("track", SmallInteger, nullable=False),  # audio track that is or was listened to
    Column("tracks", SmallInteger),  # how many the recording has, once that is known
    Column("generation", Integer, nullable=False),  # of its chunks' audio in the blob store
    Column("has_chunk_audio", Boolean, nullable=False),  # nobody removed it yet
    Column("language", String(16)),  # that its chunks agreed on
    Column("duration_s", Float),
    Column("speech_s", Float),
    Column("heard_s", Float, nullable=False),  # audio of the chunks that are transcribed
    Column("chunks_total", Integer),  # none until the last chunk is cut
    Column("chunks_done", Integer, nullable=False),
    Column("warnings", Json, nullable=False),
    Column("error", Json),
    Column("event_seq", Integer, nullable=False),
    _at("created_at"),
    _at("started_at", nullable=True),
    _at("finished_at", nullable=True),
    _at("updated_at"),
    Index(None, "owner_id", "id"),
    Index(None, "owner_id", "updated_at"),
    Index(None, "recording_id"),
    Index("ix_jobs_with_chunk_audio", "finished_at", **_only("has_chunk_audio")),
)

tasks = Table(
    "tasks",
    metadata,
    _id(),
    _of("jobs"),
    Column("owner_id", Uuid, nullable=False),
    Column("stage", String(16), nullable=False),
    Column("number", Integer, nullable=False),  # of the chunk; 0 where there is only one task
    Column("state", String(16), nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("turn", BigInteger, nullable=False),  # who is served first; see jobs/engine/fairness.py
    Column("audio_s", Float, nullable=False),  # how much work it is
    Column("attempts", Integer, nullable=False),  # that ended with an error
    Column("losses", Integer, nullable=False),  # whose worker vanished
    Column("delays", Integer, nullable=False),  # because database or blob store were away
    Column("token", Integer, nullable=False),  # of the latest claim
    Column("lease_owner", Text),
    _at("lease_until", nullable=True),
    _at("available_at"),
    Column("last_error", Json),
    _at("started_at", nullable=True),
    _at("finished_at", nullable=True),
    UniqueConstraint("job_id", "stage", "number"),
    Index("ix_tasks_ready", "stage", "priority", "turn", "id", **_only("state = 'ready'")),
    Index(
        "ix_tasks_ready_of_owner",
        *("owner_id", "stage", "priority", "turn"),
        **_only("state = 'ready'"),
    ),
    Index("ix_tasks_waiting", "available_at", **_only("state = 'waiting'")),
    Index("ix_tasks_running", "lease_until", **_only("state = 'running'")),
    Index("ix_tasks_finished", "stage", "finished_at", **_only("state = 'done'")),
)

chunks = Table(
    "chunks",
    metadata,
    Column("job_id", Uuid, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("start_s", Float, nullable=False),
    Column("duration_s", Float, nullable=False),
    Column("speech", Json, nullable=False),  # [[start_s, end_s], …]
    Column("blob_key", Text, nullable=False),
    Column("guess", Json),  # [language, probability]
    Column("language", String(16)),  # in which it was transcribed
    Column("engine", Text),
    Column("model", Text),
    Column("body", LargeBinary),  # its segments; none until it is transcribed
)

transcripts = Table(
    "transcripts",
    metadata,
    _id(),
    _of("owners"),
    _of("recordings"),
    Column("job_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("language", String(16), nullable=False),
    Column("words", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    _at("created_at"),
    UniqueConstraint("recording_id", "version"),
    Index(None, "job_id"),
)

entries = Table(
    "entries",
    metadata,
    _id(),
    _of("owners"),
    _of("recordings"),
    _of("transcripts"),
    Column("job_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("on_date", Date, nullable=False),
    Column("title", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    _at("created_at"),
    UniqueConstraint("recording_id", "version"),
    Index(None, "job_id"),
    Index(None, "owner_id", "on_date", "id"),
)

job_events = Table(
    "job_events",
    metadata,
    Column("job_id", Uuid, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _at("at"),
    Column("kind", String(32), nullable=False),
    Column("details", Json, nullable=False),
)

search_documents = Table(
    "search_documents",
    metadata,
    # The full-text index of SQLite knows a row by its number, which only such a key keeps.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    _of("owners"),
    _of("recordings"),
    Column("kind", String(16), nullable=False),  # transcript or entry
    Column("source_id", Uuid, nullable=False),  # of the transcript or of the entry
    Column("part", Integer, nullable=False),
    Column("first_segment", Integer, nullable=False),  # of the transcript, where the part begins
    Column("on_date", Date, nullable=False),
    Column("folded", Text, nullable=False),  # words as the search compares them
    Index(None, "recording_id", "kind"),
)

blob_removals = Table(
    "blob_removals",
    metadata,
    _id(),
    Column("key", Text, nullable=False),
    Column("is_prefix", Boolean, nullable=False),
    _at("due_at"),
    Column("is_begun", Boolean, nullable=False),  # too late to claim the blob
    Index(None, "due_at"),
)

watched_files = Table(
    "watched_files",
    metadata,
    Column("owner_id", Uuid, ForeignKey("owners.id", ondelete="CASCADE"), primary_key=True),
    Column("path", Text, primary_key=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("modified_ns", BigInteger, nullable=False),
    Column("job_id", Uuid),
    Column("is_written", Boolean, nullable=False),  # its results are in the folder for them
    _at("seen_at"),
)
