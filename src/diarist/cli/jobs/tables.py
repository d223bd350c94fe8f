"""Rows for people, on a terminal, and for programs, in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from diarist.cli.text import printable


def print_rows(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows: as a table on a terminal, else with tabs between the cells."""
    if sys.stdout.isatty():
        print_table(heads, list(rows))
        return
    for row in rows:
        print(tab_separated(row))


def tab_separated(cells: Iterable[str]) -> str:
    """Return a row for programs: nothing in a cell can be taken for the end of it."""
    return "\t".join(printable(cell, sys.stdout) for cell in cells)


def print_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; nothing if it would be empty."""
    from rich.table import Table  # noqa: PLC0415 - only where there is a terminal
    from rich.text import Text  # noqa: PLC0415 - likewise

    from diarist.cli.batch.show import console  # noqa: PLC0415 - likewise

    if not rows:
        return
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell, sys.stdout)) for cell in row))
    console().print(table)
