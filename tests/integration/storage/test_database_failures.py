"""What is said when a database cannot be used, and that no password is ever a part of it."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from diarist.errors import (
    DiaristError,
    SchemaError,
    StorageFullError,
    StorageSetupError,
    StorageUnavailableError,
    UnexpectedError,
)
from support.databases import opened
from support.servers import PASSWORD, PostgresServer

Urls = Callable[[str], str]


async def asked(url: str, *statements: str) -> DiaristError:
    """Return the error with which the last statement ends."""

    async def work(connection: AsyncConnection) -> None:
        for statement in statements or ("SELECT 1",):
            await connection.execute(text(statement))

    async with opened(url, patience_s=0.0) as database:
        with pytest.raises(DiaristError) as caught:
            await database.run(work)
        return caught.value


def logged(error: DiaristError) -> str:
    return "".join([*traceback.format_exception(error), error.message, error.hint])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda url: url.replace(PASSWORD, "wrong-password"), "password authentication failed"),
        (lambda url: url.replace("diarist:", "stranger:"), "password authentication failed"),
        (lambda url: url.replace("/postgres?", "/nothing?"), "does not exist"),
        (lambda url: url + "&sslmode=nonsense", "sslmode"),
        (lambda url: url.replace(f":{PASSWORD}", ""), "no password supplied"),
    ],
)
def test_postgresql_lets_only_those_in_who_may(
    postgres_server: PostgresServer, wrong: Urls, said: str
) -> None:
    error = asyncio.run(asked(wrong(postgres_server.url("postgres"))))

    assert type(error) is StorageSetupError
    assert said in error.message
    assert "password" not in error.message.replace(said, "")
    assert PASSWORD not in logged(error)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1:1/diary",
        "nobody.invalid/diary",
        "/diary?host=/nowhere",
    ],
)
def test_a_server_that_is_not_there_may_come_back(address: str) -> None:
    error = asyncio.run(asked(f"postgresql://me:{PASSWORD}@{address}"))

    assert isinstance(error, StorageUnavailableError)
    assert error.is_passing
    assert PASSWORD not in logged(error)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("40001", StorageUnavailableError),
        ("53100", StorageFullError),
        ("42501", StorageSetupError),
        ("42P01", SchemaError),
        ("58030", StorageUnavailableError),
        ("22012", UnexpectedError),
    ],
)
def test_each_error_of_postgresql_says_whose_turn_it_is(
    postgres_url: str, code: str, kind: type[DiaristError]
) -> None:
    statement = f"DO $$ BEGIN RAISE EXCEPTION 'no reason' USING ERRCODE = '{code}'; END $$"

    error = asyncio.run(asked(postgres_url, statement))

    assert type(error) is kind
    assert "no reason" in error.message
    assert PASSWORD not in logged(error)


@pytest.mark.parametrize(
    "statement",
    ["SELECT * FROM nowhere", "SELECT unheard FROM owners", "INSERT INTO owners (x) VALUES (1)"],
)
def test_missing_tables_are_to_be_made_by_an_upgrade(database_url: str, statement: str) -> None:
    error = asyncio.run(asked(database_url, statement))

    assert type(error) is SchemaError
    assert "diarist db upgrade" in error.hint
    assert PASSWORD not in logged(error)


def test_a_file_that_is_no_database_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Dear diary, today nothing happened. " * 100)

    error = asyncio.run(asked(f"sqlite:///{path}"))

    assert type(error) is StorageSetupError
    assert "not a database" in error.message
    assert path.read_text().startswith("Dear diary")


@pytest.mark.parametrize(
    "place", ["", "/notes.txt/diarist.db", "/../../../../../proc/diarist/it.db"]
)
def test_a_place_where_there_can_be_no_file_is_the_operators_turn(
    tmp_path: Path, place: str
) -> None:
    (tmp_path / "notes.txt").touch()

    error = asyncio.run(asked(f"sqlite:///{tmp_path}{place}"))

    assert type(error) is StorageSetupError
    assert str(tmp_path) in error.message


def test_a_database_that_may_only_be_read_is_the_operators_turn(sqlite_url: str) -> None:
    error = asyncio.run(asked(sqlite_url, "PRAGMA query_only = ON", "DELETE FROM owners"))

    assert type(error) is StorageSetupError
    assert "readonly" in error.message


def test_a_full_disk_is_said_to_be_full(sqlite_url: str) -> None:
    error = asyncio.run(
        asked(
            sqlite_url,
            "PRAGMA max_page_count = 1",
            "INSERT INTO owners VALUES ('1', hex(zeroblob(1000000)), '2026-11-18')",
        )
    )

    assert type(error) is StorageFullError


def test_a_writer_who_waits_too_long_for_another_may_try_again(sqlite_url: str) -> None:
    async def scenario() -> None:
        async with (
            opened(sqlite_url, busy_timeout_s=0.0) as database,
            database.transaction(),
        ):
            with pytest.raises(StorageUnavailableError, match="locked") as caught:
                async with database.transaction():
                    pass
            assert caught.value.is_passing

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "url",
    [
        "",
        "diary",
        "mysql://me:secret@db/diary",
        "postgresql://me:the@secret@db:5432/diary",
        "postgresql://me:the@sec/ret@db:5432/diary",
        "postgresql://me:secret@db:the-port/diary",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:diary?mode=memory&uri=true",
    ],
)
def test_an_address_of_no_database_is_not_repeated(url: str) -> None:
    error = asyncio.run(asked(url))

    assert type(error) is StorageSetupError
    assert "cannot be read" in error.message
    assert "sec" not in logged(error)
