"""The pipeline on one screen: which stage does what.

prepare ──► transcribe ×N ──► assemble ──► write
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from diarist.jobs.claims import Order
from diarist.jobs.engine.outcomes import Outcome
from diarist.jobs.states import Stage
from diarist.workers.stages.assemble import assemble
from diarist.workers.stages.prepare import prepare
from diarist.workers.stages.tools import Tools
from diarist.workers.stages.transcribe import transcribe
from diarist.workers.stages.write import write

Work: TypeAlias = Callable[[Order, Tools], Awaitable[Outcome]]

PIPELINE: Mapping[Stage, Work] = {
    Stage.PREPARE: prepare,
    Stage.TRANSCRIBE: transcribe,
    Stage.ASSEMBLE: assemble,
    Stage.WRITE: write,
}
