"""The end of a claim: what a step led to becomes true in one transaction, or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from diarist.errors import LeaseLostError
from diarist.jobs.claims import Claim
from diarist.jobs.engine.book import Book
from diarist.jobs.engine.gather import Gathered
from diarist.jobs.engine.outcomes import Outcome
from diarist.jobs.queue import Hints, QueueName
from diarist.jobs.states import TaskState
from diarist.storage.database import Database, is_passing

_TOGETHER = 100


@dataclass(frozen=True)
class Ending:
    """A claim and what it led to."""

    claim: Claim
    outcome: Outcome


class Commits:
    """Commits what steps led to; what comes during a transaction shares the next one."""

    def __init__(self, database: Database, hints: Hints, together: int = _TOGETHER) -> None:
        """Prepare to commit.

        Args:
            database: where jobs are.
            hints: told about tasks that become ready, after the commit.
            together: how many outcomes share a transaction at most.
        """
        self._database, self._hints = database, hints
        self._gathered = Gathered(self._commit_all, together)

    async def commit(self, claim: Claim, outcome: Outcome) -> None:
        """Apply an outcome.

        Raises:
            LeaseLostError: if the task is not ours any more; nothing was changed.
            StorageUnavailableError, StorageFullError: if the database stays away.
        """
        await self._gathered(Ending(claim, outcome))

    async def _commit_all(self, endings: Sequence[Ending]) -> list[None | Exception]:
        try:
            return await self._in_one_transaction(endings)
        except Exception as error:  # noqa: BLE001 - raised to those who wait for the answers
            if len(endings) == 1 or is_passing(error):
                return [error] * len(endings)
        # One of them cannot be written; the others must not suffer.
        answers: list[None | Exception] = []
        for ending in endings:
            answers += await self._commit_all([ending])
        return answers

    async def _in_one_transaction(self, endings: Sequence[Ending]) -> list[None | Exception]:
        ready: Counter[QueueName] = Counter()

        async def work(connection: AsyncConnection) -> list[None | Exception]:
            claims = [ending.claim for ending in endings]
            job_ids = {claim.job_id for claim in claims}
            book = await Book.opened(self._database, connection, job_ids, claims)
            answers = [await _applied(book, ending) for ending in endings]
            await book.close()
            ready.clear()
            ready.update(book.ready)
            return answers

        answers = await self._database.run(work)
        self._hints.send(ready)
        return answers


async def _applied(book: Book, ending: Ending) -> None | Exception:
    task = book.held(ending.claim)
    if task is None:
        return LeaseLostError(
            "the work was given to another worker, cancelled or deleted meanwhile",
            hint="Nothing is to be done: its result is not needed any more.",
        )
    if task.state == TaskState.RUNNING:
        await ending.outcome.apply(book, book.jobs[task.job_id], task)
    return None
