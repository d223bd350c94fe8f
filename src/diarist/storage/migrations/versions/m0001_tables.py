"""All tables as they were in version 0.2."""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

_TIME = DateTime(timezone=True)
_JSON = JSON().with_variant(JSONB(), "postgresql")

_TABLES = (
    "owners",
    "recordings",
    "jobs",
    "tasks",
    "chunks",
    "transcripts",
    "entries",
    "job_events",
    "search_documents",
    "blob_removals",
    "watched_files",
)


def upgrade() -> None:
    """Make all tables."""
    _owners()
    _recordings()
    _jobs()
    _tasks()
    _chunks()
    _transcripts()
    _entries()
    _job_events()
    _search_documents()
    _blob_removals()
    _watched_files()
    if op.get_bind().dialect.name == "postgresql":
        _tune_queue()


def downgrade() -> None:
    """Remove all tables."""
    for name in reversed(_TABLES):
        op.drop_table(name)


def _tune_queue() -> None:
    """Have two tables cleaned early, whose rows change many times for each that is added.

    By default that happens once a fifth of a table is dead. What is finished stays in these, so
    the longer the history, the later that comes; and until then every claim reads through the
    dead entries of the partial indexes. So: at 1 %, and at full speed. Room in each page lets a
    new version of a row lie beside the old one; indexes whose columns did not change then need
    no new entry.
    """
    op.execute(
        "ALTER TABLE tasks SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01,"
        " autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0)"
    )
    op.execute(
        "ALTER TABLE jobs SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01,"
        " autovacuum_vacuum_cost_delay = 0)"
    )


def _only(condition: str) -> dict[str, Any]:
    return {"postgresql_where": text(condition), "sqlite_where": text(condition)}


def _owners() -> None:
    op.create_table(
        "owners",
        Column("id", Uuid(), nullable=False),
        Column("name", Text(), nullable=False),
        Column("created_at", _TIME, nullable=False),
        PrimaryKeyConstraint("id", name="pk_owners"),
        UniqueConstraint("name", name="uq_owners_name"),
    )


def _recordings() -> None:
    op.create_table(
        "recordings",
        Column("id", Uuid(), nullable=False),
        Column("owner_id", Uuid(), nullable=False),
        Column("sha256", String(64), nullable=False),
        Column("size_bytes", BigInteger(), nullable=False),
        Column("name", Text(), nullable=False),
        Column("blob_key", Text()),
        Column("source_path", Text()),
        Column("recorded_at", _TIME, nullable=False),
        Column("utc_offset_s", Integer(), nullable=False),
        Column("is_date_given", Boolean(), nullable=False),
        Column("duration_s", Float()),
        Column("created_at", _TIME, nullable=False),
        ForeignKeyConstraint(
            ["owner_id"], ["owners.id"], name="fk_recordings_owner_id", ondelete="CASCADE"
        ),
        PrimaryKeyConstraint("id", name="pk_recordings"),
        UniqueConstraint("owner_id", "sha256", name="uq_recordings_owner_id_sha256"),
    )
    op.create_index("ix_recordings_created_at", "recordings", ["created_at"])


def _jobs() -> None:
    op.create_table(
        "jobs",
        Column("id", Uuid(), nullable=False),
        Column("owner_id", Uuid(), nullable=False),
        Column("recording_id", Uuid(), nullable=False),
        Column("state", String(16), nullable=False),
        Column("priority", SmallInteger(), nullable=False),
        Column("options", _JSON, nullable=False),
        Column("track", SmallInteger(), nullable=False),
        Column("tracks", SmallInteger()),
        Column("generation", Integer(), nullable=False),
        Column("has_chunk_audio", Boolean(), nullable=False),
        Column("language", String(16)),
        Column("duration_s", Float()),
        Column("speech_s", Float()),
        Column("heard_s", Float(), nullable=False),
        Column("chunks_total", Integer()),
        Column("chunks_done", Integer(), nullable=False),
        Column("warnings", _JSON, nullable=False),
        Column("error", _JSON),
        Column("event_seq", Integer(), nullable=False),
        Column("created_at", _TIME, nullable=False),
        Column("started_at", _TIME),
        Column("finished_at", _TIME),
        Column("updated_at", _TIME, nullable=False),
        ForeignKeyConstraint(
            ["owner_id"], ["owners.id"], name="fk_jobs_owner_id", ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["recording_id"], ["recordings.id"], name="fk_jobs_recording_id", ondelete="CASCADE"
        ),
        PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_owner_id_id", "jobs", ["owner_id", "id"])
    op.create_index("ix_jobs_owner_id_updated_at", "jobs", ["owner_id", "updated_at"])
    op.create_index("ix_jobs_recording_id", "jobs", ["recording_id"])
    op.create_index(
        "ix_jobs_with_chunk_audio",
        "jobs",
        ["finished_at"],
        postgresql_where=text("has_chunk_audio"),
        sqlite_where=text("has_chunk_audio"),
    )


def _tasks() -> None:
    op.create_table(
        "tasks",
        Column("id", Uuid(), nullable=False),
        Column("job_id", Uuid(), nullable=False),
        Column("owner_id", Uuid(), nullable=False),
        Column("stage", String(16), nullable=False),
        Column("number", Integer(), nullable=False),
        Column("state", String(16), nullable=False),
        Column("priority", SmallInteger(), nullable=False),
        Column("turn", BigInteger(), nullable=False),
        Column("audio_s", Float(), nullable=False),
        Column("attempts", Integer(), nullable=False),
        Column("losses", Integer(), nullable=False),
        Column("delays", Integer(), nullable=False),
        Column("token", Integer(), nullable=False),
        Column("lease_owner", Text()),
        Column("lease_until", _TIME),
        Column("available_at", _TIME, nullable=False),
        Column("last_error", _JSON),
        Column("started_at", _TIME),
        Column("finished_at", _TIME),
        ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_tasks_job_id", ondelete="CASCADE"),
        PrimaryKeyConstraint("id", name="pk_tasks"),
        UniqueConstraint("job_id", "stage", "number", name="uq_tasks_job_id_stage_number"),
    )
    op.create_index(
        "ix_tasks_finished", "tasks", ["stage", "finished_at"], **_only("state = 'done'")
    )
    op.create_index(
        "ix_tasks_ready", "tasks", ["stage", "priority", "turn", "id"], **_only("state = 'ready'")
    )
    op.create_index(
        "ix_tasks_ready_of_owner",
        "tasks",
        ["owner_id", "stage", "priority", "turn"],
        **_only("state = 'ready'"),
    )
    op.create_index("ix_tasks_running", "tasks", ["lease_until"], **_only("state = 'running'"))
    op.create_index("ix_tasks_waiting", "tasks", ["available_at"], **_only("state = 'waiting'"))


def _chunks() -> None:
    op.create_table(
        "chunks",
        Column("job_id", Uuid(), nullable=False),
        Column("number", Integer(), autoincrement=False, nullable=False),
        Column("start_s", Float(), nullable=False),
        Column("duration_s", Float(), nullable=False),
        Column("speech", _JSON, nullable=False),
        Column("blob_key", Text(), nullable=False),
        Column("guess", _JSON),
        Column("language", String(16)),
        Column("engine", Text()),
        Column("model", Text()),
        Column("body", LargeBinary()),
        ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_chunks_job_id", ondelete="CASCADE"),
        PrimaryKeyConstraint("job_id", "number", name="pk_chunks"),
    )


def _transcripts() -> None:
    op.create_table(
        "transcripts",
        Column("id", Uuid(), nullable=False),
        Column("owner_id", Uuid(), nullable=False),
        Column("recording_id", Uuid(), nullable=False),
        Column("job_id", Uuid(), nullable=False),
        Column("version", Integer(), nullable=False),
        Column("language", String(16), nullable=False),
        Column("words", Integer(), nullable=False),
        Column("body", LargeBinary(), nullable=False),
        Column("created_at", _TIME, nullable=False),
        ForeignKeyConstraint(
            ["owner_id"], ["owners.id"], name="fk_transcripts_owner_id", ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name="fk_transcripts_recording_id",
            ondelete="CASCADE",
        ),
        PrimaryKeyConstraint("id", name="pk_transcripts"),
        UniqueConstraint("recording_id", "version", name="uq_transcripts_recording_id_version"),
    )
    op.create_index("ix_transcripts_job_id", "transcripts", ["job_id"])


def _entries() -> None:
    op.create_table(
        "entries",
        Column("id", Uuid(), nullable=False),
        Column("owner_id", Uuid(), nullable=False),
        Column("recording_id", Uuid(), nullable=False),
        Column("transcript_id", Uuid(), nullable=False),
        Column("job_id", Uuid(), nullable=False),
        Column("version", Integer(), nullable=False),
        Column("on_date", Date(), nullable=False),
        Column("title", Text(), nullable=False),
        Column("body", LargeBinary(), nullable=False),
        Column("created_at", _TIME, nullable=False),
        ForeignKeyConstraint(
            ["owner_id"], ["owners.id"], name="fk_entries_owner_id", ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["recording_id"], ["recordings.id"], name="fk_entries_recording_id", ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["transcript_id"],
            ["transcripts.id"],
            name="fk_entries_transcript_id",
            ondelete="CASCADE",
        ),
        PrimaryKeyConstraint("id", name="pk_entries"),
        UniqueConstraint("recording_id", "version", name="uq_entries_recording_id_version"),
    )
    op.create_index("ix_entries_job_id", "entries", ["job_id"])
    op.create_index("ix_entries_owner_id_on_date_id", "entries", ["owner_id", "on_date", "id"])


def _job_events() -> None:
    op.create_table(
        "job_events",
        Column("job_id", Uuid(), nullable=False),
        Column("seq", Integer(), autoincrement=False, nullable=False),
        Column("at", _TIME, nullable=False),
        Column("kind", String(32), nullable=False),
        Column("details", _JSON, nullable=False),
        ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name="fk_job_events_job_id", ondelete="CASCADE"
        ),
        PrimaryKeyConstraint("job_id", "seq", name="pk_job_events"),
    )


def _search_documents() -> None:
    op.create_table(
        "search_documents",
        Column("id", BigInteger().with_variant(Integer(), "sqlite"), nullable=False),
        Column("owner_id", Uuid(), nullable=False),
        Column("recording_id", Uuid(), nullable=False),
        Column("kind", String(16), nullable=False),
        Column("source_id", Uuid(), nullable=False),
        Column("part", Integer(), nullable=False),
        Column("first_segment", Integer(), nullable=False),
        Column("on_date", Date(), nullable=False),
        Column("folded", Text(), nullable=False),
        ForeignKeyConstraint(
            ["owner_id"], ["owners.id"], name="fk_search_documents_owner_id", ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name="fk_search_documents_recording_id",
            ondelete="CASCADE",
        ),
        PrimaryKeyConstraint("id", name="pk_search_documents"),
    )
    op.create_index(
        "ix_search_documents_recording_id_kind", "search_documents", ["recording_id", "kind"]
    )


def _blob_removals() -> None:
    op.create_table(
        "blob_removals",
        Column("id", Uuid(), nullable=False),
        Column("key", Text(), nullable=False),
        Column("is_prefix", Boolean(), nullable=False),
        Column("due_at", _TIME, nullable=False),
        Column("is_begun", Boolean(), nullable=False),
        PrimaryKeyConstraint("id", name="pk_blob_removals"),
    )
    op.create_index("ix_blob_removals_due_at", "blob_removals", ["due_at"])


def _watched_files() -> None:
    op.create_table(
        "watched_files",
        Column("owner_id", Uuid(), nullable=False),
        Column("path", Text(), nullable=False),
        Column("size_bytes", BigInteger(), nullable=False),
        Column("modified_ns", BigInteger(), nullable=False),
        Column("job_id", Uuid()),
        Column("is_written", Boolean(), nullable=False),
        Column("seen_at", _TIME, nullable=False),
        ForeignKeyConstraint(
            ["owner_id"], ["owners.id"], name="fk_watched_files_owner_id", ondelete="CASCADE"
        ),
        PrimaryKeyConstraint("owner_id", "path", name="pk_watched_files"),
    )
