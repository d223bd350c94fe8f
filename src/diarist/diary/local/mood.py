"""How the speaker felt, as far as words show it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from diarist.diary.entry import Mood, MoodLabel
from diarist.diary.language import Feeling, Language, language_of
from diarist.diary.local.sentences import Sentence

_EVEN = 0.12  # valence below which a mood is neutral
_TORN = 0.6  # a mood is mixed when the weaker side has this much of the stronger one's force
_SENTENCE_END = re.compile(r"[.;!?]")
_REACH = 8  # words behind a cue
_DENIAL_REACH = 3  # words before a feeling
_SAID_WEIGHT = 3.0  # a feeling that was named counts as much as this many coloured sentences


@dataclass(frozen=True)
class _Said:
    """A feeling that the speaker named as their own.

    Attributes:
        feeling: which.
        weight: more at the end of an entry than at its beginning, more for "I feel" than for
            "I am", less for what was felt before and for "a little".
        evidence: the segments in which it was said.
    """

    feeling: Feeling
    weight: float
    evidence: tuple[int, ...]

    @property
    def force(self) -> float:
        return self.weight * self.feeling.valence


def mood(sentences: Sequence[Sentence], language: Language) -> Mood:
    """Judge the mood of an entry.

    A feeling that the speaker names ("I feel calm") gives the label, the last one of the strongest
    kind; else the colour of the words does.
    """
    colours = [colour(sentence, language) for sentence in sentences]
    last = max(1, len(sentences) - 1)
    said = [
        one
        for index, sentence in enumerate(sentences)
        for one in _said_in(sentence, 0.5 + index / last, language)
    ]
    valence = round(_valence(colours, said), 2)
    if said:
        label = _label_of(said)
        evidence = {segment for one in said for segment in one.evidence}
    else:
        label = _label_of_colour(valence)
        coloured = (s for s, c in zip(sentences, colours, strict=True) if c * valence > 0.2)
        evidence = {segment for sentence in coloured for segment in sentence.evidence}
    if label == "neutral":
        return Mood(label="neutral", valence=valence)
    return Mood(label=label, valence=valence, evidence=tuple(sorted(evidence)))


def _valence(colours: Sequence[float], said: Sequence[_Said]) -> float:
    coloured = [colour for colour in colours if colour]
    weight = len(coloured) + _SAID_WEIGHT * sum(one.weight for one in said)
    if not weight:
        return 0.0
    total = sum(coloured) + _SAID_WEIGHT * sum(one.force for one in said)
    return max(-1.0, min(1.0, total / weight))


def _label_of(said: Sequence[_Said]) -> MoodLabel:
    good = sum(one.force for one in said if one.force > 0)
    bad = -sum(one.force for one in said if one.force < 0)
    if min(good, bad) > _TORN * max(good, bad):
        return "mixed"
    best = max(said, key=lambda one: one.force if good > bad else -one.force)
    return cast("MoodLabel", best.feeling.label)


def _label_of_colour(valence: float) -> MoodLabel:
    if valence > 0.45:
        return "happy"
    if valence > _EVEN:
        return "content"
    if valence < -0.45:
        return "sad"
    return "frustrated" if valence < -2 * _EVEN else "neutral"


def _said_in(sentence: Sentence, weight: float, language: Language) -> list[_Said]:
    """Find feelings that the speaker claims: a cue such as "I feel", the feeling, no denial."""
    own = language.table("feelings_of_self")
    if not own.get("cues"):
        return []
    text = sentence.text.casefold().replace("’", "'")
    found: list[_Said] = []
    for match in re.finditer(_cue_pattern(language.code), text):
        if _is_denied(text[: match.start()].split()[-1:], language):
            continue
        words = _same_clause(text[match.end() :], language)
        factor = _factor(match[0], words, own)
        places = 1 if match[0] in own.get("close", ()) else len(words)
        for feeling in language.feelings:
            if _claims(feeling, words, places, language):
                found.append(_Said(feeling, weight * factor, sentence.evidence))
    return found


def _factor(cue: str, words: Sequence[str], own: Mapping[str, Any]) -> float:
    """Return how much a claim counts for its wording."""
    factor = 1.5 if cue in own.get("strong", ()) else 1.0
    factor *= 0.4 if cue in own.get("past", ()) else 1.0
    return factor * (0.5 if set(words[:3]) & set(own.get("softeners", ())) else 1.0)


def _claims(feeling: Feeling, words: Sequence[str], places: int, language: Language) -> bool:
    """Say whether a word of a feeling begins at one of the first places, and is not denied."""
    for phrase in feeling.words:
        parts = phrase.split()
        for at in range(places):
            if list(words[at : at + len(parts)]) == parts:
                return not _is_denied(words[max(0, at - _DENIAL_REACH) : at], language)
    return False


def _is_denied(words: Sequence[str], language: Language) -> bool:
    return not language.words("negations").isdisjoint(words)


def names_feeling(sentence: Sentence, language: Language) -> bool:
    """Say whether the speaker names a feeling of their own in a sentence."""
    return bool(_said_in(sentence, 1.0, language))


def _same_clause(text: str, language: Language) -> list[str]:
    """Return the words up to where somebody else becomes the subject."""
    words = re.findall(r"[\w']+", _SENTENCE_END.split(text)[0])[:_REACH]
    for index, word in enumerate(words):
        if index and word.split("'")[0] in language.words("subjects"):
            return words[:index]
    return words


@lru_cache(maxsize=16)
def _cue_pattern(code: str) -> str:
    cues = language_of(code).table("feelings_of_self")["cues"]
    return (
        rf"(?<!\w)(?:{'|'.join(re.escape(c) for c in sorted(cues, key=len, reverse=True))})(?!\w)"
    )


def colour(sentence: Sentence, language: Language) -> float:
    """Return how good or bad a sentence sounds, from -1 to 1.

    English by VADER (Hutto & Gilbert 2014); other languages by the words of their files.
    """
    if language.code == "en":
        return float(_vader().polarity_scores(sentence.text)["compound"])
    return _by_words(sentence, language)


@lru_cache(maxsize=1)
def _vader() -> Any:
    from vader import SentimentIntensityAnalyzer  # noqa: PLC0415 - reads its lexicon

    return SentimentIntensityAnalyzer()


def _by_words(sentence: Sentence, language: Language) -> float:
    words = sentence.words
    score = 0.0
    for index, word in enumerate(words):
        value = _word_values(language.code).get(word, 0.0)
        denied = _is_denied(words[max(0, index - _DENIAL_REACH) : index], language)
        score += -0.6 * value if denied else value
    return max(-1.0, min(1.0, score))


@lru_cache(maxsize=16)
def _word_values(code: str) -> dict[str, float]:
    language = language_of(code)
    values = {word: feeling.valence for feeling in language.feelings for word in feeling.words}
    colours = language.table("valence")
    values.update(dict.fromkeys(colours.get("positive", ()), 0.5))
    values.update(dict.fromkeys(colours.get("negative", ()), -0.5))
    return values
