"""What an entry is about: how much each word, and each sentence, is worth remembering."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log1p

from diarist.diary.language import Language
from diarist.diary.local.mood import colour, names_feeling
from diarist.diary.local.phrases import looks_like_verb
from diarist.diary.local.sentences import Sentence, leans_back, refers_back
from diarist.diary.words import content_words, lemma

_FRAGMENT_WORDS = 6
_SHORT_ENTRY = 4  # sentences: too few for an opening that only sets the scene


@dataclass(frozen=True)
class Reading:
    """An entry as it was read once, for everything that is drawn from it.

    Attributes:
        paragraphs: the sentences of each.
        language: of all of them.
        is_task: for each sentence, in order, whether it announces a task.
        names: words of names, in lower case.
    """

    paragraphs: Sequence[Sequence[Sentence]]
    language: Language
    is_task: Sequence[bool]
    names: frozenset[str]

    @cached_property
    def sentences(self) -> Sequence[Sentence]:
        """All sentences, in order."""
        return [sentence for paragraph in self.paragraphs for sentence in paragraph]

    @cached_property
    def opening(self) -> int:
        """How many sentences at the beginning only say when, and where the speaker sits."""
        if len(self.sentences) <= _SHORT_ENTRY:
            return 0
        for index, sentence in enumerate(self.sentences):
            if self.is_task[index]:
                return index
            if not is_fragment(sentence, self.language):
                return index + 1
        return 0

    @cached_property
    def is_list(self) -> bool:
        """Whether the entry is a list of tasks rather than a day."""
        return sum(self.is_task) * 2 > len(self.is_task)


def word_weights(reading: Reading) -> Mapping[str, float]:
    """Return how much each word, by its dictionary form, says about the entry, 0 to 1.

    Source: YAKE, Campos et al. 2020, through the library of the same name; where it does not
    know the language, how often a word comes up.
    """
    text = " ".join(sentence.text for sentence in reading.sentences)
    code = reading.language.code
    counts = Counter(
        word for s in reading.sentences for word in content_words(s.words, reading.language)
    )
    scores = {lemma(word.casefold(), code): score for word, score in _yake(text, code)}
    weights = {
        word: (1.0 / (1.0 + 20 * scores[word]) if word in scores else 0.2) * log1p(count)
        for word, count in counts.items()
    }
    top = max(weights.values(), default=1.0)
    return {word: weight / top for word, weight in weights.items()}


def _yake(text: str, code: str) -> list[tuple[str, float]]:
    from yake import KeywordExtractor  # noqa: PLC0415 - imports networkx

    found = KeywordExtractor(lan=code, n=1, top=80).extract_keywords(text)
    return [(str(word), float(score)) for word, score in found]


def salience(reading: Reading, weights: Mapping[str, float]) -> list[float]:
    """Return how much each sentence is worth remembering, in order."""
    language = reading.language
    sentences = reading.sentences
    leads = {id(paragraph[0]) for paragraph in reading.paragraphs if paragraph}
    colours = [colour(sentence, language) for sentence in sentences]
    scores: list[float] = []
    for index, sentence in enumerate(sentences):
        score = _content_score(sentence, weights, reading)
        score += 0.6 * abs(colours[index])
        if index + 1 < len(sentences) and refers_back(sentences[index + 1], language):
            score += 0.4 * abs(colours[index + 1])
        score += 0.3 if id(sentence) in leads else 0.0
        score += 0.3 if names_feeling(sentence, language) else 0.0
        scores.append(score + _form_score(sentence, index, reading))
    return scores


def _content_score(sentence: Sentence, weights: Mapping[str, float], reading: Reading) -> float:
    words = content_words(sentence.words, reading.language)
    if not words:
        return 0.0
    best = sorted((weights.get(word, 0.0) for word in words), reverse=True)[:5]
    named = len(reading.names.intersection(sentence.words))
    return sum(best) / 3 + 0.25 * min(2, named)


def _form_score(sentence: Sentence, index: int, reading: Reading) -> float:
    """Return what the shape of a sentence adds or takes."""
    language, words = reading.language, sentence.words
    score = 0.4 if language.words("remarkable").intersection(words) else 0.0
    score += 0.15 if language.words("first_person").intersection(words) else 0.0
    score -= 1.0 if sentence.is_question or len(words) < 4 else 0.0
    score -= 0.4 if len(words) > 32 else 0.0
    score -= 0.4 if leans_back(sentence, language) else 0.0
    score -= 1.0 if index < reading.opening else 0.0
    score -= 1.0 if is_fragment(sentence, language) else 0.0
    return score - (0.6 if reading.is_task[index] and not reading.is_list else 0.0)


def is_fragment(sentence: Sentence, language: Language) -> bool:
    """Say whether a short sentence has no subject or verb that can be seen: "The kitchen."."""
    words = [word.split("'")[0] for word in sentence.words]
    if len(words) > _FRAGMENT_WORDS:
        return False
    known = language.words("subjects") | language.words("auxiliaries")
    if known.intersection(words) or known.intersection(sentence.words):
        return False
    determiners = language.words("articles") | language.words("possessives")
    pairs = zip(["", *words], words, strict=False)
    return not any(
        before not in determiners
        and word not in language.function_words
        and looks_like_verb(word, language)
        for before, word in pairs
    )
