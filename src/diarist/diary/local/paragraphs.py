"""Sentences to paragraphs: a new one where the speaker paused, turned, or spoke of something new.

Source: the comparison of words before and after a boundary is that of Hearst 1997, "TextTiling:
Segmenting Text into Multi-paragraph Subtopic Passages", with pauses and turning phrases added,
which speech has and text has not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from diarist.diary.language import Language
from diarist.diary.local.sentences import Sentence, leans_back, refers_back
from diarist.diary.words import content_words

_LOOK_AROUND = 3  # sentences compared on each side
_MOST_WORDS = 110
_FEWEST_WORDS = 12
_CLEAR_PAUSE_S = 2.0
_NOTICEABLE_PAUSE_S = 0.6
_BREAK = 1.0  # score from which a boundary is one


def paragraphs(
    sentences: Sequence[Sentence], is_task: Sequence[bool], language: Language
) -> list[list[Sentence]]:
    """Divide sentences into paragraphs, in their order.

    Args:
        sentences: of the entry.
        is_task: for each, whether it announces a task; tasks stand together.
        language: of the sentences.
    """
    if not sentences:
        return []
    scores = boundary_scores(sentences, is_task, language)
    tasks = dict(zip(map(id, sentences), is_task, strict=True))
    parts: list[list[Sentence]] = [[sentences[0]]]
    begun_with = 0.0  # score of the boundary before the last paragraph
    for sentence, score in zip(sentences[1:], scores, strict=True):
        words = sum(len(one.words) for one in parts[-1])
        if words >= _FEWEST_WORDS and score >= _BREAK:
            parts.append([sentence])
            begun_with = score
        elif len(parts) > 1 and score > max(begun_with, _BREAK):
            # Too short to stand alone, and nearer to what it follows than to what comes now.
            parts[-2].extend(parts.pop())
            parts.append([sentence])
            begun_with = score
        elif words >= _MOST_WORDS:
            parts[-1:] = _halves([*parts[-1], sentence], tasks, language)
        else:
            parts[-1].append(sentence)
    return _without_stubs(parts)


def boundary_scores(
    sentences: Sequence[Sentence], is_task: Sequence[bool], language: Language
) -> list[float]:
    """Return how strongly a new paragraph begins behind each sentence but the last."""
    content = [content_words(sentence.words, language) for sentence in sentences]
    pauses = [sentence.pause_s for sentence in sentences[1:]]
    usual_s = median(pauses) if pauses else 0.0
    return [
        _pause_score(sentences[index].pause_s, usual_s)
        + _turn_score(sentences[index], language)
        + _novelty(content, index)
        + _task_score(sentences, is_task, index, language)
        for index in range(1, len(sentences))
    ]


def _pause_score(pause_s: float, usual_s: float) -> float:
    if pause_s >= max(_CLEAR_PAUSE_S, 2 * usual_s):
        return 1.0
    if pause_s >= max(_NOTICEABLE_PAUSE_S, 1.6 * usual_s):
        return 0.7
    return 0.0


def _task_score(
    sentences: Sequence[Sentence], is_task: Sequence[bool], index: int, language: Language
) -> float:
    """Return what a change between telling and planning adds, and what planning on takes."""
    if is_task[index] and is_task[index - 1]:
        return -0.5
    if is_task[index] and leans_back(sentences[index], language):
        return 0.0  # "I should call her tonight" is about the one who was just spoken of
    return 0.6 if is_task[index] != is_task[index - 1] else 0.0


def _turn_score(sentence: Sentence, language: Language) -> float:
    """Return how clearly the words themselves turn to something new, or back to the same."""
    if _turns(sentence, language) or sentence.after_aside:
        return 0.6
    if refers_back(sentence, language):
        return -0.5
    return -0.3 if leans_back(sentence, language) else 0.0


def _turns(sentence: Sentence, language: Language) -> bool:
    for said in (sentence.said, sentence.words):
        for phrase in language.shift_openers:
            if said[: len(phrase)] == phrase:
                return True
    return False


def _novelty(content: Sequence[frozenset[str]], index: int) -> float:
    """Return 0.4 if nothing in the sentences before comes up in those behind, less otherwise."""
    before = frozenset().union(*content[max(0, index - _LOOK_AROUND) : index])
    behind = frozenset().union(*content[index : index + _LOOK_AROUND])
    if not before or not behind:
        return 0.0
    shared = len(before & behind) / min(len(before), len(behind))
    return 0.4 * max(0.0, 1.0 - 4.0 * shared)


def _halves(
    sentences: Sequence[Sentence], tasks: Mapping[int, bool], language: Language
) -> list[list[Sentence]]:
    """Divide a paragraph that has grown too long at its strongest boundary."""
    scores = boundary_scores(sentences, [tasks[id(one)] for one in sentences], language)
    middle = (len(sentences) - 1) / 2
    best = max(range(len(scores)), key=lambda i: (scores[i], -abs(i + 0.5 - middle)))
    return [list(sentences[: best + 1]), list(sentences[best + 1 :])]


def _without_stubs(parts: list[list[Sentence]]) -> list[list[Sentence]]:
    """Join a last paragraph of a few words to the one before it."""
    if len(parts) > 1 and sum(len(one.words) for one in parts[-1]) < _FEWEST_WORDS // 2:
        parts[-2].extend(parts.pop())
    return parts
