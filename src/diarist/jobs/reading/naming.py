"""Jobs by what people type of a key: some of its first or last characters.

Keys begin with the time, so that those of one day begin alike; their last characters are random.
"""

from __future__ import annotations

import re
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, func, or_, select

from diarist.storage.database import Database
from diarist.storage.tables import jobs

_HEX_DIGITS = 32
_PART = re.compile(r"[0-9a-f]{1,32}")


async def jobs_named(database: Database, owner_id: UUID, part: str, at_most: int = 2) -> list[UUID]:
    """Return the keys of jobs that begin or end with some characters, newest first.

    Args:
        database: where they are.
        owner_id: whose they are.
        part: hexadecimal digits, with or without hyphens; anything else is no part of a key.
        at_most: how many.
    """
    digits = part.replace("-", "").lower()
    if not _PART.fullmatch(digits):
        return []
    named = (
        select(jobs.c.id)
        .where(jobs.c.owner_id == owner_id, _is_named(digits))
        .order_by(jobs.c.id.desc())
        .limit(at_most)
    )
    return [row.id for row in await database.rows(named)]


def _is_named(digits: str) -> ColumnElement[bool]:
    first, last = (UUID(digits.ljust(_HEX_DIGITS, filler)) for filler in "0f")
    begins = jobs.c.id.between(first, last)
    if len(digits) == _HEX_DIGITS:
        return begins
    # Without the hyphens, which SQLite does not store and PostgreSQL writes.
    return or_(begins, func.replace(cast(jobs.c.id, Text), "-", "").like(f"%{digits}"))
