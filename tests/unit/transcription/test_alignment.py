"""Words are where somebody speaks, and their times never run backwards."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarist.audio.spans import Span
from diarist.transcription.alignment import kept_to_speech, spread_words
from diarist.transcription.transcript import Word
from diarist.transcription.windows import Window


def test_words_without_times_share_the_time_that_was_spoken() -> None:
    window = Window((Span(0.0, 10.0),))

    words = spread_words("one two six", window, [Span(1.0, 2.0), Span(8.0, 9.0)])

    per_char_s = 2.0 / len("one two six")
    assert [word.text.strip() for word in words] == ["one", "two", "six"]
    assert [word.start_s for word in words] == pytest.approx(
        [1.0, 1.0 + 3 * per_char_s, 7.0 + 7 * per_char_s]
    )
    assert words[-1].end_s == pytest.approx(9.0)


def test_text_without_spaces_is_spread_by_its_characters() -> None:
    words = spread_words("今日は", Window((Span(0.0, 3.0),)), [Span(0.0, 3.0)])

    assert [word.text for word in words] == ["今", "日", "は"]
    assert [word.start_s for word in words] == pytest.approx([0.0, 1.0, 2.0])


def test_a_single_word_stays_one() -> None:
    (word,) = spread_words("Yes.", Window((Span(0.0, 3.0),)), [Span(1.0, 2.0)])

    assert word.text.strip() == "Yes."


@given(
    text=st.lists(st.sampled_from(["a", "word", "sentence"]), min_size=1, max_size=20),
    gap_s=st.floats(0.1, 5.0),
)
@settings(deadline=None, max_examples=50)
def test_spread_words_join_to_the_text_and_keep_their_order(text: list[str], gap_s: float) -> None:
    said = " ".join(text)
    speech = [Span(1.0, 3.0), Span(3.0 + gap_s, 6.0 + gap_s)]

    words = spread_words(said, Window((Span(0.0, 7.0 + gap_s),)), speech)

    assert "".join(word.text for word in words).strip() == said
    assert all(a.start_s <= b.start_s + 1e-9 for a, b in pairwise(words))


def test_a_word_is_not_stretched_over_the_pause_behind_it() -> None:
    words = [Word(" lease", 1.0, 4.0)]

    (kept,) = kept_to_speech(words, [Span(0.5, 1.6), Span(3.9, 6.0)])

    assert kept.end_s == pytest.approx(1.6)


def test_a_word_outside_of_speech_keeps_its_time_for_others_to_judge() -> None:
    words = [Word(" you", 10.0, 12.0)]

    assert kept_to_speech(words, [Span(0.0, 1.0)]) == words


@given(
    times=st.lists(st.tuples(st.floats(0, 20), st.floats(0, 3)), min_size=1, max_size=20),
)
@settings(deadline=None, max_examples=50)
def test_times_never_run_backwards(times: list[tuple[float, float]]) -> None:
    words = [Word(" w", start_s, start_s + length_s) for start_s, length_s in times]

    kept = kept_to_speech(words, [Span(0.0, 5.0), Span(8.0, 30.0)])

    assert all(a.start_s <= b.start_s for a, b in pairwise(kept))
    assert all(word.end_s > word.start_s for word in kept)
