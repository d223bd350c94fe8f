"""What the speaker means to do, and by when.

A task begins behind a phrase that announces one ("I need to …") and ends where the clause does.
Its text is the speaker's own, as a short command. Memories ("I had to"), opinions ("I have to
say") and denials ("I don't need to") announce nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date as Date
from functools import lru_cache

from diarist.diary.dates import dates_in
from diarist.diary.entry import ActionItem
from diarist.diary.language import Language, bare, language_of
from diarist.diary.local.sentences import Sentence
from diarist.diary.words import lemma

_MOST_WORDS = 18
_FEWEST_LETTERS = 4


@dataclass(frozen=True)
class _Grammar:
    cues: re.Pattern[str]
    dated_cues: re.Pattern[str]
    ends: re.Pattern[str]
    not_tasks: re.Pattern[str]


def action_items(
    sentences: Sequence[Sentence], language: Language, said_on: Date
) -> list[ActionItem]:
    """Find what the speaker means to do.

    Args:
        sentences: of the entry, in order.
        language: of the sentences.
        said_on: the date of the recording, which "tomorrow" counts from.

    Returns:
        Items in the order in which they were said, each once.
    """
    if not language.table("tasks"):
        return []
    items: list[ActionItem] = []
    for sentence in sentences:
        if sentence.is_question:
            continue
        for item in _items_in(sentence, language, said_on):
            if all(item.text.casefold() != other.text.casefold() for other in items):
                items.append(item)
    return items


def task_sentences(sentences: Sequence[Sentence], language: Language) -> list[bool]:
    """Say of each sentence whether it announces a task."""
    if not language.table("tasks"):
        return [False] * len(sentences)
    grammar = _grammar(language.code)
    return [grammar.cues.search(_plain(sentence.text)) is not None for sentence in sentences]


def _items_in(sentence: Sentence, language: Language, said_on: Date) -> Iterator[ActionItem]:
    grammar = _grammar(language.code)
    text = sentence.text
    matches = list(grammar.cues.finditer(_plain(text)))
    limits = [*(match.start() for match in matches[1:]), len(text)] if matches else []
    for match, limit in zip(matches, limits, strict=True):
        rest = text[match.end() : limit]
        before = text[: match.start()] if match is matches[0] else ""
        due = _due(rest, language, said_on) or _due(before, language, said_on)
        wording = _wording(rest, grammar, language)
        if wording is not None:
            yield ActionItem(text=wording, due=due, evidence=sentence.evidence)
    if not matches:
        yield from _dated_items(sentence, grammar, language, said_on)


def _dated_items(
    sentence: Sentence, grammar: _Grammar, language: Language, said_on: Date
) -> Iterator[ActionItem]:
    """Find intentions, which are tasks only if they come with a day."""
    match = grammar.dated_cues.search(_plain(sentence.text))
    if match is None:
        return
    rest = sentence.text[match.end() :]
    due = _due(rest, language, said_on)
    wording = _wording(rest, grammar, language)
    if due is not None and wording is not None:
        yield ActionItem(text=wording, due=due, evidence=sentence.evidence)


def _plain(text: str) -> str:
    """Return text of the same length to match patterns against."""
    return text.replace("’", "'").lower()


def _due(text: str, language: Language, said_on: Date) -> Date | None:
    mentions = dates_in(text, language, said_on)
    return mentions[0].date if mentions else None


def _wording(rest: str, grammar: _Grammar, language: Language) -> str | None:
    """Return a task as a short command; None if it is none."""
    text = rest.strip(" ,.;:!?…")
    end = grammar.ends.search(_plain(text))
    if end is not None:
        text = text[: end.start()]
    words = text.split()[:_MOST_WORDS]
    while words and bare(words[-1]) in {"", *language.words("coordinators")}:
        words.pop()
    text = " ".join(words).strip(" ,.;:!?…-–—")
    if sum(c.isalpha() for c in text) < _FEWEST_LETTERS or grammar.not_tasks.match(_plain(text)):
        return None
    text = _as_command(text, language)
    return text[:1].upper() + text[1:]


def _as_command(text: str, language: Language) -> str:
    """Turn a clause with a finite verb ("que j'envoie …") into one that begins with the infinitive."""
    tasks = language.table("tasks")
    if tasks.get("infinitive_marker"):
        text = re.sub(tasks["infinitive_marker"], "", text)
    pattern = tasks.get("finite_clause")
    if not pattern:
        return text
    match = re.match(pattern, _plain(text))
    if match is None:
        return text
    start, end = match.span("verb")
    infinitive = lemma(_plain(text)[start:end], language.code)
    return f"{infinitive}{text[end:]}"


@lru_cache(maxsize=16)
def _grammar(code: str) -> _Grammar:
    tasks = language_of(code).table("tasks")
    ends = "|".join(re.escape(word) for word in sorted(tasks["ends"], key=len, reverse=True))
    nots = "|".join(re.escape(word) for word in sorted(tasks["not_tasks"], key=len, reverse=True))
    return _Grammar(
        cues=_any_of(tasks["cues"]),
        dated_cues=_any_of(tasks["dated_cues"]),
        ends=re.compile(rf",? (?:{ends})\b|[;:–—]"),
        not_tasks=re.compile(rf"(?:{nots})\b"),
    )


def _any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    joined = "|".join(f"(?:{pattern})" for pattern in patterns)
    return re.compile(rf"(?<![\w'])(?:{joined})(?=[\s:])")
