"""How engines stand in each process that has them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "engine_states",
        sa.Column("process", sa.String(100), primary_key=True),
        sa.Column("engine", sa.String(40), primary_key=True),
        sa.Column("updated", sa.Float, nullable=False),
        sa.Column("loaded", sa.Boolean, nullable=False),
        sa.Column("problem", sa.Text),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("rests_until", sa.Float),
        sa.Column("slots", sa.Integer, nullable=False),
    )
