"""Is what was written borne out by what was said?

Each sentence is held against the segments that it cites. Four things must be there: its content
words, by their dictionary form; its numbers; its names; and its polarity, since one "not" more or
less turns a sentence round. Dates count as said if a cited phrase resolves to them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from diarist.diary.dates import dates_in
from diarist.diary.entry import Entry
from diarist.diary.language import Language, bare, language_of
from diarist.diary.numbers import numbers_in
from diarist.diary.polarity import turned_round
from diarist.diary.words import is_name, telling_words
from diarist.transcription.transcript import Segment, Transcript

_ENOUGH = 0.7  # share of content words that must have been said
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Support:
    """How far a sentence is borne out.

    Attributes:
        sentence: that was checked.
        score: share of its content words that were said; 0 if something else is wrong.
        missing: what was not said: words, numbers, names, or a negation.
    """

    sentence: str
    score: float
    missing: tuple[str, ...]

    @property
    def is_supported(self) -> bool:
        return self.score >= _ENOUGH


def check_sentence(
    sentence: str, segments: Sequence[Segment], language: Language, said_on: dt.date
) -> Support:
    """Hold one sentence against what it cites.

    Args:
        sentence: as it was written.
        segments: that it cites.
        language: of both.
        said_on: the date of the recording, to resolve dates by.
    """
    said = _fluent(" ".join(segment.text for segment in segments), language)
    words = _words(sentence)
    wanted = telling_words(words, language) - language.words("light_verbs")
    heard = telling_words(_words(said), language)
    absent = sorted(wanted - heard - _numerals(wanted, language))
    wrong = [
        *_missing_numbers(sentence, said, language, said_on),
        *_missing_names(sentence, said, language),
        *turned_round(sentence, said, language),
    ]
    score = 1.0 if not wanted else 1.0 - len(absent) / len(wanted)
    return Support(sentence, 0.0 if wrong else score, tuple(dict.fromkeys([*wrong, *absent])))


def check_entry(entry: Entry, transcript: Transcript) -> list[Support]:
    """Hold every sentence, highlight and action item of an entry against what it cites.

    Raises:
        KeyError: if the entry cites a segment that the transcript does not have.
    """
    from sentencex import segment as split  # noqa: PLC0415 - 4 MB of rules

    language = language_of(entry.language)
    by_id = {segment.id: segment for segment in transcript.segments}
    texts = [
        (sentence, paragraph.evidence)
        for paragraph in entry.paragraphs
        for sentence in split(entry.language, paragraph.text)
    ]
    texts += [(highlight.text, highlight.evidence) for highlight in entry.highlights]
    texts += [(item.text, item.evidence) for item in entry.action_items]
    return [
        check_sentence(text.strip(), _cited(evidence, by_id), language, entry.date)
        for text, evidence in texts
        if text.strip()
    ]


def support_of(checks: Iterable[Support]) -> float:
    """Return the share of sentences that are borne out; 1 if there are none."""
    results = [check.is_supported for check in checks]
    return sum(results) / len(results) if results else 1.0


def _cited(evidence: Iterable[int], by_id: Mapping[int, Segment]) -> list[Segment]:
    return [by_id[number] for number in evidence]


def _fluent(said: str, language: Language) -> str:
    """Return what was said without sounds inside: "eight um, hundred" is eight hundred."""
    words = said.split()
    fillers = language.always_fillers
    return " ".join(_stop_of(word) if bare(word) in fillers else word for word in words)


def _stop_of(word: str) -> str:
    """Return the mark at the end of a word if it ends a sentence: no number goes on behind it."""
    return word[-1] if word[-1] in ".?!…" else ""


def _words(text: str) -> list[str]:
    return [bare(word) for word in text.split()]


def _numerals(words: Iterable[str], language: Language) -> frozenset[str]:
    """Return words that are numbers spelled out; numbers are compared in digits instead."""
    return frozenset(word for word in words if numbers_in(word, language.code))


def _missing_numbers(sentence: str, said: str, language: Language, said_on: dt.date) -> list[str]:
    unsaid = numbers_in(_ISO_DATE.sub(" ", sentence), language.code)
    if unsaid:
        unsaid -= numbers_in(said, language.code)
    return [*_missing_dates(sentence, said, language, said_on), *sorted(unsaid)]


def _missing_dates(sentence: str, said: str, language: Language, said_on: dt.date) -> list[str]:
    written = _ISO_DATE.findall(sentence)
    if not written:
        return []
    days = {said_on, *(mention.date for mention in dates_in(said, language, said_on))}
    return [day for day in written if day not in {one.isoformat() for one in days}]


def _missing_names(sentence: str, said: str, language: Language) -> list[str]:
    """Return names that were not said: capitalised words, except in German, where nouns are too.

    The first word of a sentence has a capital letter anyway; it is a name if a dictionary says so.
    """
    if language.nouns_are_capitalised:
        return []
    heard = {_stem(word) for word in said.split()}
    first, *rest = sentence.split() or [""]
    names = [word for word in rest if word[:1].isupper()]
    if is_name(bare(first), language.code):
        names.insert(0, first)
    return [
        bare(name)
        for name in names
        if bare(name) not in language.function_words and _stem(name) not in heard
    ]


def _stem(word: str) -> str:
    return re.sub(r"['’]s?$", "", bare(word))
