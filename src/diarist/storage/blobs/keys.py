"""What a blob may be called: what every kind of store takes and gives back unchanged."""

from __future__ import annotations

_LONGEST_PART_BYTES = 255  # of a file's name, in the file systems of Linux and macOS
_LONGEST_KEY_BYTES = 900  # S3 takes 1,024, with the prefix of the store


def checked_key(key: str) -> str:
    """Return a key that can be used.

    Raises:
        ValueError: if a part of it is empty, too long, begins with a dot or holds a backslash or
            anything that cannot be printed.
    """
    parts = key.split("/")
    if not all(map(_is_name, parts)) or len(key.encode()) > _LONGEST_KEY_BYTES:
        raise ValueError(f"no blob can have the key {key!r}")
    return key


def checked_folder(prefix: str) -> str:
    """Return the folder that a prefix names, without a slash at its end; "" is everything.

    Raises:
        ValueError: as for a key.
    """
    return checked_key(prefix.removesuffix("/")) if prefix else ""


def _is_name(part: str) -> bool:
    return (
        part.isprintable()
        and not part.startswith(".")
        and "\\" not in part
        and 0 < len(part.encode()) <= _LONGEST_PART_BYTES
    )
