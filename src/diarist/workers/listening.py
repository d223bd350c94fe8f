"""Hears hints: a Dramatiq worker in this process, whose only actor passes them on."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from diarist.jobs.broker import ACTOR
from diarist.jobs.queue import QueueName

if TYPE_CHECKING:
    from dramatiq import Broker
    from dramatiq import Worker as Consumer

_POLL_MS = 250  # how late a hint is heard by a worker that has nothing to do
_STOP_MS = 5_000


class Listener:
    """Receives messages in threads of its own, and calls back in the event loop."""

    def __init__(
        self,
        broker: Broker,
        queues: Sequence[QueueName],
        hear: Callable[[QueueName], Awaitable[None]],
    ) -> None:
        """Prepare to listen.

        Args:
            broker: what messages come from.
            queues: that are listened to.
            hear: called for each message; the next one of its queue comes when it returns.
        """
        self._broker, self._hear = broker, hear
        self._queues = {str(queue): queue for queue in queues}
        self._consumer: Consumer | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_stopping = False

    def start(self) -> None:
        """Begin to listen, for the event loop that is running."""
        import dramatiq  # noqa: PLC0415 - only who works needs it

        # A broker that is away is told of once, by whoever sends hints.
        logging.getLogger("dramatiq").setLevel(logging.CRITICAL + 1)
        self._loop = asyncio.get_running_loop()
        names = list(self._queues)
        if ACTOR not in self._broker.get_declared_actors():
            as_actor = dramatiq.actor(actor_name=ACTOR, queue_name=names[0], broker=self._broker)
            as_actor(self._work)
        for name in names:
            self._broker.declare_queue(name)
        self._consumer = dramatiq.Worker(
            self._broker,
            queues=set(names),
            worker_timeout=_POLL_MS,
            worker_threads=len(names),
        )
        # A worker that is busy must not keep hints which would wake another one.
        self._consumer.queue_prefetch = 1
        self._consumer.start()

    def stop(self) -> None:
        """Listen no more. Blocks for some seconds at most."""
        self._is_stopping = True
        if self._consumer is not None:
            self._consumer.stop(timeout=_STOP_MS)

    def _work(self, name: str) -> None:
        """Pass a hint on, and wait until it was answered. Runs in a thread of the consumer."""
        if self._is_stopping or self._loop is None or name not in self._queues:
            return
        answer = asyncio.run_coroutine_threadsafe(self._answer(name), self._loop)
        while not self._is_stopping:
            try:
                answer.result(timeout=1.0)
            except TimeoutError:
                continue
            except concurrent.futures.CancelledError:
                pass
            return

    async def _answer(self, name: str) -> None:
        await self._hear(self._queues[name])
