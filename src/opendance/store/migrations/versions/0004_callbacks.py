"""Callbacks: what signs them, deliveries and their attempts; the address that a task was created at."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("ALTER TABLE tasks ADD COLUMN base_url VARCHAR(2048) NOT NULL DEFAULT ''")
    op.create_table(
        "callback_secrets",
        sa.Column("account_id", sa.String(40), sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("secret", sa.String(100), nullable=False),
        sa.Column("previous", sa.String(100)),
        sa.Column("previous_ends", sa.Float),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("task_id", sa.String(60), sa.ForeignKey("tasks.id"), nullable=False),
        sa.Column("account_id", sa.String(40), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("url", sa.String(2048), nullable=False),
        sa.Column("host", sa.String(300), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("due", sa.Float, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("finished", sa.Float),
    )
    op.create_index("deliveries_by_task", "deliveries", ["task_id", "created"])
    op.create_index("deliveries_by_due", "deliveries", ["status", "due"])
    op.create_table(
        "delivery_attempts",
        sa.Column("delivery_id", sa.String(40), sa.ForeignKey("deliveries.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("started", sa.Float, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("status_code", sa.Integer),
        sa.Column("error", sa.Text),
    )
