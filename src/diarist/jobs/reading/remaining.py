"""Whether anything is left to do."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from diarist.jobs.queue import QueueName
from diarist.jobs.states import OPEN
from diarist.storage.database import Database
from diarist.storage.tables import tasks


async def is_work_left(database: Database, queues: Iterable[QueueName]) -> bool:
    """Say whether a task of some queues is still to be done: ready, waiting, or being done.

    What a worker that vanished had begun is still to be done, too.
    """
    # A look-up for each, so that each finds its own index.
    some = [
        select(tasks.c.id)
        .where(
            tasks.c.state == state.value,
            tasks.c.stage == queue.stage.value,
            tasks.c.priority == int(queue.priority),
        )
        .limit(1)
        .scalar_subquery()
        .is_not(None)
        .label(f"q{number}_{state.value}")
        for number, queue in enumerate(queues)
        for state in OPEN
    ]

    async def work(connection: AsyncConnection) -> bool:
        return any((await connection.execute(select(*some))).one())

    return await database.read(work)
