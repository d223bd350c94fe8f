"""Chunks that were heard apart agree on the language of their recording."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from diarist.transcription.agreement import (
    ENOUGH_SPEECH_S,
    SURE_OF_LANGUAGE,
    Agreement,
    ChunkLanguage,
    agree_on_language,
    is_clear,
    language_warnings,
)
from diarist.transcription.engine import LanguageGuess


def chunk(
    number: int, language: str | None, probability: float = 0.9, speech_s: float = 60.0
) -> ChunkLanguage:
    """Return a chunk that was transcribed in the language that it was taken for."""
    guess = LanguageGuess(language, probability) if language else None
    return ChunkLanguage(number, guess, speech_s, language or "und")


chunks_of_a_recording = st.lists(
    st.builds(
        chunk,
        st.integers(0, 200),
        st.sampled_from([None, "en", "fr", "de"]),
        st.floats(0.0, 1.0),
        st.floats(0.0, 300.0),
    ),
    unique_by=lambda chunk: chunk.number,
)


def test_chunks_that_are_clear_in_one_language_stay_as_they_are() -> None:
    agreed = agree_on_language([chunk(0, "fr", 0.7), chunk(1, "fr", 0.95)])

    assert agreed == Agreement(LanguageGuess("fr", 0.95))


def test_a_chunk_that_was_unclear_is_done_again_in_the_language_of_the_others() -> None:
    agreed = agree_on_language([chunk(0, "nl", 0.4), chunk(2, "de", 0.9), chunk(5, "af", 0.5)])

    assert agreed == Agreement(LanguageGuess("de", 0.9), (0, 5))


def test_a_chunk_with_little_speech_is_done_again_however_likely_its_language_seems() -> None:
    agreed = agree_on_language([chunk(0, "cy", 0.99, speech_s=3.0), chunk(1, "en")])

    assert agreed.again == (0,)


def test_an_unclear_chunk_that_guessed_right_is_not_done_again() -> None:
    assert agree_on_language([chunk(0, "de", 0.4), chunk(1, "de")]).again == ()


def test_a_chunk_that_is_clear_in_another_language_stays() -> None:
    agreed = agree_on_language([chunk(0, "fr"), chunk(1, "en"), chunk(2, "fr")])

    assert agreed == Agreement(LanguageGuess("fr", 0.9))


def test_speech_counts_by_how_likely_its_language_is() -> None:
    agreed = agree_on_language([chunk(0, "en", 0.6, 100.0), chunk(1, "fr", 0.9, 80.0)])

    assert agreed.guess == LanguageGuess("fr", 0.9)


def test_much_unclear_speech_does_not_outweigh_little_clear_speech() -> None:
    agreed = agree_on_language([chunk(0, "nl", 0.5, 280.0), chunk(1, "de", 0.9, 10.0)])

    assert agreed == Agreement(LanguageGuess("de", 0.9), (0,))


def test_where_nothing_is_clear_the_guesses_are_weighed() -> None:
    agreed = agree_on_language([chunk(0, "nl", 0.4, 30.0), chunk(1, "de", 0.5, 200.0)])

    assert agreed == Agreement(LanguageGuess("de", 0.5), (0,))
    assert "de, 50%" in language_warnings(agreed.guess)[0]


def test_of_two_languages_with_the_same_weight_the_first_is_taken() -> None:
    agreed = agree_on_language([chunk(1, "en"), chunk(0, "fr")])

    assert agreed.guess == LanguageGuess("fr", 0.9)


def test_a_chunk_whose_language_could_not_be_told_is_done_again_in_that_of_the_others() -> None:
    assert agree_on_language([chunk(0, None), chunk(1, "es")]).again == (0,)


def test_without_any_guess_there_is_nothing_to_agree_on() -> None:
    assert agree_on_language([chunk(0, None), chunk(1, None)]) == Agreement(None)
    assert agree_on_language([]) == Agreement(None)
    assert language_warnings(None) == ()


def test_a_guess_is_clear_from_its_limits_on() -> None:
    sure = LanguageGuess("en", SURE_OF_LANGUAGE)

    assert is_clear(sure, ENOUGH_SPEECH_S)
    assert not is_clear(sure, ENOUGH_SPEECH_S - 0.1)
    assert not is_clear(LanguageGuess("en", SURE_OF_LANGUAGE - 0.01), 60.0)
    assert language_warnings(sure) == ()


@given(chunks_of_a_recording)
def test_what_is_agreed_on_does_not_depend_on_the_order(chunks: list[ChunkLanguage]) -> None:
    assert agree_on_language(chunks) == agree_on_language(chunks[::-1])


@given(chunks_of_a_recording)
def test_doing_chunks_again_settles_it(chunks: list[ChunkLanguage]) -> None:
    agreed = agree_on_language(chunks)
    language = agreed.guess.language if agreed.guess else ""
    done_again = [
        ChunkLanguage(
            c.number, c.guess, c.speech_s, language if c.number in agreed.again else c.used
        )
        for c in chunks
    ]

    assert agree_on_language(done_again) == Agreement(agreed.guess)
