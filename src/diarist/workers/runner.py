"""One stage on one worker: so many slots, each with a task that is being done."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from dataclasses import dataclass

from diarist.errors import DiaristError, LeaseLostError, UnexpectedError
from diarist.jobs.claims import Order
from diarist.jobs.engine.claiming import claim, claim_suspect
from diarist.jobs.engine.outcomes import Failed, HandedBack, Outcome
from diarist.jobs.states import Priority, Stage
from diarist.workers.leases import Leases
from diarist.workers.pipeline import PIPELINE
from diarist.workers.quarantine import Quarantine
from diarist.workers.stages.tools import Tools

logger = logging.getLogger(__name__)

_PAUSE_S = 2.0  # before the database is asked again that did not answer
_HAND_BACK_S = 5.0


@dataclass(frozen=True)
class Place:
    """Which tasks a runner does, and how many at a time.

    Attributes:
        stage: which kind.
        priorities: of which classes.
        slots: how many at the same time.
    """

    stage: Stage
    priorities: frozenset[Priority]
    slots: int


class StageRunner:
    """Claims tasks of one stage for as long as there are any, and does them."""

    def __init__(self, place: Place, tools: Tools, leases: Leases, quarantine: Quarantine) -> None:
        self.place = place
        self._tools, self._leases, self._quarantine = tools, leases, quarantine
        self._wanted, self._changed = asyncio.Event(), asyncio.Event()
        self._active: set[asyncio.Task[None]] = set()
        self._claiming = asyncio.Lock()
        self._is_stopping = False
        self._hands_back = False

    @property
    def active(self) -> int:
        """How many tasks are being done."""
        return len(self._active)

    @property
    def _free(self) -> int:
        return self.place.slots - len(self._active)

    def wake(self) -> None:
        """Look for work, as soon as there is a free slot."""
        self._wanted.set()

    async def has_room(self) -> None:
        """Return once there is a free slot, or the runner stops."""
        while self._free <= 0 and not self._is_stopping:
            self._changed.clear()
            await self._changed.wait()

    async def run(self) -> None:
        """Claim and do tasks until `stop`."""
        while not self._is_stopping:
            await self._wanted.wait()
            await self.has_room()
            await self._quarantine.until_empty()
            async with self._claiming:
                free = self._free
                if free > 0 and self._quarantine.is_empty and not self._is_stopping:
                    with self._quarantine.claiming():
                        await self._start(free)

    async def take_suspect(self) -> bool:
        """Claim a task that several workers vanished with, and do it alone."""
        async with self._claiming:
            if self._is_stopping or not self._quarantine.is_empty:
                return False
            leases, place = self._leases, self.place
            order = await claim_suspect(
                self._tools.database,
                place.stage,
                place.priorities,
                leases.worker,
                leases.options.lease_s,
            )
            if order is None:
                return False
            self._quarantine.begin()
            self._begin(order).add_done_callback(lambda _: self._quarantine.end())
            return True

    async def stop(self, grace_s: float) -> None:
        """Claim nothing more; what is not done after so many seconds is handed back."""
        self._is_stopping = True
        self._wanted.set()
        self._changed.set()
        with contextlib.suppress(TimeoutError):  # the database is away
            # What is being claimed is ours in a moment, and would be until the lease ends.
            async with asyncio.timeout(_HAND_BACK_S), self._claiming:
                pass
        if self._active:
            await asyncio.wait(set(self._active), timeout=grace_s)
        self._hands_back = True
        for work in self._active:
            work.cancel()
        if self._active:
            await asyncio.wait(set(self._active), timeout=2 * _HAND_BACK_S)

    async def _start(self, at_most: int) -> None:
        """Claim tasks and begin them."""
        self._wanted.clear()  # what is announced from now on is looked for again
        options = self._leases.options
        try:
            orders = await claim(
                self._tools.database,
                self.place.stage,
                self.place.priorities,
                self._leases.worker,
                options.lease_s,
                at_most,
            )
        except DiaristError as error:
            logger.warning("claim.failed stage=%s error=%r", self.place.stage, error.message)
            await asyncio.sleep(random.uniform(_PAUSE_S / 2, _PAUSE_S))  # noqa: S311 - spreads load
            self._wanted.set()
            return
        for order in orders:
            self._begin(order)
        if len(orders) == at_most:  # there may be more
            self._wanted.set()

    def _begin(self, order: Order) -> asyncio.Task[None]:
        work = asyncio.create_task(self._do(order), name=f"{order.stage}-{order.claim.task_id}")
        self._active.add(work)
        self._leases.hold(order.claim, work)
        work.add_done_callback(self._ended)
        return work

    def _ended(self, work: asyncio.Task[None]) -> None:
        self._active.discard(work)
        self._changed.set()
        if not work.cancelled() and (error := work.exception()) is not None:
            logger.error("task.crashed name=%s", work.get_name(), exc_info=error)

    async def _do(self, order: Order) -> None:
        try:
            if order.tries.is_suspect:
                await self._quarantine.alone(order.claim)
            outcome = await self._outcome_of(order)
        except asyncio.CancelledError:
            if self._hands_back and not self._leases.is_lost(order.claim):
                await asyncio.wait_for(self._commit(order, HandedBack()), _HAND_BACK_S)
            raise
        except LeaseLostError:
            logger.info("lease.lost job=%s stage=%s", order.claim.job_id, order.stage)
            return
        await self._commit(order, outcome)

    async def _outcome_of(self, order: Order) -> Outcome:
        try:
            return await PIPELINE[order.stage](order, self._tools)
        except LeaseLostError:
            raise
        except DiaristError as error:
            return self._failed(order, error)
        except Exception as error:
            logger.exception("task.defect stage=%s job=%s", order.stage, order.claim.job_id)
            return self._failed(order, _defect(order, error))

    def _failed(self, order: Order, error: DiaristError) -> Failed:
        logger.info(
            "task.failed stage=%s job=%s code=%s", order.stage, order.claim.job_id, error.code
        )
        return Failed(error, self._tools.policy, random.uniform)

    async def _commit(self, order: Order, outcome: Outcome) -> None:
        """Make an outcome true."""
        stage, job_id, what = order.stage, order.claim.job_id, type(outcome).__name__
        try:
            await self._tools.commits.commit(order.claim, outcome)
        except LeaseLostError:
            logger.info("lease.lost stage=%s job=%s", stage, job_id)
        except Exception as error:  # noqa: BLE001 - whatever keeps it from being written
            logger.warning("commit.failed stage=%s job=%s error=%r", stage, job_id, str(error))
            await self._give_way(order, outcome, error)
        else:
            logger.info("task.ended stage=%s job=%s outcome=%s", stage, job_id, what)

    async def _give_way(self, order: Order, outcome: Outcome, error: Exception) -> None:
        """Let an outcome that cannot be written become an error of its task."""
        if isinstance(outcome, Failed | HandedBack):
            return  # the lease ends, and the reconciler gives the task to whoever can commit
        failure = error if isinstance(error, DiaristError) else _defect(order, error)
        await self._commit(order, self._failed(order, failure))


def _defect(order: Order, error: Exception) -> UnexpectedError:
    return UnexpectedError(
        f"the step {order.stage} failed in a way that nobody foresaw ({type(error).__name__})",
        hint="This is a defect of diarist. Please report it with what the log says.",
    )
