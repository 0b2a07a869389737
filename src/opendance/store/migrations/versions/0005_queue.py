"""The queue of PostgreSQL: Procrastinate's own tables. SQLite needs none."""

from __future__ import annotations

from typing import Any

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    from procrastinate.schema import SchemaManager

    # On the driver's own connection, in the same transaction: the schema has percent signs, which mean nothing there.
    driver_connection: Any = connection.connection.driver_connection
    driver_connection.execute(SchemaManager.get_schema().encode())
