"""Commands that go on while a test looks at what they do."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from support.command import Command
from support.waiting import DEADLINE_S

T = TypeVar("T")

_POLL_S = 0.02


class Background:
    """A command that runs, with what it has said so far."""

    def __init__(self, process: subprocess.Popen[bytes], said: Path) -> None:
        self.process, self._said = process, said

    @property
    def out(self) -> str:
        return self._said.with_suffix(".out").read_text(encoding="utf-8")

    @property
    def err(self) -> str:
        return self._said.with_suffix(".err").read_text(encoding="utf-8")

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        """Kill it with -9, and return when it is gone."""
        self.process.kill()
        self.process.wait(DEADLINE_S)

    def exit_code(self) -> int:
        return self.process.wait(DEADLINE_S)


@contextmanager
def in_background(
    diarist: Command, *arguments: str, environ: Mapping[str, str] | None = None
) -> Iterator[Background]:
    """Start a command; it does not outlive the block."""
    said = diarist.folder / f"said-{time.monotonic_ns()}"
    with said.with_suffix(".out").open("wb") as out, said.with_suffix(".err").open("wb") as err:
        process = subprocess.Popen(
            diarist.line(arguments),
            cwd=diarist.folder,
            env={**diarist.environ, **(environ or {})},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )
    try:
        yield Background(process, said)
    finally:
        process.kill()
        process.wait()


def eventually(look: Callable[[], T]) -> T:
    """Look again and again until there is something to be seen; return that."""
    give_up_at = time.monotonic() + DEADLINE_S
    while not (seen := look()):
        assert time.monotonic() < give_up_at, "it never happened"
        time.sleep(_POLL_S)
    return seen


def data_folder(diarist: Command) -> Path:
    """Return where the command keeps its database and its blobs."""
    return Path(diarist.environ["XDG_DATA_HOME"]) / "diarist"


def rows(diarist: Command, statement: str) -> list[tuple[Any, ...]]:
    """Ask the command's own database; nothing if there is none yet."""
    path = data_folder(diarist) / "diarist.db"
    if not path.exists():
        return []
    connection = sqlite3.connect(path, timeout=10)
    try:
        return connection.execute(statement).fetchall()
    except sqlite3.OperationalError:  # the tables are being made
        return []
    finally:
        connection.close()
