"""The speaker's own corrections, applied: what was wrong goes, what replaces it stays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from diarist.diary.language import Language
from diarist.diary.local.tokens import Token, starts_with
from diarist.diary.words import closed_class

_CORRECTION_REACH = 8  # words before an editing phrase that it may take back


def corrected(tokens: Sequence[Token], language: Language) -> list[Token]:
    """Return tokens without what the speaker took back: "thirty, no, sorry, forty" is "forty"."""
    kept = list(tokens)
    index = 1
    while index < len(kept) - 1:
        edit = _edit_at(kept, index, language)
        start = _taken_back(kept, index, edit, language)
        if start is None:
            index += 1
        else:
            del kept[start : index + edit.length]
            index = max(1, start)
    return kept


class _Edit(NamedTuple):
    """Words that announce a correction: how many, and whether they can announce nothing else."""

    length: int
    is_strong: bool


def _edit_at(tokens: Sequence[Token], index: int, language: Language) -> _Edit:
    for phrase in language.strong_edits:
        if starts_with(tokens, index, phrase):
            return _Edit(len(phrase), is_strong=True)
    for phrase in language.weak_edits:
        if starts_with(tokens, index, phrase) and tokens[index - 1].ends_clause:
            return _Edit(len(phrase), is_strong=False)
    return _Edit(0, is_strong=False)


def _taken_back(tokens: Sequence[Token], at: int, edit: _Edit, language: Language) -> int | None:
    """Return where the words begin that the repair replaces; None if that is not clear.

    Two signs are trusted: the repair is of the same kind as the last word (a number for a number,
    a day for a day), or it begins with a word that was just said and starts over from there.
    """
    repair = at + edit.length
    if not edit.length or repair >= len(tokens):
        return None
    before, first = tokens[at - 1], tokens[repair]
    kind = closed_class(before.bare, language)
    if kind is not None and kind == closed_class(first.bare, language):
        return at - 1
    if at >= 2 and repair + 1 < len(tokens):
        said, second = tokens[at - 2 : at], tokens[repair + 1]
        if _same_kind(said, first, second, language) or _same_place(said, first, second, language):
            return at - 2
    return _started_over(tokens, at, first.bare, language) if edit.is_strong else None


def _same_kind(said: Sequence[Token], first: Token, second: Token, language: Language) -> bool:
    """Say whether a day replaces a day: "on Tuesdays, I mean, on Thursdays"."""
    preposition, day = said
    if preposition.bare != first.bare:
        return False
    kind = closed_class(second.bare, language)
    return kind is not None and kind == closed_class(day.bare, language)


def _same_place(said: Sequence[Token], first: Token, second: Token, language: Language) -> bool:
    """Say whether a name behind a preposition is replaced by another behind the same one."""
    preposition, name = said
    return (
        preposition.bare == first.bare
        and preposition.bare in language.words("prepositions")
        and name.text[:1].isupper()
        and second.text[:1].isupper()
    )


def _started_over(tokens: Sequence[Token], at: int, word: str, language: Language) -> int | None:
    for index in range(at - 1, max(-1, at - 1 - _CORRECTION_REACH), -1):
        if index < at - 1 and tokens[index].ends_sentence:
            return None
        if tokens[index].bare in language.words("saying"):
            return None
        if tokens[index].bare == word:
            return index
    return None
