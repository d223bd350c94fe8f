"""The whole of `diarist jobs list`."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable

import typer

from diarist.cli.jobs.plain import plain_job
from diarist.cli.jobs.resolving import short_name
from diarist.cli.jobs.tables import print_rows
from diarist.cli.jobs.words import moment, state_in_words
from diarist.cli.library.session import session
from diarist.diary.markdown import clock
from diarist.jobs.reading.details import titles_of
from diarist.jobs.reading.views import JobView, jobs_of
from diarist.jobs.states import JobState

_HEADS = ("Job", "State", "Done", "Length", "Submitted", "Recording", "Result")


def list_all(states: Iterable[str], limit: int, *, as_json: bool) -> None:
    """Print jobs, newest first."""
    wanted = states_of(states)

    async def work() -> None:
        async with session() as here:
            jobs = await jobs_of(*here.whose, wanted, limit=limit)
            titles = await titles_of(here.database, [job.id for job in jobs])
        if as_json:
            for job in jobs:
                body = {**plain_job(job), "title": titles.get(job.id)}
                print(json.dumps(body, ensure_ascii=False))
            return
        print_rows(_HEADS, (_cells(job, titles.get(job.id, "")) for job in jobs))

    asyncio.run(work())


def states_of(given: Iterable[str]) -> tuple[JobState, ...]:
    """Read states that are separated by commas, given in several options, or both."""
    names = [part.strip().lower() for text in given for part in text.split(",") if part.strip()]
    unknown = [name for name in names if name not in list(JobState)]
    if unknown:
        raise typer.BadParameter(
            f"{unknown[0]!r} is none of {', '.join(JobState)}.", param_hint="--state"
        )
    return tuple(JobState(name) for name in names)


def _cells(job: JobView, title: str) -> tuple[str, ...]:
    on_terminal = sys.stdout.isatty()
    return (
        short_name(job.id) if on_terminal else str(job.id),
        state_in_words(job) if on_terminal else job.state.value,
        f"{job.progress:.0%}",
        "" if job.duration_s is None else clock(job.duration_s),
        moment(job.created_at),
        job.name,
        job.error["message"] if job.error else title,
    )
