"""The blob store: whatever lies below, the same promises."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable
from contextlib import aclosing, asynccontextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from uuid import uuid4

from diarist.errors import BlobMissingError, StorageUnavailableError
from diarist.storage.blobs.failures import translating
from diarist.storage.blobs.finishing import finished
from diarist.storage.blobs.keys import checked_folder, checked_key
from diarist.storage.blobs.opening import place_for
from diarist.storage.blobs.options import BlobOptions
from diarist.storage.blobs.protocols import Place
from diarist.storage.blobs.unfinished import UnfinishedFile

_PAGE = 1_000
_PROBE = b"diarist was here"


class BlobStore:
    """Bytes under keys; `protocols.Blobs` says what each method promises.

    Nothing is built, asked or made before the first use.
    """

    def __init__(self, options: BlobOptions) -> None:
        self._options = options
        self._opened: Place | None = None

    def __repr__(self) -> str:
        """Say where it is, and nothing that opens it."""
        return f"BlobStore({self._options.shown!r})"

    @property
    def shown(self) -> str:
        """Its address, without what opens it."""
        return self._options.shown

    @property
    def _place(self) -> Place:
        if self._opened is None:
            self._opened = place_for(self._options)
        return self._opened

    async def put(self, key: str, content: bytes | AsyncIterable[bytes]) -> int:
        """Store all of a blob or nothing, in place of what was there; return its size."""
        return await self._place.put(checked_key(key), content)

    async def get(self, key: str) -> bytes:
        """Return all of a small blob."""
        return await self._place.get(checked_key(key))

    async def stream(
        self, key: str, start: int = 0, end: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Yield a blob's bytes from `start` to before `end`, at most 1 MiB at a time."""
        if start < 0 or (end is not None and end < start):
            raise ValueError(f"there are no bytes from {start} to {end}")
        async with aclosing(self._place.stream(checked_key(key), start, end)) as pieces:
            async for piece in pieces:
                yield piece

    async def size(self, key: str) -> int:
        """Return how many bytes a blob has."""
        return await self._place.size(checked_key(key))

    async def exists(self, key: str) -> bool:
        """Return whether there is a blob of that key."""
        try:
            await self.size(key)
        except BlobMissingError:
            return False
        return True

    async def delete(self, keys: Iterable[str]) -> None:
        """Delete blobs; one that is not there is fine."""
        checked = map(checked_key, keys)
        while page := list(islice(checked, _PAGE)):
            await self._place.delete(page)

    async def delete_prefix(self, prefix: str) -> int:
        """Delete all blobs in a folder and below, and return how many."""
        folder = checked_folder(prefix)
        if not folder:
            raise ValueError("nobody means to delete every blob")
        return await self._place.delete_folder(folder)

    async def keys(self, prefix: str = "") -> AsyncGenerator[tuple[str, int], None]:
        """Yield key and size of all blobs, or of those in a folder and below, in no order."""
        async with aclosing(self._place.pages(checked_folder(prefix))) as pages:
            async for page in pages:
                for key_and_size in page:
                    yield key_and_size

    def local_path(self, key: str) -> Path | None:
        """Return the file that the bytes are in, or would be, if the store is a local folder."""
        root = self._place.root
        return None if root is None else root / checked_key(key)

    @asynccontextmanager
    async def as_file(self, key: str, scratch: Path) -> AsyncIterator[Path]:
        """Lend a blob as a file, which must not be changed."""
        path = self.local_path(key)
        if path is not None:
            await self.size(key)
            yield path
            return
        copy = UnfinishedFile(scratch)
        try:
            await self._copy_to(copy, key, f"the folder {scratch}")
            yield copy.path
        finally:
            await finished(asyncio.to_thread(copy.discard))

    async def _copy_to(self, copy: UnfinishedFile, key: str, where: str) -> None:
        with translating(where):
            await finished(asyncio.to_thread(copy.open))
        async with aclosing(self.stream(key)) as pieces:
            async for piece in pieces:
                with translating(where):
                    await finished(asyncio.to_thread(partial(copy.write, piece)))

    async def check(self) -> None:
        """Write, read and delete a few bytes; return if that went well."""
        key = f"check/{uuid4().hex}"
        await self.put(key, _PROBE)
        try:
            found = await self.get(key)
        finally:
            await self.delete([key])
        if found != _PROBE:
            raise StorageUnavailableError(
                f"the blob store {self._options.shown} gave back other bytes than it was given",
                hint="Check its disk, or what stands between it and diarist.",
            )

    async def close(self) -> None:
        """Let go of all connections; the next use makes new ones."""
        self._opened = None
