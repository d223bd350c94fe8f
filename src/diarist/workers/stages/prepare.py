"""Prepare: a recording becomes chunks, and each can be transcribed while the rest is decoded."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime

from diarist.errors import LeaseLostError
from diarist.jobs.claims import ChunkFacts, Order
from diarist.jobs.engine.outcomes import ChunkAdded, Outcome, RecordingPrepared
from diarist.jobs.engine.removal import chunk_key, forget_if_unknown
from diarist.jobs.reading.library import chunks_of
from diarist.transcription.options import RecordingOptions
from diarist.workers.stages.tools import Tools
from diarist.workers.steps import Prepared, PreparedChunk

_FEWEST_BYTES_A_SECOND = 750  # Opus at 6 kbit/s: what a file of unknown length may hold at most


async def prepare(order: Order, tools: Tools) -> Outcome:
    """Decode a recording, store each of its chunks, and have it transcribed at once."""
    known = {} if order.is_first_claim else await chunks_of(tools.database, order.claim.job_id)
    made: list[int] = []
    async with tools.recording_file(order) as path:
        stream = tools.steps.prepare(
            path,
            order.recording.name,
            _options(order, tools),
            tools.limit_s(order, _audio_s(order)),
        )
        async with aclosing(stream) as items:
            async for item in items:
                if isinstance(item, Prepared):
                    return _prepared(order, item, made)
                made.append(item.number)
                await _add(order, tools, item, known.get(item.number))
    raise AssertionError("preparing ends with a `Prepared` or an error")


def _options(order: Order, tools: Tools) -> RecordingOptions:
    defaults = tools.defaults
    return RecordingOptions(
        decode=replace(defaults.decode, track=order.track), chunking=defaults.chunking
    )


def _audio_s(order: Order) -> float:
    if order.recording.duration_s is not None:
        return order.recording.duration_s
    return order.recording.size_bytes / _FEWEST_BYTES_A_SECOND


async def _add(order: Order, tools: Tools, chunk: PreparedChunk, known: ChunkFacts | None) -> None:
    """Store a chunk, then say so: a chunk that the database knows is always there."""
    key = chunk_key(order.claim.job_id, order.generation, chunk.number)
    is_same = known is not None and _is_same(known, chunk)
    if known is not None and is_same and known.blob_key == key:
        return
    added = ChunkAdded(
        number=chunk.number,
        start_s=chunk.start_s,
        duration_s=chunk.duration_s,
        speech=chunk.speech,
        blob_key=key,
        replaces=known is not None and not is_same,
    )
    try:
        await tools.blobs.put(key, chunk.pcm)
        await tools.commits.commit(order.claim, added)
    except (LeaseLostError, asyncio.CancelledError):
        await forget_if_unknown(tools.database, order.claim.job_id, order.generation, key)
        raise


def _is_same(known: ChunkFacts, chunk: PreparedChunk) -> bool:
    """Say whether an interrupted preparation came to the same chunk; decoding is repeatable."""
    return (known.start_s, known.duration_s, known.speech) == (
        chunk.start_s,
        chunk.duration_s,
        chunk.speech,
    )


def _prepared(order: Order, prepared: Prepared, numbers: list[int]) -> RecordingPrepared:
    return RecordingPrepared(
        duration_s=prepared.duration_s,
        speech_s=prepared.speech_s,
        track=prepared.track,
        tracks=prepared.tracks,
        warnings=prepared.warnings,
        numbers=numbers,
        recorded_at=_recorded_at(order, prepared.tagged_at),
    )


def _recorded_at(order: Order, tagged_at: datetime | None) -> datetime | None:
    """Return when it was made, if its tags know better than whoever submitted it."""
    if tagged_at is None or order.recording.is_date_given:
        return None
    if tagged_at.tzinfo is None:  # the clock on the wall where it was made
        return tagged_at.replace(tzinfo=order.recording.local_time.tzinfo)
    return tagged_at.astimezone(order.recording.local_time.tzinfo)
