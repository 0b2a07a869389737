"""Tasks know their wire, and carry what their owner makes of them: title, tags, what is a favourite, hidden or kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_BITE = 1000  # rows read at once
_MAX_KEPT_BYTES = 10 * 2**30


def upgrade() -> None:
    op.add_column(
        "user_groups", sa.Column("max_kept_bytes", sa.BigInteger, nullable=False, server_default=str(_MAX_KEPT_BYTES))
    )
    for column in (
        sa.Column("wire", sa.String(20), nullable=False, server_default="unified"),
        sa.Column("quality", sa.String(10), nullable=False, server_default=""),
        sa.Column("aspect_ratio", sa.String(10), nullable=False, server_default=""),
        sa.Column("result_bytes", sa.BigInteger),
        sa.Column("title", sa.String(200)),
        sa.Column("tags", sa.JSON),
        *(
            sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())
            for name in ("pictures", "favourite", "hidden", "kept")
        ),
    ):
        op.add_column("tasks", column)
    _name_shapes()
    op.drop_index("task_inputs_by_file", "task_inputs")
    with op.batch_alter_table("task_inputs") as inputs:
        inputs.alter_column("file_id", new_column_name="source_id", type_=sa.String(60))
    op.create_index("task_inputs_by_source", "task_inputs", ["source_id"])


def _name_shapes() -> None:
    """Quality and ratio as the orders say."""
    tasks = sa.table(
        "tasks", sa.column("id", sa.String), sa.column("order", sa.JSON),
        sa.column("quality", sa.String), sa.column("aspect_ratio", sa.String),
    )  # fmt: skip
    connection, last = op.get_bind(), ""
    change = (
        sa.update(tasks)
        .where(tasks.c.id == sa.bindparam("task"))
        .values(quality=sa.bindparam("new_quality"), aspect_ratio=sa.bindparam("new_ratio"))
    )
    orders = sa.select(tasks.c.id, tasks.c.order).order_by(tasks.c.id).limit(_BITE)
    while rows := connection.execute(orders.where(tasks.c.id > last)).all():
        last = rows[-1].id
        connection.execute(
            change,
            [
                {"task": row.id, "new_quality": row.order["quality"], "new_ratio": row.order["aspect_ratio"]}
                for row in rows
            ],
        )
