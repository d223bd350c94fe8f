"""Being told to stop: once means when convenient, twice means now, and a third time leaves."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from diarist.cli.failures import INTERRUPTED
from diarist.cli.text import note


class Stopping:
    """Hears SIGTERM and SIGINT while an event loop runs.

    Attributes:
        asked: set at the first signal.
        number: the first signal; None if there was none.
    """

    def __init__(self, says: str, *, is_urgent: bool = False) -> None:
        """Begin to listen, for the event loop that is running.

        Args:
            says: what the user is told at the first signal.
            is_urgent: the first signal means now.
        """
        self.asked = asyncio.Event()
        self.number: signal.Signals | None = None
        self._urgent = asyncio.Event()
        self._says, self._is_urgent = says, is_urgent
        self._loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._hear, number)

    @property
    def was_interrupted(self) -> bool:
        """Somebody at the keyboard stopped it."""
        return self.number is signal.SIGINT

    async def pause(self, seconds: float) -> None:
        """Wait for so long, or until somebody wants it to stop."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.asked.wait(), seconds)

    @asynccontextmanager
    async def urgently(self, work: Callable[[], Awaitable[None]]) -> AsyncGenerator[None, None]:
        """Do some work as soon as it is urgent to stop, also while the block is left."""

        async def wait() -> None:
            await self._urgent.wait()
            await work()

        waiting = asyncio.create_task(wait())
        try:
            yield
        finally:
            waiting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await waiting

    def _hear(self, number: signal.Signals) -> None:
        if self._urgent.is_set():
            os._exit(INTERRUPTED)
        if self.asked.is_set() or self._is_urgent:
            self._urgent.set()
        if not self.asked.is_set():
            self.number = signal.Signals(number)
            self.asked.set()
            note(self._says)
