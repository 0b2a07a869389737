"""Sessions and sign-in links of the Studio, what was measured of uploads, and when a task changed last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "studio_sessions",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("account_id", sa.String(40), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("key_id", sa.String(40), sa.ForeignKey("api_keys.id"), nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("last_used", sa.Float, nullable=False),
        sa.Column("browser", sa.String(200), nullable=False),
        sa.Column("admin_until", sa.Float),
    )
    op.create_index("studio_sessions_by_account", "studio_sessions", ["account_id", "created"])
    op.create_table(
        "studio_links",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("account_id", sa.String(40), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("admin", sa.Boolean, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("ends", sa.Float, nullable=False),
        sa.Column("used", sa.Float),
    )
    op.add_column("user_groups", sa.Column("own_keys", sa.Boolean, nullable=False, server_default=sa.true()))
    op.add_column("uploaded_files", sa.Column("sha256", sa.String(64)))
    op.add_column("uploaded_files", sa.Column("media", sa.JSON))
    op.add_column("uploaded_files", sa.Column("kept", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("tasks", sa.Column("updated", sa.Float, nullable=False, server_default="0"))
    op.execute("UPDATE tasks SET updated = coalesce(finished, started, created)")
    op.create_index("tasks_by_account_updated", "tasks", ["account_id", "updated"])
