"""The whole of `diarist jobs delete`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import typer

from diarist.cli.failures import exit_code_of_all
from diarist.cli.jobs.commanding import for_each
from diarist.cli.jobs.resolving import job_named
from diarist.cli.library.session import Session, session
from diarist.cli.text import note, printable
from diarist.jobs.commands import delete_recording
from diarist.jobs.engine.removal import remove_due
from diarist.jobs.reading.library import recording_of
from diarist.jobs.reading.views import job_of


def delete_all(names: Sequence[str], *, is_sure: bool) -> int:
    """Delete the recordings of jobs with all that was made from them.

    Args:
        names: of the jobs.
        is_sure: nobody is asked.

    Returns:
        The exit code of the command.
    """
    if not is_sure and not sys.stdin.isatty():
        raise typer.BadParameter("nobody is there to be asked; say --yes.", param_hint="--yes")

    async def work() -> int:
        async with session() as here:
            # By key, since `last` would be another one after the first is gone.
            wanted = [await _key(here, name) for name in names]
            errors = await for_each(here, dict.fromkeys(wanted), _asking(is_sure=is_sure))
            await remove_due(here.database, here.blobs)
            return exit_code_of_all(errors)

    return asyncio.run(work())


async def _key(here: Session, name: str) -> str:
    return str(await job_named(here, name))


def _asking(*, is_sure: bool) -> Callable[[Session, UUID], Awaitable[str]]:
    async def delete(here: Session, job_id: UUID) -> str:
        job = await job_of(*here.whose, job_id)
        row = await recording_of(*here.whose, job_id)
        if not is_sure and not typer.confirm(_question(job.name), err=True):
            return "kept"
        await delete_recording(here.database, here.owner_id, row.id)
        if row.blob_key is None and row.source_path is not None:
            note(f"the file {row.source_path} is yours, and stays")
        return "deleted"

    return delete


def _question(name: str) -> str:
    shown = printable(name, sys.stderr)
    return f"Delete the recording {shown} with its transcripts and entries, for good?"
