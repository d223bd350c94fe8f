"""`diarist db`: the tables of the database, and whether all is well in them."""

from __future__ import annotations

from typing import Annotated

import typer

db_app = typer.Typer(
    help="Bring the tables up to date, and check that all is well in them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@db_app.command("upgrade")
def upgrade(
    revision: Annotated[
        str,
        typer.Option("--revision", metavar="R", help="Up to this one.  [default: the newest]"),
    ] = "",
) -> None:
    """Make the tables, or bring them to where this version needs them."""
    from diarist.cli.jobs.checking import upgrade_tables  # noqa: PLC0415 - loads sqlalchemy

    upgrade_tables(revision)


@db_app.command("check")
def check(
    blobs: Annotated[
        bool, typer.Option("--blobs", help="Compare the blob store with the database, too.")
    ] = False,
    repair: Annotated[
        bool,
        typer.Option("--repair", help="Delete blobs older than a day that nothing refers to."),
    ] = False,
) -> None:
    """Say what is wrong with the tables, the jobs, and the stored audio.

    The exit code is 0 if all is well, else 6.
    """
    from diarist.cli.jobs.checking import check_all  # noqa: PLC0415 - loads sqlalchemy

    if repair and not blobs:
        raise typer.BadParameter("it goes with --blobs.", param_hint="--repair")
    raise typer.Exit(check_all(with_blobs=blobs, repair=repair))
