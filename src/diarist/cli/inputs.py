"""What the user named: files, folders, or standard input, as recordings to be read."""

from __future__ import annotations

import os
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from diarist.errors import (
    DiaristError,
    FileNotFoundInputError,
    InputError,
    OutputNotWrittenError,
    UnreadableFileError,
)

STDIN = "-"
# fmt: off
EXTENSIONS = frozenset({
    ".3gp", ".aac", ".ac3", ".aif", ".aiff", ".amr", ".au", ".avi", ".caf", ".flac", ".flv", ".m4a",
    ".m4b", ".mka", ".mkv", ".mov", ".mp2", ".mp3", ".mp4", ".oga", ".ogg", ".opus", ".qta", ".spx",
    ".ts", ".wav", ".webm", ".wma", ".wv",
})
# fmt: on
"""What a folder is searched for. A file that is named is read whatever it is called."""

_DATE_IN_NAME = re.compile(
    r"(?<!\d)(?P<year>20\d{2})[-_.]?(?P<month>\d{2})[-_.]?(?P<day>\d{2})"
    r"(?:[ T_\-.]+(?P<hour>\d{2})[-_.:h]?(?P<minute>\d{2})(?:[-_.:]?\d{2})?)?(?!\d)"
)


@dataclass(frozen=True)
class Source:
    """A recording, or a transcript, to be read.

    Attributes:
        path: of the file; for a stream, of a temporary copy of it.
        folder: in which its results belong, relative to the output folder.
        is_stream: the file is a copy of a stream, and goes when the command ends.
    """

    path: Path
    folder: Path = Path()
    is_stream: bool = False

    @property
    def name(self) -> str:
        """What to call it in messages: printable whatever bytes the name is made of."""
        return "standard input" if self.is_stream else shown(Path(self.path.name))

    @property
    def stem(self) -> str:
        """What its results are called, without an ending."""
        return "recording" if self.is_stream else self.path.stem

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open it for reading from any position.

        Raises:
            FileNotFoundInputError, UnreadableFileError.
        """
        try:
            stream = self.path.open("rb")
        except OSError as error:
            raise unreadable(self.path, error) from error
        with stream:
            yield stream

    def recorded_at(self, tagged: datetime | None) -> datetime:
        """Say when it was recorded: by its tags, its name, or the time of the file, in that order.

        Args:
            tagged: what its header says.

        Returns:
            A time in the local zone.
        """
        if tagged is not None:
            return tagged.astimezone()
        if self.is_stream:
            return datetime.now().astimezone()
        named = _date_in(self.path.name)
        if named is not None:
            return named.astimezone()
        return datetime.fromtimestamp(self.path.stat().st_mtime).astimezone()


def shown(path: Path) -> str:
    """Return a path as text that can be printed and stored."""
    return os.fsencode(path).decode("utf-8", "replace")


def _date_in(name: str) -> datetime | None:
    match = _DATE_IN_NAME.search(name)
    if match is None:
        return None
    parts = [int(part) for part in match.groups(default="0")]
    try:
        return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 - made local by the caller
    except ValueError:
        return None


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a folder for the copy of a stream; it goes with the block."""
    with tempfile.TemporaryDirectory(prefix="diarist-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def spooled(stream: BinaryIO, scratch: Path) -> Source:
    """Copy a stream to a file, since most formats must be read back and forth.

    Raises:
        OutputNotWrittenError: if there is no room for it.
    """
    path = scratch / "stream"
    try:
        with path.open("wb") as copy:
            shutil.copyfileobj(stream, copy, 1 << 20)
    except OSError as error:
        raise OutputNotWrittenError(
            f"the stream could not be kept ({(error.strerror or 'unknown reason').lower()})",
            hint="Free space in the folder for temporary files, or set TMPDIR to another.",
        ) from error
    return Source(path, is_stream=True)


def unreadable(path: Path, error: OSError) -> InputError:
    """Return our error for one of the operating system."""
    if isinstance(error, FileNotFoundError):
        return FileNotFoundInputError(
            f"{shown(path)} does not exist", hint="Check the spelling; quote names with spaces."
        )
    return UnreadableFileError(
        f"{shown(path)} cannot be read ({(error.strerror or 'unknown reason').lower()})",
        hint="Check the permissions of the file and of its folder.",
    )


@dataclass(frozen=True)
class NotFound:
    """A name that leads to no recording."""

    name: str
    error: DiaristError


def collect(names: Sequence[str], scratch: Path) -> list[Source | NotFound]:
    """Turn what the user named into recordings, in order, each once.

    Folders are searched with all their sub-folders; a folder that contains itself through a link is
    visited once. A name that leads nowhere keeps its place, so that the others go on.

    Args:
        names: files, folders, and `-` for standard input.
        scratch: folder for a copy of standard input.
    """
    found: list[Source | NotFound] = []
    seen: set[tuple[int, int]] = set()
    for name in dict.fromkeys(names):
        found.extend(_found_under(name, seen, scratch))
    return found


def search(root: Path) -> Iterator[Source | NotFound]:
    """Yield the recordings in a folder and below, each once, and the folders that are closed."""
    return _searched(root, set())


def _found_under(
    name: str, seen: set[tuple[int, int]], scratch: Path
) -> Iterator[Source | NotFound]:
    if name == STDIN:
        yield spooled(sys.stdin.buffer, scratch)
        return
    path = Path(name)
    try:
        mode = path.stat().st_mode
    except OSError as error:
        yield NotFound(shown(path), unreadable(path, error))
        return
    if stat.S_ISDIR(mode):
        inside = list(_searched(path, seen))
        yield from inside or [NotFound(shown(path), _nothing_in(path))]
    elif stat.S_ISFIFO(mode):
        with path.open("rb") as pipe:
            yield spooled(pipe, scratch)
    elif not stat.S_ISREG(mode):
        yield NotFound(shown(path), _no_file(path))
    elif _is_new(path, seen):
        yield Source(path)


def _no_file(path: Path) -> UnreadableFileError:
    return UnreadableFileError(
        f"{shown(path)} is a device or a socket, not a file",
        hint="Give a file, or pipe the recording in: … | diarist run -",
    )


def _nothing_in(folder: Path) -> FileNotFoundInputError:
    return FileNotFoundInputError(
        f"{shown(folder)} holds no recordings",
        hint="A folder is searched for the usual endings of audio; name other files one by one.",
    )


def _searched(root: Path, seen: set[tuple[int, int]]) -> Iterator[Source | NotFound]:
    visited: set[tuple[int, int]] = set()
    closed: list[OSError] = []
    for folder, subfolders, files in os.walk(root, followlinks=True, onerror=closed.append):
        here = Path(folder)
        identity = _identity(here)
        if identity is None or identity in visited:
            subfolders.clear()
            continue
        visited.add(identity)
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in sorted(files):
            path = here / name
            wanted = path.suffix.lower() in EXTENSIONS and not name.startswith(".")
            if wanted and path.is_file() and _is_new(path, seen):
                yield Source(path, here.relative_to(root))
    for error in closed:
        path = Path(error.filename)
        yield NotFound(shown(path), unreadable(path, error))


def _is_new(path: Path, seen: set[tuple[int, int]]) -> bool:
    identity = _identity(path)
    if identity is None or identity in seen:
        return identity is None
    seen.add(identity)
    return True


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
