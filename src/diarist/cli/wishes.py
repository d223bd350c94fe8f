"""Options that several commands share: what is wanted of a transcript and an entry."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import typer

Model: TypeAlias = Annotated[
    str,
    typer.Option("--model", "-m", metavar="MODEL", help="Name, folder, or auto.  [default: auto]"),
]
Language: TypeAlias = Annotated[
    str,
    typer.Option(
        "--language", "-l", metavar="CODE", help="Of the speech, such as en; else detected."
    ),
]
Translate: TypeAlias = Annotated[
    bool, typer.Option("--translate", help="Write English, whatever was spoken.")
]
Vocabulary: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--vocabulary", metavar="LIST", help="Names and terms, comma-separated, or @FILE."
    ),
]
Date: TypeAlias = Annotated[
    str,
    typer.Option("--date", metavar="DATE", help="YYYY-MM-DD; else by tags, file name, file time."),
]
PriorityName: TypeAlias = Literal["high", "normal", "low"]
Priority: TypeAlias = Annotated[
    PriorityName, typer.Option("--priority", help="Whose work comes first.")
]
