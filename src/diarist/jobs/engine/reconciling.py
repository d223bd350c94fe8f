"""Puts right what dying processes leave behind, and repeats hints that nobody heard.

Every worker does it now and then; on PostgreSQL a lock lets one at a time do it.

    waiting tasks whose time has come     become ready
    running tasks whose lease has ended   become ready again, or fail if that happened too often;
                                          before that they wait until a worker can do them alone
    ready tasks                           are announced again, in case their message was lost
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import ColumnElement, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from diarist.errors import WorkerDiedError
from diarist.jobs.claims import Claim
from diarist.jobs.engine.book import Book
from diarist.jobs.engine.claiming import due_suspects, is_due
from diarist.jobs.engine.fairness import Turns
from diarist.jobs.engine.outcomes import give_up
from diarist.jobs.engine.rows import IS_READY, TaskRow, is_in
from diarist.jobs.policy import SUSPECT_LOSSES, GiveUp, RetryPolicy, judge_loss
from diarist.jobs.queue import Hints, QueueName, all_queues
from diarist.jobs.states import Priority, Stage, TaskState
from diarist.storage.database import Database
from diarist.storage.tables import tasks

_LOCK = 0x6469_6172_6973_7401  # "diarist" and a number, in PostgreSQL's space of advisory locks
_AT_ONCE = 500
_FAR_OFF = 4  # leases; different workers may have different ones
_HINTS_AT_ONCE = 20  # a message wakes a worker, and a worker that is awake goes on by itself


@dataclass(frozen=True)
class Repairs:
    """What was put right.

    Attributes:
        woken: tasks whose pause was over.
        recovered: tasks whose worker had vanished, and that are ready again.
        given_up: tasks whose worker had vanished too often.
        ready: queues that hold work.
        suspects: stages with tasks that wait until a worker can do them alone.
    """

    woken: int = 0
    recovered: int = 0
    given_up: int = 0
    ready: frozenset[QueueName] = frozenset()
    suspects: frozenset[Stage] = frozenset()


async def reconcile(
    database: Database, hints: Hints, policy: RetryPolicy, lease_s: float
) -> Repairs:
    """Put right what there is to put right.

    Args:
        database: where jobs are.
        hints: told about tasks that are ready.
        policy: how often a worker may vanish.
        lease_s: how long leases are; one that ends much later is from before the clock was put
            back.

    Returns:
        What was done; nothing if another worker is at it.
    """
    ready: Counter[QueueName] = Counter()

    async def work(connection: AsyncConnection) -> Repairs:
        ready.clear()
        if not await _is_alone(database, connection):
            return Repairs(
                ready=await _queues_with_work(connection),
                suspects=await _suspects(database, connection),
            )
        woken = await _wake(database, connection)
        is_over = _is_over(database, lease_s)
        recovered, given_up = await _recover(database, connection, policy, is_over)
        queues = await _queues_with_work(connection)
        ready.update(dict.fromkeys(queues, _HINTS_AT_ONCE))
        suspects = await _suspects(database, connection)
        return Repairs(woken, recovered, given_up, queues, suspects)

    repairs = await database.run(work)
    hints.send(ready)
    return repairs


async def _is_alone(database: Database, connection: AsyncConnection) -> bool:
    if database.is_sqlite:  # has one writer at a time
        return True
    lock = select(func.pg_try_advisory_xact_lock(_LOCK))
    return bool((await connection.execute(lock)).scalar_one())


async def _wake(database: Database, connection: AsyncConnection) -> int:
    due = (
        select(tasks.c.id, tasks.c.stage, tasks.c.priority, tasks.c.turn)
        .where(
            is_in(TaskState.WAITING),
            tasks.c.losses < SUSPECT_LOSSES,
            is_due(database),
        )
        .order_by(tasks.c.available_at)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    rows = (await connection.execute(due)).all()
    turns = Turns(connection)
    served: dict[tuple[str, int], int | None] = {}
    for row in rows:
        key = (row.stage, row.priority)
        if key not in served:
            served[key] = await turns.now(Stage(row.stage), Priority(row.priority))
    # An old turn would lie before those of everybody, and let newcomers begin there too.
    ready = [
        {"its_id": row.id, "its_turn": row.turn if turn is None else turn}
        for row in rows
        for turn in [served[(row.stage, row.priority)]]
    ]
    if ready:
        await connection.execute(_MAKE_READY, ready)
    return len(ready)


def _is_over(database: Database, lease_s: float) -> ColumnElement[bool]:
    """Return the condition that a lease has ended, or was given before the clock was put back."""
    ends, now = tasks.c.lease_until, database.from_now()
    # A lease that only ends late may be of a worker that has longer ones.
    is_of_the_future = (tasks.c.started_at > now) & (ends > database.from_now(_FAR_OFF * lease_s))
    return (ends < now) | is_of_the_future


async def _recover(
    database: Database,
    connection: AsyncConnection,
    policy: RetryPolicy,
    is_over: ColumnElement[bool],
) -> tuple[int, int]:
    """Return how many tasks of vanished workers became ready, and how many were given up."""
    expired = (
        select(tasks.c.id, tasks.c.job_id, tasks.c.token, tasks.c.lease_owner)
        .where(is_in(TaskState.RUNNING), is_over)
        .order_by(tasks.c.lease_until)
        .limit(_AT_ONCE)
    )
    rows = (await connection.execute(expired)).all()
    if not rows:
        return 0, 0
    claims = [Claim(row.id, row.job_id, row.token) for row in rows]
    book = await Book.opened(database, connection, {row.job_id for row in rows}, claims)
    # Again, now that the rows are locked: a heartbeat may have come meanwhile.
    again = select(tasks.c.id).where(tasks.c.id.in_([row.id for row in rows]), is_over)
    still_expired = set((await connection.execute(again)).scalars())
    recovered = given_up = 0
    for claim, row in zip(claims, rows, strict=True):
        task = book.held(claim)
        if task is None or task.state != TaskState.RUNNING or task.id not in still_expired:
            continue
        if await _lost(book, task, row.lease_owner, policy):
            recovered += 1
        else:
            given_up += 1
    await book.close()
    return recovered, given_up


async def _lost(book: Book, task: TaskRow, worker: str, policy: RetryPolicy) -> bool:
    job = book.jobs[task.job_id]
    verdict = judge_loss(task.tries, policy)
    book.tell(
        job,
        "task.lost",
        stage=task.stage,
        number=task.number,
        worker=worker,
        losses=verdict.tries.losses,
    )
    if isinstance(verdict, GiveUp):
        error = WorkerDiedError(
            f"{verdict.tries.losses} workers vanished while they worked on this ({task.stage})",
            hint="The recording may be what ends them. Look at the workers' logs, then retry.",
        )
        await give_up(book, job, task, error, verdict.tries)
        return False
    await book.hand_back(job, task, verdict.tries)
    return True


async def _queues_with_work(connection: AsyncConnection) -> frozenset[QueueName]:
    queues = list(all_queues())
    has_work = [
        select(tasks.c.id)
        .where(
            IS_READY,
            tasks.c.stage == queue.stage.value,
            tasks.c.priority == int(queue.priority),
        )
        .limit(1)
        .scalar_subquery()
        .is_not(None)
        .label(f"q{index}")
        for index, queue in enumerate(queues)
    ]
    row = (await connection.execute(select(*has_work))).one()
    return frozenset(queue for queue, has in zip(queues, row, strict=True) if has)


async def _suspects(database: Database, connection: AsyncConnection) -> frozenset[Stage]:
    found = due_suspects(database, tasks.c.stage).distinct()
    return frozenset(Stage(stage) for stage in (await connection.execute(found)).scalars())


_MAKE_READY = (
    update(tasks)
    .where(tasks.c.id == bindparam("its_id"))
    .values(state=TaskState.READY.value, turn=bindparam("its_turn"))
)
