"""What is shown of a passage that was found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarist.storage.search_passages import Piece
from diarist.storage.search_query import parse_query
from diarist.storage.search_snippets import Snippet, snippet_of

FILL = "and so the long day went on and on "


def shown(texts: list[str], query: str) -> Snippet:
    pieces = [Piece(10 + number, text, "") for number, text in enumerate(texts)]
    return snippet_of(pieces, parse_query(query).wanted)


def marked(snippet: Snippet) -> list[str]:
    return [snippet.text[start:end] for start, end in snippet.marks]


@pytest.mark.parametrize(
    ("text", "query", "words"),
    [
        ("A café, a Cafe.", "CAFE", ["café", "Cafe"]),
        ("We walked and walk.", "walk*", ["walked", "walk"]),
        ("Home, on the way home.", '"way home" home', ["Home", "way home"]),
        ("On the wayside.", '"the way"*', ["the wayside"]),
        ("昨日は東京へ行きました", "東京", ["東京"]),
        ("Qu'est-ce que l'eau ?", "l'eau", ["l'eau"]),
        ("<b>bold</b> & \\ 'quoted'", "bold", ["bold"]),
    ],
)
def test_what_was_looked_for_is_marked_in_the_words_of_the_original(
    text: str, query: str, words: list[str]
) -> None:
    snippet = shown([text], query)

    assert (snippet.text, marked(snippet)) == (text, words)


def test_a_snippet_is_a_part_of_a_long_text_without_cut_words() -> None:
    snippet = shown([FILL * 20, f"Then Marcus called. {FILL * 20}"], "marcus")

    assert (marked(snippet), snippet.segment) == (["Marcus"], 11)
    assert snippet.text.startswith("… ")
    assert snippet.text.endswith(" …")
    assert len(snippet.text) <= 250
    assert set(snippet.text.split()) <= {*FILL.split(), "Then", "Marcus", "called.", "…"}


def test_the_place_that_has_most_of_what_was_looked_for_is_shown() -> None:
    texts = ["The contract. The contract.", FILL * 20, "Marcus has the contract.", FILL * 20]

    snippet = shown(texts, "contract marcus")

    assert (marked(snippet), snippet.segment) == (["Marcus", "contract"], 12)


def test_lines_are_joined() -> None:
    snippet = shown(["one\n\ttwo"], "two")

    assert (snippet.text, marked(snippet)) == ("one  two", ["two"])


def test_a_text_without_what_was_looked_for_is_shown_from_its_beginning() -> None:
    snippet = shown([FILL * 20], "marcus")

    assert (snippet.marks, snippet.segment) == ((), 10)
    assert snippet.text.startswith("and so the long day")
    assert snippet.text.endswith("…")


@given(
    st.lists(st.text(st.sampled_from("ab é東\u0301\n*½'"), max_size=400), min_size=1, max_size=4),
    st.sampled_from(["a", "b*", '"a b"', "東 a", "e", "2"]),
)
def test_marks_lie_in_the_text_one_behind_the_other(texts: list[str], query: str) -> None:
    snippet = shown(texts, query)

    places = [place for mark in snippet.marks for place in mark]
    assert places == sorted(places)
    assert all(start < end <= len(snippet.text) for start, end in snippet.marks)
    assert "\n" not in snippet.text
