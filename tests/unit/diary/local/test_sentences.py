"""Cleaned words to sentences that read well on their own."""

from __future__ import annotations

import pytest

from diarist.diary.language import language_of
from diarist.diary.local.sentences import leans_back, refers_back, written_sentences
from diarist.transcription.transcript import Segment
from support.transcripts import segments_of, sentences_of


def written(*texts: str, language: str = "en") -> list[str]:
    return [sentence.text for sentence in sentences_of(*texts, language=language)]


@pytest.mark.parametrize(
    ("said", "sentences"),
    [
        ("so, I went home", ["I went home."]),
        ("And then we left.", ["Then we left."]),
        ("Okay so well, I think it is good.", ["I think it is good."]),
        ("So far so good.", ["So far so good."]),
        ("Okay. What else. Right. The kitchen.", ["The kitchen."]),
        ("I was tired. That's it, I guess.", ["I was tired."]),
        ("I was tired. That's it, I think.", ["I was tired."]),
        ("I am home, I am tired.", ["I am home.", "I am tired."]),
        ("I swam forty lengths, forty.", ["I swam forty lengths."]),
        ("I swam forty lengths. Forty.", ["I swam forty lengths."]),
        ("I'm scared. I'm really scared.", ["I'm scared.", "I'm really scared."]),
        ("Is she right? I hope so!", ["Is she right?", "I hope so!"]),
        ("We went up , and , , home .", ["We went up and home."]),
        ('He said "I am done." We left.', ['He said "I am done."', "We left."]),
    ],
)
def test_speech_becomes_sentences(said: str, sentences: list[str]) -> None:
    assert written(said) == sentences


def test_a_sentence_goes_on_over_segments_until_it_ends() -> None:
    assert written("I went to the", "market with Anna", "and we bought bread.") == [
        "I went to the market with Anna and we bought bread."
    ]


def test_a_segment_without_a_stop_ends_where_the_next_begins_with_a_capital_letter() -> None:
    assert written("I went to the market", "Anna was there") == [
        "I went to the market.",
        "Anna was there.",
    ]


def test_a_segment_does_not_end_behind_a_word_that_needs_another() -> None:
    assert written("I went to the market with", "Anna.") == ["I went to the market with Anna."]


def test_a_sentence_that_runs_on_is_divided_where_a_clause_begins() -> None:
    said = (
        "I went to the market in the old town with my sister early in the morning, "
        "and we bought bread and cheese and apples for everyone in the house, "
        "and she told me about the new flat near the river."
    )

    assert len(written(said)) > 1
    assert " ".join(written(said)).count("bread and cheese") == 1


def test_evidence_is_every_segment_that_a_word_of_the_sentence_comes_from() -> None:
    sentences = sentences_of("Um, so.", "I went to the", "market.", "I was tired.")

    assert [sentence.evidence for sentence in sentences] == [(1, 2), (3,)]


def test_the_pause_before_a_sentence_is_the_silence_before_its_first_word() -> None:
    segments = segments_of(["I went home.", "I slept."], pause_s=2.5)

    sentences = written_sentences(segments, language_of("en"))

    assert [round(sentence.pause_s, 1) for sentence in sentences] == [0.0, 2.5]


def test_what_was_left_out_before_a_sentence_is_remembered() -> None:
    sentences = sentences_of("I was home.", "One more thing.", "I saw a heron.")

    assert [sentence.after_aside for sentence in sentences] == [False, True]


@pytest.mark.parametrize(
    ("language", "said", "sentences"),
    [
        ("de", "So, also, ich war müde. Das war's.", ["Ich war müde."]),
        ("de", "Und dann bin ich gegangen.", ["Dann bin ich gegangen."]),
        ("fr", "Bon alors, je suis rentrée. Voilà, c'est tout.", ["Je suis rentrée."]),
        ("es", "Bueno, pues, fui a casa. Eso es todo.", ["Fui a casa."]),
        ("it", "Allora, sono tornata. È tutto.", ["Sono tornata."]),
        (
            "ja",
            "今日は 市場に 行きました。 楽しかった。",
            ["今日は 市場に 行きました。", "楽しかった。"],
        ),
    ],
)
def test_other_languages_are_written_by_their_own_rules(
    language: str, said: str, sentences: list[str]
) -> None:
    assert written(said, language=language) == sentences


@pytest.mark.parametrize(
    ("text", "refers", "leans"),
    [
        ("She told me so.", True, True),
        ("I told him so.", False, True),
        ("I should call her tonight.", False, True),
        ("I'm really proud of that.", False, True),
        ("I think that this works.", False, False),
        ("I saw a heron and it was still.", False, False),
        ("I met Jonas and he asked me.", False, False),
        ("We went home.", False, False),
    ],
)
def test_a_sentence_that_needs_the_one_before_is_known(
    text: str, *, refers: bool, leans: bool
) -> None:
    sentence, english = sentences_of(text)[0], language_of("en")

    assert (refers_back(sentence, english), leans_back(sentence, english)) == (refers, leans)


@pytest.mark.parametrize(
    ("language", "said", "count"),
    [
        ("en", "I saw Dr. Kapoor today. He was kind.", 2),
        ("en", "It cost 5. We paid.", 2),
        ("de", "Sie hat am 5. Dezember Geburtstag. Ich freue mich.", 2),
        ("de", "Bis zum 15. muss ich zahlen.", 1),
        ("de", "Das kostet 5. Wir zahlen.", 2),
        ("de", "Ich war bei Dr. Lindner.", 1),
        ("fr", "J'ai vu M. Lefèvre. Il va bien.", 2),
        ("es", "La Sra. López vino ayer.", 1),
    ],
)
def test_a_full_stop_of_an_abbreviation_ends_no_sentence(
    language: str, said: str, count: int
) -> None:
    assert len(written(said, language=language)) == count


def test_a_sentence_goes_on_behind_an_ordinal_number_at_the_end_of_a_segment() -> None:
    assert written("Ich komme am 5.", "Dezember zurück.", language="de") == [
        "Ich komme am 5. Dezember zurück."
    ]


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("en", "It rained all day.", False),
        ("en", "It's Saturday today.", False),
        ("en", "It came to four thousand.", True),
        ("de", "Es hat geregnet.", False),
        ("de", "Es gefällt mir.", True),
        ("fr", "Il faut partir.", False),
        ("fr", "Il part demain.", True),
    ],
)
def test_a_pronoun_of_the_weather_stands_for_nothing(code: str, text: str, expected: bool) -> None:
    language = language_of(code)
    (sentence,) = written_sentences((Segment(0, 0.0, 2.0, text),), language)

    assert refers_back(sentence, language) is expected
