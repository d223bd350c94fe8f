"""`diarist write`: a transcript that is there already in, a diary entry out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from diarist.cli.arguments import date_of


def write(
    transcript: Annotated[
        str, typer.Argument(metavar="TRANSCRIPT|-", help="txt, srt, vtt or json.")
    ],
    date: Annotated[
        str,
        typer.Option("--date", metavar="DATE", help="YYYY-MM-DD; else by file name, file time."),
    ] = "",
    language: Annotated[
        str,
        typer.Option(
            "--language", "-l", metavar="CODE", help="Of the text, such as en; else guessed."
        ),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="The entry as JSON.")] = False,
    audio: Annotated[
        Path | None,
        typer.Option("--audio", metavar="FILE", help="The recording, for links to its seconds."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="File to write; else standard output."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
) -> None:
    """Write a diary entry from a transcript."""
    from diarist.cli.writing import Request, write_one  # noqa: PLC0415 - loads pydantic

    write_one(
        Request(
            name=transcript,
            on=date_of(date),
            language=language,
            as_json=as_json,
            audio=audio,
            out=out,
            may_overwrite=force,
        )
    )
