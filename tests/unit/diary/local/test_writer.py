"""Whole transcripts to whole entries."""

from __future__ import annotations

import cProfile
import datetime as dt
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from diarist.diary.entry import Entry
from diarist.diary.language import SUPPORTED, bare
from diarist.diary.local.writer import AUTHOR, write_entry
from diarist.errors import NoSpeechError
from diarist.privacy.names import RampartNames
from diarist.transcription.transcript import Transcript
from support.transcripts import SAID_ON, in_language, sample, segments_of, transcript_of

DAY = dt.date(2026, 11, 18)
SPOKEN = (
    "I you we she it's the a my um, uh like, no, sorry, thirty forty Monday, Anna went to and, "
    "said. know, need have call by Friday. heron lease workshop. happy was not very very Bristol, "
    "because äh ich muss bin glücklich. nicht das Paket abholen, Freitag. euh je dois appeler "
    "demain. pas contente. eh tengo que pagar mañana. feliz. devo andare domani. felice. è 5. "
    "Dezember 4,200 ? ! - “quoted” I'm don't l'école [music] <b> Dr. & 東京 día Łódź"
)


def said_words(transcript: Transcript) -> list[str]:
    return [bare(word) for word in transcript.text.split() if bare(word)]


def written_words(entry: Entry) -> list[str]:
    return [bare(word) for word in entry.text.split() if bare(word)]


def cited(entry: Entry) -> set[int]:
    evidence = [
        *(part.evidence for part in entry.paragraphs),
        *(part.evidence for part in entry.highlights),
        *(part.evidence for part in entry.action_items),
        *entry.mentions.values(),
        entry.mood.evidence,
    ]
    return {number for numbers in evidence for number in numbers}


def is_subsequence(part: Sequence[str], whole: Sequence[str]) -> bool:
    rest = iter(whole)
    return all(word in rest for word in part)


@pytest.mark.parametrize("name", SAID_ON)
def test_a_sample_becomes_an_entry_that_says_who_wrote_it(name: str, names: RampartNames) -> None:
    entry = write_entry(sample(name), SAID_ON[name], names)

    assert (entry.date, entry.writer, entry.support) == (SAID_ON[name], AUTHOR, 1.0)
    assert entry.language == name.split(".")[1]


def test_the_owner_of_the_evening_memo_finds_what_matters(names: RampartNames) -> None:
    entry = write_entry(sample("evening-memo.en.txt"), DAY, names)

    assert entry.people == ("Daniel", "Priya", "Marcus", "my mother", "Leo")
    assert entry.places == ("Mill Street", "Bristol", "Manchester", "Edinburgh")
    assert entry.mood.label == "grateful"
    assert [(item.text, str(item.due)) for item in entry.action_items] == [
        ("Send the signed contract to Marcus by Friday", "2026-11-20"),
        ("Call the bank tomorrow morning about the deposit", "2026-11-19"),
        ("Book the train tickets to Edinburgh before the end of the month", "2026-11-30"),
        ("Buy a birthday present for Leo", "2026-12-05"),
    ]


def test_rambling_speech_reads_as_it_was_meant(names: RampartNames) -> None:
    name = "rambling-walk.en.txt"

    entry = write_entry(sample(name), SAID_ON[name], names)

    assert entry.text.startswith(
        "It's Saturday, and I'm walking home from the swimming pool. "
        "It's freezing, but it's a nice kind of freezing."
    )
    assert "I swam forty lengths today." in entry.text
    assert "They meet on Thursdays, at six in the morning, which is brutal." in entry.text
    assert "I have to ask Laura if her cousin, Stefan, can do it" in entry.text


@pytest.mark.parametrize("name", SAID_ON)
def test_an_entry_has_no_word_that_was_not_said_and_keeps_the_order(name: str) -> None:
    transcript = sample(name)

    entry = write_entry(transcript, SAID_ON[name])

    assert is_subsequence(written_words(entry), said_words(transcript))


@pytest.mark.parametrize("name", SAID_ON)
def test_paragraphs_follow_the_recording(name: str) -> None:
    entry = write_entry(sample(name), SAID_ON[name])

    starts = [paragraph.evidence[0] for paragraph in entry.paragraphs]
    assert len(starts) > 3
    assert starts == sorted(starts)


@settings(deadline=None, max_examples=50)
@given(
    texts=st.lists(
        st.lists(st.sampled_from(SPOKEN.split()), min_size=1, max_size=14).map(" ".join),
        min_size=1,
        max_size=12,
    ),
    language=st.sampled_from([*SUPPORTED, "pl", "und"]),
)
def test_whatever_is_said_the_entry_holds_its_promises(texts: list[str], language: str) -> None:
    transcript = transcript_of(*texts, language=language)

    try:
        entry = write_entry(transcript, DAY)
    except NoSpeechError:
        return

    assert Entry.model_validate_json(entry.model_dump_json(by_alias=True)) == entry
    assert cited(entry) <= {segment.id for segment in transcript.segments}
    assert is_subsequence(written_words(entry), said_words(transcript))
    assert entry.title
    assert entry.summary.strip(" .")
    assert all(part.evidence == tuple(sorted(set(part.evidence))) for part in entry.paragraphs)


CHRISTMAS = (
    "um, She wanted to, uh, she wanted to talk about Christmas, and I was tired, and I just said "
    "whatever you like, and that was, Um. that was not nice."
)
ENGLISH = [segment.text for name in SAID_ON if ".en." in name for segment in sample(name).segments]


def with_fillers(text: str, places: Sequence[int], fillers: Sequence[str]) -> str:
    words = text.split()
    for place, filler in zip(places, fillers, strict=True):
        words.insert(place % (len(words) + 1), filler)
    return " ".join(words)


@settings(deadline=None, max_examples=50)
@given(
    texts=st.lists(
        st.builds(
            with_fillers,
            st.sampled_from(ENGLISH),
            st.tuples(st.integers(0, 40), st.integers(0, 40)),
            st.tuples(*[st.sampled_from(["um,", "uh", "Um.", "er,"])] * 2),
        ),
        min_size=1,
        max_size=8,
    )
)
@example(texts=[*["um, um, Wednesday evening."] * 3, CHRISTMAS])
def test_real_sentences_are_supported_wherever_the_speaker_hesitates(texts: list[str]) -> None:
    try:
        entry = write_entry(transcript_of(*texts), DAY)
    except NoSpeechError:
        return

    assert entry.support == 1.0


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("nl", ["Vandaag ben ik naar de markt geweest.", "Het was koud, maar mooi."]),
        ("pl", ["Dzisiaj byłam na targu z siostrą.", "Było zimno, ale ładnie."]),
        ("ja", ["今日は市場に行きました。", "とても寒かったです。"]),
        ("zh", ["今天我去了市场。", "天气很冷,但是很好。"]),
        ("ar", ["ذهبت اليوم إلى السوق.", "كان الجو باردا."]),
    ],
)
def test_a_language_without_a_file_keeps_every_word_and_claims_nothing(
    language: str, texts: list[str]
) -> None:
    entry = write_entry(transcript_of(*texts, language=language), DAY)

    assert entry.text == " ".join(texts)
    assert (entry.language, entry.support) == (language, 1.0)
    assert (entry.mood.label, entry.action_items) == ("neutral", ())


def test_an_unknown_language_is_guessed() -> None:
    texts = ("Je suis allée au marché avec ma sœur.", "Nous avons acheté du pain et des fleurs.")

    assert write_entry(transcript_of(*texts, language="und"), DAY).language == "fr"


def test_a_language_that_cannot_be_guessed_stays_open() -> None:
    assert write_entry(transcript_of("今日は。", language="und"), DAY).language == "und"


def test_a_language_that_is_given_is_not_guessed() -> None:
    transcript = in_language(sample("dimanche-soir.fr.txt"), "pl")

    assert write_entry(transcript, DAY).language == "pl"


@pytest.mark.parametrize("text", ["Hello there.", "Rome.", "Freezing", "42", "今日"])
def test_one_word_is_an_entry(text: str) -> None:
    entry = write_entry(transcript_of(text), DAY)

    assert entry.text.rstrip(".") == text.rstrip(".")
    assert entry.title == text.rstrip(".")


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param((), id="nothing"),
        pytest.param(("", "  "), id="silence"),
        pytest.param(("Um.", "Uh, er.", "Hmm."), id="sounds"),
        pytest.param(("Okay.", "So.", "That's it, I guess."), id="empty sentences"),
        pytest.param(("...", "?!", "—"), id="punctuation"),
    ],
)
def test_a_transcript_that_says_nothing_has_no_entry(texts: tuple[str, ...]) -> None:
    with pytest.raises(NoSpeechError, match="no words"):
        write_entry(transcript_of(*texts), DAY)


def test_a_transcript_without_punctuation_becomes_sentences_by_its_segments() -> None:
    texts = ("I went to the market with Anna", "We bought bread and cheese", "It rained a lot")

    assert write_entry(transcript_of(*texts), DAY).text == ". ".join(texts) + "."


def test_a_transcript_in_capitals_or_small_letters_is_still_an_entry() -> None:
    text = "I went to the market and I need to call the bank by Friday."

    for spelled in (text.upper(), text.lower()):
        entry = write_entry(transcript_of(spelled), DAY)
        assert entry.support == 1.0
        assert entry.action_items[0].due == dt.date(2026, 11, 20)


def test_what_was_said_is_text_and_nothing_else() -> None:
    text = "I said <b>hello</b> & [x](y) {z} %s \\n $HOME."

    assert write_entry(transcript_of(text), DAY).text == text


def long_transcript(sentences: int) -> Transcript:
    segments = segments_of([ENGLISH[number % len(ENGLISH)] for number in range(sentences)])
    return Transcript("en", segments[-1].end_s, segments)


def test_the_work_grows_in_proportion_to_the_length_of_a_recording() -> None:
    short, long = (calls_to_write(sentences) for sentences in (100, 400))

    assert long < 5 * short


@pytest.mark.slow
def test_a_recording_of_hours_becomes_an_entry() -> None:
    entry = write_entry(long_transcript(3000), DAY)

    assert (entry.support, entry.paragraphs[-1].evidence[-1]) == (1.0, 2999)


def calls_to_write(sentences: int) -> int:
    """Return how many function calls it takes to write an entry of that many sentences."""
    transcript = long_transcript(sentences)
    write_entry(transcript, DAY)  # so that caches are warm
    profile = cProfile.Profile()
    profile.enable()
    write_entry(transcript, DAY)
    profile.disable()
    return sum(entry.callcount for entry in profile.getstats())
