"""First tables: accounts, keys, tasks with their events and journal, engine speeds, server secrets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False, unique=True),
        sa.Column("user_group", sa.String(40), nullable=False),
        sa.Column("created", sa.Float, nullable=False),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("account_id", sa.String(40), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("prefix", sa.String(20), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("expires", sa.Float),
        sa.Column("revoked", sa.Float),
        sa.Column("models", sa.JSON),
    )
    op.create_table(
        "tasks",
        sa.Column("id", sa.String(60), primary_key=True),
        sa.Column("account_id", sa.String(40), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("user_group", sa.String(40), nullable=False),
        sa.Column("model", sa.String(60), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("stage", sa.String(20)),
        sa.Column("progress", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("request", sa.JSON, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("estimated_time", sa.Integer, nullable=False),
        sa.Column("credits_reserved", sa.String(40), nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("started", sa.Float),
        sa.Column("finished", sa.Float),
        sa.Column("error_code", sa.String(60)),
        sa.Column("error_message", sa.Text),
        sa.Column("result_key", sa.String(200)),
        sa.Column("cancel_requested", sa.Integer, nullable=False),
        sa.Column("owner", sa.String(40)),
        sa.Column("attempts", sa.Integer, nullable=False),
    )
    op.create_index("tasks_by_account", "tasks", ["account_id", "created", "id"])
    op.create_index("tasks_by_status", "tasks", ["status", "created", "id"])
    op.create_table(
        "task_events",
        sa.Column("task_id", sa.String(60), sa.ForeignKey("tasks.id"), primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("stage", sa.String(20)),
        sa.Column("progress", sa.Integer, nullable=False),
    )
    op.create_table(
        "task_stages",
        sa.Column("task_id", sa.String(60), sa.ForeignKey("tasks.id"), primary_key=True),
        sa.Column("stage", sa.String(20), primary_key=True),
        sa.Column("result", sa.JSON, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("finished", sa.Float, nullable=False),
    )
    op.create_table(
        "engine_speeds",
        sa.Column("engine", sa.String(40), primary_key=True),
        sa.Column("tier", sa.String(20), primary_key=True),
        sa.Column("quality", sa.String(10), primary_key=True),
        sa.Column("seconds_per_second", sa.Float, nullable=False),
        sa.Column("samples", sa.Integer, nullable=False),
    )
    op.create_table(
        "server_secrets",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.String(200), nullable=False),
    )


def downgrade() -> None:
    for table in (
        "server_secrets",
        "engine_speeds",
        "task_stages",
        "task_events",
        "tasks",
        "api_keys",
        "accounts",
    ):
        op.drop_table(table)
