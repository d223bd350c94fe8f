"""Cleaned words to sentences that read well on their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from diarist.diary.language import Language
from diarist.diary.local.clean import clean
from diarist.diary.local.tokens import (
    STOPS,
    Token,
    bares,
    segments_of,
    starts_with,
    text_of,
    tokens_of,
)
from diarist.diary.numbers import is_number
from diarist.diary.words import is_binding
from diarist.transcription.transcript import Segment

_RUN_ON_WORDS = 26  # longer sentences are divided where a new clause begins
_SHORTEST_CLAUSE = 6
_LONGEST_ECHO = 3
_SHORTEST_SPLICE = 3
_IMPERSONAL_REACH = 4  # words in which "it" is known to stand for nothing
_MARKS = re.compile(r"\s+([,.;:?!…])")
_DOUBLED = re.compile(r"([,;:])(?:\s*[,;:])+")
_COMMA_STOP = re.compile(r"[,;:–—-]+([.?!…])")


@dataclass(frozen=True)
class Sentence:
    """A sentence of the entry.

    Attributes:
        text: as it is printed.
        tokens: the spoken words that it was made of.
        said: the words before anything was cut off, to see what the speaker turned to.
        pause_s: silence before it.
        after_aside: words were left out before it that only announced something new.
    """

    text: str
    tokens: tuple[Token, ...]
    said: tuple[str, ...]
    pause_s: float
    after_aside: bool = False

    @property
    def evidence(self) -> tuple[int, ...]:
        return segments_of(self.tokens)

    @property
    def words(self) -> tuple[str, ...]:
        return bares(self.tokens)

    @property
    def is_question(self) -> bool:
        return self.text.endswith("?")


def written_sentences(segments: Sequence[Segment], language: Language) -> list[Sentence]:
    """Write the segments of a transcript as sentences, in their order."""
    sentences: list[Sentence] = []
    end_s: float | None = None
    after_aside = False
    for spoken in _spoken_sentences(clean(tokens_of(segments), language), language):
        pause_s = 0.0 if end_s is None else max(0.0, spoken[0].start_s - end_s)
        end_s = spoken[-1].end_s
        parts = (part for one in _unspliced(spoken, language) for part in _divided(one, language))
        for index, part in enumerate(parts):
            sentence = _sentence(part, pause_s if index == 0 else 0.0, language)
            if sentence is None:
                after_aside = True
            elif not _echoes(sentence, sentences, language):
                sentences.append(replace(sentence, after_aside=after_aside))
                after_aside = False
    return sentences


def _echoes(sentence: Sentence, before: Sequence[Sentence], language: Language) -> bool:
    """Say whether a fragment only says again what the sentence before it said.

    With a subject of its own it is no fragment, and said again for a reason: "I'm really scared".
    """
    if not before or len(sentence.tokens) > _LONGEST_ECHO:
        return False
    if sentence.words[0].split("'")[0] in language.words("subjects"):
        return False
    content = set(sentence.words) - language.function_words
    return bool(content) and content <= set(before[-1].words)


def _spoken_sentences(tokens: Sequence[Token], language: Language) -> Iterator[list[Token]]:
    """Divide at full stops, and where a segment ends without one before a capital letter."""
    sentence: list[Token] = []
    for index, token in enumerate(tokens):
        sentence.append(token)
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        if following is None or _ends_before(token, following, language):
            yield sentence
            sentence = []


def _ends_before(token: Token, following: Token, language: Language) -> bool:
    if token.ends_sentence:
        return not _is_abbreviation(token, following, language)
    return _segment_ends(token, following) and not is_binding(token.bare, language)


def _is_abbreviation(token: Token, following: Token, language: Language) -> bool:
    """Say whether a full stop belongs to its word: "Dr. Kapoor", "am 5. Dezember"."""
    if not token.text.endswith(".") or token.text.endswith(".."):
        return False
    if token.bare in language.words("abbreviations"):
        return True
    goes_on = following.text[:1].islower() or following.bare in language.calendar_words
    return (
        token.bare.isdigit()
        and goes_on
        and bool(language.table("dates").get("ordinals_end_in_dot"))
    )


def _segment_ends(token: Token, following: Token) -> bool:
    return token.segment != following.segment and following.text[:1].isupper()


def _unspliced(tokens: Sequence[Token], language: Language) -> Iterator[list[Token]]:
    """Divide where only a comma stands between two sentences: "I am home, I am tired"."""
    start = 0
    for index in range(_SHORTEST_SPLICE, len(tokens) - _SHORTEST_SPLICE + 1):
        if index - start >= _SHORTEST_SPLICE and _is_splice(tokens, start, index, language):
            yield list(tokens[start:index])
            start = index
    yield list(tokens[start:])


def _is_splice(tokens: Sequence[Token], start: int, index: int, language: Language) -> bool:
    if not tokens[index - 1].ends_clause or not _starts_with_verb(tokens, index, language):
        return False
    clause = _last_clause(tokens, start, index - 1)
    if any(token.bare in language.words("subordinators") for token in clause):
        return False
    return any(_starts_with_verb(tokens, at, language) for at in range(start, index - 1))


def _starts_with_verb(tokens: Sequence[Token], index: int, language: Language) -> bool:
    """Say whether a pronoun and its verb stand here: "I'm", "she was"."""
    word = tokens[index].bare
    if "'" in word and word in language.words("auxiliaries"):
        return word.split("'")[0] in language.words("subjects")
    following = tokens[index + 1].bare if index + 1 < len(tokens) else ""
    return word in language.words("subjects") and following in language.words("auxiliaries")


def _last_clause(tokens: Sequence[Token], start: int, end: int) -> Sequence[Token]:
    for index in range(end - 1, start - 1, -1):
        if tokens[index].ends_clause:
            return tokens[index + 1 : end + 1]
    return tokens[start : end + 1]


def _divided(tokens: Sequence[Token], language: Language) -> Iterator[list[Token]]:
    """Divide a sentence that runs on and on, where a comma and a new subject begin a clause."""
    rest = list(tokens)
    while len(rest) > _RUN_ON_WORDS:
        cut = _clause_break(rest, language)
        if cut is None:
            break
        yield rest[:cut]
        rest = rest[cut:]
    yield rest


def _clause_break(tokens: Sequence[Token], language: Language) -> int | None:
    """Return where the clause begins that divides a sentence most evenly."""
    possible = [
        index
        for index in range(_SHORTEST_CLAUSE, len(tokens) - _SHORTEST_CLAUSE + 1)
        if tokens[index - 1].ends_clause and _begins_clause(tokens, index, language)
    ]
    if not possible:
        return None
    return min(possible, key=lambda index: abs(index - min(_RUN_ON_WORDS, len(tokens)) * 0.6))


def _begins_clause(tokens: Sequence[Token], index: int, language: Language) -> bool:
    word = tokens[index].bare
    if word in language.words("coordinators") and index + 1 < len(tokens):
        word = tokens[index + 1].bare
    subject = word.split("'")[0]
    return subject in language.words("pronouns") and subject not in language.words("relatives")


def _sentence(tokens: Sequence[Token], pause_s: float, language: Language) -> Sentence | None:
    """Return a sentence as it is printed; None if it says nothing."""
    said = bares(tokens)
    if " ".join(word for word in said if word) in language.empty_sentences:
        return None
    kept, opener = _without_openers(_without_echo(tokens, language), language)
    if not kept or " ".join(bares(kept)) in language.empty_sentences:
        return None
    text = _polished(text_of(kept))
    if opener:
        text = f"{opener[:1].upper()}{opener[1:]} {_lowered(text, kept[0], language)}"
    return Sentence(text, tuple(kept), said, pause_s) if text else None


def _without_echo(tokens: Sequence[Token], language: Language) -> list[Token]:
    """Drop a last number that only says again what the sentence said: "forty, today, forty"."""
    for length in (1, 2):
        head, tail = tokens[:-length], tokens[-length:]
        repeats = len(head) > length and set(bares(tail)) <= set(bares(head))
        if repeats and head[-1].ends_clause and _has_number(tail, language):
            return [*head[:-1], head[-1].ended_by(".")]
    return list(tokens)


def _has_number(tokens: Sequence[Token], language: Language) -> bool:
    return any(is_number(token.bare, language.code) for token in tokens)


def refers_back(sentence: Sentence, language: Language) -> bool:
    """Say whether a sentence begins with a word that stands for something said before.

    In "it rained all day" it stands for nothing.
    """
    first, *others = sentence.words[:_IMPERSONAL_REACH]
    if first.split("'")[0] not in language.words("back_references"):
        return False
    return language.words("impersonal").isdisjoint(others)


def leans_back(sentence: Sentence, language: Language) -> bool:
    """Say whether a sentence cannot be understood without the one before: "I told him so".

    A pronoun that stands for something needs an article or a name before it in the sentence.
    """
    if refers_back(sentence, language):
        return True
    for index, token in enumerate(sentence.tokens):
        word = token.bare.split("'")[0]
        if index == 0 and word in language.words("back_references"):
            continue  # impersonal, or it would refer back
        if word in language.words("stand_ins") or _stands_alone(sentence.tokens, index, language):
            return True
        is_name = index > 0 and token.text[:1].isupper() and word not in language.function_words
        if is_name or word in language.words("articles"):
            return False
    return False


def _stands_alone(tokens: Sequence[Token], index: int, language: Language) -> bool:
    """Say whether "that" stands for something here, and neither for a noun nor for a clause."""
    if tokens[index].bare not in language.words("lone_stand_ins"):
        return False
    if tokens[index].ends_clause or index + 1 == len(tokens):
        return True
    following = tokens[index + 1].bare
    return following in language.words("prepositions") | language.words("conjunctions")


def capitalised(text: str) -> str:
    """Return text with a capital letter first."""
    return text[:1].upper() + text[1:]


def _without_openers(tokens: Sequence[Token], language: Language) -> tuple[list[Token], str | None]:
    """Cut beginnings that say nothing; return what is left, and an opener to begin with instead."""
    kept = list(tokens)
    instead: str | None = None
    while kept:
        for phrase in language.openers:
            if starts_with(kept, 0, phrase) and _is_cut(kept, len(phrase), language):
                instead = language.kept_openers.get(" ".join(phrase), instead)
                kept = kept[len(phrase) :]
                break
        else:
            return kept, instead
    return kept, None


def _is_cut(tokens: Sequence[Token], length: int, language: Language) -> bool:
    """Say whether a beginning can go: a comma follows it, or a clause of its own."""
    if length >= len(tokens):
        return True
    if tokens[length - 1].ends_clause or _opens_with_comma(tokens, length, language):
        return True
    word = tokens[length].bare.split("'")[0]
    names = (
        *("pronouns", "conjunctions", "articles", "possessives", "demonstratives"),
        *("adverbs", "negations", "prepositions"),
    )
    return any(word in language.words(name) for name in names)


def _opens_with_comma(tokens: Sequence[Token], at: int, language: Language) -> bool:
    """Say whether another beginning follows, and a comma behind it: "so okay, I went"."""
    return any(
        starts_with(tokens, at, phrase) and tokens[at + len(phrase) - 1].ends_clause
        for phrase in language.openers
    )


def _lowered(text: str, first: Token, language: Language) -> str:
    """Return text to be put behind an opener: its first letter is small unless it must not be."""
    if first.bare.split("'")[0] in language.function_words and not text.startswith(("I ", "I'")):
        return text[:1].lower() + text[1:]
    return text


def _polished(text: str) -> str:
    """Return text with its punctuation in order, a capital letter first and a stop last."""
    text = _MARKS.sub(r"\1", text)
    text = _DOUBLED.sub(r"\1", text)
    text = _COMMA_STOP.sub(r"\1", text)
    text = text.strip(" ,;:–—-")
    if not text or not any(c.isalnum() for c in text):
        return ""
    if not text.rstrip("\"')]”’»").endswith(STOPS):
        text += "."
    for index, char in enumerate(text):
        if char.isalpha():
            return text[:index] + char.upper() + text[index + 1 :]
        if char.isdigit():
            break
    return text
