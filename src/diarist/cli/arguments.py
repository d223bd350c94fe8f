"""Arguments as the user typed them to values, or to a message that says what they may be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import typer

from diarist.cli.inputs import unreadable
from diarist.cli.outputs import FORMATS

_DEFAULT_FORMATS = ("md", "json")


def date_of(text: str, option: str = "--date") -> dt.date | None:
    """Read a date, if one was given."""
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(
            f"{text!r} is no date such as 2026-11-18.", param_hint=option
        ) from error


def formats_of(given: Iterable[str]) -> tuple[str, ...]:
    """Read formats that are separated by commas, given in several options, or both."""
    formats = tuple(dict.fromkeys(part for text in given for part in _parts(text)))
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        raise typer.BadParameter(
            f"{unknown[0]!r} is none of {', '.join(FORMATS)}.", param_hint="--format"
        )
    return formats or _DEFAULT_FORMATS


def vocabulary_of(given: Iterable[str]) -> tuple[str, ...]:
    """Read terms that are separated by commas, or stand a line each in a file named as @FILE.

    Raises:
        InputError: if such a file cannot be read.
    """
    terms: list[str] = []
    for text in given:
        if text.startswith("@"):
            terms += _lines_of(Path(text[1:]))
        else:
            terms += _parts(text)
    return tuple(dict.fromkeys(terms))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _lines_of(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise unreadable(path, error) from error
    return [line.strip() for line in text.splitlines() if line.strip()]
