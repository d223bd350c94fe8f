"""The error tree is what it says it is, and every error is documented."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from diarist import errors
from diarist.cli.failures import BUG, exit_code_of
from diarist.errors import DiaristError, UnexpectedError

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "errors.md"


def lines_of(kind: type[DiaristError], indent: str = "") -> Iterator[str]:
    yield kind.__name__
    children = kind.__subclasses__()
    for index, child in enumerate(children):
        is_last = index == len(children) - 1
        branch, below = ("└─ ", "   ") if is_last else ("├─ ", "│  ")
        first, *rest = lines_of(child)
        yield indent + branch + first
        for line in rest:
            yield indent + below + line


def kinds_below(kind: type[DiaristError]) -> Iterator[type[DiaristError]]:
    for child in kind.__subclasses__():
        yield child
        yield from kinds_below(child)


def test_the_drawing_is_the_tree() -> None:
    assert errors.__doc__ is not None
    drawn = [
        re.sub(r"(Error)\b.*$", r"\1", line[4:])
        for line in errors.__doc__.splitlines()
        if line.startswith("    ") and "Error" in line
    ]

    assert drawn == list(lines_of(DiaristError))


def test_every_error_that_is_raised_has_a_code_of_its_own() -> None:
    kinds = list(kinds_below(DiaristError))

    assert len({kind.code for kind in kinds}) == len(kinds)
    assert all(re.fullmatch(r"[a-z]+/[a-z-]+", kind.code) for kind in kinds)


def test_every_code_has_a_heading_in_the_reference() -> None:
    headings = set(re.findall(r"^## `(.+)`$", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE))

    codes = {kind.code for kind in kinds_below(DiaristError) if not kind.__subclasses__()}
    assert headings == codes


def test_only_a_defect_has_the_exit_code_of_a_defect() -> None:
    for kind in kinds_below(DiaristError):
        is_defect = exit_code_of(kind("it broke", hint="mend it")) == BUG
        assert is_defect == (kind is UnexpectedError), kind


def test_nothing_but_errors_is_defined_beside_them() -> None:
    defined = [
        value
        for value in vars(errors).values()
        if inspect.isclass(value) and value.__module__ == errors.__name__
    ]

    assert all(issubclass(kind, DiaristError) for kind in defined)
