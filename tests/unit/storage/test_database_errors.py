"""What each error of the drivers means."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import exc

from diarist.storage.database_errors import Meaning, address_error, meaning_of, shown

DEFECTS = {
    *(
        "02",
        "03",
        "09",
        "0A",
        "0B",
        "0F",
        "0L",
        "0P",
        "0Z",
        "10",
        "20",
        "21",
        "22",
        "23",
        "24",
        "25",
    ),
    *("26", "27", "2B", "2D", "2F", "34", "38", "39", "3B", "42", "44", "54", "55", "72", "HV"),
    "P0",
}
"""Classes of which most errors say that our statement was wrong."""

ELSEWHERE = {"08", "28", "3D", "3F", "40", "53", "57", "58", "F0", "XX"}
"""Classes of which most errors say something about the server."""


def of_postgres(code: str) -> exc.SQLAlchemyError:
    return exc.DBAPIError("SELECT 1", None, errors.lookup(code)("no reason"))


def of_sqlite(name: str, message: str = "no reason") -> exc.SQLAlchemyError:
    cause = sqlite3.OperationalError(message)
    cause.sqlite_errorname = name
    return exc.OperationalError("SELECT 1", None, cause)


def known_codes() -> set[str]:
    kinds = (kind for kind in vars(errors).values() if isinstance(kind, type))
    return {kind.sqlstate for kind in kinds if issubclass(kind, psycopg.Error) and kind.sqlstate}


def test_every_class_of_errors_of_postgresql_was_thought_of() -> None:
    assert {code[:2] for code in known_codes()} == DEFECTS | ELSEWHERE


def test_only_defects_and_what_is_named_here_come_from_the_classes_of_our_mistakes() -> None:
    ours = {code for code in known_codes() if code[:2] in DEFECTS}

    named = {code: meaning_of(of_postgres(code)) for code in ours}

    assert {code: meaning for code, meaning in named.items() if meaning is not Meaning.DEFECT} == {
        "25006": Meaning.PASSING,
        "25P03": Meaning.PASSING,
        "25P04": Meaning.PASSING,
        "42501": Meaning.NOT_ALLOWED,
        "42703": Meaning.OTHER_TABLES,
        "42704": Meaning.OTHER_TABLES,
        "42883": Meaning.OTHER_TABLES,
        "42P01": Meaning.OTHER_TABLES,
        "42P10": Meaning.OTHER_TABLES,
        "55006": Meaning.PASSING,
        "55P03": Meaning.PASSING,
    }


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("08006", Meaning.PASSING),
        ("08P01", Meaning.NOT_ALLOWED),
        ("28P01", Meaning.NOT_ALLOWED),
        ("3D000", Meaning.NOT_ALLOWED),
        ("3F000", Meaning.NOT_ALLOWED),
        ("40001", Meaning.PASSING),
        ("40P01", Meaning.PASSING),
        ("53100", Meaning.FULL),
        ("53200", Meaning.PASSING),
        ("53300", Meaning.PASSING),
        ("57014", Meaning.PASSING),
        ("57P01", Meaning.PASSING),
        ("57P03", Meaning.PASSING),
        ("58030", Meaning.BROKEN),
        ("F0000", Meaning.NOT_ALLOWED),
        ("XX001", Meaning.BROKEN),
    ],
)
def test_what_the_server_is_to_blame_for(code: str, meaning: Meaning) -> None:
    assert meaning_of(of_postgres(code)) is meaning


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("SQLITE_BUSY", Meaning.PASSING),
        ("SQLITE_BUSY_SNAPSHOT", Meaning.PASSING),
        ("SQLITE_CANTOPEN_ISDIR", Meaning.NOT_ALLOWED),
        ("SQLITE_CONSTRAINT_UNIQUE", Meaning.DEFECT),
        ("SQLITE_CORRUPT", Meaning.BROKEN),
        ("SQLITE_ERROR", Meaning.DEFECT),
        ("SQLITE_FULL", Meaning.FULL),
        ("SQLITE_IOERR_READ", Meaning.BROKEN),
        ("SQLITE_IOERR_SHMSIZE", Meaning.FULL),
        ("SQLITE_LOCKED_SHAREDCACHE", Meaning.PASSING),
        ("SQLITE_NOTADB", Meaning.NOT_ALLOWED),
        ("SQLITE_READONLY_DBMOVED", Meaning.NOT_ALLOWED),
        ("SQLITE_SCHEMA", Meaning.PASSING),
    ],
)
def test_what_a_code_of_sqlite_means(name: str, meaning: Meaning) -> None:
    assert meaning_of(of_sqlite(name)) is meaning


@pytest.mark.parametrize(
    "message", ["no such table: jobs", "no such column: turn", "table jobs has no column named x"]
)
def test_tables_that_sqlite_does_not_have_are_no_defect(message: str) -> None:
    assert meaning_of(of_sqlite("SQLITE_ERROR", message)) is Meaning.OTHER_TABLES


def test_waiting_too_long_for_a_connection_passes() -> None:
    assert meaning_of(exc.TimeoutError("the pool is empty")) is Meaning.PASSING


@pytest.mark.parametrize(
    ("url", "as_shown"),
    [
        ("sqlite:////home/me/diarist.db", "sqlite:////home/me/diarist.db"),
        ("postgresql://me:secret@db:5432/diary", "postgresql://me:***@db:5432/diary"),
        ("postgresql://db/diary?password=secret&host=/run", "postgresql://db/diary?host=%2Frun"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, as_shown: str) -> None:
    assert shown(url) == as_shown


def test_an_address_that_cannot_be_read_is_explained() -> None:
    assert "%40" in address_error().hint
