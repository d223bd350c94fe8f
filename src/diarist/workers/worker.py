"""A worker: it hears hints, claims tasks, does them, keeps its leases, and puts things right.

    broker ─► hint ─► StageRunner ─► claim ─► stage ─► commit ─► hint
    clock  ─► heartbeat, reconcile, remove blobs, apply retention

Without hints it works all the same, only later: the reconciler looks into the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from diarist.errors import DiaristError
from diarist.jobs.engine.reconciling import reconcile
from diarist.jobs.engine.removal import remove_due
from diarist.jobs.queue import Hints, QueueName, all_queues
from diarist.jobs.retention import RetentionOptions, apply_retention
from diarist.jobs.states import Stage
from diarist.storage.keys import new_id
from diarist.workers.leases import LeaseOptions, Leases
from diarist.workers.listening import Listener
from diarist.workers.quarantine import Quarantine
from diarist.workers.runner import Place, StageRunner
from diarist.workers.stages.tools import Tools

if TYPE_CHECKING:
    from dramatiq import Broker

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class WorkerOptions:
    """How a worker works.

    Attributes:
        queues: that it serves.
        slots: how many tasks of a stage it does at the same time; 1 if not said.
        leases: how long it may be silent.
        reconcile_s: seconds between two looks for what has to be put right.
        clean_up_s: seconds between two rounds of deleting what nobody needs.
        grace_s: seconds that tasks may go on after the worker was told to stop.
        retention: what is deleted by itself.
    """

    queues: frozenset[QueueName] = field(default_factory=lambda: frozenset(all_queues()))
    slots: Mapping[Stage, int] = field(default_factory=dict)
    leases: LeaseOptions = LeaseOptions()
    reconcile_s: float = 1.0
    clean_up_s: float = 30.0
    grace_s: float = 25.0
    retention: RetentionOptions = RetentionOptions()


class Worker:
    """Does what is to be done, until it is told to stop."""

    def __init__(self, tools: Tools, hints: Hints, broker: Broker, options: WorkerOptions) -> None:
        """Prepare a worker; nothing is started yet.

        Args:
            tools: what its stages work with.
            hints: tells other workers.
            broker: what it hears hints from.
            options: how it works.
        """
        self.name = f"{socket.gethostname()}-{os.getpid()}-{new_id().hex[-6:]}"
        self._tools, self._hints, self._options = tools, hints, options
        self._leases = Leases(tools.database, self.name, options.leases)
        quarantine = Quarantine(self._leases)
        self._runners = {
            place.stage: StageRunner(place, tools, self._leases, quarantine)
            for place in _places(options)
        }
        self._listener = Listener(broker, sorted(options.queues), self._hear)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None, None]:
        """Work while the block runs; afterwards stop as gracefully as the options say."""
        loops = [asyncio.create_task(runner.run()) for runner in self._runners.values()]
        loops += [
            asyncio.create_task(_every(self._options.leases.heartbeat_s, self._leases.beat)),
            asyncio.create_task(_every(self._options.reconcile_s, self._put_right)),
            asyncio.create_task(_every(self._options.clean_up_s, self._clean_up)),
        ]
        self._listener.start()
        logger.info("worker.started name=%s queues=%d", self.name, len(self._options.queues))
        try:
            yield
        finally:
            await self._stop(loops)

    async def run_until(self, stop: asyncio.Event) -> None:
        """Work until an event is set."""
        async with self.running():
            await stop.wait()

    async def hand_back(self) -> None:
        """Stop at once: everything that is not done is given to other workers."""
        await asyncio.gather(*(runner.stop(0.0) for runner in self._runners.values()))

    async def _stop(self, loops: list[asyncio.Task[None]]) -> None:
        logger.info("worker.stopping name=%s", self.name)
        grace_s = self._options.grace_s
        await asyncio.gather(*(runner.stop(grace_s) for runner in self._runners.values()))
        for loop in loops:
            loop.cancel()
        for loop in loops:
            with contextlib.suppress(asyncio.CancelledError):
                await loop
        await asyncio.to_thread(self._listener.stop)
        await self._tools.steps.close()
        logger.info("worker.stopped name=%s", self.name)

    async def _hear(self, queue: QueueName) -> None:
        """Answer a hint: look for work, and take no other hint until there is room for more."""
        runner = self._runners[queue.stage]
        runner.wake()
        await runner.has_room()

    async def _put_right(self) -> None:
        repairs = await reconcile(
            self._tools.database,
            self._hints,
            self._tools.policy,
            self._options.leases.lease_s,
        )
        for queue in repairs.ready:
            if queue.stage in self._runners:
                self._runners[queue.stage].wake()
        for stage in repairs.suspects:
            if stage in self._runners and await self._runners[stage].take_suspect():
                break
        if repairs.recovered or repairs.given_up:
            logger.warning(
                "reconciler.repaired recovered=%d given_up=%d",
                repairs.recovered,
                repairs.given_up,
            )

    async def _clean_up(self) -> None:
        await remove_due(self._tools.database, self._tools.blobs)
        await apply_retention(self._tools.database, self._options.retention)


def _places(options: WorkerOptions) -> Iterable[Place]:
    for stage in Stage:
        served = frozenset(q.priority for q in options.queues if q.stage is stage)
        if served:
            yield Place(stage, served, max(1, options.slots.get(stage, 1)))


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Do something again and again. What fails now is tried again then."""
    while True:
        try:
            await work()
        except DiaristError as error:
            logger.warning("round.failed work=%s error=%r", work.__name__, error.message)
        except Exception:
            logger.exception("round.defect work=%s", work.__name__)
        # Not all workers at the same moment.
        await asyncio.sleep(random.uniform(0.7, 1.3) * seconds)  # noqa: S311 - spreads load
