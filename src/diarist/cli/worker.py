"""`diarist worker`: do what is to be done."""

from __future__ import annotations

from typing import Annotated

import typer


def worker(
    queues: Annotated[
        str,
        typer.Option(
            "--queues", metavar="LIST", help="Such as transcribe,write.high.  [default: all]"
        ),
    ] = "",
    once: Annotated[bool, typer.Option("--once", help="Leave when nothing is left to do.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell more.")] = False,
) -> None:
    """Work on jobs until told to stop.

    The first SIGTERM or Ctrl-C lets what is under way be finished, a second hands it back at
    once, a third leaves. Any number of workers may run, on any number of machines.
    """
    from diarist.cli.jobs.working import work_on_jobs  # noqa: PLC0415 - loads sqlalchemy

    raise typer.Exit(work_on_jobs(queues, once=once, verbose=verbose))
