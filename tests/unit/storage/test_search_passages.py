"""What a search finds at once: passages of transcripts and entries."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from diarist.diary.entry import ActionItem, Author, Entry, Paragraph
from diarist.storage.folding import folded
from diarist.storage.search_passages import (
    LONGEST_PASSAGE,
    Passage,
    entry_passages,
    said_from,
    transcript_passages,
)
from support.transcripts import transcript_of


def entry(*paragraphs: str) -> Entry:
    return Entry(
        date=dt.date(2026, 11, 18),
        title="The title",
        summary="The summary.",
        language="en",
        paragraphs=tuple(
            Paragraph(text=text, evidence=(10 * number + 4,))
            for number, text in enumerate(paragraphs)
        ),
        action_items=(ActionItem(text="Call Ben", evidence=(7,)),),
        people=("Ben",),
        topics=("lease",),
        mentions={"Ben": (3, 7)},
        writer=Author(provider="local", model="local-writer/1"),
    )


def test_a_short_recording_is_one_passage() -> None:
    passages = transcript_passages(transcript_of("I walked home.", "", "It rained!"))

    assert passages == [Passage(0, "i walked home it rained")]


def test_a_long_recording_is_cut_between_its_segments() -> None:
    passages = transcript_passages(transcript_of(*["so it goes on and on"] * 400))

    in_each = LONGEST_PASSAGE // 6
    assert [passage.first_segment for passage in passages] == [0, in_each, 2 * in_each]
    assert [passage.folded.count("so") for passage in passages] == [
        in_each,
        in_each,
        400 - 2 * in_each,
    ]


def test_a_segment_that_is_too_long_is_cut_between_words() -> None:
    passages = transcript_passages(transcript_of("first", "東" * 2_500))

    lengths = [len(passage.folded.split()) for passage in passages]
    assert lengths == [1, LONGEST_PASSAGE, LONGEST_PASSAGE, 500]
    assert [passage.first_segment for passage in passages] == [0, 1, 1, 1]


@given(
    st.lists(st.text(st.sampled_from("ab é½東\u0301ｶﾞ'"), max_size=3_000), max_size=4),
    st.integers(0, 4),
)
def test_passages_have_every_word_once_and_are_found_again_from_where_they_begin(
    texts: list[str], since: int
) -> None:
    transcript = transcript_of(*texts)
    passages = transcript_passages(transcript)

    said = [word for text in texts for word in folded(text).split()]
    assert [word for passage in passages for word in passage.folded.split()] == said
    # "½" is two words in one place, which cannot be cut.
    assert all(len(one.folded.split()) <= LONGEST_PASSAGE + 1 for one in passages)
    if since < len(texts):
        there = [pieces[0].segment for pieces in said_from(transcript, since)]
        assert there[0] == since


def test_an_entry_is_found_by_all_that_it_says() -> None:
    passages = entry_passages(entry("We walked.", "It rained."))

    assert passages == [Passage(4, "the title the summary we walked it rained call ben ben lease")]


def test_a_long_entry_is_cut_between_its_paragraphs() -> None:
    passages = entry_passages(entry("so on " * 400, "and on " * 400, "the end"))

    assert [passage.first_segment for passage in passages] == [4, 14]
    assert passages[1].folded.endswith("on the end call ben ben lease")
