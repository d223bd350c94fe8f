"""How the tables of a database differ from those that the program works with, in sentences."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Connection, MetaData, inspect


def differences(connection: Connection, metadata: MetaData, ignored: Collection[str]) -> list[str]:
    """Return one sentence for each difference.

    Args:
        connection: to the database.
        metadata: the tables as they should be.
        ignored: names of tables and indexes that are not compared.
    """
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415 - takes a quarter of a second
    from alembic.migration import MigrationContext  # noqa: PLC0415 - see above

    def is_compared(_item: object, name: str | None, *_rest: object) -> bool:
        return name not in ignored

    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "include_object": is_compared}
    )
    found: list[Any] = list(compare_metadata(context, metadata))
    sentences = [_sentence(step) for step in _flat(found)]
    return [*sentences, *_keys(connection, metadata)]


def _flat(steps: list[Any]) -> Iterator[tuple[Any, ...]]:
    """Changes of one column come as a list in the list."""
    for step in steps:
        yield from step if isinstance(step, list) else [step]


def _sentence(step: tuple[Any, ...]) -> str:
    action, *rest = step
    match action:
        case "add_table" | "remove_table":
            return _lacks_or_has(action, f"the table {rest[0].name}")
        case "add_column" | "remove_column":
            return _lacks_or_has(action, f"the column {rest[1]}.{rest[2].name}")
        case "modify_nullable":
            may_be = "may" if rest[4] else "may not"
            return f"the column {rest[1]}.{rest[2]} {may_be} be empty, which is not what is needed"
        case "modify_type":
            return f"the column {rest[1]}.{rest[2]} is {rest[4]!r} instead of {rest[5]!r}"
        case _:
            kind = action.partition("_")[2].replace("fk", "foreign key")
            return _lacks_or_has(action, f"the {kind} {rest[0].name} of {rest[0].table.name}")


def _lacks_or_has(action: str, what: str) -> str:
    return f"{what} is missing" if action.startswith("add_") else f"{what} is not of this version"


def _keys(connection: Connection, metadata: MetaData) -> Iterator[str]:
    """Compare primary keys, which alembic leaves out."""
    inspector = inspect(connection)
    for table in metadata.sorted_tables:
        if inspector.has_table(table.name):
            wanted = [column.name for column in table.primary_key]
            found = inspector.get_pk_constraint(table.name)["constrained_columns"]
            if found != wanted:
                yield f"the key of {table.name} is {found} instead of {wanted}"
