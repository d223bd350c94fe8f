"""The whole of `diarist worker`."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Iterable
from contextlib import AsyncExitStack
from importlib.util import find_spec

from diarist.bootstrap.engines import LOCAL_ENGINE, model_store
from diarist.bootstrap.services import services
from diarist.cli.failures import OK, missing_extra
from diarist.cli.inputs import scratch_folder
from diarist.cli.library.session import worker_running
from diarist.cli.library.stopping import Stopping
from diarist.jobs.queue import queues_named
from diarist.jobs.reading.remaining import is_work_left
from diarist.jobs.states import Stage
from diarist.settings import Settings, load_settings
from diarist.transcription.choice import choose, this_hardware

_LOOK_S = 0.5
_FOREIGN_LOGS = ("alembic", "sqlalchemy", "asyncio", "aiosqlite")
_NEEDS = {
    Stage.PREPARE: ("av", "numpy", "onnxruntime"),
    Stage.TRANSCRIBE: ("numpy",),
    Stage.ASSEMBLE: ("sentencex",),
    Stage.WRITE: ("yake", "simplemma"),
}


def work_on_jobs(queues: str, *, once: bool, verbose: bool) -> int:
    """Work until somebody wants it to stop.

    Args:
        queues: that are served, as they were typed.
        once: leave when nothing is left to do in them.
        verbose: log more.

    Returns:
        The exit code of the command.

    Raises:
        SetupError: if this machine could not do the work; jobs would fail by it.
    """
    settings = load_settings()
    served = queues_named(queues)
    log_to_terminal(verbose=verbose)
    require_what_it_takes(settings, {queue.stage for queue in served})

    async def work() -> int:
        stopping = Stopping("stopping when what is under way is done; again to stop now")
        async with AsyncExitStack() as stack:
            scratch = stack.enter_context(scratch_folder())
            built = await stack.enter_async_context(services(settings, hears=True))
            await stack.enter_async_context(worker_running(built, scratch, stopping, served))
            while not stopping.asked.is_set():
                if once and not await is_work_left(built.database, served):
                    break
                await stopping.pause(_LOOK_S)
        return OK

    return asyncio.run(work())


def require_what_it_takes(settings: Settings, stages: Iterable[Stage]) -> None:
    """Refuse to begin where every job would fail for the same reason.

    Raises:
        SetupError: if a library or the model is missing.
    """
    stages = set(stages)
    is_local = settings.transcription.engine == LOCAL_ENGINE
    needed = {module for stage in stages for module in _NEEDS[stage]}
    if is_local and Stage.TRANSCRIBE in stages:
        needed.add("faster_whisper")
    for module in sorted(needed):
        if find_spec(module) is None:
            raise missing_extra(ModuleNotFoundError(name=module))
    if is_local and Stage.TRANSCRIBE in stages:
        hardware = this_hardware(settings.transcription.device)
        choose(settings.transcription.model, model_store(settings), hardware)


def log_to_terminal(*, verbose: bool) -> None:
    """Tell on standard error what goes on, a line each."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.DEBUG if verbose else logging.INFO,
        format="%(asctime)s %(levelname)-7s %(message)s",
        datefmt="%Y-%m-%d %H:%M:%S",
    )
    for name in _FOREIGN_LOGS:
        logging.getLogger(name).setLevel(logging.WARNING)
