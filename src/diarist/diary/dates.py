"""When "by Friday" is: date phrases found by each language's own grammar, and resolved.

Whole sentences are never given to a date parser, which sees dates in "may", "we" and "a second".
What is found here is a phrase that can only be a date, and it follows the rules of speech:

* "Friday" is the next one; on a Friday, that of the week after, since today is called today.
* "next Friday" is that of the following calendar week, or the coming one, as the language has it.
* "the 5th" and "March 5th" are the next ones, today included.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from diarist.diary.language import Language, language_of
from diarist.diary.numbers import in_digits

_FRIDAY, _SATURDAY = 4, 5
_MOST_AHEAD = 1000  # days or years: more is a figure of speech, and may leave the calendar
_YEARS_TO_LEAP_DAY = 8  # at most, around a year such as 2100


@dataclass(frozen=True)
class DateMention:
    """A phrase that names a day.

    Attributes:
        phrase: as it was found, numbers in digits.
        date: the day.
        start: where it stands in the text, numbers in digits.
        end: likewise.
    """

    phrase: str
    date: dt.date
    start: int
    end: int


_Resolver = Callable[[re.Match[str], dt.date, Language], dt.date | None]


@dataclass(frozen=True)
class _Rule:
    pattern: re.Pattern[str]
    resolve: _Resolver


def dates_in(text: str, language: Language, said_on: dt.date) -> list[DateMention]:
    """Find the days that a text names, as seen from the day on which it was said.

    Args:
        text: a sentence or a part of one.
        language: of the text.
        said_on: the date of the recording.

    Returns:
        Mentions in order of the text, without overlaps; the longest phrase wins.
    """
    if language.is_neutral:
        return []
    digits = in_digits(text, language.code).casefold()
    candidates = [*_found(digits, language, said_on), *_no_dates(digits, language)]
    chosen: list[_Candidate] = []
    for one in sorted(candidates, key=lambda one: (one.start - one.end, one.start)):
        if all(one.end <= other.start or one.start >= other.end for other in chosen):
            chosen.append(one)
    return [
        DateMention(digits[one.start : one.end], one.date, one.start, one.end)
        for one in sorted(chosen, key=lambda one: one.start)
        if one.date is not None
    ]


class _Candidate(NamedTuple):
    start: int
    end: int
    date: dt.date | None


def _found(text: str, language: Language, said_on: dt.date) -> Iterator[_Candidate]:
    for rule in _rules(language.code):
        for match in rule.pattern.finditer(text):
            resolved = rule.resolve(match, said_on, language)
            if resolved is not None and not _is_attribute(text, match, language):
                yield _Candidate(match.start(), match.end(), resolved)


def _no_dates(text: str, language: Language) -> Iterator[_Candidate]:
    """Yield phrases with a word that names a day elsewhere: "morgen" in "guten Morgen"."""
    phrases = language.table("dates").get("no_dates", ())
    for match in re.finditer(rf"(?<!\w)(?:{_either(phrases)})(?!\w)", text):
        yield _Candidate(match.start(), match.end(), None)


def _is_attribute(text: str, match: re.Match[str], language: Language) -> bool:
    """Say whether a day of the week only describes a noun behind it: "our Wednesday lunches"."""
    grammar = language.table("dates")
    if not grammar.get("weekdays_describe") or match.groupdict().get("weekday") is None:
        return False
    following = re.match(r" ([^\W\d_]+)", text[match.end() :])
    if following is None:
        return False
    word = following[1]
    return word not in language.stop_words and word not in grammar["followers"]


@lru_cache(maxsize=16)
def _rules(code: str) -> tuple[_Rule, ...]:
    """Build the grammar of a language from its file."""
    grammar = language_of(code).table("dates")
    if not grammar:
        return ()
    weekdays = _either(name for names in grammar["weekdays"] for name in names)
    units, ins = _either(grammar["units"]), _either(grammar["in"])
    numbers = _either(grammar["numbers"])
    after = _either(grammar["next_after_noun"]) if grammar["next_after_noun"] else "(?!)"
    next_, this = _either(grammar["next"]), _either(grammar["this"])
    parts = _either(grammar.get("parts_of_day", ()))
    fixed: Mapping[str, _Resolver] = {
        "week_ends": lambda _, day, __: _weekday(day, _FRIDAY),
        "next_week_ends": lambda _, day, __: _weekday(_monday(day) + dt.timedelta(7), _FRIDAY),
        "month_ends": lambda _, day, __: day + relativedelta(day=31),
        "next_month_ends": lambda _, day, __: day + relativedelta(months=1, day=31),
        "year_ends": lambda _, day, __: day + relativedelta(month=12, day=31),
        "weekends": lambda _, day, __: _weekday(day, _SATURDAY),
        "next_weekends": lambda _, day, __: _weekday(_monday(day) + dt.timedelta(7), _SATURDAY),
        "next_weeks": lambda _, day, __: _monday(day) + dt.timedelta(7),
        "next_months": lambda _, day, __: day + relativedelta(months=1, day=1),
        "next_years": lambda _, day, __: day + relativedelta(years=1, month=1, day=1),
    }
    rules = [_rule(_either(grammar[name]), resolve) for name, resolve in fixed.items()]
    rules += [
        _rule(_either(grammar["relative"]), _relative),
        _rule(rf"(?:{ins}) (?P<count>\d+|{numbers}) (?P<unit>{units})", _ahead),
        _rule(
            rf"(?:(?P<next>{next_}) |(?:{this}) )?(?P<weekday>{weekdays})(?:{parts})?",
            _named_weekday,
        ),
        _rule(rf"(?P<weekday>{weekdays}) (?P<next>{after})", _named_weekday),
        _rule(_either(grammar["named"]), _feast),
    ]
    months = _either(name for names in grammar["months"] for name in names)
    for name in ("day_month", "month_day", "day_of_month"):
        if grammar.get(name):
            rules.append(_rule(grammar[name].replace("{months}", months), _calendar_day))
    return tuple(rules)


def _either(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or "(?!)"


def _rule(pattern: str, resolve: _Resolver) -> _Rule:
    return _Rule(re.compile(rf"(?<![\w'])(?:{pattern})(?![\w])"), resolve)


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(day.weekday())


def _weekday(day: dt.date, weekday: int) -> dt.date:
    """Return the first such day on or after a day."""
    return day + dt.timedelta((weekday - day.weekday()) % 7)


def _relative(match: re.Match[str], said_on: dt.date, language: Language) -> dt.date:
    return said_on + dt.timedelta(int(language.table("dates")["relative"][match[0]]))


def _ahead(match: re.Match[str], said_on: dt.date, language: Language) -> dt.date | None:
    grammar = language.table("dates")
    count = match["count"]
    number = int(count) if count.isdigit() else int(grammar["numbers"][count])
    if number > _MOST_AHEAD:
        return None
    unit = grammar["units"][match["unit"]]
    days_in = {"days": 1, "weeks": 7, "fortnights": 14}
    if unit in days_in:
        return said_on + dt.timedelta(days_in[unit] * number)
    return said_on + relativedelta(months=number if unit == "months" else 12 * number)


def _named_weekday(match: re.Match[str], said_on: dt.date, language: Language) -> dt.date:
    grammar = language.table("dates")
    weekday = next(i for i, names in enumerate(grammar["weekdays"]) if match["weekday"] in names)
    groups = match.groupdict()
    if groups.get("next") and grammar["next_weekday"] == "following week":
        return _monday(said_on) + dt.timedelta(7 + weekday)
    return _weekday(said_on + dt.timedelta(1), weekday)


def _feast(match: re.Match[str], said_on: dt.date, language: Language) -> dt.date:
    month, day = map(int, language.table("dates")["named"][match[0]].split("-"))
    this_year = dt.date(said_on.year, month, day)
    return this_year if this_year >= said_on else this_year + relativedelta(years=1)


def _calendar_day(match: re.Match[str], said_on: dt.date, language: Language) -> dt.date | None:
    """Resolve a day of a month; None if the month does not have it."""
    groups, day = match.groupdict(), int(match["day"])
    if groups.get("month") is None:
        return _first_on(said_on, (said_on + relativedelta(months=n) for n in range(12)), day)
    months = language.table("dates")["months"]
    month = next(i for i, names in enumerate(months, start=1) if match["month"] in names)
    if groups.get("year") is not None:
        return _first_on(dt.date.min, [dt.date(max(1, int(groups["year"])), month, 1)], day)
    years = range(said_on.year, said_on.year + _YEARS_TO_LEAP_DAY + 1)
    return _first_on(said_on, (dt.date(year, month, 1) for year in years), day)


def _first_on(earliest: dt.date, months: Iterable[dt.date], day: int) -> dt.date | None:
    """Return a day in the first of some months that has it, if it is not too early there."""
    for month in months:
        candidate = month + relativedelta(day=day)
        if candidate.day == day and candidate >= earliest:
            return candidate
    return None
