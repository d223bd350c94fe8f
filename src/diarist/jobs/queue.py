"""Queues of hints: one for each stage and class of priority.

A message says that there may be work, not which: whoever receives it asks the database, which
knows whose turn it is. So messages may be lost, repeated or late, and order does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from diarist.errors import SettingsError
from diarist.jobs.states import Priority, Stage


@dataclass(frozen=True, order=True)
class QueueName:
    """A queue."""

    stage: Stage
    priority: Priority

    def __str__(self) -> str:
        """Return it as the broker calls it, such as `transcribe.high`."""
        return f"{self.stage.value}.{self.priority.name.lower()}"


Counts = Mapping[QueueName, int]


class Hints(Protocol):
    """Tells workers that there is work. Never fails: the reconciler repeats what was not heard."""

    def send(self, counts: Counts) -> None:
        """Say for each queue how many tasks have become ready. Returns at once."""

    def close(self) -> None:
        """Send what is waiting to be sent, as far as that is possible."""


def all_queues() -> Iterator[QueueName]:
    """Yield every queue."""
    for stage in Stage:
        for priority in Priority:
            yield QueueName(stage, priority)


def queues_named(names: str) -> frozenset[QueueName]:
    """Read a list of queues such as `transcribe,write.high`; a stage alone means all its classes.

    Raises:
        SettingsError: if there is no such queue.
    """
    chosen: set[QueueName] = set()
    for name in filter(None, (part.strip().lower() for part in names.split(","))):
        found = [queue for queue in all_queues() if name in (str(queue), queue.stage.value)]
        if not found:
            raise SettingsError(
                f"there is no queue {name!r}",
                hint=f"Stages are {', '.join(Stage)}; classes are high, normal, low.",
            )
        chosen.update(found)
    return frozenset(chosen or all_queues())
