"""What is stored of a transcript or an entry is read again as it was."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarist.diary.entry import Author, Entry, Paragraph
from diarist.errors import UnexpectedError
from diarist.storage.bodies import (
    pack_entry,
    pack_segments,
    pack_transcript,
    unpack_entry,
    unpack_segments,
    unpack_transcript,
)
from diarist.transcription.transcript import Segment, Transcript, Word

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
WORDS = st.builds(Word, TEXTS, NUMBERS, NUMBERS, NUMBERS)
SEGMENTS = st.builds(
    Segment,
    *(st.integers(0, 2**31), NUMBERS, NUMBERS, TEXTS, st.lists(WORDS, max_size=3).map(tuple)),
    *(NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.none() | TEXTS),
)
TRANSCRIPTS = st.builds(
    Transcript,
    *(TEXTS, NUMBERS, st.lists(SEGMENTS, max_size=3).map(tuple), st.none() | TEXTS, NUMBERS),
    *(TEXTS, TEXTS, TEXTS, st.lists(TEXTS, max_size=2).map(tuple), st.booleans()),
)


def entry(title: str = "A walk", mentions: dict[str, tuple[int, ...]] | None = None) -> Entry:
    return Entry(
        date=dt.date(2026, 11, 18),
        title=title,
        summary="We walked.",
        language="en",
        paragraphs=(Paragraph(text="We walked home.", evidence=(0, 2)),),
        mentions=mentions or {},
        writer=Author(provider="local", model="local-writer/1"),
    )


@given(TRANSCRIPTS)
def test_a_transcript_is_read_as_it_was_stored(transcript: Transcript) -> None:
    assert unpack_transcript(pack_transcript(transcript)) == transcript


@given(st.lists(SEGMENTS, max_size=4).map(tuple))
def test_segments_are_read_as_they_were_stored(segments: tuple[Segment, ...]) -> None:
    assert unpack_segments(pack_segments(segments)) == segments


@given(TEXTS, st.dictionaries(TEXTS, st.lists(st.integers(0, 9)).map(tuple), max_size=3))
def test_an_entry_is_read_as_it_was_stored(
    title: str, mentions: dict[str, tuple[int, ...]]
) -> None:
    written = entry(title, mentions)

    assert unpack_entry(pack_entry(written)) == written


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_none_does_not_make_a_transcript_unreadable(number: float) -> None:
    word = Word(" hello", 0.0, 1.0, number)
    segment = Segment(0, 0.0, 1.0, "hello", (word,), number)
    transcript = Transcript("en", 1.0, (segment,))

    read = unpack_transcript(pack_transcript(transcript))

    mended = replace(segment, words=(replace(word, probability=0.0),), avg_logprob=0.0)
    assert read == replace(transcript, segments=(mended,))
    assert unpack_segments(pack_segments((segment,))) == (mended,)


def test_half_of_a_character_is_stored_as_a_question_mark() -> None:
    segment = Segment(0, 0.0, 1.0, "so \ud83d")
    transcript = Transcript("en", 1.0, (segment,), source="memo\udcff.mp3")

    read = unpack_transcript(pack_transcript(transcript))

    assert (read.source, read.segments[0].text) == ("memo?.mp3", "so ?")
    assert unpack_entry(pack_entry(entry("A \ud83d"))) == entry("A ?")


def test_the_body_of_a_newer_version_is_refused() -> None:
    with pytest.raises(UnexpectedError, match="newer|does not know"):
        unpack_segments(b"\x02" + pack_segments(())[1:])
