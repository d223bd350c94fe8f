"""Blobs as files in a folder that nobody else may look into.

obstore has a store of this kind too. It does not sync what it writes, so that a power cut may
take a recording that was accepted, its files can be read by every user of the machine, and a
full disk looks like any other error.
"""

from __future__ import annotations

import asyncio
import errno
import os
import stat
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Generator, Sequence
from contextlib import aclosing, closing, suppress
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

from diarist.storage.blobs.failures import translating
from diarist.storage.blobs.finishing import finished
from diarist.storage.blobs.pieces import PIECE_BYTES, pieces_of
from diarist.storage.blobs.unfinished import UnfinishedFile, remove_abandoned, sync_folder

T = TypeVar("T")

_INCOMING = ".incoming"  # no key begins with a dot
_PAGE = 1_000
_NOT_A_FILE = (FileNotFoundError, NotADirectoryError, IsADirectoryError)


class Folder:
    """Blobs in a local folder, which is made when the first one is stored."""

    def __init__(self, root: Path, where: str) -> None:
        self.root = root
        self._where = where
        self._incoming = root / _INCOMING
        self._is_swept = False

    async def put(self, key: str, content: bytes | AsyncIterable[bytes]) -> int:
        """Store a blob and return its size."""
        file = UnfinishedFile(self._incoming)
        written = 0
        try:
            await self._do(partial(self._begin, file))
            async with aclosing(pieces_of(content)) as pieces:
                async for piece in pieces:
                    await self._do(partial(file.write, piece))
                    written += len(piece)
            await self._do(partial(file.publish, self.root / key))
        finally:
            await self._do(file.discard)
        return written

    async def get(self, key: str) -> bytes:
        """Return all of a blob."""
        return await self._do((self.root / key).read_bytes, key)

    async def stream(self, key: str, start: int, end: int | None) -> AsyncGenerator[bytes, None]:
        """Yield a blob's bytes from `start` to before `end`."""
        file = _OpenFile(self.root / key)
        try:
            size = await self._do(file.open, key)
            end = size if end is None else min(end, size)
            while start < end:
                length = min(end - start, PIECE_BYTES)
                yield await self._do(partial(file.read, start, length), key)
                start += length
        finally:
            await self._do(file.close)

    async def size(self, key: str) -> int:
        """Return how many bytes a blob has."""
        return await self._do(lambda: _size_of((self.root / key).stat()), key)

    async def delete(self, keys: Sequence[str]) -> None:
        """Delete at most a page of blobs."""
        await self._do(partial(self._remove, [self.root / key for key in keys]))

    async def delete_folder(self, folder: str) -> int:
        """Delete all blobs below a folder and return how many."""
        removed = 0
        while some := await self._delete_what_is_seen(self.root / folder):
            removed += some  # what comes while files go may be seen only by the next look
        return removed

    async def _delete_what_is_seen(self, folder: Path) -> int:
        removed = 0
        with closing(_files_below(folder)) as files:
            while page := await self._do(lambda: list(islice(files, _PAGE))):
                await self._do(partial(self._remove, [Path(entry.path) for entry in page]))
                removed += len(page)
        return removed

    async def pages(self, folder: str) -> AsyncGenerator[list[tuple[str, int]], None]:
        """Yield key and size of the blobs below a folder; "" is everything."""
        with closing(_files_below(self.root / folder)) as files:
            while page := await self._do(lambda: list(islice(files, _PAGE))):
                yield await self._do(partial(self._described, page))

    async def _do(self, work: Callable[[], T], key: str | None = None) -> T:
        """Do something that blocks, to its end."""
        with translating(self._where, key=key):
            return await finished(asyncio.to_thread(work))

    def _begin(self, file: UnfinishedFile) -> None:
        if not self._is_swept:
            remove_abandoned(self._incoming)
            self._is_swept = True
        file.open()

    def _remove(self, paths: Sequence[Path]) -> None:
        """Remove files and the folders that are empty without them, for good."""
        changed = set()
        for path in paths:
            with suppress(*_NOT_A_FILE):
                path.unlink()
                changed.add(path.parent)
        for folder in {self._without_empty(folder) for folder in changed}:
            sync_folder(folder)

    def _without_empty(self, folder: Path) -> Path:
        """Remove a folder if it is empty, and those above it; return the first that is not."""
        while folder != self.root:
            try:
                folder.rmdir()
            except FileNotFoundError:
                pass  # somebody else did it
            except OSError:
                break
            folder = folder.parent
        return folder

    def _described(self, page: Sequence[os.DirEntry[str]]) -> list[tuple[str, int]]:
        described = []
        for entry in page:
            with suppress(FileNotFoundError):  # deleted since it was seen
                size = entry.stat(follow_symlinks=False).st_size
                described.append((Path(entry.path).relative_to(self.root).as_posix(), size))
        return described


class _OpenFile:
    """A file that is read by threads, one after the other."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def open(self) -> int:
        """Open it and return its size."""
        self._descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        return _size_of(os.fstat(self._descriptor))

    def read(self, start: int, length: int) -> bytes:
        """Return bytes from the middle."""
        assert self._descriptor is not None  # noqa: S101 - opened before
        return os.pread(self._descriptor, length, start)

    def close(self) -> None:
        """Close it, if it is open."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _size_of(status: os.stat_result) -> int:
    if not stat.S_ISREG(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    return status.st_size


def _files_below(folder: str | Path) -> Generator[os.DirEntry[str], None, None]:
    """Yield the blobs in a folder and below, without keeping their names."""
    try:
        entries = os.scandir(folder)
    except FileNotFoundError:
        return
    with entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _files_below(entry.path)
            elif entry.is_file(follow_symlinks=False):
                yield entry
