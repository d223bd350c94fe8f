"""One sentence for the day, and the sentences worth finding again, in the speaker's own words."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from diarist.diary.dates import dates_in
from diarist.diary.entry import Highlight
from diarist.diary.language import Language
from diarist.diary.local.salience import Reading, is_fragment
from diarist.diary.local.sentences import Sentence, capitalised, leans_back
from diarist.diary.local.tokens import Token, starts_with
from diarist.diary.words import lemma_as_written, telling_words

_SUMMARY_WORDS = 38
_MOST_CLAUSES = 3
_CLAUSE_WORDS = 16
_FEWEST_CLAUSE_WORDS = 4
_ANY_DAY = dt.date(2000, 1, 1)
_MOST_HIGHLIGHTS = 3
_HIGHLIGHT_SCORE = 1.15


def summary(reading: Reading, scores: Sequence[float]) -> str:
    """Return one sentence: the main clauses of the most telling sentences of some paragraphs."""
    chosen: list[tuple[float, int, str]] = []
    position = 0
    for paragraph in reading.paragraphs:
        indexes = range(position, position + len(paragraph))
        position += len(paragraph)
        telling = [i for i in indexes if not _is_poor(reading, i)]
        if telling:
            best = max(telling, key=lambda i: scores[i])
            clause = main_clause(reading.sentences[best], reading.language)
            chosen.append((scores[best], best, clause))
    if not chosen:
        best = max(range(len(scores)), key=lambda i: scores[i])
        chosen = [(scores[best], best, main_clause(reading.sentences[best], reading.language))]
    return _joined(_fitting(chosen), reading)


def _is_poor(reading: Reading, index: int) -> bool:
    """Say whether a sentence is no summary: a question, a fragment, or how it all began."""
    sentence = reading.sentences[index]
    begins = index < reading.opening and len(reading.paragraphs) > _MOST_CLAUSES
    return (
        begins
        or sentence.is_question
        or (reading.is_task[index] and not reading.is_list)
        or len(telling_words(sentence.words, reading.language)) < 2
        or is_fragment(sentence, reading.language)
        or leans_back(sentence, reading.language)
    )


def _fitting(chosen: Sequence[tuple[float, int, str]]) -> list[tuple[int, str]]:
    """Take the best clauses that fit into one sentence, three at most, in their own order."""
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
    parts += [_continued(clause, reading) for _, clause in clauses[1:]]
    return capitalised("; ".join(parts)) + "."


def _continued(clause: str, reading: Reading) -> str:
    """Return a clause with a small first letter, unless the word always has a capital one."""
    word = clause.split()[0].strip(",.").casefold()
    is_noun = lemma_as_written(word, reading.language.code)[:1].isupper()
    keeps = word in reading.names or re.match(r"I\b", clause) or is_noun
    if keeps and word not in reading.language.function_words - _I_WORDS:
        return clause
    return clause[:1].lower() + clause[1:]


_I_WORDS = frozenset({"i", "i'm", "i've", "i'd", "i'll"})


def main_clause(sentence: Sentence, language: Language) -> str:
    """Return a sentence without what turns to it first and what hangs on behind it."""
    tokens = _without_turn(sentence.tokens, language)
    end = len(tokens)
    for index in range(4, len(tokens)):
        hangs = tokens[index].bare in language.words("relatives") | language.words("coordinators")
        if hangs and tokens[index - 1].ends_clause and (index >= 6 or end > _CLAUSE_WORDS):
            end = index
            break
    kept = [token.text for token in tokens[:end]]
    return capitalised(" ".join(kept).strip(" ,;:.!?…–—-"))


def _without_turn(tokens: Sequence[Token], language: Language) -> Sequence[Token]:
    """Cut what turns to the sentence ("after that"), unless it says when or belongs to more."""
    if language.table("title").get("keep_openers"):
        return tokens
    for phrase in language.shift_openers:
        rest = tokens[len(phrase) :]
        if not starts_with(tokens, 0, phrase) or len(rest) < _FEWEST_CLAUSE_WORDS:
            continue
        prepositions = language.words("prepositions")
        is_whole = tokens[len(phrase) - 1].ends_clause or rest[0].bare not in prepositions
        if not is_whole or phrase[-1] in prepositions:
            return tokens
        days = [mention.date for mention in dates_in(" ".join(phrase), language, _ANY_DAY)]
        return rest if days in ([], [_ANY_DAY]) else tokens
    return tokens


def highlights(reading: Reading, scores: Sequence[float]) -> list[Highlight]:
    """Return the sentences worth finding again, in the order in which they were said."""
    sentences = reading.sentences
    most = min(_MOST_HIGHLIGHTS, max(1, len(sentences) // 4))
    possible = [
        i
        for i in range(reading.opening, len(sentences))
        if not reading.is_task[i] and 5 <= len(sentences[i].words) <= 40
    ]
    best = sorted(possible, key=lambda i: scores[i], reverse=True)[:most]
    chosen = [i for i in best if scores[i] >= _HIGHLIGHT_SCORE]
    if not chosen and not reading.is_list:
        chosen = best[:1]
    return [
        Highlight(text=sentences[i].text, evidence=sentences[i].evidence) for i in sorted(chosen)
    ]
