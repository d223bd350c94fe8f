"""Keys of rows: UUID version 7, which sort by the time at which they were made (RFC 9562)."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Return a key that no row has yet."""
    return uuid7()
