"""Chunks become one transcript of sentences; no word is lost, doubled or moved."""

from __future__ import annotations

from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarist.transcription.assemble import ChunkText, Origin, assemble
from diarist.transcription.transcript import Segment, Word

ENGLISH = Origin(language="en", duration_s=600.0, engine="e", model="m", source="memo.mp3")


def segment(text: str, start_s: float = 0.0, step_s: float = 0.4) -> Segment:
    words = tuple(
        Word(f" {w}", start_s + i * step_s, start_s + i * step_s + 0.3)
        for i, w in enumerate(text.split())
    )
    return Segment(0, words[0].start_s, words[-1].end_s, text, words)


def spoken(text: str, *pause_before: int, pause_s: float = 2.0) -> Segment:
    """Words with a pause before those at the given places."""
    words: list[Word] = []
    at_s = 0.0
    for index, word in enumerate(text.split()):
        at_s += pause_s if index in pause_before else 0.0
        words.append(Word(f" {word}", at_s, at_s + 0.3))
        at_s += 0.4
    return Segment(0, 0.0, words[-1].end_s, text, tuple(words))


def texts(*segments: Segment, language: str = "en") -> list[str]:
    origin = Origin(language=language, duration_s=60.0)
    return [s.text for s in assemble([ChunkText(0.0, segments)], origin).segments]


def test_a_segment_is_divided_into_its_sentences() -> None:
    said = "We met Dr. Miller at 9.30 today. It went well! Did you know?"

    assert texts(segment(said)) == [
        "We met Dr. Miller at 9.30 today.",
        "It went well!",
        "Did you know?",
    ]


def test_a_long_pause_ends_a_sentence_that_has_no_stop() -> None:
    assert texts(spoken("first thought then another", 2)) == ["first thought", "then another"]


def test_a_sentence_that_was_cut_between_windows_is_joined_again() -> None:
    one, other = segment("I went to the"), segment("market this morning.", start_s=2.0)

    (joined,) = assemble([ChunkText(0.0, [one, other])], ENGLISH).segments

    assert joined.text == "I went to the market this morning."
    assert joined.words == one.words + other.words
    assert (joined.start_s, joined.end_s) == (one.start_s, other.end_s)


def test_a_new_sentence_is_not_joined_to_the_last() -> None:
    one, other = segment("I went home"), segment("Then I slept.", start_s=2.0)

    assert texts(one, other) == ["I went home", "Then I slept."]


def test_a_sentence_without_an_end_is_divided_at_a_comma() -> None:
    said = " ".join(["and then we went on"] * 9) + ", " + " ".join(["and on and on"] * 9)

    parts = texts(segment(said))

    assert len(parts) == 2
    assert parts[0].endswith(",")
    assert " ".join(parts) == said


def test_text_without_spaces_keeps_none() -> None:
    words = tuple(
        Word(char, i * 0.2, i * 0.2 + 0.2) for i, char in enumerate("今日は良い。明日も。")
    )
    whole = Segment(0, 0.0, 2.0, "今日は良い。明日も。", words)

    assert texts(whole, language="ja") == ["今日は良い。", "明日も。"]


def test_segments_without_word_times_stay_whole() -> None:
    assert texts(Segment(0, 1.0, 3.0, "One. Two.")) == ["One. Two."]


def test_chunks_are_shifted_to_where_they_were_cut() -> None:
    chunks = [ChunkText(150.0, [segment("Second.")]), ChunkText(0.0, [segment("First.")])]

    transcript = assemble(chunks, ENGLISH)

    assert [(s.id, s.text) for s in transcript.segments] == [(0, "First."), (1, "Second.")]
    assert transcript.segments[1].words[0].start_s == pytest.approx(150.0)
    assert (transcript.source, transcript.duration_s) == ("memo.mp3", 600.0)


WORDS = st.sampled_from(["one", "two.", "Three", "four,", "Dr.", "five!", "3.5", "six?"])
WINDOW = st.lists(WORDS, min_size=1, max_size=30)
ENDLESS = st.integers(61, 150).map(lambda count: ["on"] * count)


@given(chunks=st.lists(st.lists(WINDOW | ENDLESS, min_size=1, max_size=4), min_size=1, max_size=4))
@settings(deadline=None, max_examples=60)
def test_no_word_is_lost_doubled_or_moved(chunks: list[list[list[str]]]) -> None:
    given_chunks = []
    for number, windows in enumerate(chunks):
        starts = accumulate((0.4 * len(words) + 0.1 for words in windows[:-1]), initial=0.0)
        segments = [
            segment(" ".join(words), start_s)
            for words, start_s in zip(windows, starts, strict=True)
        ]
        given_chunks.append(ChunkText(number * 240.0, segments))

    transcript = assemble(given_chunks, ENGLISH)

    said = [word for windows in chunks for words in windows for word in words]
    timed = [word for s in transcript.segments for word in s.words]
    assert transcript.text.split() == said
    assert [word.text.strip() for word in timed] == said
    assert [s.id for s in transcript.segments] == list(range(len(transcript.segments)))
    assert all(a.start_s <= b.start_s for a, b in pairwise(timed))
    assert all(
        s.text == "".join(word.text for word in s.words).strip() for s in transcript.segments
    )
