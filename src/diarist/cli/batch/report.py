"""What the user sees of a batch: on a terminal, in a pipe, or as JSON."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from diarist.cli.batch.outcome import Outcome, Prepared, Row, row_of, to_json_line
from diarist.cli.text import note, print_error, printable
from diarist.diary.markdown import clock
from diarist.transcription.recording import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID


class Results(Protocol):
    """Where outcomes go: standard output, in one of several shapes."""

    def add(self, outcome: Outcome) -> None:
        """Report one outcome, as soon as it is there."""

    def finish(self, rows: Sequence[Row], wall_s: float) -> None:
        """Report on all of them."""


class JsonLines:
    """One JSON object for each recording."""

    def add(self, outcome: Outcome) -> None:
        """Print an outcome."""
        print(to_json_line(outcome), flush=True)

    def finish(self, rows: Sequence[Row], wall_s: float) -> None:
        """Print nothing more: each line stands for itself."""


class TabSeparated:
    """One line for each recording: status, recording, seconds, words, first result or error.

    What a job did has no files: the title of its entry stands there, and behind it the job.
    """

    def add(self, outcome: Outcome) -> None:
        """Print an outcome."""
        row = row_of(outcome)
        result = row.result or row.title if outcome.job else row.result
        cells = [row.status, row.name, f"{row.duration_s:.1f}", str(row.words), result]
        cells += [outcome.job] if outcome.job else []
        print("\t".join(printable(cell, sys.stdout) for cell in cells), flush=True)

    def finish(self, rows: Sequence[Row], wall_s: float) -> None:
        """Print nothing more: each line stands for itself."""


class OnTerminal:
    """A recording in full where one was asked for; a table where there were several."""

    def __init__(self, *, show_each: bool, table: bool) -> None:
        self._show_each, self._table = show_each, table

    def add(self, outcome: Outcome) -> None:
        """Show an outcome in full, or leave it to the table."""
        if self._show_each and outcome.transcript is not None:
            from diarist.cli.batch.show import show  # noqa: PLC0415 - loads rich

            show(outcome)

    def finish(self, rows: Sequence[Row], wall_s: float) -> None:
        """Show the table, and what failed below it."""
        from diarist.cli.batch.show import show_table  # noqa: PLC0415 - loads rich

        if self._table:
            show_table(rows, wall_s)


class Watch:
    """Progress on standard error while the work goes on; silent where that is no terminal."""

    def __init__(self, *, total_s: float | None, count: int, visible: bool) -> None:
        self._total_s, self._count, self._visible = total_s, count, visible
        self._lock = threading.Lock()
        self._done_s: dict[str, float] = {}
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Watch:
        if self._visible:
            self._bar = _new_bar()
            self._bar.start()
            self._task = self._bar.add_task("Listening …", total=self._total_s, speed="")
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def progress(self, recording: Prepared, progress: Progress) -> None:
        """Tell how far a recording is; from any thread."""
        self._advance(recording.name, progress.done_s)

    def settled(self, outcome: Outcome) -> None:
        """Tell that a recording is done with; problems are printed at once."""
        for warning in outcome.transcript.warnings if outcome.transcript else ():
            note(warning)
        if outcome.error is not None:
            print_error(outcome.error, about=outcome.name)
        if outcome.transcript is not None:
            self._advance(outcome.name, outcome.transcript.duration_s)

    def _advance(self, name: str, done_s: float) -> None:
        with self._lock:
            self._done_s[name] = done_s
            done_s = sum(self._done_s.values())
        if self._bar is None or self._task is None:
            return
        elapsed_s = self._bar.tasks[0].elapsed or 0.0
        speed = f"{done_s / elapsed_s:.0f}× real time" if elapsed_s > 1 else ""
        label = name if self._count == 1 else f"{len(self._done_s)} of {self._count}"
        text = f"{printable(label, sys.stderr)}  {clock(done_s)}"
        self._bar.update(self._task, completed=done_s, description=text, speed=speed)


def _new_bar() -> Bar:
    from rich.console import Console  # noqa: PLC0415 - only where there is a terminal
    from rich.progress import (  # noqa: PLC0415 - likewise
        BarColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        # What is piped away must not be drawn above the bar instead.
        redirect_stdout=sys.stdout.isatty(),
    )
