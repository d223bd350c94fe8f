"""What an entry is called, and its topics: noun phrases out of its own sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from diarist.diary.language import Language
from diarist.diary.local.mentions import Mention
from diarist.diary.local.phrases import Phrase, noun_phrases
from diarist.diary.local.salience import Reading, is_fragment
from diarist.diary.local.sentences import capitalised
from diarist.diary.numbers import is_number
from diarist.diary.words import content_words, lemma

_TITLE_WORDS = 7
_FEWEST_HEADING_WORDS = 3
_MOST_TOPICS = 5
_SCENE_WEIGHT = 0.4  # how much a topic gains from the sentence that it is in
_ERRAND = 0.8  # what a task loses as the name of a day that was more than tasks
_BEHIND_PREPOSITION = 0.25  # what a phrase loses that only says where something happened


def title(reading: Reading, weights: Mapping[str, float], scores: Sequence[float]) -> str:
    """Return a name for the entry.

    It is what the speaker called it at the start ("Day three in Lisbon."), or else the most telling
    noun phrase of the most telling sentences.
    """
    heading = _heading(reading)
    if heading is not None:
        return heading
    best: tuple[float, str] | None = None
    for index, sentence in enumerate(reading.sentences):
        is_errand = reading.is_task[index] and not reading.is_list
        worth = scores[index] - (_ERRAND if is_errand else 0.0)
        for phrase in noun_phrases(sentence, reading.language):
            value = worth + _title_value(phrase, weights, reading)
            if _may_be_title(phrase, reading) and (best is None or value > best[0]):
                best = value, phrase.text
    if best is None:
        best = 0.0, " ".join(reading.sentences[0].text.split()[:_TITLE_WORDS])
    return capitalised(_without_article(best[1], reading.language).strip(" ,;:.!?…"))


def _heading(reading: Reading) -> str | None:
    """Return the first sentence if it is a heading: no verb, and more in it than a date."""
    first, language = reading.sentences[0], reading.language
    if not _FEWEST_HEADING_WORDS <= len(first.words) <= _TITLE_WORDS or len(reading.sentences) == 1:
        return None
    if not is_fragment(first, language):
        return None
    empty = language.function_words | language.words("weak_nouns") | language.calendar_words
    telling = [w for w in first.words if w not in empty and not is_number(w, language.code)]
    if not telling or first.is_question:
        return None
    return capitalised(first.text.rstrip(" ,;:.!?…"))


def _without_article(text: str, language: Language) -> str:
    """Drop the article where its form shows the case of a sentence that the title is not in."""
    first, _, rest = text.partition(" ")
    is_article = first.casefold() in language.words("articles")
    return rest if rest and is_article and language.table("title").get("drop_article") else text


def _may_be_title(phrase: Phrase, reading: Reading) -> bool:
    language = reading.language
    if len(phrase.tokens) > _TITLE_WORDS:
        return False
    head = phrase.core[-1].bare
    weak = language.words("weak_nouns")
    others = language.words("possessives") - language.words("first_person")
    if phrase.tokens[0].bare in others:
        return False
    said = (token.bare for token in phrase.tokens)
    return head not in weak and not language.calendar_words.intersection(said)


def _title_value(phrase: Phrase, weights: Mapping[str, float], reading: Reading) -> float:
    words = content_words((token.bare for token in phrase.tokens), reading.language)
    value = 0.5 * sum(sorted((weights.get(w, 0.0) for w in words), reverse=True)[:3])
    value += (-0.4, 0.5, 0.25)[phrase.complements]
    value += 0.2 if phrase.is_named else 0.0
    value -= _BEHIND_PREPOSITION if phrase.is_adjunct else 0.0
    return value - (0.15 if len(phrase.tokens) > 5 else 0.0)


def topics(
    reading: Reading, weights: Mapping[str, float], scores: Sequence[float]
) -> list[Mention]:
    """Return what the entry speaks of, the weightiest first."""
    values: dict[str, float] = {}
    shown: dict[str, str] = {}
    evidence: dict[str, set[int]] = {}
    for index, (sentence, score) in enumerate(zip(reading.sentences, scores, strict=True)):
        for phrase in noun_phrases(sentence, reading.language):
            if phrase.complements or not _may_be_topic(phrase, reading):
                continue
            words = [lemma(token.bare, reading.language.code) for token in phrase.core]
            key = " ".join(words)
            value = sum(weights.get(word, 0.0) for word in words) / len(words)
            value += _SCENE_WEIGHT * max(0.0, score)
            if index < reading.opening:
                value = 0.0  # where the speaker sits is a topic only if it comes up again
            values[key] = max(values.get(key, 0.0), value) + (0.2 if key in values else 0.0)
            shown.setdefault(key, _topic_text(phrase, reading.language))
            evidence.setdefault(key, set()).update(sentence.evidence)
    chosen: list[str] = []
    for key in sorted((k for k in values if values[k] > 0), key=lambda k: -values[k]):
        if not any(set(key.split()) & set(other.split()) for other in chosen):
            chosen.append(key)
    return [
        Mention(name=shown[key], evidence=tuple(sorted(evidence[key])))
        for key in chosen[:_MOST_TOPICS]
    ]


def _may_be_topic(phrase: Phrase, reading: Reading) -> bool:
    language = reading.language
    bares = [token.bare for token in phrase.core]
    if phrase.core[-1].bare in language.words("weak_nouns") or len(bares[-1]) < 3:
        return False
    if len(bares) > 2 or reading.names.intersection(bares):
        return False
    kin = language.table("people").get("kin", ())
    return not set(bares).intersection(kin) and _may_be_title(phrase, reading)


def _topic_text(phrase: Phrase, language: Language) -> str:
    if language.nouns_are_capitalised:
        return phrase.core[-1].without_end().text  # adjectives before it show the sentence's case
    return phrase.core_text if phrase.is_named else phrase.core_text.casefold()
