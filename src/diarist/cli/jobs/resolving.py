"""What a user types for a job: its id, some of the first or last characters of it, or `last`."""

from __future__ import annotations

from uuid import UUID

from diarist.cli.library.session import Session
from diarist.errors import ConflictError, NotFoundError
from diarist.jobs.reading.naming import jobs_named
from diarist.jobs.reading.views import jobs_of

LAST = "last"
_SHOWN_CHARACTERS = 8
_HINT = "List them: diarist jobs list"


def short_name(job_id: UUID) -> str:
    """Return what a job is called on a terminal: its last characters, which are random."""
    return job_id.hex[-_SHOWN_CHARACTERS:]


async def job_named(here: Session, name: str) -> UUID:
    """Return the key of the job that a user means.

    Raises:
        NotFoundError: if there is none.
        ConflictError: if several are called so.
    """
    if name == LAST:
        newest = await jobs_of(*here.whose, limit=1)
        if not newest:
            raise NotFoundError("there are no jobs yet", hint="Submit one: diarist submit FILE")
        return newest[0].id
    found = await jobs_named(*here.whose, name)
    if not found:
        raise NotFoundError(f"there is no job {name}", hint=_HINT)
    if len(found) > 1:
        raise ConflictError(
            f"several jobs begin or end with {name}, such as {found[0]} and {found[1]}",
            hint="Give more characters.",
        )
    return found[0]
