"""Date phrases, resolved as a listener would."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarist.diary.dates import dates_in
from diarist.diary.language import SUPPORTED, language_of

WEDNESDAY = dt.date(2026, 11, 18)


def days(text: str, language: str, said_on: dt.date = WEDNESDAY) -> list[str]:
    return [mention.date.isoformat() for mention in dates_in(text, language_of(language), said_on)]


@pytest.mark.parametrize(
    ("phrase", "day"),
    [
        ("send the contract by Friday", "2026-11-20"),
        ("call the bank tomorrow morning", "2026-11-19"),
        ("the day after tomorrow", "2026-11-20"),
        ("tonight", "2026-11-18"),
        ("this afternoon", "2026-11-18"),
        ("yesterday", "2026-11-17"),
        ("before the end of the month", "2026-11-30"),
        ("by the end of next week", "2026-11-27"),
        ("this weekend", "2026-11-21"),
        ("before next Wednesday", "2026-11-25"),
        ("next month", "2026-12-01"),
        ("on the fifth of December", "2026-12-05"),
        ("on December 24th", "2026-12-24"),
        ("March 3rd, 2027", "2027-03-03"),
        ("by the fifteenth", "2026-12-15"),
        ("in two weeks", "2026-12-02"),
        ("in a fortnight", "2026-12-02"),
        ("within ten days", "2026-11-28"),
        ("in a month", "2026-12-18"),
        ("by Christmas", "2026-12-25"),
        ("on Wednesday afternoon", "2026-11-25"),
    ],
)
def test_an_english_phrase_names_its_day(phrase: str, day: str) -> None:
    assert days(phrase, "en") == [day]


@pytest.mark.parametrize(
    ("phrase", "day"),
    [
        ("bis Freitag", "2026-11-20"),
        ("morgen früh", "2026-11-19"),
        ("übermorgen", "2026-11-20"),
        ("heute Abend", "2026-11-18"),
        ("heute Morgen", "2026-11-18"),
        ("am Freitagabend", "2026-11-20"),
        ("vor Ende des Monats", "2026-11-30"),
        ("nächsten Mittwoch", "2026-11-25"),
        ("Mittwoch nächster Woche", "2026-11-25"),
        ("am fünften Dezember", "2026-12-05"),
        ("am ersten April", "2027-04-01"),
        ("bis zum 15.", "2026-12-15"),
        ("in zwei Wochen", "2026-12-02"),
        ("am Wochenende", "2026-11-21"),
        ("an Heiligabend", "2026-12-24"),
    ],
)
def test_a_german_phrase_names_its_day(phrase: str, day: str) -> None:
    assert days(phrase, "de") == [day]


@pytest.mark.parametrize(
    ("phrase", "day"),
    [
        ("avant vendredi", "2026-11-20"),
        ("demain matin", "2026-11-19"),
        ("après-demain", "2026-11-20"),
        ("ce soir", "2026-11-18"),
        ("avant la fin du mois", "2026-11-30"),
        ("mercredi prochain", "2026-11-25"),
        ("le cinq décembre", "2026-12-05"),
        ("le premier janvier", "2027-01-01"),
        ("dans deux semaines", "2026-12-02"),
        ("la semaine prochaine", "2026-11-23"),
        ("à Noël", "2026-12-25"),
    ],
)
def test_a_french_phrase_names_its_day(phrase: str, day: str) -> None:
    assert days(phrase, "fr") == [day]


@pytest.mark.parametrize(
    ("phrase", "day"),
    [
        ("antes del viernes", "2026-11-20"),
        ("mañana por la mañana", "2026-11-19"),
        ("pasado mañana", "2026-11-20"),
        ("esta noche", "2026-11-18"),
        ("esta mañana", "2026-11-18"),
        ("antes de fin de mes", "2026-11-30"),
        ("el próximo miércoles", "2026-11-25"),
        ("el miércoles que viene", "2026-11-25"),
        ("el cinco de diciembre", "2026-12-05"),
        ("el primero de enero", "2027-01-01"),
        ("en dos semanas", "2026-12-02"),
        ("en Navidad", "2026-12-25"),
    ],
)
def test_a_spanish_phrase_names_its_day(phrase: str, day: str) -> None:
    assert days(phrase, "es") == [day]


@pytest.mark.parametrize(
    ("phrase", "day"),
    [
        ("entro venerdì", "2026-11-20"),
        ("domani mattina", "2026-11-19"),
        ("dopodomani", "2026-11-20"),
        ("stasera", "2026-11-18"),
        ("prima della fine del mese", "2026-11-30"),
        ("mercoledì prossimo", "2026-11-25"),
        ("il cinque dicembre", "2026-12-05"),
        ("il primo gennaio", "2027-01-01"),
        ("tra due settimane", "2026-12-02"),
        ("la settimana prossima", "2026-11-23"),
        ("a Natale", "2026-12-25"),
    ],
)
def test_an_italian_phrase_names_its_day(phrase: str, day: str) -> None:
    assert days(phrase, "it") == [day]


@pytest.mark.parametrize(
    ("phrase", "language"),
    [
        ("I need to get a second quote", "en"),
        ("I may go", "en"),
        ("we march on", "en"),
        ("in March", "en"),
        ("the Sunday roast was great", "en"),
        ("I will miss our Wednesday lunches", "en"),
        ("on Sundays we rest", "en"),
        ("one of them, the first time", "en"),
        ("the 31st of April", "en"),
        ("in 5000 years", "en"),
        ("guten Morgen", "de"),
        ("am nächsten Morgen war es kalt", "de"),
        ("ein zweites Angebot", "de"),
        ("un deuxième devis", "fr"),
        ("tous les dimanches", "fr"),
        ("por la mañana hacía sol", "es"),
        ("un segundo presupuesto", "es"),
        ("un secondo preventivo", "it"),
        ("by Friday", "pl"),
    ],
)
def test_a_phrase_that_is_no_date_names_no_day(phrase: str, language: str) -> None:
    assert days(phrase, language) == []


@pytest.mark.parametrize(
    ("phrase", "said_on", "day"),
    [
        ("by Friday", "2026-12-31", "2027-01-01"),
        ("on Friday", "2026-11-20", "2026-11-27"),
        ("tomorrow", "2026-12-31", "2027-01-01"),
        ("on the second of January", "2026-12-30", "2027-01-02"),
        ("on the second of January", "2027-01-02", "2027-01-02"),
        ("by the end of the month", "2028-02-10", "2028-02-29"),
        ("by the end of the month", "2026-11-30", "2026-11-30"),
        ("in a month", "2027-01-31", "2027-02-28"),
        ("the 31st", "2026-11-18", "2026-12-31"),
        ("on 29 February", "2026-11-18", "2028-02-29"),
        ("by New Year's Eve", "2026-12-31", "2026-12-31"),
        ("by Christmas", "2026-12-26", "2027-12-25"),
    ],
)
def test_a_phrase_is_resolved_across_the_turn_of_month_and_year(
    phrase: str, said_on: str, day: str
) -> None:
    assert days(phrase, "en", dt.date.fromisoformat(said_on)) == [day]


def test_several_days_come_in_the_order_of_the_text_without_overlaps() -> None:
    text = "call on the day after tomorrow, or on Monday, before the fifth of December"

    mentions = dates_in(text, language_of("en"), WEDNESDAY)

    found = [mention.phrase for mention in mentions]
    assert found == ["the day after tomorrow", "monday", "the 5th of december"]


@settings(deadline=None, max_examples=60)
@given(
    text=st.text(alphabet="abmtdy 0123456789.,'of", max_size=40)
    | st.from_regex(r"(in|the) [0-9]{1,6}(st|th)? (days|years|of may|december) ?[0-9]{0,4}"),
    language=st.sampled_from(SUPPORTED),
    said_on=st.dates(dt.date(1950, 1, 1), dt.date(2200, 1, 1)),
)
def test_any_text_is_read_without_an_error_and_within_its_bounds(
    text: str, language: str, said_on: dt.date
) -> None:
    mentions = dates_in(text, language_of(language), said_on)

    ends = [0, *(mention.end for mention in mentions)]
    assert all(m.start >= end for m, end in zip(mentions, ends, strict=False))
