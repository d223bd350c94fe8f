"""What Whisper invents is recognised; what people really say is kept."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarist.audio.spans import Span
from diarist.transcription.decoding import Decoded, compression_ratio
from diarist.transcription.guards import holes, looks_invented, plain, without_loops
from diarist.transcription.transcript import Word


def decoded(
    text: str, avg_logprob: float = -0.2, no_speech_prob: float = 0.01, temperature: float = 0.0
) -> Decoded:
    return Decoded(
        tokens=(1,),
        text=text,
        avg_logprob=avg_logprob,
        no_speech_prob=no_speech_prob,
        compression_ratio=compression_ratio(text),
        temperature=temperature,
    )


def words_of(text: str) -> list[Word]:
    return [Word(f" {w}", float(i), i + 0.9) for i, w in enumerate(text.split())]


def text_of(words: list[Word]) -> str:
    return "".join(word.text for word in words).strip()


@pytest.mark.parametrize(
    ("one", "speech_s"),
    [
        (decoded("Thank you for watching!", avg_logprob=-0.6), 4.0),
        (decoded("you", no_speech_prob=0.4), 2.0),
        (decoded("Thank you."), 0.4),
        (decoded("anything at all", avg_logprob=-1.4), 4.0),
        (decoded("words in silence", avg_logprob=-1.1, no_speech_prob=0.9), 4.0),
        (decoded(""), 4.0),
        (decoded("far too many words for so little speech " * 5), 0.5),
        (decoded("la la la " * 40, temperature=0.8), 20.0),
    ],
)
def test_what_was_probably_never_said_is_dropped(one: Decoded, speech_s: float) -> None:
    assert looks_invented(one, speech_s)


@pytest.mark.parametrize(
    ("one", "speech_s"),
    [
        (decoded("Thank you.", avg_logprob=-0.1), 1.5),
        (decoded("We finally signed the lease."), 2.0),
        (decoded("Thank you for watching the children, Priya.", avg_logprob=-0.6), 3.0),
        (decoded("Hmm, I am not sure.", avg_logprob=-0.9), 2.0),
        (decoded("A quiet voice.", no_speech_prob=0.7, avg_logprob=-0.5), 2.0),
    ],
)
def test_what_was_probably_said_is_kept(one: Decoded, speech_s: float) -> None:
    assert not looks_invented(one, speech_s)


@pytest.mark.parametrize(
    ("loop", "once"),
    [
        ("I am " * 12 + "tired", "I am tired"),
        ("so " * 20, "so"),
        ("and we went home again " * 6 + "then we slept", "and we went home again then we slept"),
        ("Yes, " * 9 + "yes.", "Yes,"),
    ],
)
def test_a_loop_is_cut_to_one_turn(loop: str, once: str) -> None:
    assert text_of(without_loops(words_of(loop))) == once


@pytest.mark.parametrize(
    "said",
    [
        "no no no no I did not say that",
        "very very very good",
        "bye bye bye bye bye",
        "we went on and on and on and on until dawn",
        "one two three four five six seven eight",
    ],
)
def test_people_may_repeat_themselves(said: str) -> None:
    assert text_of(without_loops(words_of(said))) == said


@given(st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=60))
@settings(deadline=None, max_examples=80)
def test_cutting_loops_never_invents_or_reorders(letters: list[str]) -> None:
    words = words_of(" ".join(letters))

    kept = without_loops(words)

    starts = [word.start_s for word in kept]
    assert starts == sorted(set(starts))
    assert set(kept) <= set(words)


def test_speech_that_got_no_words_is_a_hole() -> None:
    words = [Word(" hello", 0.5, 1.0), Word(" again", 8.0, 8.5)]

    found = holes([Span(0.4, 4.5), Span(7.9, 8.6)], words, Span(0.0, 9.0))

    assert [tuple(hole) for hole in found] == [pytest.approx((1.4, 4.5))]


def test_a_short_stretch_without_words_is_no_hole() -> None:
    words = [Word(" hello", 0.5, 1.0), Word(" again", 3.0, 3.5)]

    assert holes([Span(0.4, 3.6)], words, Span(0.0, 9.0)) == []


def test_a_pause_is_no_hole() -> None:
    words = [Word(" hello", 0.5, 1.0), Word(" again", 8.0, 8.5)]

    assert holes([Span(0.4, 1.2), Span(7.9, 8.6)], words, Span(0.0, 9.0)) == []


def test_phrases_are_compared_without_case_and_punctuation() -> None:
    assert plain(" Thank you, for — Watching! ") == "thank you for watching"
