"""What an entry is called, its topics, its one sentence, its highlights."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from diarist.diary.entry import Entry
from diarist.diary.language import language_of
from diarist.diary.local.headline import title
from diarist.diary.local.phrases import noun_phrases
from diarist.diary.local.salience import Reading, is_fragment, salience, word_weights
from diarist.diary.local.summary import main_clause
from diarist.diary.local.writer import write_entry
from diarist.privacy.names import RampartNames
from support.transcripts import SAID_ON, sample, sentences_of, transcript_of

DAY = dt.date(2026, 11, 17)
REVIEW = (
    "It's Tuesday evening, I just got home.",
    "We had the quarterly review in the morning and I presented the numbers.",
    "After lunch Tom and I looked for a bug in the config file.",
    "It was a missing comma.",
    "I'm tired, but proud of myself.",
    "I need to finish the slides by Thursday.",
)


@pytest.fixture(scope="module")
def entries(names: RampartNames) -> dict[str, Entry]:
    return {name: write_entry(sample(name), day, names) for name, day in SAID_ON.items()}


def entry_of(*texts: str, language: str = "en") -> Entry:
    return write_entry(transcript_of(*texts, language=language), DAY)


def reading_of(*texts: str, language: str = "en") -> Reading:
    sentences = sentences_of(*texts, language=language)
    return Reading([sentences], language_of(language), [False] * len(sentences), frozenset())


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("evening-memo.en.txt", "The workshop on Mill Street"),
        ("rambling-walk.en.txt", "A heron by the canal"),
        ("dimanche-soir.fr.txt", "Au marché avec Camille"),
        ("nota-del-viernes.es.txt", "El barrio de Triana"),
    ],
)
def test_a_sample_is_called_as_a_person_would_call_it(
    name: str, title: str, entries: dict[str, Entry]
) -> None:
    assert entries[name].title == title


@pytest.mark.parametrize(
    ("first", "title"),
    [
        ("Day three in Lisbon.", "Day three in Lisbon"),
        ("Okay, to-do list for this week.", "To-do list for this week"),
        ("Thoughts about the garden.", "Thoughts about the garden"),
    ],
)
def test_what_the_speaker_calls_it_at_the_start_is_the_title(first: str, title: str) -> None:
    assert entry_of(first, *REVIEW[1:]).title == title


@pytest.mark.parametrize(
    "first",
    [
        "Wednesday evening.",
        "Tuesday the third of March.",
        "Just got home from work.",
        "Good morning.",
    ],
)
def test_a_date_or_a_beginning_of_a_sentence_is_no_title(first: str) -> None:
    assert entry_of(first, *REVIEW[1:]).title not in first


def test_an_errand_is_no_title_for_a_day_that_was_more(names: RampartNames) -> None:
    said = [segment.text for segment in sample("evening-memo.en.txt").segments]

    entry = write_entry(transcript_of(*said), DAY, names)

    assert entry.title == "The workshop on Mill Street"


def test_a_title_is_a_noun_phrase_of_the_entry() -> None:
    entry = entry_of(*REVIEW)

    assert entry.title.casefold() in entry.text.casefold()
    assert len(entry.title.split()) <= 7


def test_without_any_noun_phrase_the_first_words_are_the_title() -> None:
    reading = reading_of("I swam and I slept and I ate and I ran.")

    assert title(reading, {}, [0.0]) == "I swam and I slept and I"


@pytest.mark.parametrize(
    ("language", "text", "phrase"),
    [
        ("en", "We signed the lease for the workshop.", "the lease for the workshop"),
        ("en", "I had lunch with Priya.", "lunch with Priya"),
        ("en", "I picked up the dry cleaning before six.", "the dry cleaning"),
        ("de", "Ich hatte das Gespräch mit Frau Lindner.", "das Gespräch mit Frau Lindner"),
        ("fr", "J'ai repensé à mon projet de livre.", "mon projet de livre"),
        ("es", "Tuve la entrevista en el museo.", "la entrevista en el museo"),
        ("it", "Abbiamo preso il treno per Rimini.", "il treno per Rimini"),
    ],
)
def test_a_noun_phrase_comes_with_what_completes_it(language: str, text: str, phrase: str) -> None:
    sentence = sentences_of(text, language=language)[0]

    assert phrase in [one.text for one in noun_phrases(sentence, language_of(language))]


@pytest.mark.parametrize(
    ("language", "text", "wrong"),
    [
        ("en", "I should write to Aunt Margaret.", "write"),
        ("en", "I want to go swimming to Anna.", "go"),
        ("de", "Ich werde unsere Mittagspausen vermissen.", "Mittagspausen vermissen"),
    ],
)
def test_a_verb_is_no_part_of_a_noun_phrase(language: str, text: str, wrong: str) -> None:
    phrases = noun_phrases(sentences_of(text, language=language)[0], language_of(language))

    assert [one.text for one in phrases if wrong in one.text.split() or wrong in one.text] == []


@pytest.mark.parametrize("name", SAID_ON)
def test_a_summary_is_one_sentence_of_main_clauses(name: str, entries: dict[str, Entry]) -> None:
    summary = entries[name].summary

    assert summary.endswith(".")
    assert (summary.count("."), summary[:1].isupper()) == (1, True)
    assert len(summary.split()) <= 45


@pytest.mark.parametrize("name", SAID_ON)
def test_a_summary_has_only_words_of_the_entry(name: str, entries: dict[str, Entry]) -> None:
    entry = entries[name]

    clauses = [clause.strip(" .") for clause in entry.summary.split(";")]
    assert [one for one in clauses if one.casefold() not in entry.text.casefold()] == []


@pytest.mark.parametrize("name", SAID_ON)
def test_highlights_are_sentences_of_the_text_in_its_order(
    name: str, entries: dict[str, Entry]
) -> None:
    text = entries[name].text

    places = [text.find(highlight.text) for highlight in entries[name].highlights]
    assert 1 <= len(places) <= 3
    assert places == sorted(places)
    assert -1 not in places


def test_how_a_recording_begins_is_neither_summary_nor_highlight(entries: dict[str, Entry]) -> None:
    entry = entries["evening-memo.en.txt"]

    assert "balcony" not in entry.summary
    assert not any("balcony" in highlight.text for highlight in entry.highlights)
    assert "balcony" not in entry.topics


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("After that I had lunch with Priya.", "I had lunch with Priya"),
        ("On the way to work I missed the bus.", "On the way to work I missed the bus"),
        ("Tomorrow we want to go to Sintra.", "Tomorrow we want to go to Sintra"),
        (
            "Then I met Jonas in the changing room, and he asked me whether I want to row.",
            "I met Jonas in the changing room",
        ),
        (
            "The quote came to four thousand pounds, which is more than I had hoped.",
            "The quote came to four thousand pounds",
        ),
        ("I ate, and I slept.", "I ate, and I slept"),
    ],
)
def test_a_main_clause_says_what_happened(text: str, clause: str) -> None:
    assert main_clause(sentences_of(text)[0], language_of("en")) == clause


def test_a_summary_leaves_out_how_the_day_was_announced() -> None:
    text = (Path(__file__).parents[1] / "texts" / "journee.fr.txt").read_text("utf-8")

    entry = entry_of(*text.split("\n\n"), language="fr")

    assert "mardi soir" not in entry.summary


def test_a_sentence_that_leans_on_the_one_before_is_no_summary() -> None:
    entry = entry_of("Helen saw the old numbers.", "I was terribly, horribly worried about them.")

    assert entry.summary == "Helen saw the old numbers."


def test_a_list_of_tasks_is_summed_up_by_its_tasks_and_has_no_highlight() -> None:
    entry = entry_of(
        "I need to call the bank.", "I have to buy bread.", "I should write to Aunt Margaret."
    )

    assert (entry.summary.startswith("I "), entry.highlights) == (True, ())


def test_topics_are_the_things_an_entry_speaks_of_and_each_is_found_in_it() -> None:
    entry = entry_of(*REVIEW)

    assert "config file" in entry.topics
    assert all(topic in entry.text.casefold() for topic in entry.topics)
    assert set(entry.topics) <= set(entry.mentions)


def test_people_are_no_topics(entries: dict[str, Entry]) -> None:
    for entry in entries.values():
        assert not set(entry.topics) & {*entry.people, *entry.places}


def test_a_german_topic_is_a_noun_without_the_case_of_its_sentence() -> None:
    entry = entry_of("Ich sprach wegen der neuen Stelle mit dem alten Chef.", language="de")

    assert "Stelle" in entry.topics


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "The kitchen.", True),
        ("en", "She left.", False),
        ("en", "We're home.", False),
        ("de", "Der Garten.", True),
        ("fr", "La cuisine.", True),
        ("en", "Helen saw the old numbers.", False),
        ("es", "Comí con Javier.", False),
        ("es", "La cocina.", True),
    ],
)
def test_a_fragment_has_no_subject_and_no_verb(language: str, text: str, *, expected: bool) -> None:
    sentence = sentences_of(text, language=language)[0]

    assert is_fragment(sentence, language_of(language)) is expected


def test_words_are_weighed_between_nothing_and_one() -> None:
    weights = word_weights(reading_of(*REVIEW))

    assert (max(weights.values()), min(weights.values()) >= 0.0) == (1.0, True)


def test_a_telling_sentence_is_worth_more_than_a_fragment_or_a_question() -> None:
    reading = reading_of(
        "We finally signed the lease for the workshop.", "The workshop.", "Is it a workshop?"
    )

    scores = salience(reading, word_weights(reading))

    assert scores[0] > max(scores[1:])
