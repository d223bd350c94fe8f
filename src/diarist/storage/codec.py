"""Bodies as they are stored: JSON, compressed, with one byte that says how.

A transcript's words and times make JSON of 100 KB for five minutes; compressed it is a tenth.
"""

from __future__ import annotations

import zlib
from typing import Any

from pydantic import TypeAdapter, ValidationError

from diarist.errors import UnexpectedError

_ZLIB_JSON = b"\x01"
_LEVEL = 3  # half the time of the default for a few per cent more bytes


def packed(adapter: TypeAdapter[Any], value: object) -> bytes:
    """Return a value as bytes to be stored."""
    return _ZLIB_JSON + zlib.compress(adapter.dump_json(value, by_alias=True), _LEVEL)


def unpacked(adapter: TypeAdapter[Any], body: bytes) -> Any:  # noqa: ANN401 - the adapter's own type
    """Return what `packed` was given.

    Raises:
        UnexpectedError: if the bytes are not such a body.
    """
    if body[:1] != _ZLIB_JSON:
        raise UnexpectedError(
            "a stored text has a form that this version does not know",
            hint="It was written by a newer version of diarist: update this one.",
        )
    try:
        return adapter.validate_json(zlib.decompress(body[1:]))
    except (zlib.error, ValidationError):
        raise UnexpectedError(
            "a stored text is damaged",
            hint="Restore it from a backup, or make it again from the recording.",
        ) from None  # the cause quotes the text
