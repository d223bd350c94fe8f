"""Spoken words to written ones: fillers, repeats, false starts and corrections go.

Nothing is added and nothing is put in other words. Each rule takes tokens and returns fewer; the
order matters, since a repeat is often hidden behind a filler ("the, um, the kitchen").
"""

from __future__ import annotations

from collections.abc import Sequence

from diarist.diary.language import Aside, Language, bare
from diarist.diary.local.repairs import corrected
from diarist.diary.local.tokens import Token, bares, starts_with
from diarist.diary.numbers import is_number
from diarist.diary.words import is_binding

_SYMBOLS = frozenset("&%+=<>€$£¥°§#@")  # what stands for words
_LONGEST_REPEAT = 5  # words
_LONGEST_FALSE_START = 3


def clean(tokens: Sequence[Token], language: Language) -> list[Token]:
    """Return what the speaker meant to say, in the speaker's own words."""
    kept = _without_sounds(tokens, language)
    kept = _without_repeats(kept, language)
    kept = corrected(kept, language)
    kept = _without_asides(kept, language)
    kept = _without_repeats(kept, language)
    kept = _without_false_starts(kept, language)
    kept = _without_second_tries(kept, language)
    return [_without_stray_comma(kept, index, language) for index in range(len(kept))]


def _without_sounds(tokens: Sequence[Token], language: Language) -> list[Token]:
    """Drop sounds that are no words, wherever they stand; full stops behind them stay."""
    kept: list[Token] = []
    for token in tokens:
        if _is_sound(token, language):
            _end_like(kept, token)
        else:
            kept.append(token)
    return kept


def _is_sound(token: Token, language: Language) -> bool:
    if not token.bare:
        return _SYMBOLS.isdisjoint(token.text)
    return token.bare in language.always_fillers


def _end_like(kept: list[Token], dropped: Token) -> None:
    """Keep the full stop behind a dropped word, behind the word before it."""
    if dropped.ends_sentence and kept and not kept[-1].ends_sentence:
        kept[-1] = kept[-1].ended_by(_mark(dropped))


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
    if tokens[index].bare != tokens[index + length].bare:
        return False
    first = tokens[index : index + length]
    second = tokens[index + length : index + 2 * length]
    if bares(first) != bares(second) or any(token.ends_sentence for token in first[:-1]):
        return False
    if first[-1].ends_sentence and not is_binding(first[-1].bare, language):
        return False
    if length == 1 and _may_double(tokens, index, language):
        return False
    return any(token.bare for token in first)


def _may_double(tokens: Sequence[Token], index: int, language: Language) -> bool:
    """Say whether a word stands twice for a reason: "very very", or the "you" of "you know"."""
    if any(
        len(aside.words) > 1
        and starts_with(tokens, index + 1, aside.words)
        and tokens[index].ends_clause
        and tokens[index + len(aside.words)].ends_clause
        for aside in language.asides
    ):
        return True
    opens = index == 0 or tokens[index - 1].ends_sentence
    word = tokens[index].bare
    if opens and tokens[index].ends_clause and word in language.words("articles"):
        return False  # "Die, die Küche": the second try of a beginning
    return word in language.words("doubles")


def _cased_like(text: str, model: str) -> str:
    """Return a word with the first letter of another: the repeat stands where that one stood."""
    if not text[:1].isalpha() or text[:1].casefold() != model[:1].casefold():
        return text
    return model[0] + text[1:]


def _without_asides(tokens: Sequence[Token], language: Language) -> list[Token]:
    """Drop phrases that are thrown in, where commas or the words around show that they are."""
    kept = list(tokens)
    for aside in language.asides:
        kept = _without_aside(kept, aside, language)
    return kept


def _without_aside(tokens: Sequence[Token], aside: Aside, language: Language) -> list[Token]:
    kept: list[Token] = []
    index = 0
    while index < len(tokens):
        end = index + len(aside.words)
        if starts_with(tokens, index, aside.words) and _is_thrown_in(
            kept[-1] if kept else None, tokens, index, aside, language
        ):
            _end_like(kept, tokens[end - 1])
            index = end
        else:
            kept.append(tokens[index])
            index += 1
    return kept


def _is_thrown_in(
    before: Token | None, tokens: Sequence[Token], index: int, aside: Aside, language: Language
) -> bool:
    end = index + len(aside.words)
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
    return closes and before is not None and aside.may_close


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
    if token.bare == tokens[index + 1].bare:
        return token  # "so, so good"
    opens = index == 0 or tokens[index - 1].ends_sentence
    if opens and (token.bare,) in language.openers:
        return token  # the comma shows that it can be cut
    following = tokens[index + 1].bare.split("'")[0]
    begins_clause = following in language.words("coordinators") | language.words("subjects")
    if token.bare in language.words("possessives") and begins_clause:
        return token  # "I'm happy for her, and …": here it is no possessive
    binding = ("articles", "possessives", "prepositions", "auxiliaries", "coordinators")
    if any(token.bare in language.words(name) for name in binding):
        return token.without_end()
    return token
