"""The commands of `diarist`, and what happens when one of them fails."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import Annotated, NoReturn

import typer

from diarist import __version__
from diarist.cli.db import db_app
from diarist.cli.doctor import doctor
from diarist.cli.failures import INTERRUPTED, OK, exit_code_of, missing_extra, unexpected_error
from diarist.cli.jobs.app import jobs_app
from diarist.cli.models import models_app
from diarist.cli.run import run
from diarist.cli.search import search
from diarist.cli.submit import submit
from diarist.cli.text import print_error
from diarist.cli.watch import watch
from diarist.cli.worker import worker
from diarist.cli.write import write
from diarist.errors import DiaristError

app = typer.Typer(
    name="diarist",
    help="Turn recordings into a diary: a transcript with times and an entry that points to them.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command()(run)
app.command()(write)
app.command()(submit)
app.command()(watch)
app.command()(worker)
app.command()(search)
app.command()(doctor)
app.add_typer(jobs_app, name="jobs")
app.add_typer(db_app, name="db")
app.add_typer(models_app, name="models")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"diarist {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Turn recordings into a diary: a transcript with times and an entry that points to them."""


def run_app() -> None:
    """Run a command; every error becomes one or two lines and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows only ASCII gets "?"
    try:
        app(prog_name="diarist", standalone_mode=True)
    except DiaristError as error:
        _fail(error)
    except ModuleNotFoundError as error:
        _fail(missing_extra(error))
    except SystemExit as leaving:
        if leaving.code != INTERRUPTED:
            raise
        print("interrupted", file=sys.stderr)
        _exit_at_once(INTERRUPTED)
    except BrokenPipeError:
        # The reader has gone (`diarist … | head`); Python must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _exit_at_once(OK)
    except Exception as error:  # noqa: BLE001 - the outermost loop: no traceback reaches a user
        _fail(unexpected_error("the command", error))


def _fail(error: DiaristError) -> NoReturn:
    print_error(error)
    sys.exit(exit_code_of(error))


def _exit_at_once(code: int) -> NoReturn:
    """Leave without waiting for threads that are in the middle of a chunk."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
