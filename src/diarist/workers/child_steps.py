"""The steps of a recording, done in child processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from diarist.audio.spans import Span
from diarist.diary.entry import Entry
from diarist.transcription.assemble import ChunkText, Origin
from diarist.transcription.engine import TranscribeOptions
from diarist.transcription.options import RecordingOptions
from diarist.transcription.transcript import Transcript
from diarist.workers.children.pool import ChildPool
from diarist.workers.steps import HeardChunk, Prepared, PreparedChunk

T = TypeVar("T")


class ChildSteps:
    """Does the work on recordings in child processes; see `Steps`.

    A step waits until a child is free; its deadline counts from there.
    """

    def __init__(self, media: ChildPool, engine: ChildPool, writer: ChildPool) -> None:
        """Take over pools, which `close` ends.

        Args:
            media: of `MediaReader`.
            engine: of `ChunkTranscriber`.
            writer: of `EntryWriter`.
        """
        self._media, self._engine, self._writer = media, engine, writer

    async def prepare(
        self, path: Path, name: str, options: RecordingOptions, deadline_s: float
    ) -> AsyncGenerator[PreparedChunk | Prepared, None]:
        """Decode a recording and cut it where nobody speaks; see `Steps.prepare`."""
        last: Prepared | None = None
        async with self._media.borrowed() as child:
            stream = child.stream("prepare", path, name, options, deadline_s=deadline_s)
            async with aclosing(stream) as items:
                async for item in items:
                    if isinstance(item, PreparedChunk):
                        yield item
                    else:
                        last = item
        # Only now, since whoever has it may close this generator, and the child is to live on.
        assert last is not None, "MediaReader.prepare ends with one or raises"  # noqa: S101
        yield last

    async def transcribe(
        self,
        pcm: bytes,
        speech: Sequence[Span],
        options: TranscribeOptions,
        model: str,
        deadline_s: float,
    ) -> HeardChunk:
        """Transcribe a chunk; see `Steps.transcribe`."""
        arguments = (pcm, tuple(speech), options, model)
        return await _called(self._engine, HeardChunk, deadline_s, "transcribe", *arguments)

    async def assemble(
        self, texts: Sequence[ChunkText], origin: Origin, deadline_s: float
    ) -> Transcript:
        """Join what was made of each chunk; see `Steps.assemble`."""
        return await _called(self._writer, Transcript, deadline_s, "assemble", tuple(texts), origin)

    async def write(self, transcript: Transcript, on: date, deadline_s: float) -> Entry:
        """Write the diary entry of a recording; see `Steps.write`."""
        return await _called(self._writer, Entry, deadline_s, "write", transcript, on)

    async def close(self) -> None:
        """End all children."""
        await asyncio.gather(self._media.close(), self._engine.close(), self._writer.close())


async def _called(
    pool: ChildPool, returns: type[T], deadline_s: float, method: str, *args: Any
) -> T:
    async with pool.borrowed() as child:
        value = await child.call(method, *args, deadline_s=deadline_s)
    if not isinstance(value, returns):
        raise TypeError(f"{method} of {pool.name} returned {type(value)}, not {returns}")
    return value
