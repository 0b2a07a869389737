"""Links that an object store signed, which results were swept, and the trace that a task belongs to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_KEPT = sa.text("result_key IS NOT NULL AND swept IS NULL")


def upgrade() -> None:
    op.add_column("tasks", sa.Column("result_link", sa.Text))
    op.add_column("tasks", sa.Column("swept", sa.Float))
    op.add_column("tasks", sa.Column("trace", sa.String(60)))
    op.create_index("tasks_with_result", "tasks", ["finished"], sqlite_where=_KEPT, postgresql_where=_KEPT)
    op.create_index("tasks_by_finish", "tasks", ["finished"])
