"""Numbers, however they are written."""

from __future__ import annotations

import pytest

from diarist.diary.numbers import is_number, numbers_in


@pytest.mark.parametrize(
    ("text", "language", "numbers"),
    [
        ("four thousand two hundred pounds", "en", {"4200"}),
        ("4,200 pounds", "en", {"4200"}),
        ("4.200 Euro", "de", {"4200"}),
        ("viertausendzweihundert Euro", "de", {"4200"}),
        ("trois cent cinquante euros", "fr", {"350"}),
        ("trescientos cincuenta euros", "es", {"350"}),
        ("trecentocinquanta euro", "it", {"350"}),
        ("3.5 litres at 10:30", "en", {"3.5", "10:30"}),
        ("the 05 of May", "en", {"5"}),
        ("0 points", "en", {"0"}),
        ("nothing to count", "en", set()),
        ("czterdzieści 40", "pl", {"40"}),
    ],
)
def test_a_number_is_found_in_digits_or_in_words(
    text: str, language: str, numbers: set[str]
) -> None:
    assert numbers_in(text, language) == numbers


@pytest.mark.parametrize(
    ("word", "language", "expected"),
    [
        ("forty", "en", True),
        ("40", "en", True),
        ("40th", "en", True),
        ("fünfzig", "de", True),
        ("workshop", "en", False),
        ("", "en", False),
    ],
)
def test_a_word_is_known_to_be_a_number(word: str, language: str, *, expected: bool) -> None:
    assert is_number(word, language) is expected
