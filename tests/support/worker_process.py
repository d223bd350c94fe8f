"""Workers in processes of their own, which can be killed, stopped and told to end.

They are forked from a process that has loaded everything and has no threads, so that one is there
within milliseconds. They end with the process of the test, even if that one is killed.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import connection as pipes
from multiprocessing import forkserver
from pathlib import Path
from typing import TYPE_CHECKING

# Loaded before the fork, not for each worker again.
import aiosqlite  # noqa: F401
import alembic  # noqa: F401
import dramatiq.brokers.redis
import dramatiq.brokers.stub  # noqa: F401
import obstore  # noqa: F401
import psycopg  # noqa: F401
import redis  # noqa: F401

from diarist.jobs.broker import BrokerHints, open_broker
from diarist.jobs.engine.committing import Commits
from diarist.jobs.policy import RetryPolicy
from diarist.jobs.queue import all_queues
from diarist.jobs.states import Stage
from diarist.storage.blobs import BlobOptions, Blobs, BlobStore
from diarist.storage.database import Database, DatabaseOptions
from diarist.workers.leases import LeaseOptions
from diarist.workers.stages.tools import Defaults, Tools
from diarist.workers.steps import Steps
from diarist.workers.worker import Worker, WorkerOptions
from support.directing import DirectedSteps, asking
from support.waiting import DEADLINE_S

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerProcess

TESTS = Path(__file__).parents[1]
QUICK_RETRIES = RetryPolicy(first_pause_s=0.05, longest_pause_s=0.2)


@dataclass(frozen=True)
class Plan:
    """What a worker is made of, and how it works.

    Attributes:
        database: where jobs are.
        blobs: folder of the blob store.
        redis_url: what it hears hints from; None for those of its own process.
        director: socket of whoever directs its steps.
        folder: for its log and its copies of blobs.
        stages: that it serves.
        slots: tasks of each stage at the same time.
        chunks: that each recording is made up to have.
        tracks: audio tracks that each recording is made up to have.
    """

    database: DatabaseOptions
    blobs: str
    redis_url: str | None
    director: Path
    folder: Path
    lease_s: float = 20.0
    heartbeat_s: float = 0.1
    reconcile_s: float = 0.1
    grace_s: float = 10.0
    stages: frozenset[Stage] = frozenset(Stage)
    slots: int = 1
    chunks: int = 3
    tracks: int = 1
    policy: RetryPolicy = field(default=QUICK_RETRIES)

    def options(self) -> WorkerOptions:
        slots: Mapping[Stage, int] = dict.fromkeys(Stage, self.slots)
        return WorkerOptions(
            queues=frozenset(queue for queue in all_queues() if queue.stage in self.stages),
            slots=slots,
            leases=LeaseOptions(self.lease_s, self.heartbeat_s),
            reconcile_s=self.reconcile_s,
            grace_s=self.grace_s,
        )


@dataclass
class Workshop:
    """A worker with all that it is made of, for this process."""

    worker: Worker
    hints: BrokerHints

    @staticmethod
    def of(plan: Plan, database: Database, blobs: Blobs, steps: Steps) -> Workshop:
        broker = open_broker(plan.redis_url)
        hints = BrokerHints(broker)
        tools = Tools(
            steps=steps,
            database=database,
            blobs=blobs,
            commits=Commits(database, hints),
            policy=plan.policy,
            defaults=Defaults(),
            scratch=plan.folder,
        )
        return Workshop(Worker(tools, hints, broker, plan.options()), hints)


class WorkerProcess:
    """A worker in a process of its own."""

    def __init__(self, plan: Plan) -> None:
        with _modules_of_tests():
            self._process: ForkServerProcess = _CONTEXT.Process(target=_run, args=(plan,))
            self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.is_alive()

    def kill(self) -> None:
        """Kill it at once, and return when it is gone. Harmless if it is gone already."""
        with suppress(ProcessLookupError):
            self._process.kill()
        self._process.join()

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    async def exit_code(self) -> int:
        """Wait for its end."""
        await asyncio.to_thread(self._process.join, DEADLINE_S)
        assert self._process.exitcode is not None, "the worker did not end"
        return self._process.exitcode


def _run(plan: Plan) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    logging.basicConfig(
        filename=plan.folder / f"worker-{os.getpid()}.log", level=logging.INFO, force=True
    )
    asyncio.run(_work(plan))


async def _work(plan: Plan) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    database, blobs = Database(plan.database), BlobStore(BlobOptions(plan.blobs))
    steps = DirectedSteps(asking(plan.director), plan.chunks, plan.tracks)
    workshop = Workshop.of(plan, database, blobs, steps)
    try:
        await workshop.worker.run_until(stop)
    finally:
        workshop.hints.close()
        await blobs.close()
        await database.close()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    pipes.wait([parent.sentinel])
    os._exit(1)


class _modules_of_tests:  # noqa: N801 - reads like a function
    """Let the server of forks find this file, as pytest does; it looks nowhere else."""

    def __enter__(self) -> None:
        self._before = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(TESTS), self._before)))
        forkserver.ensure_running()

    def __exit__(self, *_: object) -> None:
        if self._before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = self._before


_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["support.worker_process"])
