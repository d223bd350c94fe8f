"""What the user named: files, folders, or standard input, as recordings to be read."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from diarist.errors import (
    DiaristError,
    FileNotFoundInputError,
    OutputNotWrittenError,
    UnreadableFileError,
)

STDIN = "-"
EXTENSIONS = frozenset(
    [".mp3", ".wav", ".m4a", ".m4b", ".aac", ".flac", ".ogg", ".oga", ".opus", ".webm", ".mp4", ".mov", ".mka", ".mkv", ".3gp", ".amr", ".aif", ".aiff", ".caf", ".wma", ".avi", ".flv", ".ts", ".wv", ".spx", ".au", ".ac3", ".mp2", ".qta"]
)
"""What a folder is searched for. A file that is named is read whatever it is called."""

_DATE_IN_NAME = re.compile(
    r"(?<!\d)(?P<year>20\d{2})[-_.]?(?P<month>\d{2})[-_.]?(?P<day>\d{2})"
    r"(?:[ T_\-.]+(?P<hour>\d{2})[-_.:h]?(?P<minute>\d{2}))?(?!\d)"
)


@dataclass(frozen=True)
class Source:
    """A recording to be read.

    Attributes:
        path: of the file; None for standard input.
        folder: in which its results belong, relative to the output folder.
    """

    path: Path | None
    folder: Path = Path()

    @property
    def name(self) -> str:
        """The file's name, fit to be printed and to be stored as text."""
        if self.path is None:
            return "standard input"
        return os.fsencode(self.path.name).decode("utf-8", "replace")

    @property
    def stem(self) -> str:
        return "recording" if self.path is None else self.path.stem

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open it for reading from any position.

        Raises:
            FileNotFoundInputError, UnreadableFileError, OutputNotWrittenError.
        """
        if self.path is None:
            with _spooled(sys.stdin.buffer) as spooled:
                yield spooled
            return
        with _opened(self.path, self.name) as stream:
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
        named = None if self.path is None else _date_in(self.path.name)
        if named is not None:
            return named.astimezone()
        if self.path is None:
            return datetime.now().astimezone()
        return datetime.fromtimestamp(self.path.stat().st_mtime).astimezone()


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
def _opened(path: Path, name: str) -> Iterator[BinaryIO]:
    try:
        stream = path.open("rb")
    except FileNotFoundError as error:
        raise not_found(path) from error
    except OSError as error:
        raise UnreadableFileError(
            f"{name} cannot be read ({(error.strerror or 'unknown reason').lower()})",
            hint="Check the permissions of the file and of its folder.",
        ) from error
    with stream:
        yield stream


@contextmanager
def _spooled(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Write a stream to a temporary file, since most formats must be read back and forth."""
    with tempfile.TemporaryFile() as spooled:
        try:
            shutil.copyfileobj(stream, spooled, 1 << 20)
        except OSError as error:
            raise OutputNotWrittenError(
                f"standard input could not be kept ({error.strerror})",
                hint="Free space in the folder for temporary files, or set TMPDIR to another.",
            ) from error
        spooled.seek(0)
        yield spooled  # type: ignore[misc]  # a wrapper around a binary file


def not_found(path: Path) -> FileNotFoundInputError:
    """Return the error for a name that leads nowhere."""
    shown = os.fsencode(path).decode("utf-8", "replace")
    return FileNotFoundInputError(
        f"{shown} does not exist", hint="Check the spelling; quote names with spaces."
    )


def collect(names: Sequence[str]) -> list[Source | DiaristError]:
    """Turn what the user named into recordings, in order, each once.

    Folders are searched with all their sub-folders; a folder that contains itself through a link is
    visited once. A name that leads nowhere is an error in its place, so that the others go on.
    """
    found: list[Source | DiaristError] = []
    seen: set[tuple[int, int]] = set()
    for name in names:
        path = Path(name)
        if name == STDIN:
            found.append(Source(None))
        elif path.is_dir():
            inside = list(_searched(path, seen))
            found.extend(inside or [_nothing_in(path)])
        elif not path.exists():
            found.append(not_found(path))
        elif _is_new(path, seen):
            found.append(Source(path))
    return found


def _nothing_in(folder: Path) -> FileNotFoundInputError:
    shown = os.fsencode(folder).decode("utf-8", "replace")
    return FileNotFoundInputError(
        f"{shown} holds no recordings",
        hint="A folder is searched for files with the endings of audio; name other files one by one.",
    )


def _searched(root: Path, seen: set[tuple[int, int]]) -> Iterator[Source]:
    visited: set[tuple[int, int]] = set()
    for folder, subfolders, files in os.walk(root, followlinks=True):
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
            if wanted and _is_new(path, seen):
                yield Source(path, here.relative_to(root))


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


def sources_of(found: Iterable[Source | DiaristError]) -> list[Source]:
    """Return the recordings among what was found."""
    return [one for one in found if isinstance(one, Source)]
