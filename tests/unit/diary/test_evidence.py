"""No invention: each of the four conditions can fail a sentence."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from diarist.diary.entry import Entry, Paragraph
from diarist.diary.evidence import Support, check_entry, check_sentence, support_of
from diarist.diary.language import language_of
from diarist.diary.local.writer import write_entry
from diarist.privacy.names import RampartNames
from support.transcripts import SAID_ON, sample, segments_of, transcript_of

DAY = dt.date(2026, 11, 18)
SAID = (
    "We finally signed the lease for the workshop on Mill Street.",
    "It rained all day and I did not go for a run, but I don't mind.",
    "The quote from the supplier came to four thousand two hundred pounds.",
    "I need to send the contract to Marcus by Friday.",
    "It cost eight um, hundred.",
)


def check(sentence: str, *said: str, language: str = "en") -> Support:
    return check_sentence(sentence, segments_of(said or SAID), language_of(language), DAY)


@pytest.mark.parametrize(
    "sentence",
    [
        "We finally signed the lease for the workshop on Mill Street.",
        "We signed a lease.",
        "Signed the lease for the workshops.",
        "The supplier's quote came to 4,200 pounds.",
        "I did not go for a run.",
        "The contract goes to Marcus by 2026-11-20.",
        "It is 2026-11-18.",
        "I don't mind.",
        "It cost eight hundred.",
    ],
)
def test_what_was_said_is_supported(sentence: str) -> None:
    assert check(sentence).missing == ()


@pytest.mark.parametrize(
    ("sentence", "missing"),
    [
        pytest.param("We bought a sailing boat.", "boat", id="a word"),
        pytest.param("The quote came to 4,300 pounds.", "4300", id="a number"),
        pytest.param("The quote came to five thousand pounds.", "5000", id="a number in words"),
        pytest.param("I send the contract by 2026-11-21.", "2026-11-21", id="a date"),
        pytest.param("I need to send Daniel the contract.", "daniel", id="a name"),
        pytest.param("Daniel signed the lease for the workshop.", "daniel", id="a name in front"),
        pytest.param("We did not sign the lease.", "not", id="a negation put in"),
        pytest.param("I never signed the contract.", "never", id="a negation borrowed elsewhere"),
        pytest.param("I went for a run.", "run", id="a negation left out"),
    ],
)
def test_what_was_not_said_fails_the_sentence_and_is_named(sentence: str, missing: str) -> None:
    result = check(sentence)

    assert (result.is_supported, missing in result.missing) == (False, True)


def test_one_free_word_among_many_is_no_invention() -> None:
    result = check("Fortunately we signed the lease for the workshop.")

    assert (result.is_supported, result.missing) == (True, ("fortunately",))


@pytest.mark.parametrize(
    ("language", "said", "fabricated"),
    [
        ("de", "Ich bin heute nicht gelaufen, weil es geregnet hat.", "Ich bin heute gelaufen."),
        ("fr", "Je ne suis pas allée courir ce matin.", "Je suis allée courir."),
        ("es", "Estaba cansado, no fui al gimnasio.", "Fui al gimnasio."),
        ("it", "Oggi non ho corso al parco.", "Ho corso al parco."),
    ],
)
def test_a_negation_counts_in_every_language(language: str, said: str, fabricated: str) -> None:
    assert not check(fabricated, said, language=language).is_supported
    assert check(said, said, language=language).is_supported


@pytest.mark.parametrize(
    ("language", "said", "written"),
    [
        ("en", "It's Sunday, no it's Saturday.", "It's Saturday."),
        ("en", "I swam thirty, no, sorry, forty lengths.", "I swam forty lengths."),
        ("es", "Fui el lunes, no martes.", "Fui el martes."),
        ("en", "I did not run on Monday. Today I ran home.", "I ran home."),
    ],
)
def test_a_correction_is_no_negation(language: str, said: str, written: str) -> None:
    assert check(written, said, language=language).is_supported


@pytest.mark.parametrize(
    "stop", ["that was. That was", "that was, um. that was", "that was, you know. That was"]
)
def test_a_sentence_that_is_begun_again_behind_a_stop_is_heard_as_one(stop: str) -> None:
    said = f"She wanted to talk about Christmas, and I was tired, and {stop} not nice."
    written = "She wanted to talk about Christmas, and I was tired, and that was not nice."

    assert check(written, said).missing == ()


def test_a_denial_is_not_borrowed_from_the_next_sentence() -> None:
    said = "That is how small and cheap the house is. We did not buy the boat."

    assert not check("The small house is not cheap.", said).is_supported


def test_a_german_noun_is_not_taken_for_a_name() -> None:
    result = check("Das Auto macht ein Geräusch.", "Das auto macht ein geräusch.", language="de")

    assert result.missing == ()


def test_a_fabricated_paragraph_lowers_the_support_of_an_entry() -> None:
    transcript = transcript_of(*SAID)
    entry = write_entry(transcript, DAY)
    fabricated = Paragraph(text="Anna and I flew to Rome.", evidence=(0, 1))

    doctored = entry.model_copy(update={"paragraphs": (*entry.paragraphs, fabricated)})
    checks = check_entry(doctored, transcript)

    assert [one.sentence for one in checks if not one.is_supported] == [fabricated.text]
    assert support_of(checks) == pytest.approx(1 - 1 / len(checks))


def test_evidence_that_the_transcript_does_not_have_is_an_error() -> None:
    transcript = transcript_of(*SAID)
    entry = write_entry(transcript, DAY)
    cited = entry.model_copy(update={"paragraphs": (Paragraph(text="Hello.", evidence=(99,)),)})

    with pytest.raises(KeyError, match="99"):
        check_entry(cited, transcript)


def test_an_entry_without_sentences_to_check_is_supported() -> None:
    assert support_of([]) == 1.0


@pytest.mark.parametrize("name", SAID_ON)
def test_every_sentence_that_the_local_writer_writes_of_a_sample_is_supported(
    name: str, names: RampartNames
) -> None:
    transcript = sample(name)

    entry = write_entry(transcript, SAID_ON[name], names)

    assert unsupported(entry, name) == []
    assert entry.support == 1.0


def unsupported(entry: Entry, name: str) -> list[Support]:
    return [one for one in check_entry(entry, sample(name)) if not one.is_supported]


@pytest.mark.parametrize("path", sorted((Path(__file__).parent / "texts").glob("*.txt")))
def test_every_sentence_that_the_local_writer_writes_of_a_text_is_supported(path: Path) -> None:
    language = path.stem.split(".")[-1]
    transcript = transcript_of(*path.read_text("utf-8").split("\n\n"), language=language)

    assert write_entry(transcript, DAY).support == 1.0
