"""Transcribe: what was said in one chunk."""

from __future__ import annotations

from diarist.errors import BlobMissingError
from diarist.jobs.claims import Order
from diarist.jobs.engine.outcomes import ChunkHeard, Outcome
from diarist.storage.bodies import pack_segments
from diarist.workers.stages.tools import Tools


async def transcribe(order: Order, tools: Tools) -> Outcome:
    """Load a chunk's audio and have it transcribed."""
    chunk = order.chunk
    if chunk is None:
        raise BlobMissingError(
            f"chunk {order.number} of {order.recording.name} is not there any more",
            hint="Retry the job from the stage prepare.",
        )
    heard = await tools.steps.transcribe(
        await tools.blobs.get(chunk.blob_key),
        chunk.speech,
        tools.transcribe_options(order),
        order.options.model,
        tools.limit_s(order, chunk.duration_s),
    )
    return ChunkHeard(
        pack_segments(heard.segments), heard.guess, heard.language, heard.engine, heard.model
    )
