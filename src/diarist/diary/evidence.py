"""Is what was written borne out by what was said?

Each sentence is held against the segments that it cites. Four things must be there: its content
words, by their dictionary form; its numbers; its names; and its polarity, since one "not" more or
less turns a sentence round. Dates count as said if a cited phrase resolves to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date

from diarist.diary.dates import dates_in
from diarist.diary.entry import Entry
from diarist.diary.language import Language, bare, language_of
from diarist.diary.words import content_words
from diarist.diary.numbers import numbers_in
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
    sentence: str, segments: Sequence[Segment], language: Language, said_on: Date
) -> Support:
    """Hold one sentence against what it cites.

    Args:
        sentence: as it was written.
        segments: that it cites.
        language: of both.
        said_on: the date of the recording, to resolve dates by.
    """
    said = " ".join(segment.text for segment in segments)
    words = _words(sentence)
    wanted = content_words(words, language)
    heard = content_words(_words(said), language)
    absent = sorted(wanted - heard - _numerals(wanted, language))
    wrong = [
        *_missing_numbers(sentence, said, language, said_on),
        *_missing_names(sentence, said, language),
        *_turned_round(words, _words(said), language),
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


def _words(text: str) -> list[str]:
    return [bare(word) for word in text.split()]


def _numerals(words: Iterable[str], language: Language) -> frozenset[str]:
    """Return words that are numbers spelled out; numbers are compared in digits instead."""
    return frozenset(word for word in words if numbers_in(word, language.code))


def _missing_numbers(sentence: str, said: str, language: Language, said_on: Date) -> list[str]:
    dates = {mention.date.isoformat() for mention in dates_in(said, language, said_on)}
    dates.add(said_on.isoformat())
    unsaid_dates = [day for day in _ISO_DATE.findall(sentence) if day not in dates]
    rest = _ISO_DATE.sub(" ", sentence)
    unsaid = numbers_in(rest, language.code) - numbers_in(said, language.code)
    return [*unsaid_dates, *sorted(unsaid)]


def _missing_names(sentence: str, said: str, language: Language) -> list[str]:
    """Return capitalised words inside a sentence that were not said, in languages where they are names."""
    if language.code == "de":
        return []
    heard = {_stem(word) for word in said.split()}
    return [
        bare(word)
        for word in sentence.split()[1:]
        if word[:1].isupper() and bare(word) not in language.function_words
        if _stem(word) not in heard
    ]


def _stem(word: str) -> str:
    return re.sub(r"['’]s?$", "", bare(word))


def _turned_round(words: Sequence[str], said: Sequence[str], language: Language) -> list[str]:
    """Return a negation that the sentence has and the evidence lacks."""
    negations = language.words("negations")
    written = negations.intersection(words)
    if written and not negations.intersection(said):
        return sorted(written)
    return []
