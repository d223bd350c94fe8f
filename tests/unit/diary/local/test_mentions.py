"""Who and where."""

from __future__ import annotations

import pytest

from diarist.diary.language import language_of
from diarist.diary.local.mentions import Mention, people_and_places
from diarist.privacy.names import RampartNames
from support.transcripts import sentences_of


def people(*texts: str, names: RampartNames | None = None, language: str = "en") -> list[str]:
    return [m.name for m in found(*texts, names=names, language=language)[0]]


def places(*texts: str, names: RampartNames | None = None, language: str = "en") -> list[str]:
    return [m.name for m in found(*texts, names=names, language=language)[1]]


def found(
    *texts: str, names: RampartNames | None = None, language: str = "en"
) -> tuple[list[Mention], list[Mention]]:
    sentences = sentences_of(*texts, language=language)
    return people_and_places(sentences, language_of(language), names)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Daniel and Priya had lunch with Marcus.", ["Daniel", "Priya", "Marcus"]),
        ("en", "I called my mother and Dad.", ["Dad", "my mother"]),
        ("en", "My brother Tom came.", ["Tom"]),
        ("en", "I saw Dr. Kapoor today.", ["Kapoor"]),
        ("en", "I promised Max to help.", ["Max"]),
        ("en", "We spoke English on Zoom in March.", []),
        ("de", "Ich war mit Katrin und Frau Lindner essen.", ["Katrin", "Lindner"]),
        ("de", "Ich darf nicht vergessen, meiner Mutter Blumen zu kaufen.", ["meiner Mutter"]),
        ("de", "Ich schicke die Rechnung an die Firma Kessler.", []),
        ("fr", "J'ai vu Madame Lefèvre et mon frère Étienne.", ["Lefèvre", "Étienne"]),
        ("fr", "Sans lui, Lyon va me sembler vide.", []),
        ("es", "Comí con mi amigo Javier y llamé a mi abuela.", ["Javier", "mi abuela"]),
        ("it", "Ho chiamato mio fratello Luca.", ["Luca"]),
    ],
)
def test_people_are_found(
    language: str, text: str, expected: list[str], names: RampartNames
) -> None:
    assert sorted(people(text, names=names, language=language)) == sorted(expected)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "We moved to Bristol and stayed near Mill Street.", ["Bristol", "Mill Street"]),
        ("en", "Tomorrow we go to Sintra.", ["Sintra"]),
        ("en", "I presented the Rotterdam project.", ["Rotterdam"]),
        ("en", "I met Jack London in the pub.", []),
        ("de", "Er zieht im Sommer nach Wien.", ["Wien"]),
        ("fr", "Sans lui, Lyon va me sembler vide.", ["Lyon"]),
        ("es", "Se va a casar en Granada.", ["Granada"]),
        ("it", "Abbiamo preso il treno per Rimini.", ["Rimini"]),
    ],
)
def test_places_are_found(
    language: str, text: str, expected: list[str], names: RampartNames
) -> None:
    assert places(text, names=names, language=language) == expected


def test_without_a_model_clear_signs_still_count() -> None:
    text = "I had lunch with Priya and my sister Anna in Bristol, and Daniel came."

    assert (people(text), places(text)) == (["Priya", "Anna"], ["Bristol"])


def test_names_come_in_the_order_in_which_they_first_come_up(names: RampartNames) -> None:
    texts = ("I met Jonas.", "Then Laura came.", "Jonas and Anna went home.")

    assert people(*texts, names=names) == ["Jonas", "Laura", "Anna"]


def test_a_name_has_every_segment_as_evidence_in_which_it_stands(names: RampartNames) -> None:
    mentions, _ = found("I met Jonas.", "It rained.", "Later jonas's boat sank.", names=names)

    assert [(m.name, m.evidence) for m in mentions] == [("Jonas", (0, 2))]


def test_a_neutral_language_has_only_what_the_model_finds(names: RampartNames) -> None:
    assert people("Byłam na targu z siostrą.", names=names, language="pl") == []
