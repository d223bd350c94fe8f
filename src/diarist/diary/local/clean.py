"""Spoken words to written ones: fillers, repeats, false starts and corrections go.

Nothing is added and nothing is put in other words. Each rule takes tokens and returns fewer; the
order matters, since a repeat is often hidden behind a filler ("the, um, the kitchen").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from diarist.diary.language import Aside, Language, bare
from diarist.diary.local.tokens import Token, bares, starts_with
from diarist.diary.numbers import is_number

_LONGEST_REPEAT = 5  # words
_CORRECTION_REACH = 8  # words before an editing phrase that it may take back
_LONGEST_FALSE_START = 3


def clean(tokens: Sequence[Token], language: Language) -> list[Token]:
    """Return what the speaker meant to say, in the speaker's own words."""
    kept = _without_sounds(tokens, language)
    kept = _without_repeats(kept, language)
    kept = _corrected(kept, language)
    kept = _without_asides(kept, language)
    kept = _without_repeats(kept, language)
    kept = _without_false_starts(kept, language)
    kept = _without_second_tries(kept, language)
    return [_without_stray_comma(kept, index, language) for index in range(len(kept))]


def _without_sounds(tokens: Sequence[Token], language: Language) -> list[Token]:
    """Drop sounds that are no words, wherever they stand."""
    return _dropped(
        tokens, [index for index, token in enumerate(tokens) if _is_sound(token, language)]
    )


def _is_sound(token: Token, language: Language) -> bool:
    return not token.bare or token.bare in language.always_fillers


def _dropped(tokens: Sequence[Token], indexes: Sequence[int]) -> list[Token]:
    """Drop tokens; a full stop behind one of them stays, behind the word before it."""
    gone = set(indexes)
    kept: list[Token] = []
    for index, token in enumerate(tokens):
        if index not in gone:
            kept.append(token)
        elif token.ends_sentence and kept and not kept[-1].ends_sentence:
            kept[-1] = kept[-1].ended_by(_mark(token))
    return kept


def _mark(token: Token) -> str:
    return token.text[len(token.without_end().text) :][:1] or "."


def _without_repeats(tokens: Sequence[Token], language: Language) -> list[Token]:
    """Keep one of several equal phrases in a row: the last, which the speaker went on from."""
    kept = list(tokens)
    for length in range(_LONGEST_REPEAT, 0, -1):
        index = 0
        while index + 2 * length <= len(kept):
            if _is_repeat(kept, index, length, language):
                first = kept[index]
                del kept[index : index + length]
                kept[index] = kept[index].with_text(_cased_like(kept[index].text, first.text))
            else:
                index += 1
    return kept


def _is_repeat(tokens: Sequence[Token], index: int, length: int, language: Language) -> bool:
    first = tokens[index : index + length]
    second = tokens[index + length : index + 2 * length]
    if bares(first) != bares(second) or any(token.ends_sentence for token in first[:-1]):
        return False
    if first[-1].ends_sentence and not is_binding(first[-1], language):
        return False
    if length == 1 and first[0].bare in language.words("doubles"):
        return False
    return any(token.bare for token in first)


def is_binding(token: Token, language: Language) -> bool:
    """Say whether a word needs another behind it, so that no sentence can end with it."""
    names = ("articles", "possessives", "prepositions", "auxiliaries", "coordinators", "subjects")
    return any(token.bare in language.words(name) for name in names)


def _cased_like(text: str, model: str) -> str:
    """Return a word with the first letter of another: the repeat stands where that one stood."""
    if not text[:1].isalpha() or text[:1].casefold() != model[:1].casefold():
        return text
    return model[0] + text[1:]


def _corrected(tokens: Sequence[Token], language: Language) -> list[Token]:
    """Apply the speaker's own corrections: "thirty, no, sorry, forty" becomes "forty"."""
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
    if before.bare in language.words("saying"):
        return None
    if _kind(before, language) is not None and _kind(before, language) == _kind(first, language):
        return at - 1
    second = tokens[repair + 1] if repair + 1 < len(tokens) else None
    if second is not None and _kind(before, language) == _kind(second, language) is not None:
        # "on Tuesdays, I mean, on Thursdays": the same preposition, the same kind of word.
        if at >= 2 and tokens[at - 2].bare == first.bare:
            return at - 2
    if at >= 2 and second is not None and _same_place(tokens[at - 2 : at], first, second, language):
        return at - 2
    return _started_over(tokens, at, first.bare, language) if edit.is_strong else None


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


def _kind(token: Token, language: Language) -> str | None:
    """Return the closed class that a word belongs to, if it belongs to one."""
    word = token.bare
    if is_number(word, language.code):
        return "number"
    dates = language.table("dates")
    if any(word in names or word.rstrip("s") in names for names in dates.get("weekdays", ())):
        return "weekday"
    if any(word in names for names in dates.get("months", ())):
        return "month"
    return None


def _without_asides(tokens: Sequence[Token], language: Language) -> list[Token]:
    """Drop phrases that are thrown in, where commas or the words around show that they are."""
    kept = list(tokens)
    for aside in language.asides:
        index = 0
        while index < len(kept):
            if starts_with(kept, index, aside.words) and _is_thrown_in(
                kept, index, aside, language
            ):
                kept = _dropped(kept, range(index, index + len(aside.words)))
            else:
                index += 1
    return kept


def _is_thrown_in(tokens: Sequence[Token], index: int, aside: Aside, language: Language) -> bool:
    end = index + len(aside.words)
    before = tokens[index - 1] if index else None
    after = tokens[end] if end < len(tokens) else None
    opens = before is None or before.ends_clause
    closes = tokens[end - 1].ends_clause
    if before is not None and not opens and before.bare in aside.not_after:
        return False
    if after is not None and not closes and after.bare in aside.not_before:
        return False
    if opens and closes:
        return True
    if after is not None and _is_free_before(after, aside, language):
        return not (before is not None and before.bare in aside.not_after)
    return closes and before is not None and not aside.not_after


def _is_free_before(token: Token, aside: Aside, language: Language) -> bool:
    word = token.bare
    if word in aside.free_before:
        return True
    if "<number>" in aside.free_before and is_number(word, language.code):
        return True
    return "<adverb>" in aside.free_before and len(word) > 4 and word.endswith("ly")


def _without_false_starts(tokens: Sequence[Token], language: Language) -> list[Token]:
    """Drop a beginning that was given up for another: "I'm, I swam" becomes "I swam"."""
    kept = list(tokens)
    index = 0
    while index < len(kept):
        length = _false_start_at(kept, index, language)
        if length:
            del kept[index : index + length]
        else:
            index += 1
    return kept


def _false_start_at(tokens: Sequence[Token], index: int, language: Language) -> int:
    """Return how many words at this place are a beginning that the next words replace."""
    subject = _subject(tokens[index].bare, language)
    if subject is None:
        return 0
    for length in range(1, _LONGEST_FALSE_START + 1):
        end = index + length
        if end >= len(tokens) or tokens[end - 1].ends_sentence:
            return 0
        rest = tokens[index + 1 : end]
        if not all(bare(token.text) in language.function_words for token in rest):
            return 0
        if tokens[end - 1].ends_clause and _subject(tokens[end].bare, language) == subject:
            return length
    return 0


def _subject(word: str, language: Language) -> str | None:
    """Return the pronoun that a word is or begins with."""
    pronoun = word.split("'")[0]
    return pronoun if pronoun in language.words("pronouns") else None


def _without_second_tries(tokens: Sequence[Token], language: Language) -> list[Token]:
    """Drop what was begun twice around a word: "from there, from the pool" keeps one "from"."""
    kept = list(tokens)
    index = 0
    while index + 3 < len(kept):
        one, two, three, four = kept[index : index + 4]
        same = one.bare == three.bare and not one.ends_clause and not two.ends_sentence
        if same and one.bare in language.words("prepositions") and _is_stub(two, language):
            del kept[index : index + 2]
        elif _names_again(kept, index, language):
            # "if her cousin, Stefan, if Stefan can": the name is enough.
            del kept[index + 1 : index + 3]
        else:
            index += 1
    return kept


def _is_stub(token: Token, language: Language) -> bool:
    names = ("articles", "possessives", "demonstratives", "pronouns")
    return any(token.bare in language.words(name) for name in names)


def _names_again(tokens: Sequence[Token], index: int, language: Language) -> bool:
    name, conjunction, again = tokens[index : index + 3]
    if name.bare != again.bare or not name.ends_clause or name.ends_sentence:
        return False
    if conjunction.bare not in language.words("conjunctions") or not name.text[:1].isupper():
        return False
    return any(token.bare == conjunction.bare for token in tokens[max(0, index - 6) : index])


def _without_stray_comma(tokens: Sequence[Token], index: int, language: Language) -> Token:
    """Take away the comma that a thrown-in phrase has left behind a word that binds."""
    token = tokens[index]
    if not token.ends_clause or token.ends_sentence or index + 1 >= len(tokens):
        return token
    binding = ("articles", "possessives", "prepositions", "auxiliaries", "coordinators")
    if any(token.bare in language.words(name) for name in binding):
        return token.without_end()
    return token
