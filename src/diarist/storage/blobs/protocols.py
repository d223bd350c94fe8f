"""What the rest of the program asks of a blob store, and what that asks of what lies below."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol


class Blobs(Protocol):
    """Bytes under keys such as `recordings/ab/cd.opus`, never a key below another key.

    Raises, from every method:
        StorageUnavailableError: it cannot be reached or broke; `is_passing` says whether another
            try may help.
        StorageFullError: no room is left.
        StorageSetupError: address, credentials or permissions are wrong.
        ValueError: nothing can have that key; see `keys.py`.
    """

    async def put(self, key: str, content: bytes | AsyncIterable[bytes]) -> int:
        """Store all of a blob or nothing, in place of what was there; return its size.

        It is on the disk, or in the bucket, when this returns. Memory does not grow with its
        size. If it fails, is cancelled or `content` raises, which comes out unchanged, then the
        key holds what it held before and nothing else is left behind.
        """

    async def get(self, key: str) -> bytes:
        """Return all of a small blob.

        Raises:
            BlobMissingError: if there is none of that key.
        """

    def stream(
        self, key: str, start: int = 0, end: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Yield a blob's bytes from `start` to before `end`, at most 1 MiB at a time.

        What lies behind the blob's end is left out. All bytes are of one version of it.

        Raises:
            BlobMissingError: if there is none of that key.
        """

    async def size(self, key: str) -> int:
        """Return how many bytes a blob has.

        Raises:
            BlobMissingError: if there is none of that key.
        """

    async def exists(self, key: str) -> bool:
        """Return whether there is a blob of that key."""

    async def delete(self, keys: Iterable[str]) -> None:
        """Delete blobs; one that is not there is fine."""

    async def delete_prefix(self, prefix: str) -> int:
        """Delete all blobs in a folder and below, and return how many.

        Args:
            prefix: `chunks/ab/`, which has nothing to do with `chunks/abc/`.
        """

    def keys(self, prefix: str = "") -> AsyncGenerator[tuple[str, int], None]:
        """Yield key and size of all blobs, or of those in a folder and below, in no order."""

    def local_path(self, key: str) -> Path | None:
        """Return the file that the bytes are in, or would be, if the store is a local folder."""

    def as_file(self, key: str, scratch: Path) -> AbstractAsyncContextManager[Path]:
        """Lend a blob as a file, which must not be changed.

        Args:
            key: of the blob.
            scratch: a folder for a copy, if the store is not a local folder; the copy is gone
                when the file is given back.

        Raises:
            BlobMissingError: if there is none of that key.
        """

    async def check(self) -> None:
        """Write, read and delete a few bytes; return if that went well."""

    async def close(self) -> None:
        """Let go of all connections; the next use makes new ones."""


class Place(Protocol):
    """What lies below a blob store. Keys and folders come checked."""

    @property
    def root(self) -> Path | None:
        """The folder that blobs are files in, if so."""

    async def put(self, key: str, content: bytes | AsyncIterable[bytes]) -> int:
        """Store a blob and return its size."""

    async def get(self, key: str) -> bytes:
        """Return all of a blob."""

    def stream(self, key: str, start: int, end: int | None) -> AsyncGenerator[bytes, None]:
        """Yield a blob's bytes from `start` to before `end`."""

    async def size(self, key: str) -> int:
        """Return how many bytes a blob has."""

    async def delete(self, keys: Sequence[str]) -> None:
        """Delete at most a page of blobs."""

    async def delete_folder(self, folder: str) -> int:
        """Delete all blobs below a folder and return how many."""

    def pages(self, folder: str) -> AsyncGenerator[list[tuple[str, int]], None]:
        """Yield key and size of the blobs below a folder; "" is everything."""
