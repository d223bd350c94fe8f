"""Who and where: people and places, each with the segments in which they come up."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from diarist.diary.entry import Evidence
from diarist.diary.language import Language, bare, language_of
from diarist.diary.local.sentences import Sentence
from diarist.diary.words import lemma
from diarist.privacy.names import Name, NameFinder, NameKind

_PARTICLES = frozenset({"de", "del", "della", "di", "la", "le", "van", "von", "der", "den", "du"})
_SURE_OF_NOUN = 0.7  # where every noun has a capital letter, the model sees names in nouns
_GENITIVE = re.compile(r"['’]s$")


@dataclass(frozen=True)
class Mention:
    """A person, a place or a topic, and the segments in which it comes up."""

    name: str
    evidence: Evidence


@dataclass
class _Seen:
    """A name, what it was taken for, and where."""

    spellings: Counter[str] = field(default_factory=Counter)
    kinds: Counter[NameKind] = field(default_factory=Counter)
    evidence: set[int] = field(default_factory=set)
    first: int = 0


def people_and_places(
    sentences: Sequence[Sentence], language: Language, finder: NameFinder | None
) -> tuple[list[Mention], list[Mention]]:
    """Find who and what places an entry speaks of.

    Args:
        sentences: of the entry, in order.
        language: of the sentences.
        finder: a model that knows names; without one only clear signs count, such as "my sister
            Anna" or a capital letter behind "in".

    Returns:
        People and places, each in the order in which they first come up.
    """
    seen: dict[str, _Seen] = {}
    for index, sentence in enumerate(sentences):
        for kind, name, weight in _names_in(sentence.text, language, finder):
            entry = seen.setdefault(name.casefold(), _Seen(first=index))
            entry.spellings[name] += 1
            entry.kinds[kind] += weight
            entry.evidence.update(sentence.evidence)
    _spread(seen, sentences)
    ordered = sorted(seen.values(), key=lambda entry: entry.first)
    return _mentions(ordered, "person"), _mentions(ordered, "place")


def _mentions(seen: Iterable[_Seen], kind: NameKind) -> list[Mention]:
    return [
        Mention(name=entry.spellings.most_common(1)[0][0], evidence=tuple(sorted(entry.evidence)))
        for entry in seen
        if max(entry.kinds, key=lambda k: entry.kinds[k]) == kind
    ]


def _spread(seen: dict[str, _Seen], sentences: Sequence[Sentence]) -> None:
    """Add every sentence in which a name stands, also where the finder missed it."""
    for key, entry in seen.items():
        words = key.split()
        for sentence in sentences:
            said = [_GENITIVE.sub("", word) for word in sentence.words]
            if any(said[i : i + len(words)] == words for i in range(len(said))):
                entry.evidence.update(sentence.evidence)


def _names_in(
    text: str, language: Language, finder: NameFinder | None
) -> Iterator[tuple[NameKind, str, int]]:
    """Yield kind, name and how much a sign weighs; signs of the words around weigh most."""
    found = finder.find(text) if finder else []
    for name in found:
        spelled = _spelled(name, language)
        if spelled and not _is_company(text[: name.start], language):
            yield name.kind, spelled, 2
    for place in _known_places(text, found, language):
        yield "place", place, 3
    for name_text in _behind_kin(text, language):
        yield "person", name_text, 3
    for name_text in _behind_place_words(text, language):
        yield "place", name_text, 1
    for kin in _kin_alone(text, found, language):
        yield "person", kin, 3


def _spelled(name: Name, language: Language) -> str | None:
    """Return a name without what does not belong to it; None if nothing of it is a name."""
    words = _GENITIVE.sub("", name.text).split()
    while words and not words[-1][:1].isupper():
        words.pop()
    if not words or any(_is_no_name(word, language) for word in words):
        return None
    if language.nouns_are_capitalised and len(words) == 1:
        return _uninflected(name, language)
    return " ".join(words)


def _uninflected(name: Name, language: Language) -> str | None:
    """Return a name without its genitive, "Annas"; None if it is a form of a noun, "Blumen"."""
    base = lemma(name.text.casefold(), language.code)
    if base == name.text.casefold():
        return name.text if name.probability >= _SURE_OF_NOUN else None
    return name.text[:-1] if f"{base}s" == name.text.casefold() else None


def _is_company(before: str, language: Language) -> bool:
    words = before.split()
    return bool(words) and bare(words[-1]) in language.table("people").get("companies", ())


def _known_places(text: str, found: Sequence[Name], language: Language) -> Iterator[str]:
    """Yield places that everybody knows, unless they are a part of a longer name: "Jack London"."""
    longer = [(name.start, name.end) for name in found if " " in name.text]
    known = language.table("places").get("known", ())
    if not known:
        return
    for match in _any_of(language.code).finditer(text):
        if not any(start <= match.start() and match.end() <= end for start, end in longer):
            yield match[0]


@lru_cache(maxsize=16)
def _any_of(code: str) -> re.Pattern[str]:
    known = sorted(language_of(code).table("places")["known"], key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, known))})(?![\w-])")


def _is_no_name(word: str, language: Language) -> bool:
    plain = bare(word)
    if plain in _PARTICLES:
        return False
    people = language.table("people")
    return (
        plain in language.function_words
        or plain in language.calendar_words
        or plain in people.get("never", ())
        or plain in people.get("titles", ())
    )


_CAPITALISED = r"[^\W\d_a-zà-öø-ÿ][\w'’-]*"


def _behind_kin(text: str, language: Language) -> Iterator[str]:
    """Yield names behind words for people: "my brother Étienne", "Dr. Kapoor", "with Anna"."""
    people = language.table("people")
    # Where nouns have capitals, only titles are followed by nothing but names.
    kin = (
        () if language.nouns_are_capitalised else (*people.get("kin", ()), *people.get("with", ()))
    )
    words = [*kin, *people.get("titles", ())]
    if not words:
        return
    pattern = rf"(?<!\w)(?i:{'|'.join(map(re.escape, words))})\.?,? ({_CAPITALISED})"
    for match in re.finditer(pattern, text):
        if not _is_no_name(match[1], language):
            yield _GENITIVE.sub("", match[1])


def _behind_place_words(text: str, language: Language) -> Iterator[str]:
    """Yield capitalised words behind "in" and its like, where only names have capitals."""
    if language.nouns_are_capitalised:
        return
    prepositions = language.words("place_prepositions")
    articles = "|".join(map(re.escape, sorted(language.words("articles")))) or "(?!)"
    if not prepositions:
        return
    pattern = (
        rf"(?<!\w)(?:{'|'.join(map(re.escape, prepositions))}) (?:(?:{articles}) ?)?"
        rf"({_CAPITALISED}(?: {_CAPITALISED})*)"
    )
    for match in re.finditer(pattern, text):
        if not any(_is_no_name(word, language) for word in match[1].split()):
            yield _GENITIVE.sub("", match[1])


def _kin_alone(text: str, found: Sequence[Name], language: Language) -> Iterator[str]:
    """Yield people who are called by what they are to the speaker: "Mom", "my sister"."""
    people = language.table("people")
    plain = text.casefold()
    for word in people.get("kin_names", ()):
        if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", plain):
            yield word[:1].upper() + word[1:]
    if not people.get("my"):
        return
    mine, kin = "|".join(map(re.escape, people["my"])), "|".join(map(re.escape, people["kin"]))
    for match in re.finditer(rf"(?<!\w)((?:{mine}) (?:{kin}))(?!['’\w])", text, re.IGNORECASE):
        if not _is_named(text, match.end(), found, language):
            yield match[1][:1].lower() + match[1][1:]


def _is_named(text: str, at: int, found: Sequence[Name], language: Language) -> bool:
    """Say whether a name follows: "my sister Anna", and not "meiner Mutter Blumen"."""
    start = at + len(text[at:]) - len(text[at:].lstrip(" ,"))
    if language.nouns_are_capitalised:
        return any(name.start == start and _spelled(name, language) for name in found)
    return text[start : start + 1].isupper()
