"""`diarist run`: recordings in, diary entries out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from diarist.cli import wishes
from diarist.cli.arguments import date_of, formats_of
from diarist.cli.outputs import FORMATS

_DEFAULT_OUT = Path("diary")


def run(
    recordings: Annotated[
        list[str], typer.Argument(metavar="FILE|FOLDER|-…", help="What to turn into a diary.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FOLDER", help="Folder for the results.  [default: diary]"
        ),
    ] = None,
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
    date: wishes.Date = "",
    as_json: Annotated[
        bool,
        typer.Option("--json", help="One JSON object a line; files only where --out is given."),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
    skip_existing: Annotated[
        bool, typer.Option("--skip-existing", help="Leave recordings that have their results.")
    ] = False,
    show: Annotated[
        bool, typer.Option("--show", help="Print each transcript and entry in full.")
    ] = False,
    device: Annotated[
        Literal["auto", "cpu", "cuda"] | None,
        typer.Option("--device", help="Where the model runs.  [default: auto]"),
    ] = None,
    beam_size: Annotated[
        int | None,
        typer.Option("--beam-size", min=1, max=20, metavar="N", help="1 is fastest.  [default: 5]"),
    ] = None,
    no_keep: Annotated[
        bool, typer.Option("--no-keep", help="Keep nothing of it in the library.")
    ] = False,
) -> None:
    """Transcribe recordings and write a diary entry for each.

    Folders are searched with all they hold. Nothing is overwritten without --force. What was
    made is kept in the library, too, where `diarist jobs list` shows it.
    """
    from diarist.cli.batch.command import Request, run_batch  # noqa: PLC0415 - loads numpy

    request = Request(
        names=tuple(recordings),
        out=out if out is not None or as_json else _DEFAULT_OUT,
        formats=formats_of(formats or ()),
        model=model,
        language=language,
        translate=translate,
        vocabulary=tuple(vocabulary or ()),
        on=date_of(date),
        as_json=as_json,
        may_overwrite=force,
        skip_existing=skip_existing,
        show=show,
        device=device,
        beam_size=beam_size,
        keep=not no_keep,
    )
    raise typer.Exit(run_batch(request))
