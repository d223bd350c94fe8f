"""Numbers as they are said and as they are written, made comparable."""

from __future__ import annotations

import re
from functools import lru_cache

_WRITTEN = re.compile(r"\d+(?:[.,:]\d+)*")
_ORDINAL_END = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|ère|ème|º|ª|\.)$")
_SPOKEN = frozenset({"en", "fr", "es", "pt", "de", "nl", "it"})


@lru_cache(maxsize=4096)
def in_digits(text: str, language: str) -> str:
    """Return text in which numbers that are spelled out stand in digits.

    Source: the library text2num; single ones and articles stay words where they may be articles.
    """
    if language not in _SPOKEN:
        return text
    from text_to_num import alpha2digit  # noqa: PLC0415 - compiled, and rarely needed first

    return str(alpha2digit(text, language, 0.0))


def is_number(word: str, language: str) -> bool:
    """Say whether a word is a number, in digits or spelled out."""
    return bool(_WRITTEN.fullmatch(_ORDINAL_END.sub("", in_digits(word, language))))


def numbers_in(text: str, language: str) -> frozenset[str]:
    """Return all numbers of a text, in digits, without separators of thousands."""
    found = _WRITTEN.findall(in_digits(text.casefold(), language))
    return frozenset(_plain(number) for number in found)


def _plain(number: str) -> str:
    """Return a number without separators of thousands: 4,200 and 4.200 and 4200 are one."""
    return re.sub(r"(?<=\d)[.,](?=\d{3}(?:\D|$))", "", number).lstrip("0") or "0"
