"""Write: the diary entry of a transcript."""

from __future__ import annotations

from diarist.jobs.claims import Order
from diarist.jobs.engine.outcomes import Outcome, Written
from diarist.jobs.engine.results import PackedEntry
from diarist.jobs.reading.library import latest_transcript_of
from diarist.workers.stages.tools import Tools


async def write(order: Order, tools: Tools) -> Outcome:
    """Load the newest transcript that the job made, and have an entry written for its day."""
    kept = await latest_transcript_of(tools.database, order.claim.job_id)
    entry = await tools.steps.write(
        kept.transcript,
        order.recording.local_time.date(),
        tools.limit_s(order, kept.transcript.duration_s),
    )
    return Written(kept.id, PackedEntry.of(entry))
