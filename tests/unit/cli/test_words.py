"""Jobs, tasks and events in plain words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from diarist.cli.jobs.words import event_in_words, task_in_words
from diarist.jobs.reading.details import TaskView
from diarist.jobs.reading.views import Event
from diarist.jobs.states import Stage, TaskState

AT = datetime(2026, 11, 18, 20, 15, tzinfo=UTC)
ERROR = {"code": "jobs/too-slow", "message": "it took an hour", "hint": "wait"}


@pytest.mark.parametrize(
    ("kind", "details", "words"),
    [
        (
            "recording.prepared",
            {"duration_s": 79.8, "speech_s": 73.0, "chunks": 2},
            "decoded: 1:19 long, 1:13 of speech, 2 chunks",
        ),
        (
            "chunk.transcribed",
            {"number": 3, "chunks_done": 1, "chunks_total": None},
            "chunk 3 transcribed; 1 of ?",
        ),
        (
            "task.retried",
            {"stage": "transcribe", "number": 3, "delay_s": 1.5, "error": ERROR},
            "an error while transcribing chunk 3; again in 1.5 s: it took an hour",
        ),
        (
            "job.failed",
            {"stage": "prepare", "number": 0, "error": ERROR},
            "failed while decoding: it took an hour",
        ),
        ("job.done", {}, "done"),
        ("planet.moved", {"by": 3}, "planet.moved"),
        ("job.started", {}, "begun by ?"),
    ],
)
def test_an_event_is_a_sentence(kind: str, details: dict[str, object], words: str) -> None:
    assert event_in_words(Event(1, AT, kind, {"state": "x", **details})) == words


def test_a_task_tells_what_befell_it() -> None:
    task = TaskView(
        Stage.TRANSCRIBE, 2, TaskState.READY, 1, 3, 0, None, AT, None, None, dict(ERROR)
    )

    assert task_in_words(task) == (
        "transcribe chunk 2: ready; once it ended with an error; 3 times its worker vanished; "
        "last error: it took an hour"
    )
