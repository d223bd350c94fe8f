"""The full-text index over `search_documents`."""

from __future__ import annotations

from sqlite3 import sqlite_version_info

from alembic import op

revision = "0002"
down_revision = "0001"

# `folded` is lower-case ASCII, so that "simple" and "ascii" find the same words in it. The owner is
# a word without a position: it narrows a search, and is no part of phrases and ranks.
_POSTGRESQL = (
    "ALTER TABLE search_documents ADD COLUMN search_words tsvector GENERATED ALWAYS AS"
    " (array_to_tsvector(ARRAY['xy' || replace(CAST(owner_id AS text), '-', '')])"
    " || to_tsvector('simple', folded)) STORED",
    "CREATE INDEX ix_search_documents_search_words ON search_documents USING gin (search_words)",
)
_POSTGRESQL_BACK = (
    "DROP INDEX ix_search_documents_search_words",
    "ALTER TABLE search_documents DROP COLUMN search_words",
)

# The index has no text of its own. To take a row's words out it must be told them, and a row whose
# words change is taken out and put in.
_OUT = (
    "INSERT INTO search_index (search_index, rowid, folded) VALUES ('delete', old.id, old.folded);"
)
_IN = "INSERT INTO search_index (rowid, folded) VALUES (new.id, new.folded);"
_SQLITE = (
    "CREATE VIRTUAL TABLE search_index USING fts5"
    " (folded, content='search_documents', content_rowid='id', tokenize='ascii')",
    f"CREATE TRIGGER search_documents_added AFTER INSERT ON search_documents BEGIN {_IN} END",
    f"CREATE TRIGGER search_documents_removed AFTER DELETE ON search_documents BEGIN {_OUT} END",
    "CREATE TRIGGER search_documents_changed AFTER UPDATE OF id, folded ON search_documents"
    f" BEGIN {_OUT} {_IN} END",
    "INSERT INTO search_index (search_index) VALUES ('rebuild')",
)
# Else a deletion only notes that a word does not count any more. From the first deletion on, no
# older SQLite reads the index.
_SQLITE_REMOVE_AT_ONCE = "INSERT INTO search_index (search_index, rank) VALUES ('secure-delete', 1)"
_SQLITE_BACK = (
    "DROP TRIGGER search_documents_changed",
    "DROP TRIGGER search_documents_removed",
    "DROP TRIGGER search_documents_added",
    "DROP TABLE search_index",
)


def upgrade() -> None:
    """Make the index, over the rows that there are."""
    _execute(_SQLITE if _is_sqlite() else _POSTGRESQL)
    if _is_sqlite() and sqlite_version_info >= (3, 42):
        _execute((_SQLITE_REMOVE_AT_ONCE,))


def downgrade() -> None:
    """Remove the index. The rows stay."""
    _execute(_SQLITE_BACK if _is_sqlite() else _POSTGRESQL_BACK)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _execute(statements: tuple[str, ...]) -> None:
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)
