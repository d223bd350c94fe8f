"""Files that get their name once all of their bytes are on the disk."""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

_ONLY_OURS = 0o600
_ONLY_OUR_FOLDER = 0o700
_NEEDS_NO_SYNC = (errno.EINVAL, errno.ENOTSUP)  # a network folder
_CANNOT_SYNC = (errno.EACCES, errno.ENOENT)  # not ours to read; gone meanwhile


class UnfinishedFile:
    """A file under a name that nobody knows, locked while its writer is alive.

    Its methods block and are called one at a time, in any thread.

    Attributes:
        path: where its bytes are until it is published.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / uuid4().hex
        self._descriptor: int | None = None

    def open(self) -> None:
        """Create it, and its folder if need be."""
        made_folder(self.path.parent)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        while True:
            self._descriptor = os.open(self.path, flags, _ONLY_OURS)
            with suppress(OSError):  # a network folder may know no locks
                fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            if os.fstat(self._descriptor).st_nlink:
                return
            self._close()  # somebody took it for abandoned before we had locked it

    def write(self, piece: bytes) -> None:
        """Append bytes."""
        assert self._descriptor is not None  # noqa: S101 - opened before
        view = memoryview(piece)
        while view:
            view = view[os.write(self._descriptor, view) :]

    def publish(self, target: Path) -> None:
        """Give it its name, in place of a file that has it, for good: also after a power cut."""
        assert self._descriptor is not None  # noqa: S101 - opened before
        os.fsync(self._descriptor)
        while not self._is_named(target):
            pass
        sync_folder(target.parent)
        self._close()

    def _is_named(self, target: Path) -> bool:
        """Return False if the target's folder went away meanwhile, as its last file was deleted."""
        try:
            made_folder(target.parent)
            self.path.replace(target)
        except FileNotFoundError:
            if not self.path.exists():
                raise
            return False
        return True

    def discard(self) -> None:
        """Leave nothing of it, unless it was published."""
        self._close()
        with suppress(OSError):
            self.path.unlink()

    def _close(self) -> None:
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)


def remove_abandoned(folder: Path) -> None:
    """Remove unfinished files whose writers died."""
    for path in folder.iterdir() if folder.is_dir() else ():
        with suppress(OSError):  # it is still written to, or was just published
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
            finally:
                os.close(descriptor)


def made_folder(folder: Path) -> None:
    """Make a folder that is only ours, and those above it, for good."""
    if folder.is_dir():
        return
    made_folder(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir(mode=_ONLY_OUR_FOLDER)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder survive a power cut."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in (*_NEEDS_NO_SYNC, *_CANNOT_SYNC):
            raise
