"""Write the reference pages from the code, so that they cannot be wrong.

python docs/reference/generate.py            writes them
python docs/reference/generate.py --check    fails if one is not as the code says
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from diarist.errors import DiaristError

FOLDER = Path(__file__).parent
_COMMANDS = (
    (),
    ("run",),
    ("write",),
    ("submit",),
    ("jobs",),
    ("jobs", "list"),
    ("jobs", "show"),
    ("jobs", "watch"),
    ("jobs", "cancel"),
    ("jobs", "retry"),
    ("jobs", "delete"),
    ("watch",),
    ("worker",),
    ("db",),
    ("db", "upgrade"),
    ("db", "check"),
    ("search",),
    ("doctor",),
    ("models",),
    ("models", "list"),
    ("models", "pull"),
    ("models", "verify"),
    ("models", "path"),
)
_MADE = (
    "<!-- Made by docs/reference/generate.py (make docs); change the code, not this page. -->\n\n"
)


def cli_page() -> str:
    """Return every command with its help."""
    from typer.testing import CliRunner

    from diarist.cli.app import app

    os.environ["COLUMNS"] = "96"
    runner = CliRunner()
    parts = ["# The command line\n"]
    for command in _COMMANDS:
        done = runner.invoke(app, [*command, "--help"], prog_name="diarist")
        parts.append(
            f"## `{' '.join(('diarist', *command))}`\n\n```text\n{done.output.strip()}\n```\n"
        )
    return _MADE + "\n".join(parts) + _EXIT_CODES


_EXIT_CODES = """
## Exit codes

| code | meaning |
|---|---|
| 0 | everything was done, or was there already |
| 1 | a defect of diarist; the message names a file with the details |
| 2 | a wrong option, setting, language, model or engine |
| 3 | a recording or transcript that cannot be used: missing, empty, not audio, broken; a job that is unknown, or was cancelled |
| 4 | audio in which nobody speaks |
| 5 | a result that could not be written, or would have replaced a file |
| 6 | something is missing on this machine: a model, a library, memory, tables; `db check` found something wrong |
| 7 | a service failed: the model hub, a transcription server, the database, the blob store |
| 8 | several recordings failed for different reasons; each line says why |
| 130 | interrupted |

## Output of `diarist run`

On a terminal: progress with speed and time left, then the entry (one recording) or a table (several).
In a pipe: one line for each recording, cells separated by tabs: status (`done`, `skipped`, `failed`),
recording, seconds of audio, words, and the first result or the error's code. With `--json`: one JSON
object for each recording with `input`, `status`, `recorded_at`, `took_s`, `outputs`, `error`, `entry`,
`transcript`. What went wrong is said on standard error in all cases.

## Output of `diarist submit` and `diarist jobs`

`submit` prints a line for each recording: its job, `submitted`, `already submitted` or `failed`, the recording, and
the error's code; with `--json` an object with `input`, `status`, `job`, `error`. With `--wait` it prints what `run` prints,
and behind it the job; JSON begins with `job`. The exit code is then that of the job's error.

`jobs list` prints job, state, how much is done, length, time, recording, and the title or the error's message.
`jobs watch` prints job, number of the event, time, kind, and what happened in words; `--after` goes on behind an event,
so that a reader who was cut off misses nothing. JOB is an id, some of its first or last characters, or `last`.

`watch` prints `done` or `failed`, the recording, and the files that were written.
"""


def errors_page() -> str:
    """Return every error with its code, its meaning, and its exit code."""
    from diarist.cli.failures import exit_code_of

    parts = [
        "# Errors\n",
        "Every error says what happened, to what, and what to do. Its code never changes.\n",
    ]
    for kind in _leaves(DiaristError):
        doc = (kind.__doc__ or "").split("\n\n")[0].strip()
        code = exit_code_of(kind("", hint=""))
        parts.append(f"## `{kind.code}`\n\n{doc} (`{kind.__name__}`, exit code {code})\n")
    return _MADE + "\n".join(parts)


def _leaves(kind: type[DiaristError]) -> Iterator[type[DiaristError]]:
    children = kind.__subclasses__()
    if not children:
        yield kind
    for child in children:
        yield from _leaves(child)


def settings_page() -> str:
    """Return every setting with its default and its meaning."""
    from diarist.settings import PREFIX, Settings

    rows: dict[str, list[str]] = {"": []}
    for name, field in Settings.model_fields.items():
        inner = getattr(field.annotation, "model_fields", None)
        if inner is None:
            rows[""].append(_row(f"{PREFIX}{name}".upper(), field))
        else:
            rows[name] = [_row(f"{PREFIX}{name}__{n}".upper(), f) for n, f in inner.items()]
    parts = [
        "# Settings\n",
        "Settings are environment variables. A name that does not exist is an error that says which\n"
        "one was probably meant. Options of the command line win over settings.\n",
    ]
    for table, lines in rows.items():
        title = f"## {table.capitalize()}\n\n" if table else "## General\n\n"
        head = "| variable | default | meaning |\n|---|---|---|\n"
        parts.append(title + head + "\n".join(lines) + "\n")
    return _MADE + "\n".join(parts)


def _row(name: str, field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True, validated_data={})
    shown = "" if default in (None, PydanticUndefined, (), {}) else f"`{default}`"
    return f"| `{name}` | {shown} | {(field.description or '').replace(chr(10), ' ')} |"


PAGES = {"cli.md": cli_page, "errors.md": errors_page, "settings.md": settings_page}


def main() -> int:
    """Write or check the pages."""
    stale = []
    for name, render in PAGES.items():
        path, text = FOLDER / name, render()
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
    if stale:
        print(f"not as the code says: {', '.join(stale)}; run `make docs`", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
