"""Spoken words to written ones: what goes, and above all what stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarist.diary.language import SUPPORTED, language_of
from diarist.diary.local.clean import clean
from diarist.diary.local.tokens import bares, text_of, tokens_of
from support.transcripts import segments_of, tokens


def cleaned(text: str, language: str = "en") -> str:
    return text_of(clean(tokens(text), language_of(language)))


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("Um, I was, uh, walking home.", "I was walking home."),
        ("I went home, um.", "I went home."),
        ("I went home. Um.", "I went home."),
        ("the, um, the kitchen is old.", "the kitchen is old."),
        ("I went to, to the shop.", "I went to the shop."),
        ("I met Anna and, and Ben.", "I met Anna and Ben."),
        ("I have to, uh, I have to go.", "I have to go."),
        ("I'm, I swam home.", "I swam home."),
        ("And from there, from the pool we went home.", "And from the pool we went home."),
        ("It was, you know, it was fine.", "It was fine."),
        ("It is, like, completely rusted.", "It is completely rusted."),
        ("It is like completely rusted.", "It is completely rusted."),
        ("He waited for like five minutes.", "He waited for five minutes."),
        ("I love you, you know.", "I love you."),
        ("It broke or something.", "It broke."),
        ("Also I need to, um, what was it, I need to rest.", "Also I need to rest."),
        (
            "I asked if her cousin, what's his name, Stefan, if Stefan can do it.",
            "I asked if her cousin, Stefan, can do it.",
        ),
    ],
)
def test_fillers_repeats_and_false_starts_go(said: str, written: str) -> None:
    assert cleaned(said) == written


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("I swam thirty, no, sorry, forty lengths today.", "I swam forty lengths today."),
        ("I swam 30 no sorry, 40 lengths.", "I swam 40 lengths."),
        ("They meet on Tuesdays, I mean, on Thursdays.", "They meet on Thursdays."),
        ("It's Sunday, no wait, it's Saturday.", "It's Saturday."),
        ("We went to Rome, I mean, to Milan.", "We went to Milan."),
        ("The doctor, or rather, the nurse called.", "the nurse called."),
        ("It was in March, no, April.", "It was in April."),
    ],
)
def test_a_correction_replaces_what_it_corrects(said: str, written: str) -> None:
    assert cleaned(said).casefold() == written.casefold()


@pytest.mark.parametrize(
    "text",
    [
        "I know you know him.",
        "Do you know the answer?",
        "It was like a dream.",
        "I feel like a king.",
        "What I mean is clear.",
        "She is very very kind.",
        "I really really like it.",
        "It was so, so good.",
        "I said that that man was right.",
        "He had had enough.",
        "We waited and waited.",
        "She said, no, I can't come.",
        "She said, no wait, she can't come.",
        "No, I don't want to.",
        "I asked him, sorry, her to come.",
        "I want to say yes, no matter what.",
        "It went well, actually.",
        "Bye bye.",
        "I'm happy for her, and I'm sad.",
        "I would like to go, and so would Anna.",
    ],
)
def test_words_that_mean_something_stay(text: str) -> None:
    assert cleaned(text) == text


@pytest.mark.parametrize(
    ("language", "said", "written"),
    [
        ("de", "Ich war, ähm, ich war am Montag, nein, am Dienstag da.", "Ich war am Dienstag da."),
        ("de", "Ich habe drei, nein Quatsch, vier Kuchen.", "Ich habe vier Kuchen."),
        ("de", "Das ist halt so.", "Das ist so."),
        ("de", "Die, die Küche ist alt.", "Die Küche ist alt."),
        ("fr", "Je suis, euh, je suis venue lundi, non pardon, mardi.", "Je suis venue mardi."),
        ("fr", "C'était, genre, vraiment beau.", "C'était vraiment beau."),
        ("es", "Fui el lunes, no, perdón, el martes.", "Fui el martes."),
        ("es", "Eh, tengo veinte, digo, treinta libros.", "tengo treinta libros."),
        ("it", "Sono, ehm, sono andata lunedì, anzi, martedì.", "Sono andata martedì."),
        ("it", "È, cioè, è molto bello.", "È molto bello."),
    ],
)
def test_other_languages_are_cleaned_by_their_own_rules(
    language: str, said: str, written: str
) -> None:
    assert cleaned(said, language) == written


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Weißt du, was ich meine?"),
        ("de", "Ich bin sehr sehr müde."),
        ("de", "Ich kenne die, die das sagen."),
        ("fr", "Tu sais que je t'aime."),
        ("fr", "C'est quoi?"),
        ("fr", "C'est un genre de rêve."),
        ("es", "Sabes que te quiero."),
        ("es", "El vino es bueno."),
        ("es", "No me dijo la verdad."),
        ("it", "Sai che ti amo."),
        ("it", "Non è niente."),
    ],
)
def test_words_of_other_languages_that_mean_something_stay(language: str, text: str) -> None:
    assert cleaned(text, language) == text


def test_a_neutral_language_is_only_freed_of_repeats() -> None:
    assert cleaned("Poszłam, poszłam na targ, um, z siostrą.", "pl") == (
        "Poszłam na targ, um, z siostrą."
    )


def test_the_evidence_of_a_corrected_word_is_where_it_was_said_last() -> None:
    said = tokens_of(segments_of(["We came on Monday,", "no, sorry, on Tuesday."]))

    kept = clean(said, language_of("en"))

    assert [(token.text, token.segment) for token in kept] == [
        ("We", 0),
        ("came", 0),
        ("on", 1),
        ("Tuesday.", 1),
    ]


SPOKEN = (
    "I you we the a um, uh like, no, sorry, thirty forty Monday, Anna went to and, said. "
    "know, mean, wait, rather, that, äh also, euh non, pardon, eh este, cioè, anzi, lunes"
)
WORDS = st.sampled_from(SPOKEN.split())


@settings(deadline=None, max_examples=80)
@given(said=st.lists(WORDS, max_size=30), language=st.sampled_from([*SUPPORTED, "pl"]))
def test_cleaning_only_takes_away_and_keeps_the_order(said: list[str], language: str) -> None:
    given_tokens = tokens(" ".join(said))

    kept = clean(given_tokens, language_of(language))

    remaining = iter([(token.bare, token.segment, token.start_s) for token in given_tokens])
    assert all((token.bare, token.segment, token.start_s) in remaining for token in kept)


@settings(deadline=None, max_examples=50)
@given(said=st.lists(WORDS, max_size=30), language=st.sampled_from(SUPPORTED))
def test_no_filler_is_left(said: list[str], language: str) -> None:
    kept = clean(tokens(" ".join(said)), language_of(language))

    assert language_of(language).always_fillers.isdisjoint(bares(kept))
