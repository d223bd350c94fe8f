"""`diarist jobs`: look at jobs, follow them, take them back, have them done again, delete them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from diarist.cli.outputs import FORMATS

jobs_app = typer.Typer(
    help="List jobs, look at one, follow it, cancel, retry or delete it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_Job = Annotated[
    str, typer.Argument(metavar="JOB", help="Its id, some first or last characters of it, or last.")
]
_Jobs = Annotated[
    list[str], typer.Argument(metavar="JOB…", help="Ids, some characters of them, or last.")
]


class StageName(StrEnum):
    """Where a job may be begun again."""

    PREPARE = "prepare"
    TRANSCRIBE = "transcribe"
    ASSEMBLE = "assemble"
    WRITE = "write"


@jobs_app.command("list")
def list_jobs(
    states: Annotated[
        list[str] | None,
        typer.Option(
            "--state", metavar="LIST", help="Only those in a state, such as failed,partial."
        ),
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, metavar="N", help="The newest so many.")
    ] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Print jobs, newest first: id, state, how much is done, length, recording, result."""
    from diarist.cli.jobs.listing import list_all  # noqa: PLC0415 - loads sqlalchemy

    list_all(states or (), limit, as_json=as_json)


@jobs_app.command("show")
def show(
    job: _Job,
    transcript: Annotated[
        bool, typer.Option("--transcript", help="Its transcript, as far as there is one.")
    ] = False,
    entry: Annotated[bool, typer.Option("--entry", help="Its entry.")] = False,
    fmt: Annotated[
        str,
        typer.Option(
            "--format", "-f", metavar="FORMAT", help=f"The result as {', '.join(FORMATS)}."
        ),
    ] = "",
    events: Annotated[bool, typer.Option("--events", help="All that happened to it.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="All about it, as JSON.")] = False,
) -> None:
    """Print how far a job is, what befell it, and what it made."""
    from diarist.cli.jobs.showing import Wanted, show_one  # noqa: PLC0415 - loads sqlalchemy

    show_one(job, Wanted(transcript, entry, fmt, events, as_json))


@jobs_app.command("watch")
def watch(
    job: Annotated[
        str, typer.Argument(metavar="[JOB]", help="Its id, some characters of it, or last.")
    ] = "",
    every: Annotated[
        bool, typer.Option("--all", help="All that go on, and what is submitted meanwhile.")
    ] = False,
    after: Annotated[
        int, typer.Option("--after", min=0, metavar="SEQ", help="Only events after this one.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Print what happens to a job until it ends. The exit code is that of its error."""
    from diarist.cli.jobs.events import watch_events  # noqa: PLC0415 - loads sqlalchemy

    if bool(job) == every:
        raise typer.BadParameter("name one job, or say --all.", param_hint="JOB")
    raise typer.Exit(watch_events(job or None, after, as_json=as_json))


@jobs_app.command("cancel")
def cancel(jobs: _Jobs) -> None:
    """End jobs, also those that are being worked on. What they have made stays."""
    from diarist.cli.jobs.commanding import cancel_all  # noqa: PLC0415 - loads sqlalchemy

    raise typer.Exit(cancel_all(jobs))


@jobs_app.command("retry")
def retry(
    jobs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[JOB]…", help="Ids, some characters of them, or last."),
    ] = None,
    stage: Annotated[
        StageName | None,
        typer.Option("--stage", help="Where to begin; else where it failed, keeping the rest."),
    ] = None,
    failed: Annotated[
        bool, typer.Option("--failed", help="All that failed, or made no entry.")
    ] = False,
) -> None:
    """Have jobs done again. What is there stays; new results become new versions."""
    from diarist.cli.jobs.commanding import retry_all  # noqa: PLC0415 - loads sqlalchemy

    if bool(jobs) == failed:
        raise typer.BadParameter("name jobs, or say --failed.", param_hint="JOB")
    raise typer.Exit(retry_all(jobs or (), stage and stage.value))


@jobs_app.command("delete")
def delete(
    jobs: _Jobs,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete recordings with all that was made from them, for good."""
    from diarist.cli.jobs.deleting import delete_all  # noqa: PLC0415 - loads sqlalchemy

    raise typer.Exit(delete_all(jobs, is_sure=yes))
