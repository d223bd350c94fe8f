"""What a worker holds, and the heartbeat that keeps it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from diarist.errors import DiaristError
from diarist.jobs.claims import Claim
from diarist.jobs.engine.claiming import keep
from diarist.storage.database import Database

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LeaseOptions:
    """How long a worker may be silent.

    Attributes:
        lease_s: seconds after which others take over the work of a worker that is silent.
        heartbeat_s: seconds between two heartbeats; a cancelled job stops within them.
    """

    lease_s: float = 30.0
    heartbeat_s: float = 3.0


class Leases:
    """The claims of one worker, each with the work that is done under it."""

    def __init__(self, database: Database, worker: str, options: LeaseOptions) -> None:
        self.worker, self.options = worker, options
        self._database = database
        self._held: dict[Claim, asyncio.Task[None]] = {}
        self._lost: set[Claim] = set()

    def hold(self, claim: Claim, work: asyncio.Task[None]) -> None:
        """Keep a claim alive until the work under it has ended."""
        self._held[claim] = work
        work.add_done_callback(lambda _: self._let_go(claim))

    def work_besides(self, claim: Claim) -> list[asyncio.Task[None]]:
        """Return the work under all other claims."""
        return [work for held, work in self._held.items() if held != claim]

    def is_lost(self, claim: Claim) -> bool:
        """Say whether somebody took a claim away, as far as is known."""
        return claim in self._lost

    async def beat(self) -> None:
        """Extend all leases; work under a claim that is lost is cancelled at once.

        If the database is away, nothing happens: the leases may end, and whoever commits first
        then has done the work.
        """
        claims = list(self._held)
        try:
            lost = await keep(self._database, self.worker, claims, self.options.lease_s)
        except DiaristError as error:
            logger.warning("heartbeat.failed error=%r", error.message)
            return
        for claim in lost:
            work = self._held.get(claim)
            if work is not None and not work.done():
                logger.info("lease.lost job=%s task=%s", claim.job_id, claim.task_id)
                self._lost.add(claim)
                work.cancel()

    def _let_go(self, claim: Claim) -> None:
        self._held.pop(claim, None)
        self._lost.discard(claim)
