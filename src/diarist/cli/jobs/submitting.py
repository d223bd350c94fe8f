"""The whole of `diarist submit`."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from diarist.cli.batch.outcome import Outcome, as_plain, name_of
from diarist.cli.batch.report import JsonLines, OnTerminal, Results, TabSeparated
from diarist.cli.failures import INTERRUPTED, exit_code_of_all
from diarist.cli.inputs import NotFound, Source, collect, scratch_folder
from diarist.cli.jobs.resolving import short_name
from diarist.cli.jobs.tables import print_table, tab_separated
from diarist.cli.jobs.waiting import Ends, wait_for_all
from diarist.cli.library.handing_in import Wish, hand_in
from diarist.cli.library.session import Session, session, tell_who_works, worker_running
from diarist.cli.library.stopping import Stopping
from diarist.cli.library.wishing import Wishes, options_of
from diarist.cli.text import note, print_error
from diarist.cli.wishes import PriorityName
from diarist.errors import DiaristError, InputError
from diarist.jobs.states import Priority
from diarist.settings import load_settings


@dataclass(frozen=True)
class Request:
    """What the user asked for."""

    names: tuple[str, ...]
    wishes: Wishes
    on: dt.date | None
    priority: PriorityName
    again: bool
    wait: bool
    as_json: bool


@dataclass(frozen=True)
class Receipt:
    """What became of handing a recording in.

    Attributes:
        name: of the recording.
        status: whether it was new.
        job_id: of its job; None if it could not be handed in.
        error: why not.
    """

    name: str
    status: str
    job_id: UUID | None = None
    error: DiaristError | None = None


def submit_all(request: Request) -> int:
    """Hand in what was asked for, and wait for it if that was asked for.

    Returns:
        The exit code of the command.

    Raises:
        DiaristError: if nothing at all can be done.
    """
    settings = load_settings()
    options = options_of(request.wishes, settings)
    priority = Priority[request.priority.upper()]
    wish = Wish(options, priority, request.on, request.again)
    with scratch_folder() as scratch:
        found = collect(request.names, scratch)

        async def work() -> int:
            async with session(settings, hears=request.wait) as here:
                if request.wait:
                    return await _submit_and_wait(here, found, wish, request, scratch)
                return await _submit(here, found, wish, as_json=request.as_json)

        return asyncio.run(work())


async def _submit(
    here: Session, found: Sequence[Source | NotFound], wish: Wish, *, as_json: bool
) -> int:
    receipts: list[Receipt] = []
    in_table = not as_json and sys.stdout.isatty()
    try:
        for one in found:
            receipt = await _handed_in(here, one, wish)
            receipts.append(receipt)
            if receipt.error is not None:
                print_error(receipt.error, about=receipt.name)
            if not in_table:
                print(_as_json(receipt) if as_json else _as_cells(receipt), flush=True)
    finally:
        if in_table:
            _show_table(receipts)
    if any(receipt.job_id for receipt in receipts):
        tell_who_works(here)
    return exit_code_of_all(one.error for one in receipts if one.error)


async def _submit_and_wait(
    here: Session,
    found: Sequence[Source | NotFound],
    wish: Wish,
    request: Request,
    scratch: Path,
) -> int:
    stopping = Stopping("stopping; what was handed in stays in the queue", is_urgent=True)
    ends = Ends(_results(request, len(found)))
    names: dict[UUID, str] = {}
    async with AsyncExitStack() as stack:
        if here.is_embedded:
            await stack.enter_async_context(worker_running(here.services, scratch, stopping))
        for one in found:
            receipt = await _handed_in(here, one, wish)
            if receipt.job_id is not None:
                names.setdefault(receipt.job_id, receipt.name)
            else:
                ends.add(Outcome(receipt.name, "failed", error=receipt.error))
        await wait_for_all(here, names, ends, stopping)
    if stopping.asked.is_set():
        return INTERRUPTED
    ends.finish()
    return exit_code_of_all(ends.errors)


async def _handed_in(here: Session, one: Source | NotFound, wish: Wish) -> Receipt:
    """Hand one recording in. What is wrong with it does not stop the others."""
    if isinstance(one, NotFound):
        return Receipt(one.name, "failed", error=one.error)
    name = name_of(one)
    try:
        handed_in = await hand_in(here, one, wish)
    except InputError as error:
        return Receipt(name, "failed", error=error)
    if handed_in.was_known and wish.on is not None:
        note(f"{name} is in the library already, and keeps the date that it has there")
    submitted = handed_in.submitted
    if submitted.is_new:
        return Receipt(name, "submitted", submitted.job_id)
    note(f"{name} was submitted already, as job {submitted.job_id}; --again makes a new one")
    return Receipt(name, "already submitted", submitted.job_id)


def _results(request: Request, count: int) -> Results:
    if request.as_json:
        return JsonLines()
    if sys.stdout.isatty():
        return OnTerminal(show_each=count == 1, table=True)
    return TabSeparated()


def _as_cells(receipt: Receipt) -> str:
    job = str(receipt.job_id or "")
    cells = (job, receipt.status, receipt.name)
    return tab_separated(cells if receipt.error is None else (*cells, receipt.error.code))


def _as_json(receipt: Receipt) -> str:
    body = {
        "input": receipt.name,
        "status": receipt.status,
        "job": receipt.job_id and str(receipt.job_id),
        "error": receipt.error and as_plain(receipt.error),
    }
    return json.dumps(body, ensure_ascii=False)


def _show_table(receipts: Sequence[Receipt]) -> None:
    rows = [
        (
            short_name(receipt.job_id) if receipt.job_id else "",
            receipt.status,
            receipt.name if receipt.error is None else f"{receipt.name}: {receipt.error.message}",
        )
        for receipt in receipts
    ]
    print_table(("Job", "Status", "Recording"), rows)
