"""The whole of `diarist search`."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from diarist.cli.library.session import session
from diarist.cli.text import note, printable
from diarist.jobs.reading.details import names_of
from diarist.storage.search import Hit, HitPage, search

_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


@dataclass(frozen=True)
class Question:
    """What is looked for.

    Attributes:
        words: as `storage.search_query` reads them.
        since: the first day.
        until: the last day.
        limit: how many places at most.
    """

    words: str
    since: dt.date | None
    until: dt.date | None
    limit: int


def find(question: Question, *, as_json: bool) -> None:
    """Print where something was found.

    Raises:
        UnsupportedRequestError: if there is no word to look for.
    """
    page, names = asyncio.run(_found(question))
    for hit in page.hits:
        print(_as_json(hit, names) if as_json else _in_words(hit, names))
    if not page.hits:
        note("nothing was found")
    if page.after is not None:
        note(f"these are the best {question.limit}; there are more")


async def _found(question: Question) -> tuple[HitPage, Mapping[UUID, str]]:
    async with session() as here:

        async def work(connection: AsyncConnection) -> HitPage:
            return await search(
                connection,
                here.owner_id,
                question.words,
                since=question.since,
                until=question.until,
                limit=question.limit,
            )

        page = await here.database.read(work)
        names = await names_of(here.database, {hit.recording_id for hit in page.hits})
    return page, names


def _in_words(hit: Hit, names: Mapping[UUID, str]) -> str:
    text = hit.snippet.text
    if sys.stdout.isatty():
        for start, end in reversed(hit.snippet.marks):
            text = f"{text[:start]}{_BOLD}{text[start:end]}{_PLAIN}{text[end:]}"
    name = printable(names.get(hit.recording_id, ""), sys.stdout)
    return f"{hit.on_date}\t{hit.kind}\t{name}\t{text}"


def _as_json(hit: Hit, names: Mapping[UUID, str]) -> str:
    body = {
        "date": hit.on_date.isoformat(),
        "kind": hit.kind,
        "recording": str(hit.recording_id),
        "name": names.get(hit.recording_id),
        "text": hit.snippet.text,
        "marks": hit.snippet.marks,
        "segment": hit.snippet.segment,
    }
    return json.dumps(body, ensure_ascii=False)
