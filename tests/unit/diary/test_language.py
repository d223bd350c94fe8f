"""The language files: data that every part of the writer may rely on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from diarist.diary.entry import MoodLabel
from diarist.diary.language import SUPPORTED, Language, bare, guess_language, language_of

# Keys that only some languages need, by table; the code asks for each with a default.
OPTIONAL = {
    "words": {"modals", "relatives", "lone_stand_ins", "stand_ins"},
    "dates": {"month_day", "no_dates", "ordinals_end_in_dot", "parts_of_day", "weekdays_describe"},
    "tasks": {"announcements", "infinitive_marker", "bound_marker", "ends_behind_comma"},
    "people": {"with", "companies"},
    "feelings_of_self": {"close"},
    "title": {"bare_complements", "bare_nouns", "gerund", "drop_article", "keep_openers"},
}
ENGLISH = language_of("en")


def keys(language: Language, table: str) -> set[str]:
    return set(language.table(table)) - OPTIONAL.get(table, set())


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from strings(key)
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


@pytest.mark.parametrize("code", SUPPORTED)
def test_a_language_has_the_tables_of_english(code: str) -> None:
    assert set(language_of(code).raw) == set(ENGLISH.raw)


@pytest.mark.parametrize("code", SUPPORTED)
@pytest.mark.parametrize("table", sorted(set(ENGLISH.raw) - {"code", "name", "places", "title"}))
def test_a_table_has_the_keys_of_english(code: str, table: str) -> None:
    assert keys(language_of(code), table) == keys(ENGLISH, table)


@pytest.mark.parametrize("code", SUPPORTED)
def test_a_file_is_named_after_its_language(code: str) -> None:
    assert language_of(code).raw["code"] == code


@pytest.mark.parametrize("code", SUPPORTED)
def test_words_are_in_the_form_in_which_they_are_compared(code: str) -> None:
    listed = language_of(code).table("words")

    wrong = [word for words in listed.values() for word in words if word != word.casefold().strip()]
    assert wrong == []


@pytest.mark.parametrize("code", SUPPORTED)
def test_every_feeling_is_a_mood_of_the_schema(code: str) -> None:
    labels = set(MoodLabel.__args__)  # type: ignore[attr-defined] # a Literal knows its values

    assert {feeling.label for feeling in language_of(code).feelings} <= labels


@pytest.mark.parametrize("code", SUPPORTED)
def test_a_feeling_is_as_good_in_every_language_as_in_english(code: str) -> None:
    english = {feeling.label: feeling.valence > 0 for feeling in ENGLISH.feelings}

    assert {f.label: f.valence > 0 for f in language_of(code).feelings} == english


@pytest.mark.parametrize("code", SUPPORTED)
def test_patterns_of_tasks_are_regular_expressions_that_do_not_match_anything(code: str) -> None:
    tasks = language_of(code).table("tasks")

    for pattern in (*tasks["cues"], *tasks["dated_cues"]):
        assert not re.compile(pattern).fullmatch(""), pattern


@pytest.mark.parametrize("code", SUPPORTED)
def test_a_week_has_seven_days_and_a_year_twelve_months(code: str) -> None:
    dates = language_of(code).table("dates")

    assert (len(dates["weekdays"]), len(dates["months"])) == (7, 12)


@pytest.mark.parametrize("code", SUPPORTED)
def test_no_word_has_a_typographic_apostrophe(code: str) -> None:
    raw: Mapping[str, Any] = language_of(code).raw

    assert [text for text in strings(dict(raw)) if "’" in text] == []


def test_a_language_without_a_file_is_neutral_and_keeps_its_code() -> None:
    language = language_of("pl")

    assert (language.code, language.is_neutral, language.words("articles")) == (
        "pl",
        True,
        frozenset(),
    )


def test_a_region_does_not_change_the_language() -> None:
    assert language_of("de-AT").code == "de"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I went to the market with my sister and we bought bread.", "en"),
        ("Ich war mit meiner Schwester auf dem Markt und wir haben Brot gekauft.", "de"),
        ("Je suis allée au marché avec ma sœur et nous avons acheté du pain.", "fr"),
        ("Fui al mercado con mi hermana y compramos pan para la cena.", "es"),
        ("Sono andata al mercato con mia sorella e abbiamo comprato il pane.", "it"),
        ("Poszłam na targ z siostrą i kupiłyśmy chleb na kolację.", None),
        ("今日は市場に行きました。", None),
        ("", None),
    ],
)
def test_the_language_of_a_text_is_guessed_or_left_open(text: str, language: str | None) -> None:
    assert guess_language(text) == language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello,", "hello"),
        ("“I’m", "i'm"),
        ("—", ""),
        ("4:30.", "4:30"),
        ("STRASSE", "strasse"),
        ("to-do", "to-do"),
    ],
)
def test_a_word_is_compared_without_case_and_outer_punctuation(text: str, expected: str) -> None:
    assert bare(text) == expected
