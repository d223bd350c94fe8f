"""What a person at a terminal sees of jobs."""

from __future__ import annotations

from pathlib import Path

from e2e.test_terminal import on_terminal
from support.background import rows
from support.command import Command


def test_who_waits_sees_how_far_it_is_and_then_the_entry(diarist: Command, evening: Path) -> None:
    with on_terminal(diarist, "submit", evening.name, "--wait") as terminal:
        terminal.read_until("1 of 2 chunks")
        terminal.read_until("Diary entry")
        code = terminal.read_all()

    assert code == 0
    assert "Transcript of evening-memo" in terminal.screen
    assert "Traceback" not in terminal.screen


def test_an_interrupt_leaves_what_was_handed_in_in_the_queue(
    diarist: Command, evening: Path
) -> None:
    with on_terminal(diarist, "submit", evening.name, "--wait") as terminal:
        terminal.read_until("transcribing")
        terminal.process.terminate()
        code = terminal.read_all()

    assert code == 130
    assert "stays in the queue" in terminal.screen
    assert rows(diarist, "SELECT 1 FROM tasks WHERE state = 'running'") == []
    assert rows(diarist, "SELECT 1 FROM tasks WHERE state = 'ready'")


def test_jobs_are_a_table_and_deleting_one_is_asked_about(diarist: Command, memo: Path) -> None:
    diarist("submit", memo.name)

    with on_terminal(diarist, "jobs", "list") as listed:
        listed.read_all()
    with on_terminal(diarist, "jobs", "delete", "last") as asked:
        asked.read_until("for good?")
        asked.type("n\n")
        asked.read_all()

    assert "Recording" in listed.screen
    assert "queued" in listed.screen
    assert "kept" in asked.screen
    assert rows(diarist, "SELECT count(*) FROM recordings") == [(1,)]
