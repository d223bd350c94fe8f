"""What an error of a database driver means, and whose turn it is: the one place that knows."""

from __future__ import annotations

import sqlite3
from enum import Enum, auto

from sqlalchemy import exc, make_url

from diarist.errors import (
    DiaristError,
    SchemaError,
    StorageFullError,
    StorageSetupError,
    StorageUnavailableError,
    UnexpectedError,
)


class Meaning(Enum):
    """What an error says about the database."""

    PASSING = auto()  # the same work, done again a moment later, may succeed
    BROKEN = auto()  # it does not do its part, and will not a moment later
    FULL = auto()
    NOT_ALLOWED = auto()  # address, credentials, permissions
    OTHER_TABLES = auto()
    DEFECT = auto()  # we asked for nonsense


# The longest beginning of a code that is found here counts.
# Source: PostgreSQL 18, appendix A, error codes.
_BY_SQLSTATE = {
    "08": Meaning.PASSING,  # no connection, or none any more
    "08P01": Meaning.NOT_ALLOWED,  # a pooler that does not accept our settings
    "25006": Meaning.PASSING,  # a former primary that only reads now
    "25P03": Meaning.PASSING,  # idle in a transaction for too long
    "25P04": Meaning.PASSING,  # a transaction that took too long
    "28": Meaning.NOT_ALLOWED,
    "3D000": Meaning.NOT_ALLOWED,  # no such database
    "3F000": Meaning.NOT_ALLOWED,  # no such schema
    "40": Meaning.PASSING,  # deadlock, not serialisable
    "42501": Meaning.NOT_ALLOWED,
    "42703": Meaning.OTHER_TABLES,  # no such column
    "42704": Meaning.OTHER_TABLES,  # no such index, type or operator class
    "42883": Meaning.OTHER_TABLES,  # no such function, such as those of an extension
    "42P01": Meaning.OTHER_TABLES,  # no such table
    "42P10": Meaning.OTHER_TABLES,  # no such unique index
    "53": Meaning.PASSING,  # out of memory, too many connections
    "53100": Meaning.FULL,
    "55006": Meaning.PASSING,  # in use
    "55P03": Meaning.PASSING,  # lock not available
    "57": Meaning.PASSING,  # cancelled, shutting down, starting up
    "58": Meaning.BROKEN,  # the operating system
    "F0": Meaning.NOT_ALLOWED,  # its configuration files
    "XX": Meaning.BROKEN,  # damaged data
}

# Source: https://www.sqlite.org/rescode.html, names of result codes; see `_BY_SQLSTATE`.
_BY_SQLITE_NAME = {
    "SQLITE_AUTH": Meaning.NOT_ALLOWED,
    "SQLITE_BUSY": Meaning.PASSING,
    "SQLITE_CANTOPEN": Meaning.NOT_ALLOWED,
    "SQLITE_CORRUPT": Meaning.BROKEN,
    "SQLITE_FULL": Meaning.FULL,
    "SQLITE_INTERRUPT": Meaning.PASSING,
    "SQLITE_IOERR": Meaning.BROKEN,
    "SQLITE_IOERR_SHMSIZE": Meaning.FULL,  # no room for the index of the write-ahead log
    "SQLITE_LOCKED": Meaning.PASSING,
    "SQLITE_NOLFS": Meaning.FULL,
    "SQLITE_NOMEM": Meaning.PASSING,
    "SQLITE_NOTADB": Meaning.NOT_ALLOWED,
    "SQLITE_PERM": Meaning.NOT_ALLOWED,
    "SQLITE_PROTOCOL": Meaning.PASSING,
    "SQLITE_READONLY": Meaning.NOT_ALLOWED,
    "SQLITE_SCHEMA": Meaning.PASSING,
}

# SQLite has one code for all statements that it does not understand.
_OTHER_TABLES_TEXT = ("no such table", "no such column", "has no column", "no such module")

# PostgreSQL's driver knows no code for a connection that was refused. A server that speaks
# another language than English is taken for one that is away, and says why in the message.
_REFUSED_TEXT = (
    "authentication failed",
    "no password supplied",
    "no pg_hba.conf entry",
    "does not exist",
    "not permitted to log in",
    "not currently accepting connections",
    "permission denied",
    "certificate",
    "does not support ssl",
    "invalid ",
)


def translated(error: exc.SQLAlchemyError, url: str) -> DiaristError:
    """Return our error for one of a driver."""
    meaning = meaning_of(error)
    where, reason = shown(url), _first_line(error)
    if meaning is Meaning.FULL:
        return StorageFullError(
            f"the database {where} has no room left ({reason})",
            hint="Free space on its disk; work goes on by itself after that.",
        )
    if meaning is Meaning.OTHER_TABLES:
        return SchemaError(
            f"the database {where} has other tables than this version needs ({reason})",
            hint="Run: diarist db upgrade",
        )
    if meaning is Meaning.NOT_ALLOWED:
        return setup_error(url, error)
    if meaning is Meaning.DEFECT:
        return UnexpectedError(
            f"the database {where} was asked for something impossible ({reason})",
            hint="Report it as a bug, with the log.",
        )
    away = StorageUnavailableError(
        f"the database {where} did not do its part ({reason})",
        hint="Check that it runs and can be reached; work goes on by itself after that.",
    )
    away.is_passing = meaning is Meaning.PASSING
    return away


def without_quotes(error: exc.SQLAlchemyError) -> exc.SQLAlchemyError:
    """Return an error without the lines in which PostgreSQL quotes whole rows, for the log."""
    cause = getattr(error, "orig", None)
    if isinstance(cause, Exception):
        cause.args = (_first_line(error),)
        error.args = (f"({type(cause).__name__}) {_first_line(error)}",)
    return error


def setup_error(url: str, error: Exception) -> StorageSetupError:
    """Return the error for a database that cannot be used as it is configured."""
    if isinstance(error, ImportError):
        return StorageSetupError(
            f"the driver for the database {shown(url)} is not installed ({error})",
            hint='Install it: pip install "diarist[postgres]"',
        )
    return StorageSetupError(
        f"the database {shown(url)} cannot be used ({_first_line(error)})",
        hint="Check DIARIST_DATABASE__URL, the permissions and the password.",
    )


def address_error() -> StorageSetupError:
    """Return the error for a URL that cannot be read. It shows none: a password may be in it."""
    return StorageSetupError(
        "the address of the database cannot be read",
        hint="Write DIARIST_DATABASE__URL as sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME,"
        " and @ : / in a password as %40 %3A %2F.",
    )


def shown(url: str) -> str:
    """Return a URL as it may be shown: without a password, wherever it was."""
    parsed = make_url(url)
    place = {name: parsed.query[name] for name in ("host", "port") if name in parsed.query}
    return parsed.set(query=place).render_as_string(hide_password=True)


def meaning_of(error: exc.SQLAlchemyError) -> Meaning:
    """Return what an error of a driver, or of the pool of connections, means."""
    if isinstance(error, exc.TimeoutError):
        return Meaning.PASSING  # all connections are in use
    if not isinstance(error, exc.DBAPIError):
        return Meaning.NOT_ALLOWED if isinstance(error, exc.ArgumentError) else Meaning.DEFECT
    if error.connection_invalidated:
        return Meaning.PASSING
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause)
    sqlstate = getattr(cause, "sqlstate", None)
    if sqlstate is not None:
        return _longest_match(sqlstate, _BY_SQLSTATE)
    if not isinstance(error, exc.OperationalError):
        return Meaning.DEFECT
    is_refused = any(part in str(cause).lower() for part in _REFUSED_TEXT)
    return Meaning.NOT_ALLOWED if is_refused else Meaning.PASSING


def _of_sqlite(cause: sqlite3.Error) -> Meaning:
    text = str(cause).lower()
    if any(part in text for part in _OTHER_TABLES_TEXT):
        return Meaning.OTHER_TABLES
    return _longest_match(getattr(cause, "sqlite_errorname", ""), _BY_SQLITE_NAME)


def _longest_match(code: str, meanings: dict[str, Meaning]) -> Meaning:
    beginnings = [beginning for beginning in meanings if code.startswith(beginning)]
    return meanings[max(beginnings, key=len)] if beginnings else Meaning.DEFECT


def _first_line(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    lines = str(cause).strip().splitlines()
    return lines[0] if lines else type(cause).__name__
