"""How the speaker felt, as far as words show it."""

from __future__ import annotations

import pytest

from diarist.diary.entry import Mood
from diarist.diary.language import language_of
from diarist.diary.local.mood import colour, mood, names_feeling
from support.transcripts import sentences_of

GOOD = {"happy", "content", "grateful", "calm", "proud", "excited", "hopeful", "relieved"}
BAD = {"tired", "sad", "lonely", "anxious", "stressed", "angry", "frustrated", "guilty"}


def mood_of(*texts: str, language: str = "en") -> Mood:
    return mood(sentences_of(*texts, language=language), language_of(language))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I'm happy.", "happy"),
        ("I feel calm and grateful tonight.", "grateful"),
        ("I'm so proud of the team.", "proud"),
        ("I can't wait to see her.", "excited"),
        ("I feel hopeful.", "hopeful"),
        ("I'm relieved that it is over.", "relieved"),
        ("She makes me happy.", "happy"),
        ("I'm fine.", "content"),
        ("I'm a little sad.", "sad"),
        ("I feel so alone tonight.", "lonely"),
        ("I'm scared.", "anxious"),
        ("I'm so stressed at work.", "stressed"),
        ("I am furious.", "angry"),
        ("I'm fed up with the noise.", "frustrated"),
        ("I feel guilty about it.", "guilty"),
        ("I am not happy about it, I am tired.", "tired"),
        ("I'm happy for her, and I'm sad for me.", "mixed"),
        ("We went to the shop.", "neutral"),
    ],
)
def test_a_feeling_that_the_speaker_names_is_the_mood(text: str, label: str) -> None:
    assert mood_of(text).label == label


@pytest.mark.parametrize(
    ("language", "text", "label"),
    [
        ("de", "Ich bin müde, aber glücklich.", "happy"),
        ("de", "Mir geht es gut.", "content"),
        ("de", "Ich bin wütend.", "angry"),
        ("fr", "Je me sens fatiguée, mais heureuse.", "happy"),
        ("fr", "Je suis en colère.", "angry"),
        ("es", "Estoy cansada, pero contenta.", "happy"),
        ("es", "Estoy preocupado.", "anxious"),
        ("it", "Mi sento stanca ma felice.", "happy"),
        ("it", "Sono arrabbiata.", "angry"),
    ],
)
def test_the_label_is_in_english_in_every_language(language: str, text: str, label: str) -> None:
    assert mood_of(text, language=language).label == label


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I'm not happy."),
        ("en", "I don't feel good."),
        ("de", "Ich bin nicht glücklich."),
        ("fr", "Je ne suis pas contente."),
        ("es", "No estoy feliz."),
        ("it", "Non sono felice."),
    ],
)
def test_a_good_feeling_that_is_denied_is_not_good(language: str, text: str) -> None:
    found = mood_of(text, language=language)

    assert (found.label in GOOD, found.valence < 0) == (False, True)


@pytest.mark.parametrize(
    ("language", "text", "labels"),
    [
        ("en", "It was a wonderful day, we laughed a lot.", GOOD),
        ("en", "It was horrible and everything hurt.", BAD),
        ("de", "Das war ein schöner Tag, wir haben gelacht.", GOOD),
        ("de", "Das war furchtbar, alle haben geweint.", BAD),
        ("fr", "La lumière était magnifique, nous avons ri.", GOOD),
        ("es", "Fue horrible y lloré.", BAD),
        ("it", "È stata una giornata bellissima.", GOOD),
    ],
)
def test_where_no_feeling_is_named_the_words_colour_the_mood(
    language: str, text: str, labels: set[str]
) -> None:
    found = mood_of(text, language=language)

    assert found.label in labels
    assert (found.valence > 0) == (labels is GOOD)


def test_what_is_felt_now_outweighs_what_was_felt() -> None:
    assert mood_of("I was angry this morning.", "I feel calm now.").label == "calm"


def test_the_last_feeling_counts_more_than_the_first() -> None:
    assert mood_of("I feel angry.", "We went home.", "I feel calm.").label == "calm"
    assert mood_of("I feel calm.", "We went home.", "I feel angry.").label == "angry"


def test_the_feeling_of_somebody_else_is_not_the_speakers() -> None:
    assert not names_feeling(sentences_of("Daniel was happy.")[0], language_of("en"))
    assert not names_feeling(sentences_of("I think she is happy.")[0], language_of("en"))


def test_the_evidence_of_a_mood_is_where_the_feeling_was_named() -> None:
    found = mood_of("We went home.", "I feel calm.", "It rained.")

    assert found.evidence == (1,)


def test_a_neutral_language_has_a_neutral_mood() -> None:
    assert mood_of("Jestem szczęśliwa.", language="pl") == Mood()


def test_nothing_said_is_neutral() -> None:
    assert mood([], language_of("en")) == Mood()


@pytest.mark.parametrize("language", ["en", "de", "pl"])
def test_the_colour_of_a_sentence_is_between_bad_and_good(language: str) -> None:
    texts = ("Wunderbar, toll, super, herrlich, glücklich!", "wonderful " * 20, "terrible " * 20)

    for text in texts:
        assert (
            -1.0 <= colour(sentences_of(text, language=language)[0], language_of(language)) <= 1.0
        )
