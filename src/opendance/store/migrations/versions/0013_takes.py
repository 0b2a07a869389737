"""Tasks know which others ask for the same but the seed, so that lists can stack them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_ENDED = sa.text("finished IS NOT NULL")
_LISTED = ("status", "model", "quality", "aspect_ratio", "engine", "favourite", "hidden", "kept", "take_group")


def upgrade() -> None:
    op.add_column("tasks", sa.Column("take_group", sa.String(32)))
    op.create_index("tasks_by_take", "tasks", ["account_id", "take_group", "created", "id", "status", "hidden"])
    op.drop_index("tasks_by_account", "tasks")
    op.create_index("tasks_by_account", "tasks", ["account_id", "created", "id", *_LISTED])
    op.drop_index("tasks_by_account_ended", "tasks")
    op.create_index(
        "tasks_by_account_ended",
        "tasks",
        ["account_id", "finished", "id", "created", *_LISTED],
        sqlite_where=_ENDED,
        postgresql_where=_ENDED,
    )
