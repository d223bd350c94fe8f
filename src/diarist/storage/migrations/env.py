"""Executed by alembic for every run, on the connection and in the transaction of `schema.py`."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes["connection"]

context.configure(connection=connection, render_as_batch=connection.dialect.name == "sqlite")
with context.begin_transaction():
    context.run_migrations()
