"""A transcript, an entry and a table on the terminal, for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from diarist.cli.batch.outcome import Outcome, Row
from diarist.cli.inputs import shown
from diarist.diary.markdown import clock

if TYPE_CHECKING:
    from diarist.diary.entry import Entry
    from diarist.transcription.transcript import Transcript

_WIDEST = 100  # characters; longer lines are hard to read
_MANY_SEGMENTS = 60  # of a transcript that is shown in full


def show(outcome: Outcome) -> None:
    """Print a recording in full: its transcript, its entry, and where the files are."""
    out = console()
    if outcome.transcript is not None:
        out.print(Rule(Text(f"Transcript of {outcome.name}"), align="left"))
        out.print(_transcript(outcome.transcript))
    if outcome.entry is not None:
        out.print(Rule("Diary entry", align="left"))
        out.print(_entry(outcome.entry))
    if outcome.outputs:
        out.print(Rule("Files", align="left"))
        for path in outcome.outputs.values():
            out.print(Padding(Text(shown(path), overflow="fold"), (0, 2)))


def console() -> Console:
    """Return standard output for what people read: no wider than is easy to read."""
    out = Console(highlight=False, markup=False, emoji=False)
    out.width = min(out.width, _WIDEST)
    return out


def _transcript(transcript: Transcript) -> Padding:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for segment in transcript.segments[:_MANY_SEGMENTS]:
        table.add_row(clock(segment.start_s), Text(segment.text))
    left = len(transcript.segments) - _MANY_SEGMENTS
    if left > 0:
        table.add_row("…", Text(f"{left} more sentences; the file has them all", style="dim"))
    return Padding(table, (1, 2))


def _entry(entry: Entry) -> Padding:
    body = Table.grid()
    for part in _entry_parts(entry):
        body.add_row(part)
        body.add_row("")
    return Padding(body, (1, 2, 0, 2))


def _entry_parts(entry: Entry) -> Iterator[Text | Table]:
    yield Text(entry.title, style="bold")
    yield Text(f"{entry.date:%A} {entry.date.isoformat()} · {entry.mood.label}", style="dim")
    yield Text(entry.summary, style="italic")
    for paragraph in entry.paragraphs:
        yield Text(paragraph.text)
    if entry.action_items:
        yield _list(
            "To do",
            "☐",
            [
                f"{item.text}{f' (by {item.due})' if item.due else ''}"
                for item in entry.action_items
            ],
        )
    if entry.highlights:
        yield _list("Highlights", "•", [highlight.text for highlight in entry.highlights])
    named = (("People", entry.people), ("Places", entry.places), ("Topics", entry.topics))
    lines = [f"{label}: {', '.join(names)}" for label, names in named if names]
    if lines:
        yield Text("\n".join(lines), style="dim")


def _list(title: str, mark: str, lines: Sequence[str]) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_row(Text(title, style="bold"))
    inner = Table.grid(padding=(0, 1))
    for line in lines:
        inner.add_row(Text(mark), Text(line))
    table.add_row(inner)
    return table


def show_table(rows: Sequence[Row], wall_s: float) -> None:
    """Print what became of each recording, and the sums."""
    out = console()
    table = Table(show_edge=False, pad_edge=False, header_style="bold", footer_style="bold")
    done = [row for row in rows if row.status == "done"]
    total_s = sum(row.duration_s for row in done)
    failed = [row for row in rows if row.status == "failed"]
    table.add_column("Recording", _counted(rows), overflow="fold")
    table.add_column("Length", clock(total_s), justify="right", no_wrap=True)
    table.add_column("Speed", _speed(total_s, wall_s), justify="right", no_wrap=True)
    table.add_column("Words", f"{sum(row.words for row in done):,}", justify="right", no_wrap=True)
    table.add_column("Result", f"{len(failed)} failed" if failed else "", overflow="fold")
    table.show_footer = len(rows) > 1
    for row in rows:
        table.add_row(*_cells(row))
    out.print()
    out.print(table)


def _counted(rows: Sequence[Row]) -> str:
    return f"{len(rows)} recordings in all"


def _speed(duration_s: float, took_s: float) -> str:
    return f"{duration_s / took_s:.1f}×" if duration_s and took_s else ""


def _cells(row: Row) -> tuple[Text, ...]:
    name = Text(row.name)
    if row.status == "done":
        return (
            name,
            Text(clock(row.duration_s)),
            Text(_speed(row.duration_s, row.took_s)),
            Text(f"{row.words:,}"),
            Text(row.title or row.result),
        )
    result = row.error.message if row.error else "its results are there already"
    style = "red" if row.status == "failed" else "dim"
    return name, Text(""), Text(""), Text(""), Text(result, style=style)
