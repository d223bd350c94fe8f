"""`diarist search`: find what was said, and what was written of it."""

from __future__ import annotations

from typing import Annotated

import typer

from diarist.cli.arguments import date_of


def search(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="WORDS…", help="All must occur; 'a phrase', begin*, and after -- also -not."
        ),
    ],
    since: Annotated[
        str, typer.Option("--since", metavar="DATE", help="The first day, YYYY-MM-DD.")
    ] = "",
    until: Annotated[
        str, typer.Option("--until", metavar="DATE", help="The last day, YYYY-MM-DD.")
    ] = "",
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=100, metavar="N", help="The best so many.")
    ] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Find words in transcripts and entries, the best places first."""
    from diarist.cli.jobs.finding import Question, find  # noqa: PLC0415 - loads sqlalchemy

    question = Question(
        # The shell has taken the quotation marks away: what was quoted is one argument.
        " ".join(f'"{part}"' if " " in part and '"' not in part else part for part in words),
        date_of(since, "--since"),
        date_of(until, "--until"),
        limit,
    )
    find(question, as_json=as_json)
