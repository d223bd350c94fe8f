"""Full-text search over transcripts and entries, in PostgreSQL and in SQLite.

Both find the same, because both compare the words of `folding.py`; what ranks first differs a
little (`ts_rank_cd` there, `bm25` here). A query is answered by passages, see `search_passages.py`:
all that is wanted must stand in one of them, and nothing that is excluded. Of each transcript and
entry the best passage is shown.

Cost, measured with 20,000 passages of 750 words of ten owners on the 2-core reference machine, for
a page of 20 hits of which the snippets are 1 ms each:

                                     SQLite     PostgreSQL
    a word of 10 passages             14 ms          14 ms   (10 hits)
    a word of every passage           46 ms          44 ms
    the same, on one day              16 ms           6 ms   (2 hits)
    a prefix of two letters          126 ms          45 ms
    50 words                          89 ms         144 ms
    to index a passage               0.4 ms         1.2 ms

PostgreSQL reads only the passages of the owner that match, since the owner is a word of its index;
SQLite, which seldom has several owners, looks at each that matches by its number. Days and kinds
are compared in those rows. Nothing reads passages that do not match.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    Double,
    Row,
    Select,
    cast,
    column,
    func,
    literal,
    select,
    table,
    tuple_,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.ext.asyncio import AsyncConnection

from diarist.errors import UnsupportedRequestError
from diarist.storage.bodies import unpack_entry, unpack_transcript
from diarist.storage.search_index import Kind
from diarist.storage.search_passages import Piece, said_from, written_in
from diarist.storage.search_query import Query, fts5_expression, owner_word, parse_query, tsquery
from diarist.storage.search_snippets import Snippet, snippet_of
from diarist.storage.tables import entries, search_documents, transcripts

KINDS: tuple[Kind, ...] = ("transcript", "entry")
MOST_HITS = 100

_BY_LENGTH = 1  # of ts_rank_cd: divide by 1 + the logarithm of how long the passage is


@dataclass(frozen=True)
class Cursor:
    """The last hit of a page: the next page begins behind it."""

    rank: float
    on_date: date
    source_id: UUID


@dataclass(frozen=True)
class Hit:
    """A transcript or an entry in which something was found.

    Attributes:
        recording_id: what it is made of.
        kind: whether it is the transcript or the entry.
        source_id: of the transcript or of the entry.
        on_date: the day that it belongs to.
        rank: higher is better; comparable only within one search.
        snippet: the words around the best place, and the segment of the transcript there.
    """

    recording_id: UUID
    kind: Kind
    source_id: UUID
    on_date: date
    rank: float
    snippet: Snippet


@dataclass(frozen=True)
class HitPage:
    """Some hits, the best first, of equally good ones the newest.

    Attributes:
        hits: at most as many as were asked for.
        after: what to ask for the next page with; none if this is the last.
    """

    hits: tuple[Hit, ...]
    after: Cursor | None


async def search(
    connection: AsyncConnection,
    owner_id: UUID,
    query: str,
    *,
    kinds: Collection[Kind] = KINDS,
    since: date | None = None,
    until: date | None = None,
    limit: int = 20,
    after: Cursor | None = None,
) -> HitPage:
    """Find what an owner said and what was written of it.

    Args:
        connection: in a transaction that may only read.
        owner_id: nobody else's words are found.
        query: as it was typed; see `search_query.py` for what it may say.
        kinds: where to look.
        since: the first day.
        until: the last day.
        limit: hits on a page, 1 to `MOST_HITS`.
        after: `HitPage.after` of the page before.

    Raises:
        UnsupportedRequestError: if the query has no word to look for, or the limit is none.
    """
    if not 1 <= limit <= MOST_HITS:
        raise UnsupportedRequestError(
            f"a page of {limit} hits was asked for", hint=f"Ask for 1 to {MOST_HITS}."
        )
    wanted = parse_query(query)
    is_sqlite = connection.dialect.name == "sqlite"
    matches = _in_sqlite(wanted) if is_sqlite else _in_postgresql(wanted, owner_id)
    matches = matches.where(search_documents.c.owner_id == owner_id)
    matches = matches.where(search_documents.c.kind.in_(list(kinds)))
    if since is not None:
        matches = matches.where(search_documents.c.on_date >= since)
    if until is not None:
        matches = matches.where(search_documents.c.on_date <= until)
    rows = (await connection.execute(_page(matches.cte("matches"), limit + 1, after))).all()
    shown = rows[:limit]
    hits = await asyncio.to_thread(_hits, shown, await _bodies(connection, shown), wanted)
    return HitPage(hits, _behind(shown[-1]) if len(rows) > limit else None)


_COLUMN_NAMES = ("recording_id", "kind", "source_id", "on_date", "part", "first_segment")
_COLUMNS = tuple(search_documents.c[name] for name in _COLUMN_NAMES)


def _in_postgresql(query: Query, owner_id: UUID) -> Select[Any]:
    words = column("search_words", TSVECTOR)
    asked = f"'{owner_word(owner_id)}' & {tsquery(query)}"
    ranked = cast(literal(tsquery(Query(query.wanted))), TSQUERY)
    rank = cast(func.ts_rank_cd(words, ranked, _BY_LENGTH), Double)
    matching = words.bool_op("@@")(cast(literal(asked), TSQUERY))
    return select(*_COLUMNS, rank.label("rank")).where(matching)


def _in_sqlite(query: Query) -> Select[Any]:
    index = table("search_index", column("rowid"), column("rank", Double))
    rank = (-index.c.rank).label("rank")
    matching = column("search_index").bool_op("MATCH")(fts5_expression(query))
    joined = index.join(search_documents, search_documents.c.id == index.c.rowid)
    return select(*_COLUMNS, rank).select_from(joined).where(matching)


def _page(matches: CTE, limit: int, after: Cursor | None) -> Select[Any]:
    """Return the best passage of each source, the best of these first."""
    turn = func.row_number().over(
        partition_by=matches.c.source_id, order_by=(matches.c.rank.desc(), matches.c.part)
    )
    ranked = select(matches, turn.label("turn")).cte("ranked")
    order = (ranked.c.rank, ranked.c.on_date, ranked.c.source_id)
    page = select(ranked).where(ranked.c.turn == 1)
    if after is not None:
        last = (after.rank, after.on_date, after.source_id)
        values = (literal(value, one.type) for value, one in zip(last, order, strict=True))
        page = page.where(tuple_(*order) < tuple_(*values))
    return page.order_by(*(one.desc() for one in order)).limit(limit)


def _behind(row: Row[Any]) -> Cursor:
    return Cursor(row.rank, row.on_date, row.source_id)


async def _bodies(connection: AsyncConnection, rows: Sequence[Row[Any]]) -> Mapping[UUID, bytes]:
    bodies: dict[UUID, bytes] = {}
    for kind, sources in (("transcript", transcripts), ("entry", entries)):
        ids = [row.source_id for row in rows if row.kind == kind]
        if ids:
            asked = select(sources.c.id, sources.c.body).where(sources.c.id.in_(ids))
            bodies |= {row.id: row.body for row in await connection.execute(asked)}
    return bodies


def _hits(rows: Sequence[Row[Any]], bodies: Mapping[UUID, bytes], query: Query) -> tuple[Hit, ...]:
    return tuple(
        Hit(
            recording_id=row.recording_id,
            kind=row.kind,
            source_id=row.source_id,
            on_date=row.on_date,
            rank=row.rank,
            snippet=_snippet(bodies[row.source_id], row, query),
        )
        for row in rows
        if row.source_id in bodies  # else it was deleted a moment ago
    )


def _snippet(body: bytes, row: Row[Any], query: Query) -> Snippet:
    snippets = [snippet_of(pieces, query.wanted) for pieces in _begun_there(body, row)]
    return max(snippets, key=lambda snippet: len(snippet.marks))


def _begun_there(body: bytes, row: Row[Any]) -> Iterator[list[Piece]]:
    """Return the passages that may be the one that was found: almost always, it is one."""
    if row.kind == "entry":
        return written_in(unpack_entry(body))
    # A segment that is too long for a passage begins several of them.
    return takewhile(
        lambda pieces: pieces[0].segment == row.first_segment,
        said_from(unpack_transcript(body), row.first_segment),
    )
