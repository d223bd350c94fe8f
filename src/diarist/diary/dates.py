"""When "by Friday" is: date phrases found by each language's own grammar, and resolved.

Whole sentences are never given to a date parser, which sees dates in "may", "we" and "a second".
What is found here is a phrase that can only be a date. Days of the week and ends of weeks and
months follow the rules of speech below; everything else is resolved by the library dateparser.

* "Friday" is the next one, today's included only when nothing else is possible.
* "next Friday" is that of the following calendar week, or the coming one, as the language has it.
* "the 5th" and "in March" are the next ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta
from functools import lru_cache

from dateutil.relativedelta import relativedelta

from diarist.diary.language import Language, language_of
from diarist.diary.numbers import in_digits

_FRIDAY, _SATURDAY, _SUNDAY = 4, 5, 6


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
    date: Date
    start: int
    end: int


_Resolver = Callable[[re.Match[str], Date, Language], Date | None]


@dataclass(frozen=True)
class _Rule:
    pattern: re.Pattern[str]
    resolve: _Resolver


def dates_in(text: str, language: Language, said_on: Date) -> list[DateMention]:
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
    digits = in_digits(text, language.code)
    found = sorted(
        _found(digits.casefold(), language, said_on), key=lambda m: (m.start - m.end, m.start)
    )
    chosen: list[DateMention] = []
    for mention in found:
        if all(mention.end <= other.start or mention.start >= other.end for other in chosen):
            chosen.append(mention)
    return sorted(chosen, key=lambda mention: mention.start)


def _found(text: str, language: Language, said_on: Date) -> Iterator[DateMention]:
    for rule in _rules(language.code):
        for match in rule.pattern.finditer(text):
            resolved = rule.resolve(match, said_on, language)
            if resolved is not None and not _is_attribute(text, match, language):
                yield DateMention(match[0], resolved, match.start(), match.end())


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
    fixed: Mapping[str, _Resolver] = {
        "week_ends": lambda m, d, g: _weekday(d, _FRIDAY),
        "next_week_ends": lambda m, d, g: _weekday(_monday(d) + timedelta(7), _FRIDAY),
        "month_ends": lambda m, d, g: d + relativedelta(day=31),
        "next_month_ends": lambda m, d, g: d + relativedelta(months=1, day=31),
        "year_ends": lambda m, d, g: d + relativedelta(month=12, day=31),
        "weekends": lambda m, d, g: _weekday(d, _SATURDAY),
        "next_weekends": lambda m, d, g: _weekday(_monday(d) + timedelta(7), _SATURDAY),
        "next_weeks": lambda m, d, g: _monday(d) + timedelta(7),
        "next_months": lambda m, d, g: d + relativedelta(months=1, day=1),
        "next_years": lambda m, d, g: d + relativedelta(years=1, month=1, day=1),
    }
    rules = [_rule(_either(grammar[name]), resolve) for name, resolve in fixed.items()]
    rules += [
        _rule(_either(grammar["relative"]), _relative),
        _rule(rf"(?:{ins}) (?P<count>\d+|{numbers}) (?P<unit>{units})", _ahead),
        _rule(rf"(?:(?P<next>{next_}) |(?:{this}) )?(?P<weekday>{weekdays})", _named_weekday),
        _rule(rf"(?P<weekday>{weekdays}) (?P<next>{after})", _named_weekday),
        _rule(_either(grammar["named"]), _feast),
    ]
    months = _either(name for names in grammar["months"] for name in names)
    for name in ("day_month", "month_day", "day_of_month"):
        if grammar.get(name):
            rules.append(_rule(grammar[name].replace("{months}", months), _calendar_day))
    return tuple(rules)


def _either(words: Sequence[str] | Iterator[str] | Mapping[str, object]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or "(?!)"


def _rule(pattern: str, resolve: _Resolver) -> _Rule:
    return _Rule(re.compile(rf"(?<![\w'])(?:{pattern})(?![\w])"), resolve)


def _monday(day: Date) -> Date:
    return day - timedelta(day.weekday())


def _weekday(day: Date, weekday: int) -> Date:
    """Return the first such day on or after a day."""
    return day + timedelta((weekday - day.weekday()) % 7)


def _relative(match: re.Match[str], said_on: Date, language: Language) -> Date:
    return said_on + timedelta(int(language.table("dates")["relative"][match[0]]))


def _ahead(match: re.Match[str], said_on: Date, language: Language) -> Date:
    grammar = language.table("dates")
    count = match["count"]
    number = int(count) if count.isdigit() else int(grammar["numbers"][count])
    unit = grammar["units"][match["unit"]]
    if unit == "fortnights":
        return said_on + timedelta(14 * number)
    return said_on + relativedelta(**{unit: number})


def _named_weekday(match: re.Match[str], said_on: Date, language: Language) -> Date:
    grammar = language.table("dates")
    weekday = next(i for i, names in enumerate(grammar["weekdays"]) if match["weekday"] in names)
    groups = match.groupdict()
    if groups.get("next") and grammar["next_weekday"] == "following week":
        return _monday(said_on) + timedelta(7 + weekday)
    return _weekday(said_on + timedelta(1), weekday)


def _feast(match: re.Match[str], said_on: Date, language: Language) -> Date:
    month, day = map(int, language.table("dates")["named"][match[0]].split("-"))
    this_year = Date(said_on.year, month, day)
    return this_year if this_year >= said_on else this_year + relativedelta(years=1)


def _calendar_day(match: re.Match[str], said_on: Date, language: Language) -> Date | None:
    """Resolve a day of a month, by the library where a month is named."""
    groups = match.groupdict()
    if groups.get("month") is None:
        return _next_day_of_month(int(groups["day"]), said_on)
    import dateparser  # noqa: PLC0415 - 0.2 s, and most sentences hold no date

    year = groups.get("year")
    phrase = f"{groups['day']} {groups['month']} {year or said_on.year}"
    parsed = dateparser.parse(phrase, languages=[language.code], settings={"DATE_ORDER": "DMY"})
    if parsed is None:
        return None
    day = parsed.date()
    return day + relativedelta(years=1) if year is None and day < said_on else day


def _next_day_of_month(day: int, said_on: Date) -> Date | None:
    for months in range(12):
        candidate = said_on + relativedelta(months=months, day=day)
        if candidate >= said_on and candidate.day == day:
            return candidate
    return None
