"""Errors and names as text that any terminal can take."""

from __future__ import annotations

import sys
from typing import TextIO

from diarist.errors import DiaristError


def printable(text: str, stream: TextIO) -> str:
    """Return text that a stream can take, whatever bytes a file name is made of."""
    encoding = stream.encoding or "utf-8"
    clean = "".join(char if char.isprintable() else "�" for char in text)
    return clean.encode(encoding, "replace").decode(encoding)


def print_error(error: DiaristError, about: str = "") -> None:
    """Say on standard error what happened and what to do.

    Args:
        error: what happened.
        about: path of what it happened to; added where the message does not show it.
    """
    where = f"{about}: " if about and about not in error.message else ""
    print(f"diarist: {printable(where + error.message, sys.stderr)}", file=sys.stderr)
    print(f"  → {printable(error.hint, sys.stderr)}", file=sys.stderr, flush=True)


def note(text: str) -> None:
    """Say on standard error what the reader should know."""
    print(f"note: {printable(text, sys.stderr)}", file=sys.stderr, flush=True)
