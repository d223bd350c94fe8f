"""Waiting for jobs, with something to look at."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from uuid import UUID

from diarist.cli.batch.outcome import Outcome, Row, row_of
from diarist.cli.batch.report import Results
from diarist.cli.jobs.live import Live
from diarist.cli.jobs.outcomes import outcome_of
from diarist.cli.library.session import Session
from diarist.cli.library.stopping import Stopping
from diarist.cli.text import note, print_error
from diarist.errors import DiaristError, NotFoundError
from diarist.jobs.reading.following import heads_of
from diarist.jobs.reading.views import job_of

POLL_S = 0.5


class Ends:
    """Reports what became of recordings, and keeps no more of each than a row."""

    def __init__(self, results: Results) -> None:
        self._results = results
        self._rows: list[Row] = []
        self._began_s = time.monotonic()

    @property
    def errors(self) -> Iterator[DiaristError]:
        """Why some failed."""
        return (row.error for row in self._rows if row.error is not None)

    def add(self, outcome: Outcome) -> None:
        """Report one outcome, as soon as it is there."""
        for warning in outcome.transcript.warnings if outcome.transcript else ():
            note(warning)
        if outcome.error is not None:
            print_error(outcome.error, about=outcome.name)
        self._results.add(outcome)
        self._rows.append(row_of(outcome))

    def finish(self) -> None:
        """Report on all of them."""
        self._results.finish(self._rows, time.monotonic() - self._began_s)


async def wait_for_all(
    here: Session, names: Mapping[UUID, str], ends: Ends, stopping: Stopping
) -> None:
    """Wait until jobs have ended, or somebody wants to wait no longer.

    Args:
        here: where they are.
        names: of their recordings.
        ends: told of each that has ended.
        stopping: whether to wait any longer.
    """
    waiting = dict(names)
    with Live(visible=sys.stderr.isatty()) as live:
        while waiting and not stopping.asked.is_set():
            heads = {head.job_id: head for head in await heads_of(*here.whose, waiting)}
            gone = [job_id for job_id in waiting if job_id not in heads]
            ended = [head.job_id for head in heads.values() if head.has_ended]
            for job_id in ended:
                job = await job_of(*here.whose, job_id)
                if job.has_ended:  # and nobody had it done again at this very moment
                    ends.add(await outcome_of(here, job, waiting.pop(job_id)))
            for job_id in gone:
                ends.add(_deleted(waiting.pop(job_id)))
            await live.show(here, heads, waiting)
            if waiting:
                await stopping.pause(POLL_S)


def _deleted(name: str) -> Outcome:
    error = NotFoundError(f"{name} was deleted meanwhile", hint="Submit it again if you need it.")
    return Outcome(name, "failed", error=error)
