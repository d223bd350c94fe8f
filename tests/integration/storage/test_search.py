"""The search, on both databases: what it finds, what it leaves out, and what it costs."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, func, insert, select, text, update

from diarist.diary.entry import Author, Entry, Paragraph
from diarist.errors import UnsupportedRequestError
from diarist.storage.keys import new_id
from diarist.storage.schema import downgrade, drift, upgrade
from diarist.storage.search import HitPage, search
from diarist.storage.search_index import forget_deleted_words, index_sources
from diarist.storage.tables import entries, recordings, search_documents
from diarist.transcription.transcript import Transcript
from support.databases import opened
from support.library import AT, Shelf, add_owner
from support.transcripts import transcript_of

DAY = dt.date(2026, 11, 18)
T = TypeVar("T")


def entry(text: str, on: dt.date = DAY, title: str = "A day") -> Entry:
    return Entry(
        date=on,
        title=title,
        summary="",
        language="en",
        paragraphs=(Paragraph(text=text, evidence=(4,)),),
        writer=Author(provider="local", model="local-writer/1"),
    )


def on_shelf(url: str, work: Callable[[Shelf], Awaitable[T]]) -> T:
    """Do work on the shelf of a new owner, in one transaction."""

    async def scenario() -> T:
        async with opened(url) as database, database.transaction() as connection:
            return await work(Shelf(connection, await add_owner(connection)))

    return asyncio.run(scenario())


async def found(shelf: Shelf, query: str) -> list[str]:
    page = await search(shelf.connection, shelf.owner_id, query)
    return [hit.snippet.text for hit in page.hits]


def test_transcripts_and_entries_are_found_with_the_place_where_it_stands(
    database_url: str,
) -> None:
    async def work(shelf: Shelf) -> tuple[list[UUID], HitPage]:
        said = transcript_of("We went to the café.", "Marcus has the contract.")
        kept = await shelf.keep([said, entry("We signed the contract.")])
        return [source.id for source in kept], await search(
            shelf.connection, shelf.owner_id, "CONTRACT"
        )

    ids, page = on_shelf(database_url, work)

    assert {hit.source_id for hit in page.hits} == set(ids)
    assert page.after is None
    shown = {hit.kind: (hit.snippet.text, hit.snippet.segment, hit.on_date) for hit in page.hits}
    assert shown == {
        "transcript": ("We went to the café. Marcus has the contract.", 1, DAY),
        "entry": ("A day  We signed the contract.", 4, DAY),
    }
    for hit in page.hits:
        assert [hit.snippet.text[start:end] for start, end in hit.snippet.marks] == ["contract"]


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ("walk", [1]),
        ("walked home", [0]),
        ('"home walked"', []),
        ('"walked home"', [0]),
        ("wal*", [0, 1]),
        ("wal* -rain", [1]),
        ('home -"walked home"', [1]),
        ("strasse", [1]),
        ("東京", [2]),
        ("京東", []),
        ("l'eau", [2]),
        ('"1e5"', [2]),
        ("1e*", [2]),
        ("e5", []),
        ("AND", []),
        ("home OR walk", []),
        ("home'; DROP TABLE owners; --", []),
        ("%", None),
        ("home\x00", [0, 1]),
        ("home 🙂 \ud83d", [0, 1]),
        ("home " * 2000, [0, 1]),
        (" ".join(f"w{number}" for number in range(1500)), []),
        ('"' + "home " * 1990 + '"', []),
        ("home " + " ".join(f"-w{number}" for number in range(1200)), [0, 1]),
    ],
)
def test_a_query_finds_what_it_says(database_url: str, query: str, hits: list[int] | None) -> None:
    texts = ["We walked home in the rain.", "Home by the Straße, a walk.", "東京の l'eau 1e5"]

    async def work(shelf: Shelf) -> list[str]:
        await shelf.keep([transcript_of(one) for one in texts])
        return await found(shelf, query)

    if hits is None:
        with pytest.raises(UnsupportedRequestError):
            on_shelf(database_url, work)
    else:
        assert sorted(on_shelf(database_url, work)) == sorted(texts[index] for index in hits)


@pytest.mark.parametrize(
    ("narrowed", "hits"),
    [
        ({}, {"said", "written", "later"}),
        ({"kinds": ["entry"]}, {"written", "later"}),
        ({"kinds": ["transcript"]}, {"said"}),
        ({"kinds": []}, set()),
        ({"since": DAY}, {"said", "written", "later"}),
        ({"since": DAY + dt.timedelta(1)}, {"later"}),
        ({"until": DAY}, {"said", "written"}),
        ({"since": DAY, "until": DAY, "kinds": ["entry"]}, {"written"}),
        ({"until": DAY - dt.timedelta(1)}, set()),
    ],
)
def test_a_search_can_be_narrowed(
    database_url: str, narrowed: dict[str, object], hits: set[str]
) -> None:
    async def work(shelf: Shelf) -> HitPage:
        later = entry("home later", DAY + dt.timedelta(1), title="-")
        await shelf.keep([transcript_of("home said"), entry("home written", title="-"), later])
        return await search(shelf.connection, shelf.owner_id, "home", **narrowed)  # type: ignore[arg-type]

    page = on_shelf(database_url, work)

    assert {hit.snippet.text.split()[-1] for hit in page.hits} == hits


def test_nobody_finds_the_words_of_another(database_url: str) -> None:
    async def work(shelf: Shelf) -> tuple[list[str], list[str]]:
        other = Shelf(shelf.connection, await add_owner(shelf.connection, "ben"))
        await shelf.keep([transcript_of("my secret")])
        await other.keep([transcript_of("your secret")])
        return await found(shelf, "secret"), await found(other, "secret -my")

    assert on_shelf(database_url, work) == (["my secret"], ["your secret"])


def test_only_the_newest_version_is_found(database_url: str) -> None:
    async def work(shelf: Shelf) -> tuple[list[str], list[str]]:
        recording_id = await shelf.add_recording()
        for version, words in enumerate(["old words", "new words"], start=1):
            said, written = transcript_of(f"said {words}"), entry(f"wrote {words}", title="-")
            transcript_id = await shelf.add_transcript(recording_id, said, version)
            entry_id = await shelf.add_entry(recording_id, transcript_id, written, version)
            sources = [
                shelf.source(recording_id, transcript_id, said),
                shelf.source(recording_id, entry_id, written),
            ]
            await index_sources(shelf.connection, sources)
        return await found(shelf, "words"), await found(shelf, "old")

    words, old = on_shelf(database_url, work)

    assert (sorted(words), old) == (["-  wrote new words", "said new words"], [])


def test_of_two_versions_in_one_transaction_the_last_is_found(database_url: str) -> None:
    async def work(shelf: Shelf) -> list[str]:
        recording_id = await shelf.add_recording()
        one, two = transcript_of("old words"), transcript_of("new words")
        keys = [await shelf.add_transcript(recording_id, one, 1)]
        keys += [await shelf.add_transcript(recording_id, two, 2)]
        pairs = zip(keys, (one, two), strict=True)
        sources = [shelf.source(recording_id, key, said) for key, said in pairs]
        await index_sources(shelf.connection, sources)
        return await found(shelf, "words")

    assert on_shelf(database_url, work) == ["new words"]


def test_a_version_without_words_takes_the_place_of_one_with_words(database_url: str) -> None:
    async def work(shelf: Shelf) -> list[str]:
        (old,) = await shelf.keep([transcript_of("old words")])
        empty = shelf.source(old.recording_id, old.id, Transcript("en", 1.0, ()))
        await index_sources(shelf.connection, [empty])
        await index_sources(shelf.connection, [])
        return await found(shelf, "words")

    assert on_shelf(database_url, work) == []


def test_a_transcript_belongs_to_the_day_on_the_wall_where_it_was_recorded(
    database_url: str,
) -> None:
    async def work(shelf: Shelf) -> HitPage:
        recording_id = await shelf.add_recording(AT, utc_offset_s=3600)
        said = transcript_of("nearly midnight")
        key = await shelf.add_transcript(recording_id, said)
        await index_sources(shelf.connection, [shelf.source(recording_id, key, said)])
        return await search(shelf.connection, shelf.owner_id, "midnight")

    (hit,) = on_shelf(database_url, work).hits
    assert hit.on_date == DAY + dt.timedelta(1)


def test_a_recording_that_is_deleted_is_not_found(database_url: str) -> None:
    async def work(shelf: Shelf) -> tuple[list[str], int]:
        (kept, gone) = await shelf.keep([transcript_of("kept words"), transcript_of("gone words")])
        await shelf.connection.execute(
            delete(recordings).where(recordings.c.id == gone.recording_id)
        )
        left = select(func.count()).select_from(search_documents)
        return await found(shelf, "words"), (await shelf.connection.execute(left)).scalar_one()

    assert on_shelf(database_url, work) == (["kept words"], 1)


def test_a_hit_whose_text_is_gone_is_left_out(database_url: str) -> None:
    async def work(shelf: Shelf) -> list[str]:
        (source,) = await shelf.keep([entry("gone words")])
        await shelf.connection.execute(delete(entries).where(entries.c.id == source.id))
        return await found(shelf, "words")

    assert on_shelf(database_url, work) == []


def test_a_row_that_is_changed_by_hand_is_found_by_its_new_words(database_url: str) -> None:
    async def work(shelf: Shelf) -> tuple[list[str], list[str]]:
        await shelf.keep([transcript_of("one two")])
        await shelf.connection.execute(update(search_documents).values(folded="two three"))
        return await found(shelf, "one"), await found(shelf, '"two three"')

    assert on_shelf(database_url, work) == ([], ["one two"])


def test_a_hit_in_a_long_recording_leads_near_its_place(database_url: str) -> None:
    async def work(shelf: Shelf) -> HitPage:
        texts = ["so it goes on and on"] * 900
        texts[700] = "the lease is signed"
        texts[720] = "the lease once more"
        await shelf.keep([transcript_of(*texts)])
        return await search(shelf.connection, shelf.owner_id, "lease")

    (hit,) = on_shelf(database_url, work).hits
    assert (hit.snippet.segment, "the lease is signed" in hit.snippet.text) == (700, True)


def test_a_place_in_a_segment_that_is_longer_than_a_passage_is_shown(database_url: str) -> None:
    async def work(shelf: Shelf) -> list[str]:
        await shelf.keep([transcript_of("on and on " * 1500 + "lease " + "and on " * 600)])
        return await found(shelf, "lease")

    (text_,) = on_shelf(database_url, work)
    assert " lease " in text_


def test_pages_show_every_hit_once_the_best_first_and_of_equals_the_newest(
    database_url: str,
) -> None:
    async def work(shelf: Shelf) -> tuple[list[UUID], list[UUID], list[int]]:
        days = [DAY + dt.timedelta(number % 4) for number in range(12)]
        sources = await shelf.keep([entry("home and away", day) for day in days])
        best = await shelf.keep([entry("home home home", DAY)])
        expected = sorted(zip(days, (one.id for one in sources), strict=True), reverse=True)
        hits: list[UUID] = []
        lengths: list[int] = []
        after = None
        while not lengths or after is not None:
            page = await search(shelf.connection, shelf.owner_id, "home", limit=5, after=after)
            hits += [hit.source_id for hit in page.hits]
            lengths.append(len(page.hits))
            after = page.after
        return [best[0].id, *(key for _, key in expected)], hits, lengths

    expected, hits, lengths = on_shelf(database_url, work)

    assert (hits, lengths) == (expected, [5, 5, 3])


@pytest.mark.parametrize("limit", [0, -1, 101])
def test_a_page_has_a_sensible_size(database_url: str, limit: int) -> None:
    async def work(shelf: Shelf) -> HitPage:
        return await search(shelf.connection, shelf.owner_id, "home", limit=limit)

    with pytest.raises(UnsupportedRequestError, match=str(limit)):
        on_shelf(database_url, work)


VOCABULARY = ("rain", "Rain", "rainy", "räin", "5", "5th", "1e5", "x", "дождь", "Ёж", "東京", "東")
PLAIN = re.compile(r"[東京]|[^\W東京]+")


@dataclass(frozen=True)
class Asked:
    """A part of a query, as text and as what it means."""

    text: str
    is_prefix: bool
    is_excluded: bool

    @property
    def query(self) -> str:
        return "-" * self.is_excluded + f'"{self.text}"' + "*" * self.is_prefix

    def is_in(self, document: str) -> bool:
        words, wanted = plain_words(document), plain_words(self.text)
        return any(
            self._fits(words[index : index + len(wanted)], wanted) for index in range(len(words))
        )

    def _fits(self, words: Sequence[str], wanted: Sequence[str]) -> bool:
        if self.is_prefix and len(words) == len(wanted):
            return [*words[:-1], words[-1][: len(wanted[-1])]] == wanted
        return words == wanted


def plain_words(text: str) -> list[str]:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(c for c in decomposed if unicodedata.category(c) != "Mn")
    return PLAIN.findall(kept)


TEXTS = st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=6).map(" ".join)
ASKED = st.builds(
    Asked,
    st.lists(st.sampled_from((*VOCABULARY, "ra", "е")), min_size=1, max_size=3).map(" ".join),
    st.booleans(),
    st.booleans(),
)


def test_both_databases_find_what_a_person_would_find_reading_everything(
    sqlite_url: str, postgres_url: str
) -> None:
    @settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.nested_given])
    @given(
        texts=st.lists(TEXTS, min_size=1, max_size=6),
        asked=st.lists(ASKED, min_size=1, max_size=3).filter(
            lambda some: not all(one.is_excluded for one in some)
        ),
        noise=st.sampled_from([" ", " & ", " ) ", ' "" ', " 🙂 - "]),
    )
    def holds(texts: list[str], asked: list[Asked], noise: str) -> None:
        query = noise.join(one.query for one in asked)
        expected = sorted(
            text_ for text_ in texts if all(one.is_in(text_) != one.is_excluded for one in asked)
        )

        for shelf in shelves:
            runner.run(refill(shelf, texts))
            assert sorted(runner.run(found(shelf, query))) == expected

    with asyncio.Runner() as runner:
        databases = [opened(sqlite_url), opened(postgres_url)]
        opened_ones = [runner.run(one.__aenter__()) for one in databases]
        transactions = [one.transaction() for one in opened_ones]
        connections = [runner.run(one.__aenter__()) for one in transactions]
        shelves = [Shelf(one, runner.run(add_owner(one))) for one in connections]
        holds()
        for context in (*transactions, *databases):
            runner.run(context.__aexit__(None, None, None))


async def refill(shelf: Shelf, texts: list[str]) -> None:
    await shelf.connection.execute(delete(recordings))
    await shelf.keep([transcript_of(text_) for text_ in texts])


def test_rows_from_before_the_index_are_found(database_url: str) -> None:
    async def scenario() -> tuple[list[str], list[str]]:
        async with opened(database_url) as database:
            async with database.transaction() as connection:
                shelf = Shelf(connection, await add_owner(connection))
            await downgrade(database, "0001")
            async with database.transaction() as connection:
                await Shelf(connection, shelf.owner_id).keep([transcript_of("early words")])
            await upgrade(database)
            async with database.reading() as connection:
                hits = await found(Shelf(connection, shelf.owner_id), "words")
            return hits, await drift(database)

    assert asyncio.run(scenario()) == (["early words"], [])


@pytest.mark.parametrize(
    ("sqlite", "postgresql"),
    [
        ("DROP TRIGGER search_documents_removed", "DROP INDEX ix_search_documents_search_words"),
        ("DROP TABLE search_index", "ALTER TABLE search_documents DROP COLUMN search_words"),
    ],
)
def test_a_part_of_the_index_that_is_missing_is_drift(
    database_url: str, sqlite: str, postgresql: str
) -> None:
    async def scenario() -> list[str]:
        async with opened(database_url) as database:
            async with database.transaction() as connection:
                await connection.execute(text(sqlite if database.is_sqlite else postgresql))
            return await drift(database)

    lacking = asyncio.run(scenario())

    assert lacking
    assert all(sentence.startswith("the search index lacks") for sentence in lacking)


def test_no_deleted_word_stays_in_the_file_of_sqlite(sqlite_url: str) -> None:
    async def scenario() -> None:
        async with opened(sqlite_url) as database:
            async with database.transaction() as connection:
                shelf = Shelf(connection, await add_owner(connection))
                _, gone = await shelf.keep(
                    [transcript_of("an ordinary day"), transcript_of("an unspeakable day")]
                )
            async with database.transaction() as connection:
                await connection.execute(
                    delete(recordings).where(recordings.c.id == gone.recording_id)
                )
                await forget_deleted_words(connection)
                blocks = text("SELECT block FROM search_index_data")
                left = b"".join((await connection.execute(blocks)).scalars())
                assert (b"rdinary" in left, b"nspeakable" in left) == (True, False)
                await forget_deleted_words(connection)
                assert await found(Shelf(connection, shelf.owner_id), "day") == ["an ordinary day"]

    asyncio.run(scenario())


async def fill_shelf(shelf: Shelf, passages: int) -> None:
    """Add passages that all have a word, and one in a hundred a rarer one."""
    recording_id = await shelf.add_recording()
    common = {
        "owner_id": shelf.owner_id,
        "recording_id": recording_id,
        "kind": "entry",
        "part": 0,
        "first_segment": 0,
    }
    rows = [
        {
            **common,
            "source_id": new_id(),
            "on_date": DAY + dt.timedelta(number % 50),
            "folded": "common " + ("rare " if number % 100 == 0 else "") + "and so on " * 20,
        }
        for number in range(passages)
    ]
    await shelf.connection.execute(insert(search_documents), rows)


@pytest.mark.parametrize("query", ["rare", "common", '"common and" -rare', "comm*"])
@pytest.mark.parametrize("days", [{}, {"since": DAY, "until": DAY}])
def test_a_search_reads_only_passages_that_match(
    database_url: str, query: str, days: dict[str, dt.date]
) -> None:
    async def scenario() -> str:
        asked: list[tuple[str, Any]] = []
        async with opened(database_url) as database, database.transaction() as connection:
            mine, other = [
                Shelf(connection, await add_owner(connection, name)) for name in ("anna", "ben")
            ]
            await fill_shelf(mine, 300)
            await fill_shelf(other, 5_000)
            if not database.is_sqlite:  # what a vacuum does sooner or later
                name = "ix_search_documents_search_words"
                await connection.execute(select(func.gin_clean_pending_list(name)))
            await connection.execute(text("ANALYZE"))

            def remember(*event: Any) -> None:
                asked.append(event[2:4])

            event.listen(connection.sync_connection, "before_cursor_execute", remember)
            await search(connection, mine.owner_id, query, **days)  # type: ignore[arg-type]
            event.remove(connection.sync_connection, "before_cursor_execute", remember)
            explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
            statement, values = asked[0]
            plan = await connection.exec_driver_sql(explain + statement, values)
            return "\n".join(str(row[-1]) for row in plan)

    plan = asyncio.run(scenario())

    if database_url.startswith("sqlite"):
        assert "SCAN search_index VIRTUAL TABLE INDEX 0:M" in plan
        assert "SEARCH search_documents USING INTEGER PRIMARY KEY" in plan
    else:
        assert "Bitmap Index Scan on ix_search_documents_search_words" in plan
        assert "Seq Scan on search_documents" not in plan
