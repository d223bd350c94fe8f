"""What the speaker means to do, and by when."""

from __future__ import annotations

import datetime as dt

import pytest

from diarist.diary.entry import ActionItem
from diarist.diary.language import language_of
from diarist.diary.local.tasks import action_items, task_sentences
from support.transcripts import sentences_of

DAY = dt.date(2026, 11, 18)  # a Wednesday


def items(*texts: str, language: str = "en") -> list[ActionItem]:
    return action_items(sentences_of(*texts, language=language), language_of(language), DAY)


def tasks(*texts: str, language: str = "en") -> list[tuple[str, str | None]]:
    return [
        (item.text, item.due.isoformat() if item.due else None)
        for item in items(*texts, language=language)
    ]


@pytest.mark.parametrize(
    ("said", "text", "due"),
    [
        (
            "I need to send the contract to Marcus by Friday.",
            "Send the contract to Marcus by Friday",
            "2026-11-20",
        ),
        ("I have to call the bank tomorrow.", "Call the bank tomorrow", "2026-11-19"),
        ("I really need to buy bread.", "Buy bread", None),
        ("We've got to fix the roof.", "Fix the roof", None),
        (
            "I should call her tonight and apologise.",
            "Call her tonight and apologise",
            "2026-11-18",
        ),
        (
            "Don't forget to water the plants on Saturday.",
            "Water the plants on Saturday",
            "2026-11-21",
        ),
        ("Remind me to ask Helen for feedback.", "Ask Helen for feedback", None),
        (
            "I promised my mother that I would book the tickets before the end of the month.",
            "Book the tickets before the end of the month",
            "2026-11-30",
        ),
        (
            "I must call the landlord about the heating.",
            "Call the landlord about the heating",
            None,
        ),
        ("I have to ask Laura because she knows.", "Ask Laura", None),
        ("I have to renew my passport, it expires soon.", "Renew my passport", None),
        ("I have to book the hotel too.", "Book the hotel", None),
        ("I'm going to paint the door on Sunday.", "Paint the door on Sunday", "2026-11-22"),
        ("By Friday I need to send the slides.", "Send the slides", "2026-11-20"),
        ("To-do: buy milk.", "Buy milk", None),
    ],
)
def test_a_task_becomes_a_short_command_with_its_day(said: str, text: str, due: str | None) -> None:
    assert tasks(said) == [(text, due)]


@pytest.mark.parametrize(
    "said",
    [
        "I had to call the bank yesterday.",
        "I don't need to call the bank.",
        "Do I need to call the bank?",
        "She needs to call the bank.",
        "Dad has to have another operation.",
        "I have to say that it was nice.",
        "I have to admit that I was wrong.",
        "I need to be honest with myself.",
        "I need to think about it.",
        "We must have walked twenty kilometres.",
        "I should have known better.",
        "A few things that I must not forget.",
        "I'm going to paint the door.",
        "I want to be happy.",
        "My to-do list for this week.",
        "The needle was in the haystack.",
    ],
)
def test_what_is_no_task_of_the_speaker_is_none(said: str) -> None:
    assert tasks(said) == []


@pytest.mark.parametrize(
    ("language", "said", "text", "due"),
    [
        (
            "de",
            "Ich muss den Vertrag bis Freitag unterschreiben.",
            "Den Vertrag bis Freitag unterschreiben",
            "2026-11-20",
        ),
        (
            "de",
            "Ich darf nicht vergessen, am Samstag das Paket abzuholen.",
            "Am Samstag das Paket abholen",
            "2026-11-21",
        ),
        ("de", "Außerdem muss ich meiner Mutter schreiben.", "Meiner Mutter schreiben", None),
        (
            "fr",
            "Il faut que j'envoie le dossier avant vendredi.",
            "Envoyer le dossier avant vendredi",
            "2026-11-20",
        ),
        ("fr", "Je dois appeler le médecin demain.", "Appeler le médecin demain", "2026-11-19"),
        ("es", "Tengo que pagar el alquiler mañana.", "Pagar el alquiler mañana", "2026-11-19"),
        ("es", "No debo olvidar llamar a mi abuela.", "Llamar a mi abuela", None),
        (
            "it",
            "Devo prenotare il dentista entro venerdì.",
            "Prenotare il dentista entro venerdì",
            "2026-11-20",
        ),
        ("it", "Non devo dimenticare di pagare la bolletta.", "Pagare la bolletta", None),
    ],
)
def test_tasks_are_found_in_every_language(
    language: str, said: str, text: str, due: str | None
) -> None:
    assert tasks(said, language=language) == [(text, due)]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "Ich musste gestern zum Arzt."),
        ("de", "Ich muss sagen, das war schön."),
        ("de", "Muss ich morgen arbeiten?"),
        ("fr", "Je dois dire que c'était beau."),
        ("fr", "Il faut seulement que je commence."),
        ("es", "Tengo que decir que fue bonito."),
        ("es", "Tuve que pagar ayer."),
        ("it", "Devo dire che era bello."),
    ],
)
def test_what_is_no_task_in_another_language_is_none(language: str, said: str) -> None:
    assert tasks(said, language=language) == []


def test_two_tasks_of_one_sentence_are_two_items_with_their_own_days() -> None:
    said = "I need to finish the slides by Thursday, and I have to book the hotel by Monday."

    assert tasks(said) == [
        ("Finish the slides by Thursday", "2026-11-19"),
        ("Book the hotel by Monday", "2026-11-23"),
    ]


def test_the_same_task_said_twice_is_one_item() -> None:
    assert len(tasks("I need to call Anna.", "It rained.", "I have to call Anna.")) == 1


def test_a_day_in_the_sentence_that_explains_a_task_is_its_day() -> None:
    found = items("I should buy a present for Leo.", "He turns six on the fifth of December.")

    assert [(item.due, item.evidence) for item in found] == [(dt.date(2026, 12, 5), (0, 1))]


def test_a_day_in_the_next_sentence_about_something_else_is_not() -> None:
    assert tasks("I should buy a present for Leo.", "On Friday we fly to Rome.") == [
        ("Buy a present for Leo", None)
    ]


def test_a_day_in_the_past_is_no_due_date() -> None:
    assert tasks("I need to send the report that I wrote yesterday.")[0][1] is None


def test_a_task_rests_on_the_segment_in_which_it_was_said() -> None:
    found = items("It rained.", "I need to", "call the bank.")

    assert [item.evidence for item in found] == [(1, 2)]


def test_a_task_is_not_longer_than_a_line() -> None:
    said = "I need to buy " + " and ".join(f"thing{n}" for n in range(40)) + "."

    assert len(tasks(said)[0][0].split()) <= 18


def test_a_neutral_language_has_no_tasks() -> None:
    sentences = sentences_of("Muszę zadzwonić do banku.", language="pl")

    assert task_sentences(sentences, language_of("pl")) == [False]
    assert action_items(sentences, language_of("pl"), DAY) == []


def test_a_sentence_that_only_announces_tasks_belongs_to_them() -> None:
    said = sentences_of("A few things that I must not forget.", "I have to say that it was nice.")

    assert task_sentences(said, language_of("en")) == [True, False]
