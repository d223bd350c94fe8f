"""The whole of `diarist jobs cancel` and `retry`: what is wrong with one stops no other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from uuid import UUID

from diarist.cli.failures import exit_code_of_all
from diarist.cli.jobs.resolving import job_named
from diarist.cli.library.session import Session, session, tell_who_works
from diarist.cli.text import note, print_error
from diarist.errors import DiaristError, InputError
from diarist.jobs.commands import cancel, retry
from diarist.jobs.reading.views import jobs_of
from diarist.jobs.states import JobState, Stage

_PAGE = 500


def cancel_all(names: Sequence[str]) -> int:
    """End jobs, and return the exit code of the command."""

    async def one(here: Session, job_id: UUID) -> str:
        await cancel(*here.whose, job_id)
        return "cancelled"

    async def work() -> int:
        async with session() as here:
            return exit_code_of_all(await for_each(here, names, one))

    return asyncio.run(work())


def retry_all(names: Sequence[str], stage: str | None) -> int:
    """Have jobs done again, and return the exit code of the command.

    Args:
        names: of the jobs; none for all that failed or made no entry.
        stage: where to begin; None for where each failed.
    """
    begins = None if stage is None else Stage(stage)

    async def one(here: Session, job_id: UUID) -> str:
        began = await retry(here.database, here.hints, here.owner_id, job_id, begins)
        return f"again from {began}"

    async def work() -> int:
        async with session() as here:
            wanted = names or [str(job_id) async for job_id in _failed_jobs(here)]
            if not wanted:
                note("no job has failed")
                return exit_code_of_all([])
            errors = await for_each(here, wanted, one)
            if len(errors) < len(wanted):
                tell_who_works(here)
            return exit_code_of_all(errors)

    return asyncio.run(work())


async def for_each(
    here: Session, names: Iterable[str], do: Callable[[Session, UUID], Awaitable[str]]
) -> list[DiaristError]:
    """Do something to each job that a user named, and print what came of it.

    Returns:
        What went wrong.
    """
    errors: list[DiaristError] = []
    for name in names:
        try:
            job_id = await job_named(here, name)
            print(f"{job_id}\t{await do(here, job_id)}", flush=True)
        except InputError as error:
            print_error(error)
            errors.append(error)
    return errors


async def _failed_jobs(here: Session) -> AsyncIterator[UUID]:
    before: UUID | None = None
    states = (JobState.FAILED, JobState.PARTIAL)
    while page := await jobs_of(*here.whose, states, before, _PAGE):
        for job in page:
            yield job.id
        before = page[-1].id
