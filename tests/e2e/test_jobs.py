"""Jobs as their owner sees them, and what may be done to them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.background import data_folder, rows
from support.command import Command

USAGE, INPUT, NO_SPEECH = 2, 3, 4


@pytest.fixture
def queued(diarist: Command, memo: Path) -> str:
    """A job that nobody works on."""
    return diarist("submit", memo.name).rows[0][0]


def test_there_are_no_jobs_in_the_beginning(diarist: Command) -> None:
    listed, last = diarist("jobs", "list"), diarist("jobs", "show", "last")

    assert (listed.code, listed.out) == (0, "")
    assert last.code == INPUT
    assert "diarist submit" in last.err


def test_a_job_is_known_by_parts_of_its_id(diarist: Command, queued: str) -> None:
    other = diarist("submit", "memo.wav", "--again").rows[0][0]

    for name, job in ((queued, queued), (queued[-8:], queued), ("last", other)):
        assert json.loads(diarist("jobs", "show", name, "--json").out)["job"] == job
    ambiguous, unknown = diarist("jobs", "show", queued[:8]), diarist("jobs", "show", "zebra")

    assert ambiguous.code == unknown.code == INPUT
    assert "more characters" in ambiguous.err
    assert "there is no job zebra" in unknown.err


def test_jobs_are_listed_newest_first_and_by_state(diarist: Command, queued: str) -> None:
    other = diarist("submit", "memo.wav", "--again").rows[0][0]
    diarist("jobs", "cancel", queued)

    everything = diarist("jobs", "list")
    cancelled = diarist("jobs", "list", "--state", "cancelled,failed", "--json")
    wrong = diarist("jobs", "list", "--state", "sleeping")

    assert [row[:3] for row in everything.rows] == [
        [other, "queued", "0%"],
        [queued, "cancelled", "0%"],
    ]
    assert [json.loads(line)["job"] for line in cancelled.out.splitlines()] == [queued]
    assert (wrong.code, "sleeping" in wrong.err) == (USAGE, True)


def test_a_job_is_cancelled_once_and_done_after_all_when_retried(
    diarist: Command, queued: str
) -> None:
    cancelled = diarist("jobs", "cancel", queued, "zebra")
    twice = diarist("jobs", "cancel", queued)
    watched = diarist("jobs", "watch", queued)
    retried = diarist("jobs", "retry", queued)

    assert (cancelled.code, cancelled.rows) == (INPUT, [[queued, "cancelled"]])
    assert twice.code == INPUT
    assert [row[3] for row in watched.rows] == ["job.created", "job.cancelled"]
    assert watched.code == INPUT
    assert retried.rows == [[queued, "again from prepare"]]
    assert rows(diarist, "SELECT state FROM jobs") == [("queued",)]


def test_a_job_that_failed_says_why_in_plain_words(diarist: Command) -> None:
    (diarist.folder / "text.wav").write_text("Dear diary, " * 50)
    job = diarist("submit", "text.wav").rows[0][0]
    worked = diarist("worker", "--once", "--queues", "prepare")

    shown = diarist("jobs", "show", "last", "--events")
    watched = diarist("jobs", "watch", job, "--after", "2", "--json")
    retried = diarist("jobs", "retry", "--failed")

    assert worked.code == 0, worked.err
    assert "failed" in shown.out
    assert "text.wav is not audio" in shown.out
    assert "begun by" in shown.out
    assert watched.code == INPUT
    assert [json.loads(line)["seq"] for line in watched.out.splitlines()] == [3]
    assert retried.rows == [[job, "again from prepare"]]


def test_results_are_shown_in_every_format_and_made_anew(diarist: Command, memo: Path) -> None:
    diarist("submit", memo.name, "--wait")

    shown = {
        fmt: diarist("jobs", "show", "last", "--format", fmt) for fmt in ("md", "srt", "entry")
    }
    again = diarist("jobs", "retry", "last", "--stage", "write")
    worked = diarist("worker", "--once")
    versions = json.loads(diarist("jobs", "show", "last", "--json").out)["versions"]

    assert shown["md"].out.startswith("---")
    assert "-->" in shown["srt"].out
    assert json.loads(shown["entry"].out)["paragraphs"]
    assert again.rows[0][1] == "again from write"
    assert worked.code == 0, worked.err
    assert [(one["kind"], one["version"]) for one in versions] == [
        ("transcript", 1),
        ("entry", 1),
        ("entry", 2),
    ]


def test_a_job_that_has_made_nothing_yet_has_no_entry_to_show(
    diarist: Command, queued: str
) -> None:
    done = diarist("jobs", "show", queued, "--entry")

    assert done.code == INPUT
    assert "no entry yet" in done.err


def test_deleting_leaves_nothing_of_a_recording(diarist: Command, queued: str) -> None:
    asked = diarist("jobs", "delete", queued)
    deleted = diarist("jobs", "delete", queued, "--yes")

    counted = "(SELECT count(*) FROM recordings) + (SELECT count(*) FROM jobs)"
    also = "(SELECT count(*) FROM tasks) + (SELECT count(*) FROM job_events)"
    assert (asked.code, "--yes" in asked.err) == (USAGE, True)
    assert deleted.rows == [[queued, "deleted"]]
    assert rows(diarist, f"SELECT {counted} + {also}") == [(0,)]  # noqa: S608 - ours
    assert not [path for path in (data_folder(diarist) / "blobs").rglob("*") if path.is_file()]


def test_following_nothing_or_two_things_is_a_mistake(diarist: Command, queued: str) -> None:
    assert diarist("jobs", "watch").code == USAGE
    assert diarist("jobs", "watch", queued, "--all").code == USAGE
    assert diarist("jobs", "retry").code == USAGE
