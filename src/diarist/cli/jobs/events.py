"""The whole of `diarist jobs watch`: events as they come, none twice and none left out."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass, field
from uuid import UUID

from diarist.cli.failures import INTERRUPTED, OK, exit_code_of_all
from diarist.cli.jobs.near import all_events_of
from diarist.cli.jobs.outcomes import error_of
from diarist.cli.jobs.plain import plain_event, plain_time
from diarist.cli.jobs.resolving import job_named
from diarist.cli.jobs.tables import tab_separated
from diarist.cli.jobs.waiting import POLL_S
from diarist.cli.jobs.words import event_in_words
from diarist.cli.library.session import Session, session
from diarist.cli.library.stopping import Stopping
from diarist.cli.text import printable
from diarist.errors import DiaristError, NotFoundError
from diarist.jobs.reading.following import Head, heads_of, open_jobs_of
from diarist.jobs.reading.views import Event, job_of


def watch_events(name: str | None, after: int, *, as_json: bool) -> int:
    """Print what happens, until nothing can happen any more.

    Args:
        name: of one job; None for all that go on.
        after: only events with a higher number.
        as_json: as JSON.

    Returns:
        The exit code of the command.

    Raises:
        InputError: if there is no such job.
    """

    async def work() -> int:
        async with session() as here:
            stopping = Stopping("the jobs go on", is_urgent=True)
            watch = _Watch(here, after, as_json=as_json)
            if name is not None:
                watch.add(await job_named(here, name))
            await watch.until_all_end(stopping, hears_of_new_ones=name is None)
            if stopping.asked.is_set():
                return INTERRUPTED if stopping.was_interrupted else OK
            return exit_code_of_all(watch.errors)

    return asyncio.run(work())


@dataclass
class _Watch:
    """Jobs that are followed, each with the number of the last event that was printed."""

    here: Session
    after: int
    as_json: bool
    errors: list[DiaristError] = field(default_factory=list)
    _last: dict[UUID, int] = field(default_factory=dict)
    _names: dict[UUID, str] = field(default_factory=dict)
    _newest: UUID | None = None

    def add(self, job_id: UUID) -> None:
        self._last[job_id] = self.after
        self._newest = max(job_id, self._newest or job_id)

    async def until_all_end(self, stopping: Stopping, *, hears_of_new_ones: bool) -> None:
        while not stopping.asked.is_set():
            if hears_of_new_ones:
                for job_id in await open_jobs_of(*self.here.whose, after=self._newest):
                    self.add(job_id)
            heads = await heads_of(*self.here.whose, self._last)
            for job_id in set(self._last).difference(head.job_id for head in heads):
                del self._last[job_id]  # it was deleted
            for head in heads:
                await self._follow(head)
            if not self._last:
                return
            await stopping.pause(POLL_S)

    async def _follow(self, head: Head) -> None:
        try:
            job = await job_of(*self.here.whose, head.job_id) if self._is_news(head) else None
            if job is not None:
                self._names[job.id] = job.name
                for event in await all_events_of(self.here, job.id, self._last[job.id]):
                    self._print(job.id, event)
                    self._last[job.id] = event.seq
                if job.has_ended and self._last[job.id] == job.events:
                    del self._last[job.id]
                    self.errors += [error] if (error := error_of(job)) else []
        except NotFoundError:  # it was deleted between the two looks
            self._last.pop(head.job_id, None)

    def _is_news(self, head: Head) -> bool:
        return head.has_ended or head.seq > self._last[head.job_id]

    def _print(self, job_id: UUID, event: Event) -> None:
        words = event_in_words(event)
        if self.as_json:
            line = json.dumps(plain_event(str(job_id), event), ensure_ascii=False)
        elif sys.stdout.isatty():
            told = f"{event.at.astimezone():%H:%M:%S}  {self._names[job_id]}  {words}"
            line = printable(told, sys.stdout)
        else:
            when = plain_time(event.at) or ""
            line = tab_separated((str(job_id), str(event.seq), when, event.kind, words))
        print(line, flush=True)
