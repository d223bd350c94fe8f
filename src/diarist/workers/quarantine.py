"""A task that may be what ends its workers is done alone, with nothing beside it.

If it ends this worker, too, then no other task is lost, and none is taken for what did it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from diarist.jobs.claims import Claim
from diarist.workers.leases import Leases


class Quarantine:
    """Keeps the runners of a worker from claiming while one of them does a suspect."""

    def __init__(self, leases: Leases) -> None:
        """Prepare it; nobody is in it.

        Args:
            leases: of the worker, with all that it does.
        """
        self._leases = leases
        self._is_empty, self._is_quiet = asyncio.Event(), asyncio.Event()
        self._is_empty.set()
        self._is_quiet.set()
        self._claims = 0

    @property
    def is_empty(self) -> bool:
        """Whether everybody may claim."""
        return self._is_empty.is_set()

    async def until_empty(self) -> None:
        """Return once everybody may claim."""
        await self._is_empty.wait()

    @contextmanager
    def claiming(self) -> Iterator[None]:
        """Let a suspect wait for what is claimed in this block."""
        self._claims += 1
        self._is_quiet.clear()
        try:
            yield
        finally:
            self._claims -= 1
            if not self._claims:
                self._is_quiet.set()

    def begin(self) -> None:
        """Let nobody claim from now on."""
        self._is_empty.clear()

    def end(self) -> None:
        """Let everybody claim again."""
        self._is_empty.set()

    async def alone(self, claim: Claim) -> None:
        """Return once the worker does nothing besides."""
        await self._is_quiet.wait()
        others = self._leases.work_besides(claim)
        if others:
            await asyncio.wait(others)
