"""Hints through Dramatiq: Redis between machines, memory within one process.

Dramatiq carries messages and nothing else. Its retries, time limits, age limits and delays are
off: SQL owns all that, and two owners would do things twice.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

from diarist.errors import MissingExtraError, SettingsError
from diarist.jobs.queue import Counts, QueueName

if TYPE_CHECKING:
    from dramatiq import Broker

logger = logging.getLogger(__name__)

ACTOR = "work"
_MOST_WAITING = 200  # messages of a queue; a worker that hears one goes on without more
_DEAD_MS = 60_000  # for which a message is kept that could not be handled
_HEARTBEAT_MS = 60_000
_MAINTENANCE_PER_MILLION = 10_000  # messages of dead workers come back sooner than by default


def open_broker(redis_url: str | None) -> Broker:
    """Return a broker; it connects when it is first used.

    Args:
        redis_url: of a Redis or Valkey server, a database of its own; None for memory.

    Raises:
        MissingExtraError: if the client is not installed.
        SettingsError: if the URL is none.
    """
    if redis_url is None:
        from dramatiq.brokers.stub import StubBroker  # noqa: PLC0415 - loaded where it is needed

        return StubBroker(middleware=[])
    try:
        return _redis_broker(redis_url)
    except ImportError as error:
        raise MissingExtraError(
            f"the client for Redis is not installed ({error})",
            hint='Install it: pip install "diarist[redis]"',
        ) from error
    except ValueError as error:
        raise SettingsError(
            "DIARIST_QUEUE__REDIS_URL is no address of a Redis server",
            hint="Write it like redis://host:6379/0.",
        ) from error


def _redis_broker(redis_url: str) -> Broker:
    import redis  # noqa: PLC0415 - only where there is one
    from dramatiq.brokers.redis import RedisBroker  # noqa: PLC0415 - it loads redis

    class WithoutDelays(RedisBroker):
        """Has no queues for delayed messages, which would be polled for nothing."""

        def declare_queue(self, queue_name: str) -> None:
            """Declare a queue, without a twin for delayed messages."""
            if queue_name not in self.queues:
                self.emit_before("declare_queue", queue_name)
                self.queues.add(queue_name)
                self.emit_after("declare_queue", queue_name)

    client = redis.Redis.from_url(redis_url, socket_timeout=10.0, socket_connect_timeout=3.0)
    return WithoutDelays(  # type: ignore[no-untyped-call] # the library has no types
        client=client,
        middleware=[],
        namespace="diarist",
        heartbeat_timeout=_HEARTBEAT_MS,
        maintenance_chance=_MAINTENANCE_PER_MILLION,
        dead_message_ttl=_DEAD_MS,
    )


class BrokerHints:
    """Sends hints from a thread of its own, so that a broker which is away holds nobody up."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._counts: Counter[QueueName] = Counter()
        self._changed = threading.Condition()
        self._is_closed = False
        self._is_away = False
        self._thread: threading.Thread | None = None

    def send(self, counts: Counts) -> None:
        """Say for each queue how many tasks have become ready. Returns at once."""
        if not counts:
            return
        with self._changed:
            self._counts.update(counts)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="hints", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Send what is waiting to be sent, as far as that is possible."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(timeout=5.0)
        self._broker.close()

    def _work(self) -> None:
        while counts := self._next():
            for queue, count in counts.items():
                self._announce(queue, count)

    def _next(self) -> Counter[QueueName]:
        with self._changed:
            while not self._counts and not self._is_closed:
                self._changed.wait()
            counts, self._counts = self._counts, Counter()
        return counts

    def _announce(self, queue: QueueName, count: int) -> None:
        from dramatiq import Message  # noqa: PLC0415 - `submit` alone may run without it

        name = str(queue)
        try:
            self._broker.declare_queue(name)
            for _ in range(min(count, self._room(name))):
                message: Message[None] = Message(
                    queue_name=name, actor_name=ACTOR, args=(name,), kwargs={}, options={}
                )
                self._broker.enqueue(message)
        except connection_errors() as error:
            if not self._is_away:
                logger.warning("broker.away error=%r", str(error))
            self._is_away = True
            return
        if self._is_away:
            logger.warning("broker.back")
        self._is_away = False

    def _room(self, name: str) -> int:
        """Return how many more messages a queue may hold: nobody needs a million of them."""
        broker: Any = self._broker
        if hasattr(broker, "client"):
            return _MOST_WAITING - int(broker.client.llen(f"{broker.namespace}:{name}"))
        return _MOST_WAITING - int(broker.queues[name].qsize())


class NoHints:
    """Tells nobody: whoever looks for work finds it in the database."""

    def send(self, counts: Counts) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


def connection_errors() -> tuple[type[Exception], ...]:
    """Return the errors that say that a broker is away, or not what its address says."""
    from dramatiq.errors import BrokerConnectionError  # noqa: PLC0415 - as above

    try:
        from redis import RedisError  # noqa: PLC0415 - only where there is one
    except ImportError:
        return (BrokerConnectionError, OSError)
    return (BrokerConnectionError, OSError, RedisError)
