"""Sentences to paragraphs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from diarist.diary.language import language_of
from diarist.diary.local.paragraphs import boundary_scores, paragraphs
from diarist.diary.local.sentences import Sentence
from diarist.diary.local.tasks import task_sentences
from support.transcripts import sentences_of

ENGLISH = language_of("en")
WORK = (
    "The review at the office was long and the numbers were good.",
    "Helen liked the numbers and the review of the office.",
)
HOME = (
    "The garden behind the house is full of apples this autumn.",
    "Nobody picked the apples in the garden so far.",
)


def divided(
    sentences: Sequence[Sentence], is_task: Sequence[bool] | None = None
) -> list[list[str]]:
    flags = task_sentences(sentences, ENGLISH) if is_task is None else is_task
    return [[one.text for one in part] for part in paragraphs(sentences, flags, ENGLISH)]


def with_pause(sentences: list[Sentence], index: int, pause_s: float) -> list[Sentence]:
    return [
        replace(one, pause_s=pause_s) if at == index else one for at, one in enumerate(sentences)
    ]


def test_a_clear_pause_begins_a_paragraph() -> None:
    sentences = with_pause(sentences_of(*WORK, *WORK), 2, 3.0)

    assert [len(part) for part in divided(sentences)] == [2, 2]


def test_a_noticeable_pause_and_new_words_begin_a_paragraph() -> None:
    sentences = with_pause(sentences_of(*WORK, *HOME), 2, 1.0)

    assert divided(sentences) == [list(WORK), list(HOME)]


def test_the_same_pause_within_a_topic_does_not() -> None:
    sentences = with_pause(sentences_of(*WORK, *WORK), 2, 1.0)

    assert len(divided(sentences)) == 1


def test_words_that_turn_to_something_new_begin_a_paragraph() -> None:
    home = (f"After that, {HOME[0][:1].lower()}{HOME[0][1:]}", HOME[1])

    assert divided(sentences_of(*WORK, *home)) == [list(WORK), list(home)]


def test_a_sentence_that_refers_back_stays_with_what_it_refers_to() -> None:
    home = ("She picked the apples in the garden behind the house.", HOME[1])
    sentences = with_pause(sentences_of(*WORK, *home), 2, 1.0)

    assert len(divided(sentences)) == 1


def test_tasks_stand_together() -> None:
    tasks = ("I need to call the bank about the loan.", "I have to buy bread and milk today.")

    assert divided(sentences_of(*WORK, *tasks)) == [list(WORK), list(tasks)]


def test_a_task_that_leans_on_the_sentence_before_stays_with_it() -> None:
    talk = "I was short with my sister on the phone yesterday and it was not nice."

    assert len(divided(sentences_of(talk, "I should call her tonight."))) == 1


def test_a_short_paragraph_joins_the_side_that_it_is_nearer_to() -> None:
    sentences = with_pause(sentences_of(*WORK, "Everyone slept.", *HOME), 2, 2.1)
    sentences = with_pause(sentences, 3, 2.1)

    sentences = [replace(one, after_aside=at == 3) for at, one in enumerate(sentences)]

    assert divided(sentences) == [[*WORK, "Everyone slept."], list(HOME)]


def test_a_paragraph_that_grows_too_long_is_divided() -> None:
    sentences = sentences_of(
        *(f"The numbers of the review were good in year {n}." for n in range(40))
    )

    parts = paragraphs(sentences, [False] * len(sentences), ENGLISH)

    assert max(sum(len(one.words) for one in part) for part in parts) <= 121


def test_a_last_paragraph_of_a_few_words_joins_the_one_before() -> None:
    sentences = with_pause(sentences_of(*WORK, "Good night."), 2, 5.0)

    assert len(divided(sentences)) == 1


def test_nothing_makes_no_paragraph() -> None:
    assert paragraphs([], [], ENGLISH) == []


def test_one_sentence_has_no_boundary() -> None:
    assert boundary_scores(sentences_of(WORK[0]), [False], ENGLISH) == []


@settings(deadline=None, max_examples=60)
@given(
    texts=st.lists(st.sampled_from([*WORK, *HOME, "I need to go.", "She left."]), min_size=1),
    pauses=st.lists(st.floats(0, 10), min_size=60, max_size=60),
    tasks=st.lists(st.booleans(), min_size=60, max_size=60),
)
def test_every_sentence_is_in_one_paragraph_in_order(
    texts: list[str], pauses: list[float], tasks: list[bool]
) -> None:
    sentences = [
        replace(one, pause_s=pause)
        for one, pause in zip(sentences_of(*texts), pauses, strict=False)
    ]

    parts = paragraphs(sentences, tasks[: len(sentences)], ENGLISH)

    assert [one for part in parts for one in part] == sentences
    assert all(parts)
