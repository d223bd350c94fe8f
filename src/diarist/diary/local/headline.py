"""What an entry is about: its words by weight, its title, its one sentence, its highlights, topics.

Everything is taken from the entry's own sentences; nothing is put in other words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log1p

from diarist.diary.entry import Highlight
from diarist.diary.language import Language
from diarist.diary.local.mentions import Mention
from diarist.diary.local.mood import colour
from diarist.diary.local.phrases import Phrase, noun_phrases
from diarist.diary.local.sentences import Sentence
from diarist.diary.local.tokens import starts_with
from diarist.diary.words import content_words, lemma

_TITLE_WORDS = 7
_SUMMARY_WORDS = 38
_MOST_CLAUSES = 3
_CLAUSE_WORDS = 16
_MOST_HIGHLIGHTS = 3
_MOST_TOPICS = 5
_HIGHLIGHT_SCORE = 1.15
_FRAGMENT_WORDS = 6
_OPENING_WEIGHT = 0.6  # what the first sentence is about is where the speaker sits
_SCENE_WEIGHT = 0.4  # how much a topic gains from the sentence that it is in


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

    @property
    def sentences(self) -> list[Sentence]:
        return [sentence for paragraph in self.paragraphs for sentence in paragraph]


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
        if index + 1 < len(sentences) and _refers_back(sentences[index + 1], language):
            score += 0.4 * abs(colours[index + 1])
        score += 0.3 if id(sentence) in leads else 0.0
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
    score -= 0.4 if _refers_back(sentence, language) else 0.0
    score -= 0.8 if index == 0 and len(reading.is_task) > 4 else 0.0
    score -= 1.0 if is_fragment(sentence, language) else 0.0
    return score - (0.6 if reading.is_task[index] else 0.0)


def is_fragment(sentence: Sentence, language: Language) -> bool:
    """Say whether a short sentence has no subject or verb that can be seen: "The kitchen."."""
    words = [word.split("'")[0] for word in sentence.words]
    if len(words) > _FRAGMENT_WORDS:
        return False
    known = language.words("subjects") | language.words("auxiliaries")
    return not known.intersection(words) and not known.intersection(sentence.words)


def _refers_back(sentence: Sentence, language: Language) -> bool:
    return sentence.words[0].split("'")[0] in language.words("back_references")


def title(reading: Reading, weights: Mapping[str, float], scores: Sequence[float]) -> str:
    """Return a name for the entry: the most telling noun phrase of its most telling sentences."""
    best: tuple[float, str] | None = None
    for sentence, score in zip(reading.sentences, scores, strict=True):
        for phrase in noun_phrases(sentence, reading.language):
            value = score + _title_value(phrase, weights, reading)
            if _may_be_title(phrase, reading) and (best is None or value > best[0]):
                best = value, phrase.text
    if best is None:
        best = 0.0, " ".join(reading.sentences[0].text.split()[:_TITLE_WORDS])
    return _capitalised(_without_article(best[1], reading.language).strip(" ,;:.!?…"))


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
    dates = language.table("dates")
    days = {n for names in (*dates.get("weekdays", ()), *dates.get("months", ())) for n in names}
    return head not in weak and not days.intersection(token.bare for token in phrase.tokens)


def _title_value(phrase: Phrase, weights: Mapping[str, float], reading: Reading) -> float:
    words = content_words((token.bare for token in phrase.tokens), reading.language)
    value = 0.5 * sum(sorted((weights.get(w, 0.0) for w in words), reverse=True)[:3])
    value += (-0.4, 0.5, 0.25)[phrase.complements]
    value += 0.2 if phrase.is_named else 0.0
    return value - (0.15 if len(phrase.tokens) > 5 else 0.0)


def summary(reading: Reading, scores: Sequence[float]) -> str:
    """Return one sentence: the main clauses of the most telling sentences, each of another paragraph."""
    chosen: list[tuple[float, int, str]] = []
    position = 0
    for paragraph in reading.paragraphs:
        indexes = range(position, position + len(paragraph))
        position += len(paragraph)
        telling = [i for i in indexes if not reading.is_task[i] and not _is_poor(reading, i)]
        if telling:
            best = max(telling, key=lambda i: scores[i])
            clause = main_clause(reading.sentences[best], reading.language)
            chosen.append((scores[best], best, clause))
    if not chosen:
        best = max(range(len(scores)), key=lambda i: scores[i])
        chosen = [(scores[best], best, main_clause(reading.sentences[best], reading.language))]
    return _joined(_fitting(chosen), reading)


def _is_poor(reading: Reading, index: int) -> bool:
    """Say whether a sentence is no summary: a question, a fragment, or how the recording began."""
    sentence = reading.sentences[index]
    if index == 0 and len(reading.paragraphs) > _MOST_CLAUSES:
        return True
    return (
        sentence.is_question
        or len(content_words(sentence.words, reading.language)) < 2
        or is_fragment(sentence, reading.language)
    )


def _fitting(chosen: Sequence[tuple[float, int, str]]) -> list[tuple[int, str]]:
    """Take the best clauses that fit into one sentence, three at most, in the order of the entry."""
    taken: list[tuple[int, str]] = []
    words = 0
    for _, index, clause in sorted(chosen, reverse=True):
        length = len(clause.split())
        if taken and (len(taken) == _MOST_CLAUSES or words + length > _SUMMARY_WORDS):
            continue
        taken.append((index, clause))
        words += length
    return sorted(taken)


def _joined(clauses: Sequence[tuple[int, str]], reading: Reading) -> str:
    parts = [clauses[0][1]]
    for index, clause in clauses[1:]:
        first = reading.sentences[index].tokens[0]
        parts.append(_continued(clause, first.bare, reading))
    return _capitalised("; ".join(parts)) + "."


def _continued(clause: str, first: str, reading: Reading) -> str:
    """Return a clause with a small first letter, unless the word always has a capital one."""
    word = clause.split()[0].strip(",.").casefold()
    keeps = word in reading.names or re.match(r"I\b", clause) or reading.language.code == "de"
    if keeps and word not in reading.language.function_words - {"i", *_I_WORDS}:
        return clause
    return clause[:1].lower() + clause[1:]


_I_WORDS = frozenset({"i'm", "i've", "i'd", "i'll"})


def main_clause(sentence: Sentence, language: Language) -> str:
    """Return a sentence without what turns to it first and what hangs on behind it."""
    tokens = list(sentence.tokens)
    openers = () if language.table("title").get("keep_openers") else language.shift_openers
    for phrase in openers:
        if starts_with(tokens, 0, phrase) and len(tokens) - len(phrase) >= 4:
            tokens = tokens[len(phrase) :]
            break
    end = len(tokens)
    for index in range(4, len(tokens)):
        hangs = tokens[index].bare in language.words("relatives") | language.words("coordinators")
        if hangs and tokens[index - 1].ends_clause and (index >= 6 or end > _CLAUSE_WORDS):
            end = index
            break
    kept = [token.text for token in tokens[:end]]
    return _capitalised(" ".join(kept).strip(" ,;:.!?…–—-"))


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def highlights(reading: Reading, scores: Sequence[float]) -> list[Highlight]:
    """Return the sentences worth finding again, in the order in which they were said."""
    sentences = reading.sentences
    most = min(_MOST_HIGHLIGHTS, max(1, len(sentences) // 4))
    possible = [
        i
        for i in range(len(sentences))
        if not reading.is_task[i] and 5 <= len(sentences[i].words) <= 40
    ]
    best = sorted(possible, key=lambda i: scores[i], reverse=True)[:most]
    chosen = [i for i in best if scores[i] >= _HIGHLIGHT_SCORE] or best[:1]
    return [
        Highlight(text=sentences[i].text, evidence=sentences[i].evidence) for i in sorted(chosen)
    ]


def topics(
    reading: Reading, weights: Mapping[str, float], scores: Sequence[float]
) -> list[Mention]:
    """Return what the entry speaks of, the weightiest first."""
    values: dict[str, float] = {}
    shown: dict[str, str] = {}
    evidence: dict[str, set[int]] = {}
    opening = reading.sentences[0]
    for sentence, score in zip(reading.sentences, scores, strict=True):
        for phrase in noun_phrases(sentence, reading.language):
            if phrase.complements or not _may_be_topic(phrase, reading):
                continue
            words = [lemma(token.bare, reading.language.code) for token in phrase.core]
            key = " ".join(words)
            value = sum(weights.get(word, 0.0) for word in words) / len(words)
            value += _SCENE_WEIGHT * max(0.0, score)
            value *= _OPENING_WEIGHT if sentence is opening else 1.0
            values[key] = max(values.get(key, 0.0), value) + (0.2 if key in values else 0.0)
            shown.setdefault(key, _topic_text(phrase, reading.language))
            evidence.setdefault(key, set()).update(sentence.evidence)
    chosen: list[str] = []
    for key in sorted(values, key=lambda k: values[k], reverse=True):
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
    text = phrase.core_text
    return text if language.code == "de" or phrase.is_named else text.casefold()
