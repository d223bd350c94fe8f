"""Blob stores as tests need them: used for a moment, or away when a test says so."""

from __future__ import annotations

import asyncio
import random
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
)
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import TypeVar

from diarist.errors import StorageUnavailableError
from diarist.storage.blobs import BlobOptions, Blobs, BlobStore

T = TypeVar("T")

MIB = 1 << 20


def using(options: BlobOptions, use: Callable[[Blobs], Awaitable[T]]) -> T:
    """Return what a store is used for."""

    async def used() -> T:
        store = BlobStore(options)
        try:
            return await use(store)
        finally:
            await store.close()

    return asyncio.run(used())


def noise(length: int) -> bytes:
    """Return bytes of which no two pieces are the same, the same ones each time."""
    return random.Random(length).randbytes(length)  # noqa: S311 - no secret


async def in_pieces(content: bytes, length: int) -> AsyncIterator[bytes]:
    for start in range(0, len(content), length):
        yield content[start : start + length]


async def all_of(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


async def listed(store: Blobs, prefix: str = "") -> dict[str, int]:
    return {key: size async for key, size in store.keys(prefix)}


class FailingBlobStore:
    """A real blob store behind a door that can be shut.

    Attributes:
        failing: while it is true, nothing gets through in either direction.
    """

    def __init__(self, store: Blobs) -> None:
        self.failing = False
        self._store = store

    def _pass(self) -> None:
        if self.failing:
            error = StorageUnavailableError("the blob store is away", hint="Wait.")
            error.is_passing = True
            raise error

    async def put(self, key: str, content: bytes | AsyncIterable[bytes]) -> int:
        self._pass()
        return await self._store.put(key, content)

    async def get(self, key: str) -> bytes:
        self._pass()
        return await self._store.get(key)

    async def stream(
        self, key: str, start: int = 0, end: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        self._pass()
        async with aclosing(self._store.stream(key, start, end)) as pieces:
            async for piece in pieces:
                self._pass()
                yield piece

    async def size(self, key: str) -> int:
        self._pass()
        return await self._store.size(key)

    async def exists(self, key: str) -> bool:
        self._pass()
        return await self._store.exists(key)

    async def delete(self, keys: Iterable[str]) -> None:
        self._pass()
        await self._store.delete(keys)

    async def delete_prefix(self, prefix: str) -> int:
        self._pass()
        return await self._store.delete_prefix(prefix)

    async def keys(self, prefix: str = "") -> AsyncGenerator[tuple[str, int], None]:
        self._pass()
        async with aclosing(self._store.keys(prefix)) as found:
            async for key_and_size in found:
                self._pass()
                yield key_and_size

    def local_path(self, key: str) -> Path | None:
        return self._store.local_path(key)

    @asynccontextmanager
    async def as_file(self, key: str, scratch: Path) -> AsyncIterator[Path]:
        self._pass()
        async with self._store.as_file(key, scratch) as path:
            yield path

    async def check(self) -> None:
        self._pass()
        await self._store.check()

    async def close(self) -> None:
        await self._store.close()
