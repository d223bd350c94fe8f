"""Queues by stage and class."""

from __future__ import annotations

import pytest

from diarist.errors import SettingsError
from diarist.jobs.queue import QueueName, all_queues, queues_named
from diarist.jobs.states import Priority, Stage


def test_there_is_a_queue_for_each_stage_and_class() -> None:
    names = [str(queue) for queue in all_queues()]

    assert len(set(names)) == len(Stage) * len(Priority)
    assert "transcribe.high" in names


def test_a_stage_means_all_its_classes() -> None:
    assert queues_named("write") == {QueueName(Stage.WRITE, priority) for priority in Priority}


def test_queues_are_named_one_by_one() -> None:
    assert queues_named(" Write.high ,assemble.low") == {
        QueueName(Stage.WRITE, Priority.HIGH),
        QueueName(Stage.ASSEMBLE, Priority.LOW),
    }


def test_no_name_means_all_queues() -> None:
    assert queues_named("") == set(all_queues())


@pytest.mark.parametrize("name", ["writing", "write.urgent", "write.", ".high"])
def test_a_queue_that_there_is_not_is_an_error_that_names_those_there_are(name: str) -> None:
    with pytest.raises(SettingsError) as raised:
        queues_named(name)

    assert "transcribe" in raised.value.hint
