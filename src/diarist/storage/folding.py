"""Words as the search compares them, and where they stand in a text.

Two spellings of a word are one word if they differ in case, in accents, in compatible forms of
the same character ("ﬁ", "２") or in optional marks (vowel points of Hebrew and Arabic): é is e,
ß is ss, ς is σ, й is и. Everything that is no letter, mark or digit divides words: "l'eau" is two.
Chinese, Japanese, Thai, Lao, Khmer and Burmese put no spaces between words, so each of their
characters is a word here, and what was typed in one piece is looked for as a phrase.

What is stored is ASCII: every other character is written as an escape. PostgreSQL and SQLite have
their own ideas of what a letter is, which change with versions and locales; of `[a-z0-9]` both
think the same. The escapes are such that the beginning of a word is the beginning of its escape.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from string import ascii_lowercase, digits

LONGEST_WORD = 64
"""Characters of a word that count; words with the same beginning of that length are one."""

_DIVIDING = "\u200b\u02bc"  # zero-width space; an apostrophe that Unicode counts as a letter
_SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao; Burmese; Khmer
    "\u3005-\u3007\u3041-\u3096\u309d-\u30ff\u31f0-\u31ff\uff66-\uff9d"  # Kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"  # Han
)
_MARKS = "".join(  # of these scripts, which belong to the character before them
    chr(code)
    for code in (*range(0x0E00, 0x0F00), *range(0x1000, 0x10A0), *range(0x1780, 0x1800))
    if unicodedata.category(chr(code)).startswith("M")
)
_ATTACHED = f"{_MARKS}\u3099\u309a\uff9e\uff9f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_OPTIONAL = re.compile(
    "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"  # accents
    "\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed"  # points, tatweel
    "\ufe00-\ufe0f\U000e0100-\U000e01ef]"  # which picture of a character is meant
)
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ı": "i"}
)
_PIECE = re.compile(f"[{_SPACELESS}][{_ATTACHED}]*|[^{_SPACELESS}]+")
_RUN = re.compile(r"\S+")
_ESCAPE = "x"
_LETTERS = frozenset(ascii_lowercase + digits) - {_ESCAPE}
_DIGITS = digits + ascii_lowercase  # of escapes: numbers to the base 36
_SHORT = _DIGITS.index(_ESCAPE) * 36**2  # code points below it have three of them
_LONGEST_REMEMBERED = 40  # characters


@dataclass(frozen=True, slots=True)
class FoldedWord:
    """A word of a text.

    Attributes:
        text: as it is compared and stored; equal for words that the search takes for one.
        start: where it stands in the original, in characters.
        end: likewise; behind its last one.
    """

    text: str
    start: int
    end: int


def folded(text: str) -> str:
    """Return the words of a text as they are stored, with a space between them."""
    return " ".join(part.text for _, parts in _runs(text) for part in parts)


def words_of(text: str) -> Iterator[FoldedWord]:
    """Return the words of a text in their order."""
    for at, parts in _runs(text):
        for part in parts:
            yield FoldedWord(part.text, at + part.start, at + part.end)


def _runs(text: str) -> Iterator[tuple[int, tuple[FoldedWord, ...]]]:
    """Return where each piece without a division begins, and its words."""
    for match in _RUN.finditer(text.translate(_SPACED)):
        run = match.group()
        yield match.start(), _remembered(run) if len(run) <= _LONGEST_REMEMBERED else _parts(run)


class _Spaced(dict[int, int]):
    """Puts a space where words are divided and leaves everything else in its place."""

    def __missing__(self, code: int) -> int:
        spaced = code if _is_of_word(chr(code)) else ord(" ")
        if code < 0x10000:
            self[code] = spaced
        return spaced


_SPACED = _Spaced()


def _is_of_word(character: str) -> bool:
    category = unicodedata.category(character)
    return (category[0] in "LMN" or category == "Cf") and character not in _DIVIDING


@lru_cache(maxsize=32_768)
def _remembered(run: str) -> tuple[FoldedWord, ...]:
    return _parts(run)


def _parts(run: str) -> tuple[FoldedWord, ...]:
    """Return the words of a text without divisions: one, but for scripts without spaces."""
    return tuple(
        FoldedWord(_stored(word), piece.start(), piece.end())
        for piece in _PIECE.finditer(run)
        for word in _compared(piece.group()).split()
        if any(map(str.isalnum, word))
    )


def _compared(piece: str) -> str:
    if piece.isascii():
        return piece.lower()
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", piece).casefold())
    plain = _OPTIONAL.sub("", decomposed).translate(_PLAIN).translate(_SPACED)
    return "".join(one for one in plain if unicodedata.category(one) != "Cf")


def _stored(word: str) -> str:
    first, rest = word[0], word[1:LONGEST_WORD]
    # A number in front would be read as one: PostgreSQL knows "1e5" and "0x1f".
    head = _escaped(first) if first in digits else _character(first)
    return head + "".join(map(_character, rest))


def _character(character: str) -> str:
    return character if character in _LETTERS else _escaped(character)


def _escaped(character: str) -> str:
    code = ord(character)
    if code < _SHORT:
        return _ESCAPE + _number(code, 3)
    return _ESCAPE + _ESCAPE + _number(code, 4)


def _number(value: int, length: int) -> str:
    number = ""
    for _ in range(length):
        value, digit = divmod(value, 36)
        number = _DIGITS[digit] + number
    return number
