"""Does a sentence say yes where the speaker said no, or the other way round?

A negation is taken to speak of the few content words behind it, up to the end of its clause:
"I did *not* go for a | run, but". What it speaks of is its scope.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from diarist.diary.language import Language, bare
from diarist.diary.words import closed_class, is_binding, telling_words

_REACH = 5  # words behind a negation, the function words among them included
_LONGEST_RESTART = 5  # words that are said again when a sentence is begun again
_NEAR_STOP = 12  # words on each side of a stop that may be those and asides among them
_SENTENCE_END = re.compile(r"(?<=[.?!…。？！])\s+")
_CLAUSE_END = re.compile(r"[,;:.?!…–—]\W*$")


@dataclass(frozen=True)
class _Statement:
    """A sentence, and what it denies.

    Attributes:
        content: dictionary forms of the words that say something.
        denials: for each negation, those of them in its scope.
    """

    content: frozenset[str]
    denials: tuple[frozenset[str], ...]


def turned_round(sentence: str, said: str, language: Language) -> list[str]:
    """Return what a sentence denies against the evidence, or asserts against it.

    Args:
        sentence: as it was written.
        said: all that it cites.
        language: of both.

    Returns:
        A negation that was written and not said, or the words that the speaker denied; nothing if
        both agree.
    """
    written = _statement(sentence.split(), language)
    heard = [_statement(words, language) for words in _sentences(said, language)]
    if written.denials:
        return [] if _is_denied(written, heard) else _negations(sentence, language)
    return sorted(_denied_only(written, heard))


def _sentences(said: str, language: Language) -> list[list[str]]:
    """Divide what was said at full stops, but not where the speaker only stopped to go on."""
    sentences: list[list[str]] = []
    for part in _SENTENCE_END.split(said):
        words = part.split()
        if sentences and _goes_on(sentences[-1], words, language):
            sentences[-1] += words
        elif any(map(bare, words)):
            sentences.append(words)
    return sentences


def _goes_on(before: Sequence[str], after: Sequence[str], language: Language) -> bool:
    """Say whether a sentence that cannot end there is begun again: "It was. It was not nice".

    A writer makes one sentence of the two, so that they have to be heard as one.
    """
    stopped = _without_asides(before[-_NEAR_STOP:], language)
    begun = _without_asides(after[:_NEAR_STOP], language)
    if not stopped or not is_binding(stopped[-1], language):
        return False
    longest = min(_LONGEST_RESTART, len(stopped), len(begun))
    return any(stopped[-length:] == begun[:length] for length in range(1, longest + 1))


def _without_asides(words: Sequence[str], language: Language) -> list[str]:
    """Return the bare words that are left without those that may be thrown in anywhere."""
    kept = [word for word in map(bare, words) if word]
    for aside in language.asides:
        length = len(aside.words)
        for index in range(len(kept) - length, -1, -1):
            if tuple(kept[index : index + length]) == aside.words:
                del kept[index : index + length]
    return kept


def _is_denied(written: _Statement, heard: Sequence[_Statement]) -> bool:
    """Say whether some sentence that denies something speaks of the same as the written one."""
    denying = [one for one in heard if one.denials]
    if not written.content:
        return bool(denying)
    return any(2 * len(one.content & written.content) >= len(written.content) for one in denying)


def _negations(sentence: str, language: Language) -> list[str]:
    return sorted(language.words("negations").intersection(map(bare, sentence.split())))


def _denied_only(written: _Statement, heard: Sequence[_Statement]) -> frozenset[str]:
    """Return words of a sentence that the speaker only ever denied."""
    asserted: frozenset[str] = frozenset()
    for one in heard:
        asserted |= one.content.difference(*one.denials)
    for one in heard:
        for scope in one.denials:
            if scope and scope <= written.content and not scope & asserted:
                return scope
    return frozenset()


def _statement(words: Sequence[str], language: Language) -> _Statement:
    content = telling_words(map(bare, words), language)
    return _Statement(content, tuple(_denials(words, language)))


def _denials(words: Sequence[str], language: Language) -> Iterator[frozenset[str]]:
    for index, word in enumerate(words):
        if bare(word) not in language.words("negations") or _corrects(words, index, language):
            continue
        end = index + 1
        while end < len(words) and end - index <= _REACH and not _CLAUSE_END.search(words[end - 1]):
            end += 1
        yield telling_words(map(bare, words[index + 1 : end]), language)


def _corrects(words: Sequence[str], index: int, language: Language) -> bool:
    """Say whether a "no" only takes back what was said before it: "Monday, no Tuesday"."""
    if (bare(words[index]),) not in language.weak_edits or index + 1 >= len(words):
        return False
    following = bare(words[index + 1])
    begins_anew = following.split("'")[0] in language.words("subjects")
    return begins_anew or closed_class(following, language) is not None
