"""Words by their dictionary form, so that "lunches" and "lunch" are one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from diarist.diary.language import Language
from diarist.diary.numbers import is_number

_SHORTEST = 3
_LEMMATISED = frozenset({"de", "en", "es", "fr", "it", "nl", "pt", "sv", "da", "pl"})


@lru_cache(maxsize=65_536)
def lemma(word: str, code: str) -> str:
    """Return the dictionary form of a word in lower case; the word where it is not known.

    Source: the library simplemma.
    """
    return lemma_as_written(word, code).casefold()


def lemma_as_written(word: str, code: str) -> str:
    """Return the dictionary form of a word, with a capital letter where it always has one."""
    if not word or code not in _LEMMATISED:
        return word
    from simplemma import lemmatize  # noqa: PLC0415 - reads a dictionary on first use

    return str(lemmatize(word, lang=code))


@lru_cache(maxsize=65_536)
def is_name(word: str, code: str) -> bool:
    """Say whether a dictionary has a word in lower case only as a name."""
    return word != lemma_as_written(word, code) == word.capitalize()


def content_words(words: Iterable[str], language: Language) -> frozenset[str]:
    """Return the dictionary forms of the words that carry a topic."""
    return _lemmas(
        (word for word in words if len(word) >= _SHORTEST), language.stop_words, language
    )


def telling_words(words: Iterable[str], language: Language) -> frozenset[str]:
    """Return the dictionary forms of the words that say something, common verbs included."""
    return _lemmas(words, language.function_words, language)


def _lemmas(words: Iterable[str], stop: frozenset[str], language: Language) -> frozenset[str]:
    return frozenset(
        lemma(_root(word), language.code)
        for word in words
        if word and word not in stop and _root(word) not in stop
    )


def _root(word: str) -> str:
    """Return a word without an article or a genitive that is bound to it: "l'école", "Anna's"."""
    head, separator, tail = word.partition("'")
    if not separator:
        return word
    return head if len(tail) <= 2 else tail


def is_binding(word: str, language: Language) -> bool:
    """Say whether a word needs another behind it, so that no sentence can end with it."""
    names = ("articles", "possessives", "prepositions", "auxiliaries", "coordinators", "subjects")
    return any(word in language.words(name) for name in names)


def closed_class(word: str, language: Language) -> str | None:
    """Return which of the classes "number", "weekday", "month" a word belongs to, if to any."""
    if is_number(word, language.code):
        return "number"
    dates = language.table("dates")
    if any(word in names or word.rstrip("s") in names for names in dates.get("weekdays", ())):
        return "weekday"
    if any(word in names for names in dates.get("months", ())):
        return "month"
    return None
