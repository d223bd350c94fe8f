"""The page that a benchmark leaves behind: what, how, where, the numbers, and how to read them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from measure.machine import command_line, machine_lines

RESULTS = Path(__file__).parents[1] / "results"


@dataclass(frozen=True)
class Table:
    """Numbers in rows; the first column is text, all others are aligned to the right."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    heading: str = ""

    def markdown(self) -> str:
        rule = ["---", *["---:"] * (len(self.columns) - 1)]
        lines = [f"| {' | '.join(cells)} |" for cells in (self.columns, rule, *self.rows)]
        return "\n".join([*([f"## {self.heading}", ""] if self.heading else []), *lines])


@dataclass(frozen=True)
class Verdict:
    """A target, and whether it was met."""

    target: str
    measured: str
    is_met: bool

    def markdown(self) -> str:
        return (
            f"* {'met' if self.is_met else '**NOT met**'}: {self.target}; measured {self.measured}"
        )


@dataclass(frozen=True)
class Report:
    """One page in bench/results.

    Attributes:
        title: heading of the page.
        measured: what was measured, in a few sentences.
        libraries: distributions whose versions matter.
        tables: the numbers.
        reading: how to read them, a paragraph each.
        verdicts: targets and whether they were met.
    """

    title: str
    measured: str
    libraries: Sequence[str]
    tables: Sequence[Table]
    reading: Sequence[str] = field(default=())
    verdicts: Sequence[Verdict] = field(default=())

    def markdown(self) -> str:
        facts = [f"Command: `{command_line(sys.argv)}`", *machine_lines(self.libraries)]
        parts = [f"# {self.title}", self.measured, "\n".join(f"* {fact}" for fact in facts)]
        parts += [table.markdown() for table in self.tables]
        if self.verdicts:
            parts += ["## Targets", "\n".join(verdict.markdown() for verdict in self.verdicts)]
        if self.reading:
            parts += ["## How to read it", *self.reading]
        return "\n\n".join(parts) + "\n"


def add_results_option(parser: argparse.ArgumentParser, name: str) -> None:
    """Let the user choose where the page goes; by default bench/results/NAME.md."""
    parser.add_argument(
        "--results",
        type=Path,
        metavar="FILE",
        default=RESULTS / f"{name}.md",
        help=f"where the table is written (default: bench/results/{name}.md)",
    )


def publish(report: Report, results: Path) -> int:
    """Write a report, print its numbers, and return the exit status: 1 if a target was missed."""
    results.parent.mkdir(parents=True, exist_ok=True)
    results.write_text(report.markdown(), encoding="utf-8")
    for table in report.tables:
        print(table.markdown(), end="\n\n")
    for verdict in report.verdicts:
        print(verdict.markdown())
    return 0 if all(verdict.is_met for verdict in report.verdicts) else 1
