"""The sizes that keep the code readable: they may shrink, never grow."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "diarist"
LISTS = SOURCE / "storage" / "migrations" / "versions"  # of columns: long, and never changed
LONGEST_FUNCTION = 40  # lines, docstring and signature left out
LONGEST_FILE = 400
GRANDFATHERED: frozenset[str] = frozenset()


def functions() -> Iterator[tuple[str, int]]:
    for path in sorted(set(SOURCE.rglob("*.py")) - set(LISTS.rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                lines = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
                yield f"{path.relative_to(SOURCE)}:{node.name}", lines


def test_no_function_is_longer_than_a_screen() -> None:
    long = {name for name, lines in functions() if lines > LONGEST_FUNCTION}

    assert long == GRANDFATHERED


def test_no_file_holds_more_than_one_idea() -> None:
    sizes = {
        str(path.relative_to(SOURCE)): len(path.read_text(encoding="utf-8").splitlines())
        for path in SOURCE.rglob("*.py")
    }

    assert [name for name, lines in sizes.items() if lines > LONGEST_FILE] == []


def test_no_module_is_named_after_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}

    assert [path for path in SOURCE.rglob("*.py") if path.stem in vague] == []
