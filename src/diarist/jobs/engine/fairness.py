"""Whose turn it is: owners share the workers evenly, however much each of them has submitted.

Start-time fair queueing (Goyal, Vin, Cheng 1996): each ready task carries a turn, and the lowest
turn is served first. An owner's next task gets the turn of the owner's last one plus what that
one costs, so that 10,000 recordings of one owner spread far into the future; somebody who comes
later begins at the turn that is being served now. Both look-ups are one probe of an index.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from diarist.jobs.engine.rows import IS_READY
from diarist.jobs.states import Priority, Stage
from diarist.storage.tables import tasks

_PER_AUDIO_S = 1000  # turns count milliseconds of audio
_LEAST_S = 1.0  # a task costs something even if it holds no audio


def cost_of(audio_s: float) -> int:
    """Return by how much a task moves its owner's next turn."""
    return int(_PER_AUDIO_S * max(_LEAST_S, audio_s))


@dataclass
class Turns:
    """Gives out turns in one transaction."""

    connection: AsyncConnection
    _next: dict[tuple[UUID, Stage, Priority], int] = field(default_factory=dict)

    async def take(self, owner_id: UUID, stage: Stage, priority: Priority, audio_s: float) -> int:
        """Return the turn of an owner's next task."""
        key = (owner_id, stage, priority)
        if key not in self._next:
            self._next[key] = await self._first(*key)
        turn = self._next[key]
        self._next[key] = turn + cost_of(audio_s)
        return turn

    async def now(self, stage: Stage, priority: Priority) -> int | None:
        """Return the turn that is being served; None if nothing is ready."""
        ready = _ready(stage, priority).order_by(tasks.c.turn, tasks.c.id).limit(1)
        row = (await self.connection.execute(ready)).first()
        return None if row is None else int(row.turn)

    async def _first(self, owner_id: UUID, stage: Stage, priority: Priority) -> int:
        served = await self.now(stage, priority)
        if served is None:
            return 0
        last = (
            _ready(stage, priority)
            .where(tasks.c.owner_id == owner_id)
            .order_by(tasks.c.turn.desc())
            .limit(1)
        )
        row = (await self.connection.execute(last)).first()
        return served if row is None else max(served, int(row.turn) + cost_of(row.audio_s))


def _ready(stage: Stage, priority: Priority) -> Select[tuple[int, float]]:
    return select(tasks.c.turn, tasks.c.audio_s).where(
        IS_READY,
        tasks.c.stage == stage.value,
        tasks.c.priority == int(priority),
    )
