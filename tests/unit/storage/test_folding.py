"""Which spellings the search takes for one word."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarist.storage.folding import LONGEST_WORD, folded, words_of

STORED = re.compile(r"[a-z][a-z0-9]*(?: [a-z][a-z0-9]*)*|")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Café", "cafe"),
        ("CAFE\u0301", "café"),
        ("Straße", "STRASSE"),
        ("ὁδός", "ΟΔΟΣ"),
        ("Ёжик", "ежик"),
        ("Łódź", "lodz"),
        ("smørrebrød", "SMORREBROD"),
        ("œuvre", "oeuvre"),
        ("ﬁn", "fin"),
        ("２０２６", "2026"),
        ("m²", "m2"),
        ("İstanbul", "istanbul"),
        ("l'eau", "L’EAU"),
        ("п'ять", "пʼять"),
        ("l'eau", "l eau"),
        ("well-known", "well known"),
        ("4,200", "4 200"),
        ("3½", "31 2"),
        ("Donau\u00addampf", "Donaudampf"),
        ("re\u200dal \ufeffthing", "real thing"),
        ("שָׁלוֹם", "שלום"),
        ("مَرْحَبًا", "مرحبا"),
        ("ガ", "ｶﾞ"),
        ("が", "か\u3099"),
        ("한국", unicodedata.normalize("NFD", "한국")),
        ("a\x00b", "a b"),
        ("a\ud83db", "a b"),
        ("so \N{GRINNING FACE} fine ❤️", "so fine"),
        ("snake_case", "snake case"),
    ],
)
def test_spellings_of_one_word_are_one(one: str, other: str) -> None:
    assert folded(one) == folded(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ka", "ga"),
        ("か", "が"),
        ("กี", "กิ"),
        ("हिन्दी", "हन्द"),
        ("x", "003c"),
        ("5", "05"),
        ("1e5", "100000"),
        ("ø", "ö1"),
    ],
)
def test_other_words_stay_others(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@pytest.mark.parametrize("text", ["", " ", "?!…", "-", "\u0301", "\u200d", "🙂", "\x00", "_"])
def test_what_is_no_word_is_none(text: str) -> None:
    assert folded(text) == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("東京へ行く", ["東", "京", "へ", "行", "く"]),
        ("ไปไหน", ["ไ", "ป", "ไ", "ห", "น"]),
        ("น้ำ", ["น้", "ำ"]),
        ("2026年のiPhone", ["2026", "年", "の", "iPhone"]),
        ("한국어 공부", ["한국어", "공부"]),
        ("Hello, l'eau!", ["Hello", "l", "eau"]),
    ],
)
def test_words_are_found_where_they_stand(text: str, words: list[str]) -> None:
    assert [text[word.start : word.end] for word in words_of(text)] == words


@given(st.text())
def test_whatever_is_written_both_databases_see_the_same_words_in_it(text: str) -> None:
    words = list(words_of(text))

    assert STORED.fullmatch(folded(text))
    assert folded(text) == " ".join(word.text for word in words)
    assert all(0 <= word.start < word.end <= len(text) for word in words)
    assert [word.start for word in words] == sorted(word.start for word in words)


LETTERS = st.characters(categories=["Lu", "Ll", "Lo", "Nd"])


@given(st.text(LETTERS, min_size=1, max_size=9), st.text(LETTERS, max_size=3))
def test_the_beginning_of_a_word_is_the_beginning_of_its_stored_form(head: str, tail: str) -> None:
    # Between letters that are written together, each in a word of its own where that is the rule.
    assert folded(head + tail).replace(" ", "").startswith(folded(head).replace(" ", "")) or (
        tail[:1] != "" and unicodedata.normalize("NFC", head + tail) != head + tail
    )


@given(st.text(LETTERS, min_size=1, max_size=6), st.text(LETTERS, min_size=1, max_size=6))
def test_words_that_differ_are_stored_differently(one: str, other: str) -> None:
    def compared(text: str) -> str:
        decomposed = unicodedata.normalize("NFKD", text).casefold()
        marks = (c for c in decomposed if unicodedata.category(c) != "Mn")
        return unicodedata.normalize("NFKD", "".join(marks))

    if folded(one) == folded(other):
        plain = str.maketrans("øłđðħı", "olddhi")
        assert compared(one).translate(plain) == compared(other).translate(plain)


def test_of_a_word_without_end_only_the_beginning_counts() -> None:
    word = "ab" * LONGEST_WORD

    assert folded(word) == folded(word[:LONGEST_WORD]) == word[:LONGEST_WORD]
