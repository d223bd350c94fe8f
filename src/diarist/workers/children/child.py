"""A process of our own that does the work, so that what happens to it does not happen to us.

It may crash in native code, hold the interpreter's lock, hang or leak: whoever waits for it goes
on, is told what happened, and finds a new process at the next call.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncGenerator, Callable
from typing import Any

from diarist.errors import TooSlowError
from diarist.workers.children.messages import Answer, Done, Failed, Item, Request
from diarist.workers.children.spawned import Spawned

logger = logging.getLogger(__name__)


class Child:
    """An object that lives in a process of its own and answers one call at a time.

    The process is spawned at the first call, and the object built in it. It is replaced when it
    ended, when it had to be killed, and after `recycle_after` calls. All methods belong to one
    event loop at a time.
    """

    def __init__(
        self, factory: Callable[[], object], name: str, recycle_after: int | None = None
    ) -> None:
        """Prepare a child; nothing is started yet.

        Args:
            factory: builds the object; picklable, and importable in the child.
            name: what to call it in errors.
            recycle_after: how many calls a process answers before a fresh one takes its place,
                because native libraries leak; None for any number.
        """
        self._factory, self._name, self._recycle_after = factory, name, recycle_after
        self._spawned: Spawned | None = None
        self._turn = asyncio.Lock()

    @property
    def is_alive(self) -> bool:
        """Whether there is a process, and it has not ended."""
        return self._spawned is not None and self._spawned.is_alive

    @property
    def pid(self) -> int | None:
        """Number of the process; None if there is none."""
        return self._spawned.pid if self._spawned is not None else None

    @property
    def calls_done(self) -> int:
        """How many calls the process at hand has answered, those with an error included."""
        return self._spawned.calls_done if self._spawned is not None else 0

    async def call(self, method: str, *args: Any, deadline_s: float) -> Any:
        """Call a method of the object and return what it returns.

        A call that is cancelled ends the process at once.

        Args:
            method: its name.
            args: its arguments; picklable.
            deadline_s: seconds that it may take, with starting the process and building the
                object, but without waiting until other calls are answered.

        Raises:
            DiaristError: as the method raises it.
            WorkerDiedError: the process ended, or ran out of memory.
            TooSlowError: the deadline passed; the process is killed.
            UnexpectedError: anything else that the method raises; its traceback is logged.
        """
        request = Request(method, args, is_stream=False)
        async with contextlib.aclosing(self._items(request, deadline_s)) as items:
            values = [value async for value in items]
        return values[0]

    def stream(self, method: str, *args: Any, deadline_s: float) -> AsyncGenerator[Any, None]:
        """Call a method that yields, and yield its items as they are made.

        The method is at most two items ahead of the caller. Closing the generator before its end,
        or leaving it to the garbage collector, ends the process at once.

        Args:
            method: its name.
            args: its arguments; picklable.
            deadline_s: seconds that may be spent waiting for items, all in all; the time between
                an item and the wish for the next does not count.

        Raises:
            DiaristError: as in `call`.
        """
        return self._items(Request(method, args, is_stream=True), deadline_s)

    async def close(self) -> None:
        """End the process, and wait until it is gone. A later call would start a new one."""
        spawned, self._spawned = self._spawned, None
        if spawned is not None:
            await asyncio.wrap_future(spawned.kill())

    def kill(self) -> None:
        """End the process, without waiting until it is gone. A later call starts a new one."""
        spawned, self._spawned = self._spawned, None
        if spawned is not None:
            spawned.kill()

    async def _items(self, request: Request, deadline_s: float) -> AsyncGenerator[Any, None]:
        async with self._turn:
            spawned = self._at_hand()
            patience = _Patience(deadline_s)
            is_answered = False
            try:
                conversation = _Conversation(spawned, request)
                while isinstance(answer := await patience.spend_on(conversation), Item):
                    yield answer.value
                    spawned.go_on()
                is_answered = True
            except TimeoutError as error:
                raise self._too_slow(request, deadline_s) from error
            finally:
                if not is_answered:
                    self._discard(spawned)
            self._settle(spawned, answer)

    def _at_hand(self) -> Spawned:
        if self._spawned is None or not self._spawned.is_alive:
            self._spawned = Spawned(self._name, self._factory)
        return self._spawned

    def _settle(self, spawned: Spawned, answer: Done | Failed) -> None:
        """Count the call, replace a process that is spent, and raise what there is to raise."""
        spawned.calls_done += 1
        is_spent = isinstance(answer, Failed) and answer.is_spent
        if is_spent or spawned.calls_done == self._recycle_after:
            self._discard(spawned)
        if isinstance(answer, Failed):
            if answer.details:
                logger.error("child.defect name=%s\n%s", self._name, answer.details)
            raise answer.error

    def _discard(self, spawned: Spawned) -> None:
        spawned.kill()
        if self._spawned is spawned:
            self._spawned = None

    def _too_slow(self, request: Request, deadline_s: float) -> TooSlowError:
        return TooSlowError(
            f"the {self._name} process took more than {deadline_s:.3g} s to {request.method}",
            hint="It is tried again. If it stays so, this machine may be too busy.",
        )


class _Patience:
    """A number of seconds that may be spent waiting."""

    def __init__(self, seconds: float) -> None:
        self._left_s = seconds
        self._clock = asyncio.get_running_loop().time

    async def spend_on(self, conversation: _Conversation) -> Answer:
        since_s = self._clock()
        try:
            async with asyncio.timeout(self._left_s):
                return await conversation.next_answer()
        finally:
            self._left_s -= self._clock() - since_s


class _Conversation:
    """A request on its way: a thread waits for the answers, so that the event loop need not."""

    def __init__(self, spawned: Spawned, request: Request) -> None:
        self._spawned, self._request = spawned, request
        self._loop = asyncio.get_running_loop()
        self._answers: asyncio.Queue[Answer | Exception] = asyncio.Queue()
        threading.Thread(target=self._talk, name=f"{spawned.name}-answers", daemon=True).start()

    async def next_answer(self) -> Answer:
        answer = await self._answers.get()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _talk(self) -> None:
        try:
            for answer in self._spawned.exchange(self._request):
                self._deliver(answer)
        except Exception as error:  # noqa: BLE001 - raised where the answer is awaited
            self._deliver(error)

    def _deliver(self, answer: Answer | Exception) -> None:
        with contextlib.suppress(RuntimeError):  # nobody waits: the event loop is closed
            self._loop.call_soon_threadsafe(self._answers.put_nowait, answer)
