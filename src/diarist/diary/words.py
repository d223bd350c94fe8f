"""Words by their dictionary form, so that "lunches" and "lunch" are one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from diarist.diary.language import Language

_SHORTEST = 3
_LEMMATISED = frozenset({"de", "en", "es", "fr", "it", "nl", "pt", "sv", "da", "pl"})


@lru_cache(maxsize=65_536)
def lemma(word: str, code: str) -> str:
    """Return the dictionary form of a word in lower case; the word where it is not known.

    Source: the library simplemma.
    """
    if code not in _LEMMATISED:
        return word
    from simplemma import lemmatize  # noqa: PLC0415 - reads a dictionary on first use

    return str(lemmatize(word, lang=code)).casefold()


def content_words(words: Iterable[str], language: Language) -> frozenset[str]:
    """Return the dictionary forms of the words that carry a topic."""
    stop = language.stop_words
    return frozenset(
        lemma(_root(word), language.code)
        for word in words
        if len(word) >= _SHORTEST and word not in stop and _root(word) not in stop
    )


def _root(word: str) -> str:
    """Return a word without an article or a genitive that is bound to it: "l'école", "Anna's"."""
    head, separator, tail = word.partition("'")
    if not separator:
        return word
    return head if len(tail) <= 2 else tail
