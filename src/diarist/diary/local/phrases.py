"""Noun phrases, found without a grammar: an article, what it stands before, and what completes it.

They are what titles and topics are made of: "the lease for the workshop", "a heron by the canal",
"lunch with Priya".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diarist.diary.language import Language
from diarist.diary.local.sentences import Sentence
from diarist.diary.local.tokens import Token, text_of
from diarist.diary.numbers import is_number
from diarist.diary.words import lemma

_LONGEST_CORE = 3  # content words


@dataclass(frozen=True)
class Phrase:
    """A noun phrase.

    Attributes:
        tokens: of the whole phrase.
        core: content words before the first preposition.
        complements: how many prepositional parts follow.
        is_named: a name is in it.
        is_adjunct: a preposition stands before it, so that it only completes something else.
    """

    tokens: tuple[Token, ...]
    core: tuple[Token, ...]
    complements: int
    is_named: bool
    is_adjunct: bool

    @property
    def text(self) -> str:
        return text_of([*self.tokens[:-1], self.tokens[-1].without_end()])

    @property
    def core_text(self) -> str:
        return text_of([*self.core[:-1], self.core[-1].without_end()])


def noun_phrases(sentence: Sentence, language: Language) -> list[Phrase]:
    """Return the noun phrases of a sentence, each with all its shorter beginnings."""
    tokens = sentence.tokens
    found: list[Phrase] = []
    index = 0
    while index < len(tokens):
        core = _core_at(tokens, index, language)
        if core is None:
            index += 1
            continue
        start, end = core
        found.extend(_with_complements(tokens, index, start, end, language))
        index = end
    return found


def _core_at(tokens: Sequence[Token], index: int, language: Language) -> tuple[int, int] | None:
    """Return where the content of a phrase that begins here starts and ends; None if none does."""
    start = index
    if _is_determiner(tokens[index], language):
        start += 1
    elif not _may_stand_bare(tokens, index, language):
        return None
    end = _core_end(tokens, start, language)
    if end == start or is_number(tokens[end - 1].bare, language.code):
        return None
    if language.nouns_are_capitalised and not tokens[end - 1].text[:1].isupper():
        return None
    return start, end


def _core_end(tokens: Sequence[Token], start: int, language: Language) -> int:
    """Return where content that begins here ends."""
    end = start
    while end < len(tokens) and end - start < _LONGEST_CORE:
        if not _continues_core(tokens, start, end, language):
            break
        end += 1
        if tokens[end - 1].ends_clause:
            break
    return end


def _is_determiner(token: Token, language: Language) -> bool:
    names = ("articles", "possessives")
    is_one = any(token.bare in language.words(name) for name in names)
    return (is_one or is_number(token.bare, language.code)) and not token.ends_clause


def _may_stand_bare(tokens: Sequence[Token], index: int, language: Language) -> bool:
    """Say whether a noun may stand here without an article: before a preposition and a name."""
    if not _is_content(tokens[index], language) or index + 2 >= len(tokens) or index == 0:
        return False
    if not language.table("title").get("bare_nouns"):
        return False
    if tokens[index].ends_clause or tokens[index].text[:1].isupper():
        return False
    before = tokens[index - 1].bare
    if any(before in language.words(name) for name in ("subjects", "prepositions", "modals")):
        return False
    is_with = tokens[index + 1].bare in language.words("prepositions")
    return is_with and tokens[index + 2].text[:1].isupper()


def _continues_core(tokens: Sequence[Token], start: int, index: int, language: Language) -> bool:
    token = tokens[index]
    if not _is_content(token, language):
        return False
    if index == start or token.text[:1].isupper():
        return True
    if language.nouns_are_capitalised and tokens[index - 1].text[:1].isupper():
        return False  # behind its noun, a German phrase is complete
    if _is_gerund_noun(tokens, index, language):
        return True
    return not looks_like_verb(token.bare, language)


def _is_gerund_noun(tokens: Sequence[Token], index: int, language: Language) -> bool:
    """Say whether an "-ing" ends a phrase, as in "the dry cleaning", and takes no object."""
    ending = language.table("title").get("gerund")
    if not ending or not tokens[index].bare.endswith(ending):
        return False
    if index + 1 >= len(tokens) or tokens[index].ends_clause:
        return True
    following = tokens[index + 1]
    return not _is_content(following, language) and not _is_determiner(following, language)


def _is_content(token: Token, language: Language) -> bool:
    word = token.bare
    return bool(word) and word not in language.function_words and word[:1].isalpha()


def looks_like_verb(word: str, language: Language) -> bool:
    """Say whether a word is a form that nouns do not have: "came", "dorment"."""
    base = lemma(word, language.code)
    if base == word:
        return False
    return not (word.startswith(base[:-1]) and len(word) - len(base) <= 1)


def _with_complements(
    tokens: Sequence[Token], begin: int, start: int, end: int, language: Language
) -> list[Phrase]:
    """Return a phrase bare, with one prepositional part, and with two."""
    core = tuple(tokens[start:end])
    phrases = [_phrase(tokens, begin, end, core, 0, language)]
    at = end
    for count in (1, 2):
        following = _complement_end(tokens, at, language)
        if following is None:
            break
        at = following
        phrases.append(_phrase(tokens, begin, at, core, count, language))
    return phrases


def _complement_end(tokens: Sequence[Token], at: int, language: Language) -> int | None:
    """Return where a prepositional part ends that begins here; None if none does."""
    if at + 1 >= len(tokens) or tokens[at - 1].ends_clause:
        return None
    if tokens[at].bare not in language.words("prepositions"):
        return None
    core = _core_at(tokens, at + 1, language)
    if core is not None:
        return core[1]
    if tokens[at].bare in language.table("title").get("bare_complements", ()):
        end = _core_end(tokens, at + 1, language)
        return end if end > at + 1 else None
    end = at + 1
    while end < len(tokens) and tokens[end].text[:1].isupper() and end - at <= 2:
        end += 1
        if tokens[end - 1].ends_clause:
            break
    return end if end > at + 1 else None


def _phrase(
    tokens: Sequence[Token],
    begin: int,
    end: int,
    core: tuple[Token, ...],
    complements: int,
    language: Language,
) -> Phrase:
    taken = tuple(tokens[begin:end])
    inner = taken if begin else taken[1:]
    is_named = any(
        token.text[:1].isupper() and token.bare not in language.function_words for token in inner
    )
    is_adjunct = begin > 0 and tokens[begin - 1].bare in language.words("prepositions")
    is_named = is_named and not language.nouns_are_capitalised
    return Phrase(taken, core, complements, is_named, is_adjunct)
