"""Calls that come while another is under way are answered together by the next one.

With little to do, each call is answered at once and alone; under load many share one, so that the
cost of a round trip to the database is paid once for all of them. Source of the idea: group commit
(DeWitt et al. 1984).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Request = TypeVar("Request")
Answer = TypeVar("Answer")


class Gathered(Generic[Request, Answer]):
    """Answers requests, as many together as have come meanwhile."""

    def __init__(
        self,
        answer_all: Callable[[Sequence[Request]], Awaitable[Sequence[Answer | Exception]]],
        at_most: int,
    ) -> None:
        """Prepare to answer.

        Args:
            answer_all: answers several requests in their order; an exception in the place of an
                answer is raised to the one who asked, one that is raised to all of them.
            at_most: how many are answered together.
        """
        self._answer_all, self._at_most = answer_all, at_most
        self._waiting: list[tuple[Request, asyncio.Future[Answer]]] = []
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, request: Request) -> Answer:
        """Return the answer to a request. A caller that is cancelled does not stop the work."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        return await future

    async def _work(self) -> None:
        while self._waiting:
            together = self._waiting[: self._at_most]
            del self._waiting[: self._at_most]
            for (_, future), answer in zip(together, await self._answers(together), strict=True):
                if future.done():  # whoever asked has gone
                    continue
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)

    async def _answers(
        self, together: Sequence[tuple[Request, asyncio.Future[Answer]]]
    ) -> Sequence[Answer | Exception]:
        try:
            return await self._answer_all([request for request, _ in together])
        except Exception as error:  # noqa: BLE001 - raised to whoever waits for the answer
            return [error] * len(together)
