"""What every command of the job engine begins with: settings, database, owner, a quiet log."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import platformdirs

from diarist.bootstrap.services import Services, services, worker_of
from diarist.cli.library.stopping import Stopping
from diarist.cli.text import note
from diarist.jobs.queue import Hints, QueueName
from diarist.jobs.submitting import owner_named
from diarist.settings import Settings, load_settings
from diarist.storage.blobs import Blobs
from diarist.storage.database import Database
from diarist.workers.worker import Worker

_LOG_FORMAT = "%(asctime)s %(levelname)s %(message)s"


@dataclass(frozen=True)
class Session:
    """The job engine as one owner uses it.

    Attributes:
        services: what it is made of.
        owner_id: whose jobs are meant.
    """

    services: Services
    owner_id: UUID

    @property
    def database(self) -> Database:
        return self.services.database

    @property
    def blobs(self) -> Blobs:
        return self.services.blobs

    @property
    def hints(self) -> Hints:
        return self.services.hints

    @property
    def whose(self) -> tuple[Database, UUID]:
        """Where the owner's jobs are: what every question about them begins with."""
        return self.database, self.owner_id

    @property
    def is_embedded(self) -> bool:
        """Whoever submits must work as well, or start a worker beside it."""
        return self.services.is_embedded


@asynccontextmanager
async def session(
    settings: Settings | None = None, *, hears: bool = False
) -> AsyncGenerator[Session, None]:
    """Open the job engine for the owner that the settings name.

    Args:
        settings: those of the environment if not given.
        hears: work may be done in this process.

    Raises:
        DiaristError: as `services`.
    """
    settings = settings or load_settings()
    log_to_file()
    async with services(settings, hears=hears) as built:
        yield Session(built, await owner_named(built.database, settings.owner))


@asynccontextmanager
async def worker_running(
    built: Services, scratch: Path, stopping: Stopping, queues: frozenset[QueueName] | None = None
) -> AsyncGenerator[Worker, None]:
    """Work in this process while the block runs.

    Args:
        built: with a broker.
        scratch: a folder for copies of blobs.
        stopping: what is not done when it becomes urgent is handed back.
        queues: that are served; all if not said.
    """
    worker = worker_of(built, scratch, queues)
    async with stopping.urgently(worker.hand_back), worker.running():
        yield worker


def log_to_file() -> None:
    """Keep warnings and the details of defects in a file, away from what the user reads."""
    folder = Path(platformdirs.user_log_dir("diarist", ensure_exists=False))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler: logging.Handler = logging.FileHandler(
            folder / "diarist.log", encoding="utf-8", errors="replace", delay=True
        )
    except OSError:  # a home that cannot be written to
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter(_LOG_FORMAT))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)


def tell_who_works(here: Session) -> None:
    """Say who does the work, where nobody may be there who does it."""
    if here.is_embedded:
        note("the work is done by `diarist worker`; start it if none is running")
