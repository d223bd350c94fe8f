"""The `diarist` command as its users run it: a process with arguments, streams and an exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Finished:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[list[str]]:
        """The cells of the lines on standard output."""
        return [line.split("\t") for line in self.out.splitlines()]


@dataclass(frozen=True)
class Command:
    """Runs `diarist` in a folder, with a home and caches of its own.

    Attributes:
        folder: the working directory.
        environ: every variable that it sees.
    """

    folder: Path
    environ: Mapping[str, str]

    def __call__(
        self,
        *arguments: str | bytes | Path,
        stdin: bytes | None = None,
        environ: Mapping[str, str] | None = None,
        before: Callable[[], None] | None = None,
    ) -> Finished:
        done = subprocess.run(
            self.line(arguments),
            cwd=self.folder,
            env={**self.environ, **(environ or {})},
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            timeout=240,
            check=False,
            preexec_fn=before,
        )
        return Finished(
            done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8", "replace")
        )

    @staticmethod
    def line(arguments: Sequence[str | bytes | Path]) -> list[str | bytes | Path]:
        return [sys.executable, "-m", "diarist", *arguments]


def clean_environ(home: Path, models_root: Path) -> dict[str, str]:
    """Return the environment of a machine on which diarist was never run."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "TZ": "UTC",
        "PYTHONUTF8": "1",
        "DIARIST_MODELS__ROOT": str(models_root),
        "DIARIST_TRANSCRIPTION__MODEL": "tiny.en",
        "DIARIST_TRANSCRIPTION__BEAM_SIZE": "1",
    }
