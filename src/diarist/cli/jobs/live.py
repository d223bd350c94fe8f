"""Jobs as they go on: a line for each, and the latest words of the one that is listened to."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from diarist.cli.jobs.words import place_and_time, state_in_words
from diarist.cli.library.session import Session
from diarist.cli.text import printable
from diarist.jobs.reading.details import words_so_far
from diarist.jobs.reading.following import Head
from diarist.jobs.reading.forecast import Forecast
from diarist.jobs.reading.views import JobView, forecast, job_of
from diarist.jobs.states import JobState

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import RenderableType
    from rich.live import Live as RichLive

_MOST_LINES = 8
_TAIL_CHARACTERS = 240
_WIDTH = 24


@dataclass
class _Seen:
    """What is shown of a job, and as of which event."""

    job: JobView
    before: Forecast
    seq: int


@dataclass
class Live:
    """A picture on standard error that changes; nothing at all where that is no terminal."""

    visible: bool
    _seen: dict[UUID, _Seen] = field(default_factory=dict)
    _tail: str = ""
    _tail_of: tuple[UUID, int] | None = None
    _picture: RichLive | None = None

    def __enter__(self) -> Live:
        if self.visible:
            self._picture = _new_picture()
            self._picture.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._picture is not None:
            self._picture.stop()

    async def show(
        self, here: Session, heads: Mapping[UUID, Head], names: Mapping[UUID, str]
    ) -> None:
        """Draw how far jobs are.

        Args:
            here: where they are.
            heads: of at least those that are still open.
            names: of the recordings of those that are still open.
        """
        if self._picture is None:
            return
        shown = list(names)[:_MOST_LINES]
        for job_id in shown:
            await self._look(here, heads[job_id])
        await self._listen(here, [self._seen[job_id].job for job_id in shown])
        self._picture.update(self._drawn(names, shown))

    async def _look(self, here: Session, head: Head) -> None:
        seen = self._seen.get(head.job_id)
        if seen is not None and seen.seq == head.seq and seen.before.place == 0:
            return  # it is being worked on, and nothing has happened
        job = await job_of(*here.whose, head.job_id)
        self._seen[head.job_id] = _Seen(job, await forecast(here.database, job), head.seq)

    async def _listen(self, here: Session, jobs: list[JobView]) -> None:
        heard = next((job for job in jobs if job.chunks_done), None)
        state = None if heard is None else (heard.id, heard.chunks_done)
        if heard is None or state == self._tail_of:
            return
        self._tail_of = state
        text = (await words_so_far(here.database, heard.id, heard.duration_s)).text
        self._tail = f"… {text[-_TAIL_CHARACTERS:]}" if len(text) > _TAIL_CHARACTERS else text

    def _drawn(self, names: Mapping[UUID, str], shown: list[UUID]) -> RenderableType:
        from rich.console import Group  # noqa: PLC0415 - only where there is a terminal
        from rich.progress_bar import ProgressBar  # noqa: PLC0415 - likewise
        from rich.table import Table  # noqa: PLC0415 - likewise
        from rich.text import Text  # noqa: PLC0415 - likewise

        table = Table.grid(padding=(0, 2))
        for job_id in shown:
            seen = self._seen[job_id]
            is_waiting = seen.job.state is JobState.QUEUED
            table.add_row(
                Text(printable(names[job_id], sys.stderr)),
                Text(state_in_words(seen.job)),
                "" if is_waiting else ProgressBar(1.0, seen.job.progress, _WIDTH),
                Text(place_and_time(seen.job, seen.before), style="dim"),
            )
        if len(names) > len(shown):
            table.add_row(Text(f"and {len(names) - len(shown)} more", style="dim"))
        return Group(table, Text(printable(self._tail, sys.stderr), style="dim italic"))


def _new_picture() -> RichLive:
    from rich.console import Console  # noqa: PLC0415 - only where there is a terminal
    from rich.live import Live as RichLive  # noqa: PLC0415 - likewise

    return RichLive(
        console=Console(stderr=True),
        refresh_per_second=4,
        transient=True,
        redirect_stdout=sys.stdout.isatty(),  # what is piped away must not be drawn above it
    )
