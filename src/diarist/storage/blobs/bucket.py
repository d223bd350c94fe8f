"""Blobs in a bucket: S3, GCS, Azure, or this process's memory, all through obstore."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Sequence
from contextlib import AbstractContextManager, aclosing, suppress
from typing import TYPE_CHECKING

from diarist.errors import BlobMissingError
from diarist.storage.blobs.failures import translating
from diarist.storage.blobs.finishing import finished
from diarist.storage.blobs.pieces import PIECE_BYTES, pieces_of

if TYPE_CHECKING:
    from obstore import AsyncWritableFile, ObjectMeta
    from obstore.store import ObjectStore

_PART_BYTES = 5 << 20  # S3 takes no less, and 10,000 parts: blobs of up to 48 GiB
_PARTS_AT_ONCE = 1  # while the next one is read; more than one could not be awaited
_BLOCK_BYTES = 8 << 20  # read with one request
_PAGE = 1_000
_PATIENCE_S = 10.0  # of a cancellation, with a request that is on its way


class Bucket:
    """Blobs in a store of obstore."""

    root = None

    def __init__(self, store: ObjectStore, where: str) -> None:
        import obstore  # noqa: PLC0415 - heavy
        from obstore.exceptions import BaseError  # noqa: PLC0415 - heavy

        self._obstore = obstore
        self._errors = (BaseError, OSError)
        self._store = store
        self._where = where

    async def put(self, key: str, content: bytes | AsyncIterable[bytes]) -> int:
        """Store a blob and return its size."""
        async with aclosing(pieces_of(content, _PART_BYTES)) as parts:
            first = await anext(parts, b"")
            if len(first) < _PART_BYTES:
                with self._translating():
                    await self._obstore.put_async(self._store, key, first, use_multipart=False)
                return len(first)
            return await self._put_parts(key, first, parts)

    async def _put_parts(self, key: str, first: bytes, others: AsyncIterable[bytes]) -> int:
        """Upload in parts, by hand: obstore's own upload leaves them behind when cancelled."""
        writer = self._obstore.open_writer_async(
            self._store, key, buffer_size=_PART_BYTES, max_concurrency=_PARTS_AT_ONCE
        )
        try:
            written = await self._written(writer, first)
            async for part in others:
                written += await self._written(writer, part)
            with self._translating():
                await finished(writer.close(), _PATIENCE_S)
        except BaseException as error:
            await self._aborted(writer, error)
            raise
        return written

    async def _written(self, writer: AsyncWritableFile, part: bytes) -> int:
        with self._translating():
            return await finished(writer.write(part), _PATIENCE_S)

    async def _aborted(self, writer: AsyncWritableFile, error: BaseException) -> None:
        """Have the parts removed, if the server can be reached.

        A part that is on its way would be stored after the others were removed. The writer waits
        for it before it takes another byte.
        """
        with suppress(*self._errors):  # what went wrong first is the error to tell
            await finished(writer.write(b"\0"), _PATIENCE_S)
        with suppress(*self._errors):
            await finished(writer.__aexit__(type(error), error, None), _PATIENCE_S)

    async def get(self, key: str) -> bytes:
        """Return all of a blob."""
        with self._translating(key):
            result = await self._obstore.get_async(self._store, key)
            return bytes(await result.bytes_async())

    async def stream(self, key: str, start: int, end: int | None) -> AsyncGenerator[bytes, None]:
        """Yield a blob's bytes from `start` to before `end`.

        Each block is a request of its own, so that a slow reader holds no connection open.
        """
        described = await self._described(key)
        end = described["size"] if end is None else min(end, described["size"])
        while start < end:
            block = await self._block(key, start, min(start + _BLOCK_BYTES, end), described)
            start += len(block)
            for offset in range(0, len(block), PIECE_BYTES):
                yield bytes(block[offset : offset + PIECE_BYTES])

    async def _block(self, key: str, start: int, end: int, of: ObjectMeta) -> memoryview:
        with self._translating(key):
            result = await self._obstore.get_async(
                self._store, key, options={"range": (start, end), "if_match": of["e_tag"]}
            )
            return memoryview(await result.bytes_async())

    async def size(self, key: str) -> int:
        """Return how many bytes a blob has."""
        return (await self._described(key))["size"]

    async def _described(self, key: str) -> ObjectMeta:
        """Return what is known of a blob.

        Servers cannot say in the answer to HEAD whether blob or bucket is missing, so they are
        asked once more, for the blob itself.
        """
        with suppress(BlobMissingError), self._translating(key):
            return await self._obstore.head_async(self._store, key)
        with self._translating(key):
            return (await self._obstore.get_async(self._store, key)).meta

    async def delete(self, keys: Sequence[str]) -> None:
        """Delete at most a page of blobs."""
        try:
            await self._delete(keys)
        except BlobMissingError:  # GCS and Azure say so, and leave others undeleted
            for key in keys:
                with suppress(BlobMissingError):
                    await self._delete([key])

    async def _delete(self, keys: Sequence[str]) -> None:
        with self._translating(keys[0]):
            await self._obstore.delete_async(self._store, list(keys))

    async def delete_folder(self, folder: str) -> int:
        """Delete all blobs below a folder and return how many."""
        removed = 0
        async with aclosing(self.pages(folder)) as pages:
            async for page in pages:
                await self.delete([key for key, _ in page])
                removed += len(page)
        return removed

    async def pages(self, folder: str) -> AsyncGenerator[list[tuple[str, int]], None]:
        """Yield key and size of the blobs below a folder; "" is everything."""
        listing = self._obstore.list(self._store, folder or None, chunk_size=_PAGE)
        while True:
            with self._translating():
                page = await anext(listing, None)
            if page is None:
                return
            yield [(one["path"], one["size"]) for one in page]

    def _translating(self, key: str | None = None) -> AbstractContextManager[None]:
        return translating(self._where, self._errors, key)
