"""What the writer knows of each language: data in files, one file a language.

A language is added by adding a file. Where none fits, a writer works with the neutral one: it
still keeps the speaker's words, in order, with evidence, and claims nothing that it cannot read.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib import resources
from typing import Any

SUPPORTED = ("de", "en", "es", "fr", "it")


@dataclass(frozen=True)
class Aside:
    """Words that say nothing where they are thrown in, and something where they are not.

    Attributes:
        words: the phrase.
        not_before: it means something when one of these follows.
        not_after: or when one of these stands before it.
        free_before: it is thrown in even without commas when one of these follows.
        may_close: it is thrown in even without a comma before it when the clause ends with it.
    """

    words: tuple[str, ...]
    not_before: frozenset[str]
    not_after: frozenset[str]
    free_before: frozenset[str]
    may_close: bool


@dataclass(frozen=True)
class Feeling:
    """A mood, and the words that name it."""

    label: str
    valence: float
    words: tuple[str, ...]


@dataclass(frozen=True)
class Language:
    """One language file, ready to be asked.

    Attributes:
        code: ISO 639.
        is_neutral: there is no file for the language of the recording.
    """

    code: str
    raw: Mapping[str, Any] = field(repr=False, default_factory=dict)
    is_neutral: bool = False

    @property
    def nouns_are_capitalised(self) -> bool:
        """Whether a capital letter inside a sentence says nothing about names."""
        return self.code == "de"

    def words(self, name: str) -> frozenset[str]:
        """Return a list of the table `words` as a set; empty if the language has none."""
        return self._sets.get(name, frozenset())

    @cached_property
    def _sets(self) -> Mapping[str, frozenset[str]]:
        return {name: frozenset(words) for name, words in self.raw.get("words", {}).items()}

    @cached_property
    def function_words(self) -> frozenset[str]:
        """Words that carry no topic: articles, pronouns, prepositions and their like."""
        names = (
            *("articles", "possessives", "demonstratives", "pronouns", "first_person"),
            *("prepositions", "conjunctions", "auxiliaries", "negations", "adverbs"),
        )
        return frozenset().union(*(self.words(name) for name in names))

    @cached_property
    def stop_words(self) -> frozenset[str]:
        """Function words, and what a well-kept list counts among them."""
        import stopwordsiso  # noqa: PLC0415 - reads a file at import

        listed = stopwordsiso.stopwords(self.code) if stopwordsiso.has_lang(self.code) else ()
        return self.function_words | frozenset(listed)

    @cached_property
    def calendar_words(self) -> frozenset[str]:
        """Names of the days of the week and of the months."""
        dates = self.table("dates")
        names = (*dates.get("weekdays", ()), *dates.get("months", ()))
        return frozenset(name for group in names for name in group)

    @cached_property
    def always_fillers(self) -> frozenset[str]:
        """Sounds that are no words wherever they stand."""
        return frozenset(self._fillers.get("always", ()))

    @cached_property
    def asides(self) -> tuple[Aside, ...]:
        """Phrases that may be thrown in, the longest first."""
        found = (
            Aside(
                tuple(aside["words"].split()),
                frozenset(aside.get("not_before", ())),
                frozenset(aside.get("not_after", ())),
                frozenset(aside.get("free_before", ())),
                bool(aside.get("may_close", False)),
            )
            for aside in self._fillers.get("asides", ())
        )
        return tuple(sorted(found, key=lambda aside: -len(aside.words)))

    @cached_property
    def openers(self) -> tuple[tuple[str, ...], ...]:
        """Beginnings that say nothing, the longest first."""
        return _phrases(self._fillers.get("sentences", {}).get("openers", ()))

    @cached_property
    def kept_openers(self) -> Mapping[str, str]:
        """Openers that are cut, but whose last word says something: "and then" leaves "then"."""
        return dict(self._fillers.get("sentences", {}).get("kept_openers", {}))

    @cached_property
    def empty_sentences(self) -> frozenset[str]:
        """Whole sentences that say nothing: "that's it, I guess"."""
        return frozenset(self._fillers.get("sentences", {}).get("empty", ()))

    @cached_property
    def strong_edits(self) -> tuple[tuple[str, ...], ...]:
        """Phrases that can announce nothing but a correction, the longest first."""
        return _phrases(self.raw.get("repairs", {}).get("strong", ()))

    @cached_property
    def weak_edits(self) -> tuple[tuple[str, ...], ...]:
        """Phrases that announce a correction only behind a comma, the longest first."""
        return _phrases(self.raw.get("repairs", {}).get("weak", ()))

    @cached_property
    def shift_openers(self) -> tuple[tuple[str, ...], ...]:
        """Beginnings that turn to something new, the longest first."""
        return _phrases(self.raw.get("shift", {}).get("openers", ()))

    @cached_property
    def feelings(self) -> tuple[Feeling, ...]:
        """Moods, and the words that name them."""
        return tuple(
            Feeling(label, float(entry["valence"]), tuple(entry["words"]))
            for label, entry in self.raw.get("feelings", {}).items()
        )

    @property
    def _fillers(self) -> Mapping[str, Any]:
        fillers: Mapping[str, Any] = self.raw.get("fillers", {})
        return fillers

    def table(self, name: str) -> Mapping[str, Any]:
        """Return a table of the file; empty if the language has none."""
        table: Mapping[str, Any] = self.raw.get(name, {})
        return table


def _phrases(texts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted((tuple(text.split()) for text in texts), key=len, reverse=True))


@lru_cache(maxsize=16)
def language_of(code: str) -> Language:
    """Return what is known of a language; the neutral one, with its code, if there is no file."""
    base = code.split("-")[0].lower()
    if base not in SUPPORTED:
        return Language(base, is_neutral=True)
    text = (resources.files("diarist.diary") / "languages" / f"{base}.toml").read_text("utf-8")
    return Language(base, tomllib.loads(text))


_EDGE = re.compile(r"^\W+|\W+$")


@lru_cache(maxsize=65_536)
def bare(text: str) -> str:
    """Return a word in lower case without punctuation around it; apostrophes inside are kept."""
    return _EDGE.sub("", text.replace("’", "'")).casefold()


def guess_language(text: str) -> str | None:
    """Guess the language of a text among those that have a file; None if it is none of them."""
    from simplemma import langdetect  # noqa: PLC0415 - reads a file at import

    scores = dict(langdetect(text[:5000], lang=SUPPORTED))
    best = max(SUPPORTED, key=lambda language: scores.get(language, 0.0))
    return best if scores.get(best, 0.0) >= 0.4 else None
