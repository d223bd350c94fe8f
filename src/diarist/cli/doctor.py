"""`diarist doctor`: what this machine can do, and what is missing."""

from __future__ import annotations

import json
from typing import Annotated

import typer

_MARKS = {"ok": "✓", "warning": "!", "missing": "✗"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="The findings as JSON.")] = False,
) -> None:
    """Say what this machine can do and what is missing.

    The exit code is 0 if recordings can be transcribed and written about, else 6.
    """
    from diarist.cli.checks import findings  # noqa: PLC0415 - loads whatever is installed
    from diarist.cli.failures import OK, SETUP  # noqa: PLC0415 - beside the above
    from diarist.cli.store_checks import store_findings  # noqa: PLC0415 - loads sqlalchemy

    found = [*findings(), *store_findings()]
    if as_json:
        print(json.dumps([finding.as_dict() for finding in found], ensure_ascii=False, indent=2))
    else:
        for finding in found:
            print(f"{_MARKS[finding.state]} {finding.subject}: {finding.says}")
            if finding.hint:
                print(f"    → {finding.hint}")
    raise typer.Exit(SETUP if any(f.state == "missing" for f in found) else OK)
