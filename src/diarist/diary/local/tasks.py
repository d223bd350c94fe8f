"""What the speaker means to do, and by when.

A task begins behind a phrase that announces one ("I need to …") and ends where the clause does.
Its text is the speaker's own, as a short command. Memories ("I had to"), opinions ("I have to
say") and denials ("I don't need to") announce nothing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from diarist.diary.dates import dates_in
from diarist.diary.entry import ActionItem
from diarist.diary.language import Language, bare, language_of
from diarist.diary.local.sentences import Sentence, refers_back
from diarist.diary.words import lemma

_MOST_WORDS = 18
_FEWEST_LETTERS = 4


@dataclass(frozen=True)
class _Grammar:
    cues: re.Pattern[str]
    dated_cues: re.Pattern[str]
    ends: re.Pattern[str]
    not_tasks: re.Pattern[str]
    announcements: re.Pattern[str]


def action_items(
    sentences: Sequence[Sentence], language: Language, said_on: dt.date
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
    items: dict[str, ActionItem] = {}
    for index, sentence in enumerate(sentences):
        found = [] if sentence.is_question else list(_items_in(sentence, language, said_on))
        if found and index + 1 < len(sentences):
            found[-1] = _dated_by_next(found[-1], sentences[index + 1], language, said_on)
        for item in found:
            items.setdefault(item.text.casefold(), item)
    return list(items.values())


def _dated_by_next(
    item: ActionItem, following: Sentence, language: Language, said_on: dt.date
) -> ActionItem:
    """Date a task by the sentence that explains it: "… a present for Leo. He turns six on …"."""
    if item.due is not None or not refers_back(following, language):
        return item
    due = _due(following.text, language, said_on)
    if due is None or due == said_on or _announces(_plain(following.text), _grammar(language.code)):
        return item
    evidence = sorted({*item.evidence, *following.evidence})
    return item.model_copy(update={"due": due, "evidence": tuple(evidence)})


def task_sentences(sentences: Sequence[Sentence], language: Language) -> list[bool]:
    """Say of each sentence whether it announces a task."""
    if not language.table("tasks"):
        return [False] * len(sentences)
    return [_announces(_plain(sentence.text), _grammar(language.code)) for sentence in sentences]


def _announces(text: str, grammar: _Grammar) -> bool:
    """Say whether a task is announced, even if it is not named: "things that I must not forget"."""
    following = [text[match.end() :].lstrip(" ,.;:") for match in grammar.cues.finditer(text)]
    return any(
        grammar.not_tasks.match(rest) is None or grammar.announcements.match(rest) is not None
        for rest in following
    )


def _items_in(sentence: Sentence, language: Language, said_on: dt.date) -> Iterator[ActionItem]:
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
    sentence: Sentence, grammar: _Grammar, language: Language, said_on: dt.date
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


def _due(text: str, language: Language, said_on: dt.date) -> dt.date | None:
    days = [mention.date for mention in dates_in(text, language, said_on)]
    return next((day for day in days if day >= said_on), None)


def _wording(rest: str, grammar: _Grammar, language: Language) -> str | None:
    """Return a task as a short command; None if it is none."""
    text = rest.strip(" ,.;:!?…")
    end = grammar.ends.search(_plain(text))
    if end is not None:
        text = text[: end.start()]
    words = text.split()[:_MOST_WORDS]
    empty = {"", *language.words("coordinators"), *language.table("tasks").get("trailing", ())}
    while words and bare(words[-1]) in empty:
        words.pop()
    text = " ".join(words).strip(" ,.;:!?…-–—")
    if sum(c.isalpha() for c in text) < _FEWEST_LETTERS or grammar.not_tasks.match(_plain(text)):
        return None
    text = _as_command(text, language)
    return text[:1].upper() + text[1:]


def _as_command(text: str, language: Language) -> str:
    """Turn the verb of a clause into an infinitive: "que j'envoie …", "das Paket abzuholen"."""
    tasks = language.table("tasks")
    if tasks.get("infinitive_marker"):
        text = re.sub(tasks["infinitive_marker"], "", text)
    if tasks.get("bound_marker"):
        text = re.sub(tasks["bound_marker"], lambda m: lemma(m[0], language.code), text)
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
    ends, clauses = _either(tasks["ends"]), _either(tasks.get("ends_behind_comma", ()))
    return _Grammar(
        cues=_any_of(tasks["cues"]),
        dated_cues=_any_of(tasks["dated_cues"]),
        ends=re.compile(rf",? (?:{ends})\b|, (?:{clauses})(?![\w])|[;:–—]"),
        not_tasks=re.compile(rf"(?:{_either(tasks['not_tasks'])})\b"),
        announcements=re.compile(rf"(?:{_either(tasks.get('announcements', ()))})\b"),
    )


def _either(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or "(?!)"


def _any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    joined = "|".join(f"(?:{pattern})" for pattern in patterns)
    return re.compile(rf"(?<![\w'])(?:{joined})(?=[\s:])")
