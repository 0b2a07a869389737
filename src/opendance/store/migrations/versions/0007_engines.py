"""Which engine made a task, and tasks that wait at an upstream without a worker."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_PARKED = sa.text("parked_until IS NOT NULL")


def upgrade() -> None:
    op.add_column("tasks", sa.Column("engine", sa.String(60)))
    op.add_column("tasks", sa.Column("substitute", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("tasks", sa.Column("parked_until", sa.Float))
    op.add_column("tasks", sa.Column("parks", sa.Integer, nullable=False, server_default="0"))
    op.create_index("tasks_parked", "tasks", ["parked_until"], sqlite_where=_PARKED, postgresql_where=_PARKED)
