"""The whole of `diarist jobs show`."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import typer

from diarist.cli.jobs.near import NearView, near_view
from diarist.cli.jobs.plain import (
    plain_event,
    plain_forecast,
    plain_job,
    plain_task,
    plain_version,
)
from diarist.cli.jobs.resolving import job_named
from diarist.cli.jobs.words import (
    event_in_words,
    moment,
    place_and_time,
    state_in_words,
    task_in_words,
)
from diarist.cli.library.session import session
from diarist.cli.outputs import ENTRY_FORMATS, FORMATS
from diarist.cli.text import printable
from diarist.diary.markdown import clock, to_markdown
from diarist.errors import NotFoundError
from diarist.jobs.states import TaskState
from diarist.transcription.formats import RENDERERS

_TAIL_CHARACTERS = 240


@dataclass(frozen=True)
class Wanted:
    """What is to be shown of a job; if nothing is said, how far it is and what befell it."""

    transcript: bool
    entry: bool
    fmt: str
    events: bool
    as_json: bool

    @property
    def formats(self) -> tuple[str, ...]:
        """In which formats its results are to be printed."""
        if self.fmt:
            return (self.fmt,)
        return ("txt",) * self.transcript + ("md",) * self.entry


def show_one(name: str, wanted: Wanted) -> None:
    """Print what is wanted of a job.

    Raises:
        InputError: if there is no such job, or it has not made that yet.
    """
    if wanted.fmt and wanted.fmt not in FORMATS:
        raise typer.BadParameter(
            f"{wanted.fmt!r} is none of {', '.join(FORMATS)}.", param_hint="--format"
        )

    async def work() -> NearView:
        async with session() as here:
            return await near_view(here, await job_named(here, name))

    view = asyncio.run(work())
    if wanted.as_json:
        print(json.dumps(_plain(view, wanted), ensure_ascii=False, indent=2))
    elif wanted.formats:
        for fmt in wanted.formats:
            sys.stdout.write(_rendered(view, fmt))
    else:
        for line in [*_lines(view), *(_event_lines(view) if wanted.events else ())]:
            print(printable(line, sys.stdout))


def _rendered(view: NearView, fmt: str) -> str:
    if fmt not in ENTRY_FORMATS:
        return RENDERERS[fmt](view.transcript)
    if view.entry is None or not view.is_assembled:
        raise NotFoundError(
            f"job {view.job.id} has no entry{'' if view.job.has_ended else ' yet'}",
            hint="Look at its transcript: diarist jobs show JOB --transcript",
        )
    if fmt == "entry":
        return view.entry.model_dump_json(by_alias=True, indent=2) + "\n"
    return to_markdown(view.entry, view.transcript, None, view.job.recorded_at)


def _plain(view: NearView, wanted: Wanted) -> dict[str, object]:
    body: dict[str, object] = {
        **plain_job(view.job),
        **plain_forecast(view.before),
        "tasks": [plain_task(task) for task in view.tasks],
        "versions": [plain_version(version) for version in view.versions],
    }
    if wanted.events:
        body["events"] = [plain_event(str(view.job.id), event) for event in view.events]
    if wanted.transcript:
        body["transcript"] = json.loads(RENDERERS["json"](view.transcript))
    if wanted.entry:
        body["entry"] = view.entry and view.entry.model_dump(mode="json", by_alias=True)
    return body


def _lines(view: NearView) -> Iterator[str]:
    for name, text in (*_facts(view), *_troubles(view), *_results(view)):
        yield f"{name:<12}{text}"


def _facts(view: NearView) -> Iterator[tuple[str, str]]:
    job = view.job
    yield "job", str(job.id)
    yield "recording", f"{job.name}, of {moment(job.recorded_at)}"
    yield "state", f"{state_in_words(job)} ({job.progress:.0%})"
    yield "priority", job.priority.name.lower()
    known = (
        ("length", "" if job.duration_s is None else clock(job.duration_s)),
        ("queue", place_and_time(job, view.before)),
        ("submitted", moment(job.created_at)),
        ("begun", moment(job.started_at)),
        ("ended", moment(job.finished_at)),
    )
    yield from (fact for fact in known if fact[1])


def _troubles(view: NearView) -> Iterator[tuple[str, str]]:
    for warning in view.job.warnings:
        yield "note", warning
    if view.job.error is not None:
        yield "error", view.job.error["message"]
        yield "", f"→ {view.job.error['hint']}"
    for task in view.tasks:
        if task.state is not TaskState.DONE or task.attempts or task.losses or task.delays:
            yield "task", task_in_words(task)


def _results(view: NearView) -> Iterator[tuple[str, str]]:
    for version in view.versions:
        yield "made", f"{version.kind} {version.number}, {moment(version.created_at)}"
    if view.entry is not None:
        yield "title", view.entry.title
    elif view.transcript.segments:
        yield "so far", view.transcript.text[-_TAIL_CHARACTERS:]


def _event_lines(view: NearView) -> Iterator[str]:
    yield ""
    for event in view.events:
        yield f"{event.seq:>4}  {moment(event.at)}  {event_in_words(event)}"
