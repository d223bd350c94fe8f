"""`diarist submit`: recordings in, jobs out."""

from __future__ import annotations

from typing import Annotated

import typer

from diarist.cli import wishes
from diarist.cli.arguments import date_of


def submit(
    recordings: Annotated[
        list[str], typer.Argument(metavar="FILE|FOLDER|-…", help="What to hand in.")
    ],
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait until all is done, and print what became of it.")
    ] = False,
    model: wishes.Model = "",
    language: wishes.Language = "",
    translate: wishes.Translate = False,
    vocabulary: wishes.Vocabulary = None,
    date: wishes.Date = "",
    priority: wishes.Priority = "normal",
    transcript_only: Annotated[
        bool, typer.Option("--transcript-only", help="Write no entry.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Make a new job even if the same was done before.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Hand recordings in to be transcribed and written about, by this machine or by others.

    They are copied into the library first. The same bytes are kept once and done once.
    """
    from diarist.cli.jobs.submitting import Request, submit_all  # noqa: PLC0415 - loads sqlalchemy
    from diarist.cli.library.wishing import Wishes  # noqa: PLC0415 - likewise

    request = Request(
        names=tuple(recordings),
        wishes=Wishes(
            model, language, translate, tuple(vocabulary or ()), wants_entry=not transcript_only
        ),
        on=date_of(date),
        priority=priority,
        again=again,
        wait=wait,
        as_json=as_json,
    )
    raise typer.Exit(submit_all(request))
