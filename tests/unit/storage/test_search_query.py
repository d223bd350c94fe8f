"""What a person may type, and that nothing of it is syntax."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarist.errors import UnsupportedRequestError
from diarist.storage.folding import folded
from diarist.storage.search_query import (
    LONGEST_QUERY,
    Query,
    Term,
    fts5_expression,
    owner_word,
    parse_query,
    tsquery,
)

WORD = r"[a-z][a-z0-9]*"
FTS5_TERM = rf'"{WORD}( {WORD})*"\*?'
FTS5 = re.compile(
    rf"{FTS5_TERM}( AND {FTS5_TERM})*"
    rf"|\({FTS5_TERM}( AND {FTS5_TERM})*\) NOT \({FTS5_TERM}( OR {FTS5_TERM})*\)"
)
TSQUERY_TERM = rf"!?\('{WORD}'( <-> '{WORD}')*(:\*)?\)"
TSQUERY = re.compile(rf"{TSQUERY_TERM}( & {TSQUERY_TERM})*")


def term(*words: str, is_prefix: bool = False) -> Term:
    return Term(words, is_prefix)


@pytest.mark.parametrize(
    ("text", "wanted", "excluded"),
    [
        ("walk home", [term("walk"), term("home")], []),
        ("walk WALK Wálk", [term("walk")], []),
        ('"walk home"', [term("walk", "home")], []),
        ("“walk home” «so far»", [term("walk", "home"), term("so", "far")], []),
        ("wal* home", [term("wal", is_prefix=True), term("home")], []),
        ('"walk ho"*', [term("walk", "ho", is_prefix=True)], []),
        ("walk -rain", [term("walk")], [term("rain")]),
        ('walk -"heavy rain"', [term("walk")], [term("heavy", "rain")]),
        ("walk --sno*", [term("walk")], [term("sno", is_prefix=True)]),
        ("well-known l'eau", [term("well", "known"), term("l", "eau")], []),
        ('walk "home', [term("walk"), term("home")], []),
        ('" walk', [term("walk")], []),
        ("walk - home * ** ()", [term("walk"), term("home")], []),
        ("wa*lk", [term("wa"), term("lk")], []),
        ("walk AND NOT home", [term("walk"), term("and"), term("not"), term("home")], []),
        ("walk:* | !home & <->", [term("walk", is_prefix=True), term("home")], []),
        ("NEAR(walk, 2)", [term("near", "walk"), term(folded("2"))], []),
        ("walk\x00home 🙂", [term("walk", "home")], []),
        ("東京", [term(folded("東"), folded("京"))], []),
        ("東京*", [term(folded("東"), folded("京"), is_prefix=True)], []),
    ],
)
def test_a_query_is_read_as_a_person_means_it(
    text: str, wanted: list[Term], excluded: list[Term]
) -> None:
    assert parse_query(text) == Query(tuple(wanted), tuple(excluded))


@pytest.mark.parametrize("text", ["", "  ", '""', "-", "*", "🙂", "\x00", "?!", "- *"])
def test_a_query_without_a_word_says_what_to_type(text: str) -> None:
    with pytest.raises(UnsupportedRequestError, match="no words") as caught:
        parse_query(text)

    assert "Type a word" in caught.value.hint


def test_a_query_that_only_excludes_says_so() -> None:
    with pytest.raises(UnsupportedRequestError, match="only what is not wanted"):
        parse_query("-rain -snow")


def test_a_query_may_be_long_but_not_endless() -> None:
    longest = "a " * (LONGEST_QUERY // 2)

    assert parse_query(longest).wanted == (term("a"),)
    with pytest.raises(UnsupportedRequestError, match="10,001"):
        parse_query(longest + "a")


SYNTAX = (
    *(
        '"',
        "-",
        "*",
        "(",
        ")",
        "'",
        ":",
        "&",
        "|",
        "!",
        "<->",
        "\\",
        ";--",
        "%",
        "$1",
        "?",
        "^",
        "{",
    ),
    *("AND", "OR", "NOT", "NEAR", "a", "b c", "é", "東", "5", " ", "\x00", "\ud83d"),
)


@given(st.lists(st.sampled_from(SYNTAX), max_size=20).map("".join) | st.text())
def test_nothing_that_is_typed_reaches_a_database_as_syntax(text: str) -> None:
    try:
        query = parse_query(text)
    except UnsupportedRequestError:
        return

    assert FTS5.fullmatch(fts5_expression(query))
    assert TSQUERY.fullmatch(tsquery(query))


@given(st.text(min_size=1))
def test_no_word_looks_like_an_owner(text: str) -> None:
    owner = owner_word(uuid4())

    assert not any(owner.startswith(word) for word in folded(f"{text} x{text} {owner}").split())
