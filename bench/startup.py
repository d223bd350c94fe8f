"""How long `diarist --help` and `diarist --version` take as processes, beside an empty Python."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from measure.report import Report, Table, Verdict, add_results_option, publish
from measure.rounds import Laps, alternate

_TARGET_S = 0.3  # median of --help
_EMPTY = "python -c pass"
_HELP = "diarist --help"
_LIBRARIES = ("typer", "rich")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="runs of each (default: 15)")
    parser.add_argument(
        "--executable",
        type=Path,
        metavar="FILE",
        default=Path(sys.executable).with_name("diarist"),
        help="the command to measure (default: diarist beside this Python)",
    )
    add_results_option(parser, "startup")
    return parser


def main() -> int:
    """Measure and write the table."""
    options = _parser().parse_args()
    executable = str(options.executable)
    contestants: dict[str, Callable[[], object]] = {
        _EMPTY: partial(_run, sys.executable, "-c", "pass"),
        "diarist --version": partial(_run, executable, "--version"),
        _HELP: partial(_run, executable, "--help"),
    }
    for run in contestants.values():
        run()  # once without being timed: bytecode is written, files come into the page cache
    laps = alternate(contestants, options.rounds, announce=False)
    return publish(_report(laps, options.rounds), options.results)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        sys.exit(f"{Path(command[0]).name} failed: {said[-1] if said else done.returncode}")


def _report(laps: dict[str, Laps], rounds: int) -> Report:
    empty = laps[_EMPTY]
    rows = [
        [
            f"`{name}`",
            f"{of_one.best_s * 1000:.0f}",
            f"{of_one.median_s * 1000:.0f}",
            f"{of_one.cpu_s * 1000:.0f}",
            f"{1 / of_one.speed_up_over(empty):.1f}",
        ]
        for name, of_one in laps.items()
    ]
    columns = ("command", "best, ms", "median, ms", "CPU time, ms", "× an empty Python")
    median_s = laps[_HELP].median_s
    return Report(
        title="Start-up",
        measured=f"Time from starting a process until it has ended, {rounds} rounds in which all "
        "take turns, after one round that is not counted. Output goes to a pipe.",
        libraries=_LIBRARIES,
        tables=[Table(columns, rows)],
        reading=[
            "The empty Python is the floor of this machine. CPU time is the median of what the "
            "cores worked and changes less than the other times if the machine is busy."
        ],
        verdicts=[
            Verdict(
                f"`diarist --help` in at most {_TARGET_S} s (median)",
                f"{median_s:.2f} s",
                median_s <= _TARGET_S,
            )
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
