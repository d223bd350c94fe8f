"""Languages by code or by name."""

from __future__ import annotations

import pytest

from diarist.errors import UnknownLanguageError
from diarist.transcription.languages import NAMES, UNSPACED, code_of


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("en", "en"),
        ("EN", "en"),
        ("English", "en"),
        ("pt-BR", "pt"),
        ("zh_CN", "zh"),
        (" fr ", "fr"),
    ],
)
def test_a_language_is_known_by_code_and_name(given: str, code: str) -> None:
    assert code_of(given) == code


@pytest.mark.parametrize("given", ["xx", "klingon", "", "e"])
def test_a_language_that_nobody_knows_is_an_error(given: str) -> None:
    with pytest.raises(UnknownLanguageError, match="no language is called"):
        code_of(given)


def test_languages_are_those_of_the_model() -> None:
    from faster_whisper.tokenizer import _LANGUAGE_CODES

    assert set(NAMES) == set(_LANGUAGE_CODES)
    assert set(NAMES) >= UNSPACED
