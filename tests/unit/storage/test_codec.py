"""Bodies as they are stored."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from diarist.errors import UnexpectedError
from diarist.storage.codec import packed, unpacked

Texts = dict[str, list[str | int | float | bool | None]]
TEXTS: TypeAdapter[Texts] = TypeAdapter(Texts)
WORDS = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)


@given(st.dictionaries(WORDS, st.lists(WORDS | NUMBERS | st.booleans() | st.none())))
def test_what_was_stored_comes_back(texts: Texts) -> None:
    assert unpacked(TEXTS, packed(TEXTS, texts)) == texts


def test_a_long_text_takes_a_fraction_of_its_length() -> None:
    text: Texts = {"words": ["we signed the contract on Tuesday"] * 1_000}

    assert len(packed(TEXTS, text)) < len(TEXTS.dump_json(text)) / 10


@pytest.mark.parametrize("first", [b"", b"\x00", b"\x02", b"{", b"\xff"])
def test_a_form_of_a_newer_version_is_told_from_damage(first: bytes) -> None:
    with pytest.raises(UnexpectedError, match="does not know") as caught:
        unpacked(TEXTS, first + packed(TEXTS, {})[1:] if first else b"")

    assert "update" in caught.value.hint


@pytest.mark.parametrize("cut", [1, 2, 10, -1])
def test_a_body_that_was_cut_short_is_damaged(cut: int) -> None:
    body = packed(TEXTS, {"words": ["we", "signed", "the", "contract"]})

    with pytest.raises(UnexpectedError, match="damaged"):
        unpacked(TEXTS, body[:cut])


def test_a_body_of_another_kind_is_damaged_and_is_not_quoted() -> None:
    numbers: TypeAdapter[list[int]] = TypeAdapter(list[int])
    body = packed(TEXTS, {"secret": ["the contract"]})

    with pytest.raises(UnexpectedError, match="damaged") as caught:
        unpacked(numbers, body)

    assert caught.value.__cause__ is None
    assert "secret" not in str(caught.value)
