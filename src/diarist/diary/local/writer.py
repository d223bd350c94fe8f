"""The local writer: a transcript in, an entry to keep out, and no model of language in between.

It removes what nobody means to say, orders the rest, and points at what matters. It adds no word
of its own, so every sentence rests on the segments that it was made of.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from diarist.diary.entry import Author, Entry, Paragraph
from diarist.diary.evidence import check_entry, support_of
from diarist.diary.language import Language, guess_language, language_of
from diarist.diary.local.headline import title, topics
from diarist.diary.local.mentions import Mention, people_and_places
from diarist.diary.local.mood import mood
from diarist.diary.local.paragraphs import paragraphs
from diarist.diary.local.salience import Reading, salience, word_weights
from diarist.diary.local.sentences import Sentence, written_sentences
from diarist.diary.local.summary import highlights, summary
from diarist.diary.local.tasks import action_items, task_sentences
from diarist.diary.local.tokens import segments_of
from diarist.errors import NoSpeechError
from diarist.privacy.names import NameFinder
from diarist.transcription.transcript import UNKNOWN_LANGUAGE, Transcript

AUTHOR = Author(provider="local", model="local-writer/1")


def write_entry(transcript: Transcript, on: dt.date, names: NameFinder | None = None) -> Entry:
    """Write the diary entry of a recording.

    Args:
        transcript: what was said.
        on: the day on which it was said, which "tomorrow" counts from.
        names: finds people and places; without it only clear signs count.

    Returns:
        An entry in the speaker's own words.

    Raises:
        NoSpeechError: if the transcript has no words, or only fillers.
    """
    language = _language_of(transcript)
    sentences = written_sentences(transcript.segments, language)
    if not sentences:
        raise NoSpeechError(
            f"{transcript.source or 'the transcript'} has no words to write an entry from",
            hint="If there is speech in it, transcribe it again with a larger --model.",
        )
    entry = _entry(sentences, language, on, names)
    support = support_of(check_entry(entry, transcript))
    return entry.model_copy(update={"support": round(support, 3)})


def _entry(
    sentences: Sequence[Sentence], language: Language, on: dt.date, names: NameFinder | None
) -> Entry:
    """Return the entry that sentences make, its support not yet checked."""
    people, places = people_and_places(sentences, language, names)
    is_task = task_sentences(sentences, language)
    reading = Reading(
        paragraphs=paragraphs(sentences, is_task, language),
        language=language,
        is_task=is_task,
        names=_words_of([*people, *places]),
    )
    weights = word_weights(reading)
    scores = salience(reading, weights)
    about = topics(reading, weights, scores)
    return Entry(
        date=on,
        title=title(reading, weights, scores),
        summary=summary(reading, scores),
        language=language.code,
        paragraphs=tuple(_paragraph(part) for part in reading.paragraphs),
        mood=mood(sentences, language),
        highlights=tuple(highlights(reading, scores)),
        action_items=tuple(action_items(sentences, language, on)),
        people=_names(people),
        places=_names(places),
        topics=_names(about),
        mentions={mention.name: mention.evidence for mention in (*about, *places, *people)},
        writer=AUTHOR,
    )


def _language_of(transcript: Transcript) -> Language:
    code = transcript.language
    if code == UNKNOWN_LANGUAGE:
        code = guess_language(transcript.text) or UNKNOWN_LANGUAGE
    return language_of(code)


def _names(mentions: Sequence[Mention]) -> tuple[str, ...]:
    return tuple(mention.name for mention in mentions)


def _words_of(mentions: Sequence[Mention]) -> frozenset[str]:
    return frozenset(word.casefold() for mention in mentions for word in mention.name.split())


def _paragraph(sentences: Sequence[Sentence]) -> Paragraph:
    tokens = [token for sentence in sentences for token in sentence.tokens]
    return Paragraph(
        text=" ".join(sentence.text for sentence in sentences), evidence=segments_of(tokens)
    )
