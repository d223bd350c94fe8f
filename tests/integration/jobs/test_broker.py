"""Hints through a real Valkey, and through memory."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import redis
from dramatiq import Broker

from diarist.errors import SettingsError
from diarist.jobs.broker import BrokerHints, open_broker
from diarist.jobs.queue import QueueName
from diarist.jobs.states import Priority, Stage
from support.servers import ValkeyServer

QUEUE = QueueName(Stage.WRITE, Priority.HIGH)
OTHER = QueueName(Stage.WRITE, Priority.LOW)


@pytest.fixture(params=["memory", "valkey"])
def broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    url = None if request.param == "memory" else request.getfixturevalue("valkey_url")
    opened = open_broker(url)
    yield opened
    opened.close()


def waiting(broker: Broker, queue: QueueName) -> int:
    client = getattr(broker, "client", None)
    if client is not None:
        return int(client.llen(f"diarist:{queue}"))
    return int(broker.queues[str(queue)].qsize())


def test_each_queue_gets_a_message_for_each_task(broker: Broker) -> None:
    hints = BrokerHints(broker)

    hints.send({QUEUE: 3, OTHER: 1})
    hints.close()

    assert (waiting(broker, QUEUE), waiting(broker, OTHER)) == (3, 1)


def test_a_million_tasks_are_not_a_million_messages(broker: Broker) -> None:
    hints = BrokerHints(broker)

    hints.send({QUEUE: 1_000_000})
    hints.send({QUEUE: 1_000_000})
    hints.close()

    assert waiting(broker, QUEUE) == 200


def test_nothing_to_say_starts_nothing(broker: Broker) -> None:
    hints = BrokerHints(broker)

    hints.send({})
    hints.close()

    assert broker.get_declared_queues() == set()


def test_a_broker_that_is_away_is_told_of_once_and_holds_nobody_up(
    valkey_server: ValkeyServer, valkey_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    broker = open_broker(valkey_url)
    valkey_server.stop()
    hints = BrokerHints(broker)
    try:
        with caplog.at_level(logging.WARNING, "diarist.jobs.broker"):
            hints.send({QUEUE: 1, OTHER: 1})
            hints.close()
    finally:
        valkey_server.start()

    assert [record.message.split()[0] for record in caplog.records] == ["broker.away"]


def test_hints_go_on_when_the_broker_is_back(valkey_server: ValkeyServer, valkey_url: str) -> None:
    broker = open_broker(valkey_url)
    hints = BrokerHints(broker)
    valkey_server.restart()

    hints.send({QUEUE: 1})
    hints.close()

    assert redis.Redis.from_url(valkey_url).llen(f"diarist:{QUEUE}") in (0, 1)  # it may be lost
    again = BrokerHints(open_broker(valkey_url))
    again.send({QUEUE: 2})
    again.close()
    assert redis.Redis.from_url(valkey_url).llen(f"diarist:{QUEUE}") >= 2


@pytest.mark.parametrize("url", ["http://localhost", "localhost:6379", "redis://host:port"])
def test_what_is_no_address_of_a_server_is_an_error_of_the_setting(url: str) -> None:
    with pytest.raises(SettingsError, match="REDIS_URL"):
        open_broker(url)
