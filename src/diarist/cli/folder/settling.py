"""Which files of a folder are complete: nothing about them has changed for a while."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from diarist.cli.inputs import Source
from diarist.jobs.watching import SeenFile

_WRITES = os.O_WRONLY | os.O_RDWR
_PROCESSES = Path("/proc")


@dataclass(frozen=True)
class Candidate:
    """A file that was found, as it is now."""

    source: Source
    as_seen: SeenFile


@dataclass(frozen=True)
class _Since:
    as_seen: SeenFile
    unchanged_since_s: float


class Settling:
    """Remembers since when each file has not changed."""

    def __init__(self, settle_s: float, clock: Callable[[], float]) -> None:
        """Prepare to look.

        Args:
            settle_s: for how long nothing may have changed.
            clock: tells seconds that only go on.
        """
        self._settle_s, self._clock = settle_s, clock
        self._known: dict[str, _Since] = {}

    def settled(self, candidates: Iterable[Candidate]) -> Iterator[Candidate]:
        """Yield what is complete. Those that are not there any more are forgotten."""
        now_s = self._clock()
        before, self._known = self._known, {}
        for candidate in candidates:
            seen = candidate.as_seen
            since = before.get(seen.path)
            if since is None or since.as_seen != seen:
                since = _Since(seen, now_s)
            self._known[seen.path] = since
            is_quiet = now_s - since.unchanged_since_s >= self._settle_s
            if is_quiet and not is_being_written(candidate.source.path):
                yield candidate


def candidate_of(source: Source) -> Candidate | None:
    """Return a file as it is now; None if it is gone."""
    try:
        status = source.path.stat()
    except OSError:
        return None
    # A name is any bytes, and text in a database is not; no two names become the same text.
    path = os.fsencode(source.path.absolute()).decode("utf-8", "backslashreplace")
    return Candidate(source, SeenFile(path, status.st_size, status.st_mtime_ns))


def is_being_written(path: Path) -> bool:
    """Say whether a process has a file open for writing, as far as Linux lets us know."""
    if sys.platform != "linux":
        return False
    try:
        wanted = path.stat()
    except OSError:
        return False
    identity = (wanted.st_dev, wanted.st_ino)
    return any(_writes(descriptor, identity) for descriptor in _open_files())


def _open_files() -> Iterator[Path]:
    for process in _PROCESSES.iterdir():
        if process.name.isdigit():
            with suppress(OSError):  # it has ended, or is not ours to look at
                yield from (process / "fd").iterdir()


def _writes(descriptor: Path, identity: tuple[int, int]) -> bool:
    try:
        status = descriptor.stat()
        if (status.st_dev, status.st_ino) != identity or not stat.S_ISREG(status.st_mode):
            return False
        info = (descriptor.parents[1] / "fdinfo" / descriptor.name).read_text()
    except OSError:  # it was closed
        return False
    flags = next(line.split()[1] for line in info.splitlines() if line.startswith("flags:"))
    return bool(int(flags, 8) & _WRITES)
