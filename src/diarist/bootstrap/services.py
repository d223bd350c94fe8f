"""Database, blob store, queue and worker, as the settings name them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from diarist.audio.options import DecodeOptions
from diarist.bootstrap.engines import EngineRequest, build_engine, decode_options
from diarist.jobs.broker import BrokerHints, NoHints, open_broker
from diarist.jobs.engine.committing import Commits
from diarist.jobs.policy import RetryPolicy
from diarist.jobs.queue import Hints, QueueName, all_queues
from diarist.jobs.retention import RetentionOptions
from diarist.jobs.states import Stage
from diarist.settings import Settings
from diarist.storage.blobs import BlobOptions, Blobs, BlobStore
from diarist.storage.database import Database, DatabaseOptions
from diarist.storage.schema import ensure_current, upgrade
from diarist.transcription.engine import Engine
from diarist.workers.child_steps import ChildSteps
from diarist.workers.children.engine import ChunkTranscriber
from diarist.workers.children.media import MediaReader
from diarist.workers.children.pool import ChildPool
from diarist.workers.children.writer import EntryWriter
from diarist.workers.leases import LeaseOptions
from diarist.workers.stages.tools import Defaults, Tools
from diarist.workers.steps import Steps
from diarist.workers.worker import Worker, WorkerOptions

if TYPE_CHECKING:
    from dramatiq import Broker

_APP = "diarist"


@dataclass(frozen=True)
class Services:
    """What commands, workers and servers share.

    Attributes:
        settings: that they were built from.
        database: what jobs are made of.
        blobs: where audio lies.
        hints: tells workers that there is work.
        broker: what workers hear hints from.
    """

    settings: Settings
    database: Database
    blobs: Blobs
    hints: Hints
    broker: Broker | None

    @property
    def is_embedded(self) -> bool:
        """Workers hear hints of their own process only."""
        return not self.settings.queue.redis_url.get_secret_value()


def data_folder() -> Path:
    """Return the folder for what is kept, where the settings name no other place."""
    return Path(platformdirs.user_data_dir(_APP))


def database_of(settings: Settings) -> Database:
    """Return the database; it connects when it is first used."""
    wanted = settings.database
    url = wanted.url.get_secret_value() or f"sqlite:///{data_folder() / 'diarist.db'}"
    options = DatabaseOptions(url, wanted.pool_size, wanted.patience_s, prepares=wanted.prepares)
    return Database(options)


def blobs_of(settings: Settings) -> BlobStore:
    """Return the blob store; it connects when it is first used."""
    wanted = settings.blobs
    options = {name: value.get_secret_value() for name, value in wanted.options.items()}
    return BlobStore(BlobOptions(wanted.url or str(data_folder() / "blobs"), options))


def retry_policy(settings: Settings) -> RetryPolicy:
    """Return how often tasks are tried again."""
    return RetryPolicy(attempts=settings.work.attempts, losses=settings.work.losses)


@asynccontextmanager
async def services(settings: Settings, *, hears: bool = False) -> AsyncGenerator[Services, None]:
    """Build what commands, workers and servers share, and take it apart afterwards.

    The tables of SQLite are brought up to date by themselves: there is nobody else to do it.

    Args:
        settings: what to build.
        hears: a worker in this process listens to hints.

    Raises:
        SchemaError: if the tables of PostgreSQL are not those of this version.
        StorageSetupError, StorageUnavailableError, MissingExtraError, SettingsError.
    """
    database, blobs = database_of(settings), blobs_of(settings)
    redis_url = settings.queue.redis_url.get_secret_value() or None
    broker = open_broker(redis_url) if redis_url or hears else None
    hints: Hints = BrokerHints(broker) if broker is not None else NoHints()
    try:
        await (upgrade if database.is_sqlite else ensure_current)(database)
        yield Services(settings, database, blobs, hints, broker)
    finally:
        hints.close()
        await blobs.close()
        await database.close()


def worker_of(
    built: Services,
    scratch: Path,
    queues: frozenset[QueueName] | None = None,
    steps: Steps | None = None,
) -> Worker:
    """Return a worker.

    Args:
        built: with a broker.
        scratch: a folder for copies of blobs.
        queues: that it serves; all if not said.
        steps: that do the work; in child processes if not said.
    """
    settings = built.settings
    assert built.broker is not None, "services(hears=True)"  # noqa: S101 - for mypy
    tools = Tools(
        steps=steps or child_steps(settings),
        database=built.database,
        blobs=built.blobs,
        commits=Commits(built.database, built.hints),
        policy=retry_policy(settings),
        defaults=_defaults(settings),
        scratch=scratch,
    )
    options = WorkerOptions(
        queues=queues or frozenset(all_queues()),
        slots=slots_of(settings),
        leases=LeaseOptions(settings.work.lease_s, settings.work.heartbeat_s),
        grace_s=settings.work.grace_s,
        retention=RetentionOptions(**settings.retention.model_dump()),
    )
    return Worker(tools, built.hints, built.broker, options)


def slots_of(settings: Settings) -> dict[Stage, int]:
    """Return how many tasks of each stage a worker does at the same time."""
    work = settings.work
    return {
        Stage.PREPARE: work.prepare,
        Stage.TRANSCRIBE: work.transcribe,
        Stage.ASSEMBLE: work.assemble,
        Stage.WRITE: work.write,
    }


def child_steps(settings: Settings) -> ChildSteps:
    """Return steps that are taken in child processes, as many as there are slots."""
    work = settings.work

    def pool(factory: type | partial[ChunkTranscriber], size: int, name: str) -> ChildPool:
        return ChildPool(factory, size, name, work.recycle_after)

    return ChildSteps(
        media=pool(MediaReader, work.prepare, "media"),
        engine=pool(
            partial(ChunkTranscriber, partial(_engine, settings)), work.transcribe, "engine"
        ),
        writer=pool(EntryWriter, max(work.assemble, work.write), "writer"),
    )


def _engine(settings: Settings, model: str, language: str | None) -> Engine:
    """Build an engine, in a child."""
    return build_engine(settings, EngineRequest(model, language)).engine


def _defaults(settings: Settings) -> Defaults:
    wanted = settings.transcription
    decode: DecodeOptions = decode_options(settings)
    return Defaults(decode=decode, beam_size=wanted.beam_size, vocabulary=wanted.vocabulary)
