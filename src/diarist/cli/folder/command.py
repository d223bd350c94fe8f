"""The whole of `diarist watch`."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from diarist.cli.failures import OK, exit_code_of_all
from diarist.cli.folder.settling import Settling
from diarist.cli.folder.tending import Folder, Tending
from diarist.cli.inputs import scratch_folder, unreadable
from diarist.cli.library.handing_in import Wish
from diarist.cli.library.session import session, worker_running
from diarist.cli.library.stopping import Stopping
from diarist.cli.library.wishing import Wishes, options_of
from diarist.cli.wishes import PriorityName
from diarist.errors import UnreadableFileError
from diarist.jobs.states import Priority
from diarist.settings import load_settings


@dataclass(frozen=True)
class Request:
    """What the user asked for."""

    folder: Path
    out: Path
    formats: tuple[str, ...]
    wishes: Wishes
    priority: PriorityName
    settle_s: float
    interval_s: float
    once: bool


def watch_folder(request: Request) -> int:
    """Look after a folder until somebody wants it to end, or nothing is left to do.

    Returns:
        The exit code of the command.

    Raises:
        DiaristError: if it cannot be done at all.
    """
    settings = load_settings()
    wish = Wish(options_of(request.wishes, settings), Priority[request.priority.upper()])
    _require_folder(request.folder)

    async def work() -> int:
        stopping = Stopping("stopping when what is under way is done; again to stop now")
        async with AsyncExitStack() as stack:
            scratch = stack.enter_context(scratch_folder())
            here = await stack.enter_async_context(session(settings, hears=True))
            if here.is_embedded:
                await stack.enter_async_context(worker_running(here.services, scratch, stopping))
            folder = Folder(request.folder.resolve(), request.out, request.formats)
            settling = Settling(request.settle_s, time.monotonic)
            tending = await Tending.begun(here, folder, wish, settling)
            while not stopping.asked.is_set():
                is_idle = await tending.round(stopping)
                if is_idle and request.once:
                    break
                await stopping.pause(request.interval_s)
            return exit_code_of_all(tending.errors) if request.once else OK

    return asyncio.run(work())


def _require_folder(folder: Path) -> None:
    try:
        is_folder = folder.is_dir()
        if is_folder:
            next(folder.iterdir(), None)
    except OSError as error:
        raise unreadable(folder, error) from error
    if not is_folder:
        if not folder.exists():
            raise unreadable(folder, FileNotFoundError())
        raise UnreadableFileError(
            f"{folder} is no folder", hint="For single recordings use `diarist submit`."
        )
