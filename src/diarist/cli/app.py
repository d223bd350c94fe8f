"""The commands of `diarist`, and what happens when one of them fails."""

from __future__ import annotations

import os
import sys
from typing import Annotated, NoReturn

import typer

from diarist import __version__
from diarist.cli import exits
from diarist.cli.doctor import doctor
from diarist.cli.models import models_app
from diarist.cli.run import run
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
app.command()(doctor)
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


def run_app() -> NoReturn:
    """Run a command; every error that diarist knows becomes one or two lines and an exit code."""
    try:
        app(standalone_mode=True)
    except DiaristError as error:
        print_error(error)
        sys.exit(exits.exit_code_of(error))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(exits.INTERRUPTED)
    except BrokenPipeError:
        # The reader has gone (`diarist … | head`); Python must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(exits.OK)
    sys.exit(exits.OK)


def print_error(error: DiaristError) -> None:
    """Say on standard error what happened and what to do."""
    print(f"diarist: {printable(error.message)}", file=sys.stderr)
    print(f"  → {printable(error.hint)}", file=sys.stderr)


def printable(text: str) -> str:
    """Return text that any terminal can take, whatever bytes a file name is made of."""
    encoding = sys.stderr.encoding or "utf-8"
    clean = "".join(char if char.isprintable() else "�" for char in text)
    return clean.encode(encoding, "replace").decode(encoding)
