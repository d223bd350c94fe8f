"""`diarist watch`: a folder whose new recordings become diary entries."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from diarist.cli import wishes
from diarist.cli.arguments import formats_of
from diarist.cli.outputs import ENTRY_FORMATS, FORMATS


def watch(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where recordings arrive.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FOLDER", help="Folder for the results.")
    ] = Path("diary"),
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format", "-f", metavar="LIST", help=f"Of {', '.join(FORMATS)}.  [default: md,json]"
        ),
    ] = None,
    model: wishes.Model = "",
    language: wishes.Language = "",
    translate: wishes.Translate = False,
    vocabulary: wishes.Vocabulary = None,
    priority: wishes.Priority = "normal",
    settle: Annotated[
        float,
        typer.Option(
            "--settle", min=0, metavar="SECONDS", help="A file is taken when unchanged for so long."
        ),
    ] = 5.0,
    interval: Annotated[
        float,
        typer.Option("--interval", min=0.1, metavar="SECONDS", help="Between two looks."),
    ] = 2.0,
    once: Annotated[
        bool, typer.Option("--once", help="Leave when what is there now is done.")
    ] = False,
) -> None:
    """Make diary entries of recordings that arrive in a folder, until told to stop.

    A file is taken once it is fully written, and never twice, also if it is renamed. Nothing is
    overwritten.
    """
    from diarist.cli.folder.command import Request, watch_folder  # noqa: PLC0415 - loads sqlalchemy
    from diarist.cli.library.wishing import Wishes  # noqa: PLC0415 - likewise

    wanted = formats_of(formats or ())
    wants_entry = bool(ENTRY_FORMATS.intersection(wanted))
    request = Request(
        folder=folder,
        out=out,
        formats=wanted,
        wishes=Wishes(model, language, translate, tuple(vocabulary or ()), wants_entry=wants_entry),
        priority=priority,
        settle_s=settle,
        interval_s=interval,
        once=once,
    )
    raise typer.Exit(watch_folder(request))
