"""Every setting, in one typed tree, read from the environment once.

`DIARIST_TRANSCRIPTION__MODEL=small` sets `transcription.model`. A name that does not exist is an
error that says which one was probably meant.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from diarist.errors import SettingsError

PREFIX = "DIARIST_"
_NESTED = "__"

Device = Literal["auto", "cpu", "cuda"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class AudioSettings(_Part):
    """What is decoded."""

    max_duration_s: float = Field(default=24 * 3600.0, gt=0)
    """The longest recording that is accepted, counted in decoded audio."""


class TranscriptionSettings(_Part):
    """Which engine and model turn speech into text, and how they run."""

    engine: str = "faster-whisper"
    """`faster-whisper`, `openai` (any compatible server), or one that a package brought."""
    model: str = "auto"
    """A model's name, a folder with weights, or `auto` for the best that is here and fits."""
    device: Device = "auto"
    """Where the model runs."""
    compute_type: str = "auto"
    """CTranslate2's arithmetic; `auto` is int8 on a CPU and float16 on a GPU."""
    beam_size: int = Field(default=5, ge=1, le=20)
    """Hypotheses kept while decoding; 1 is fastest."""
    replicas: int = Field(default=0, ge=0)
    """Batches in work at once; 0 chooses by cores and by the length of the recording."""
    threads: int = Field(default=0, ge=0)
    """Threads of each replica; 0 for what the cores allow."""
    batch_size: int = Field(default=0, ge=0)
    """Windows of 30 s in a batch; 0 is 4 on a CPU and 16 on a GPU."""
    vocabulary: tuple[str, ...] = ()
    """Names and terms that often occur, as a JSON list."""


class RemoteSettings(_Part):
    """The server that the engine `openai` talks to."""

    base_url: str = "http://127.0.0.1:8080/v1"
    """Up to and with `/v1`."""
    api_key: SecretStr | None = None
    """Sent as a bearer token."""
    model: str = "whisper-1"
    """Used where no model was asked for."""
    timeout_s: float = Field(default=600.0, gt=0)
    """For one chunk of audio, upload and answer together."""
    attempts: int = Field(default=4, ge=1, le=10)
    """Tries in all for errors that pass."""
    parallel_chunks: int = Field(default=2, ge=1, le=64)
    """Requests at the same time."""


class ModelsSettings(_Part):
    """Where weights are kept and fetched from."""

    root: Path | None = None
    """Folder for models; by default the user's data folder."""
    hub_endpoint: str | None = None
    """Base URL of the hub or of a mirror; by default the hub client's own."""


class DatabaseSettings(_Part):
    """Where recordings, jobs, transcripts and entries are."""

    url: SecretStr = SecretStr("")
    """`postgresql://user:password@host/name` or `sqlite:///file`; by default a file of SQLite in
    the user's data folder."""
    pool_size: int = Field(default=10, ge=1, le=200)
    """Connections that a process keeps open to PostgreSQL."""
    patience_s: float = Field(default=30.0, ge=0)
    """How long work is tried again while the database is away."""
    prepares: bool = True
    """PostgreSQL keeps the plans of statements; no behind PgBouncer before 1.22."""


class BlobSettings(_Part):
    """Where audio is."""

    url: str = ""
    """A folder, `s3://bucket/prefix`, `gs://…` or `az://…`; by default the user's data folder."""
    options: dict[str, SecretStr] = Field(default_factory=dict)
    """What the store needs besides, such as `endpoint`, `access_key_id`; as a JSON object."""


class QueueSettings(_Part):
    """How workers hear that there is work."""

    redis_url: SecretStr = SecretStr("")
    """`redis://host:6379/0`; without it workers look into the database, and hear only of what
    is submitted in their own process."""


class WorkSettings(_Part):
    """How workers work."""

    prepare: int = Field(default=1, ge=1, le=64)
    """Recordings that a worker decodes at the same time."""
    transcribe: int = Field(default=1, ge=1, le=64)
    """Chunks that a worker transcribes at the same time, each with a model of its own; one uses
    all cores."""
    assemble: int = Field(default=1, ge=1, le=64)
    """Transcripts that a worker assembles at the same time."""
    write: int = Field(default=1, ge=1, le=64)
    """Entries that a worker writes at the same time."""
    attempts: int = Field(default=5, ge=1)
    """Tries of a task, in all, that may end with an error which passes."""
    losses: int = Field(default=6, ge=1)
    """Workers that may vanish in the middle of a task before the job fails."""
    lease_s: float = Field(default=30.0, ge=1)
    """After which others take over the work of a worker that is silent."""
    heartbeat_s: float = Field(default=3.0, gt=0)
    """Between two heartbeats; a cancelled job stops within them."""
    grace_s: float = Field(default=25.0, ge=0)
    """For which work goes on after a worker was told to stop; then it is handed back."""
    recycle_after: int = Field(default=500, ge=1)
    """Tasks after which a process that does the work is replaced, because libraries leak."""


class RetentionSettings(_Part):
    """What is deleted by itself, and when."""

    recordings_days: float | None = Field(default=None, gt=0)
    """Days after which a recording goes with all that was made from it; never by default."""
    audio_days: float | None = Field(default=None, gt=0)
    """Days after which audio goes, and transcript and entry stay; never by default."""
    failed_chunks_days: float = Field(default=7.0, ge=0)
    """Days after which the decoded audio of failed jobs goes, which spares a retry work."""


class Settings(BaseSettings):
    """The settings of this process."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=_NESTED,
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
    )

    audio: AudioSettings = AudioSettings()
    transcription: TranscriptionSettings = TranscriptionSettings()
    remote: RemoteSettings = RemoteSettings()
    models: ModelsSettings = ModelsSettings()
    database: DatabaseSettings = DatabaseSettings()
    blobs: BlobSettings = BlobSettings()
    queue: QueueSettings = QueueSettings()
    work: WorkSettings = WorkSettings()
    retention: RetentionSettings = RetentionSettings()
    owner: str = Field(default="me", min_length=1, max_length=200)
    """Whose recordings the command line works with."""
    engine_options: dict[str, str] = Field(default_factory=dict)
    """Settings of an engine that a package brought, as a JSON object."""

    def overridden(self, device: Device | None = None, beam_size: int | None = None) -> Settings:
        """Return the settings with what a command line says instead, where it says something."""
        said = {"device": device, "beam_size": beam_size}
        update = {name: value for name, value in said.items() if value is not None}
        return self.model_copy(
            update={"transcription": self.transcription.model_copy(update=update)}
        )


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    Args:
        environ: to be checked for misspelled names; the process's own if not given.

    Raises:
        SettingsError: if a name is unknown or a value is wrong.
    """
    environ = os.environ if environ is None else environ  # noqa: TID251 - the one place
    known = set(setting_names())
    for name in environ:
        if name.startswith(PREFIX) and name not in known and not _is_table(name, known):
            raise _unknown(name, known)
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + _NESTED.join(str(part) for part in first["loc"]).upper()
        raise SettingsError(
            f"the setting {name} is wrong: {first['msg']}",
            hint="docs/reference/settings.md lists what each setting may be.",
        ) from error


def setting_names() -> Iterator[str]:
    """Yield the environment variable of every setting."""
    for name, field in Settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, _Part):
            for inner in kind.model_fields:
                yield f"{PREFIX}{name}{_NESTED}{inner}".upper()
        else:
            yield f"{PREFIX}{name}".upper()


def _is_table(name: str, known: set[str]) -> bool:
    """Say whether a name stands for a whole table, given as JSON."""
    return any(other.startswith(name + _NESTED) for other in known)


def _unknown(name: str, known: set[str]) -> SettingsError:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"Did you mean {near[0]}?" if near else "docs/reference/settings.md lists all of them."
    return SettingsError(f"there is no setting {name}", hint=hint)
