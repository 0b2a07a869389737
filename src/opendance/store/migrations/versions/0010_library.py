"""Tasks know their wire, and carry what their owner makes of them: title, tags, what is a favourite, hidden or kept.

Those that have ended can be searched.
"""

from __future__ import annotations

import unicodedata
import zlib
from collections import defaultdict
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_BITE = 500  # rows read at once
_MAX_KEPT_BYTES = 10 * 2**30
_LIVE = ("pending", "processing")
_WITH_RESULT = "result_key IS NOT NULL AND swept IS NULL AND "
_ENDED = sa.text("finished IS NOT NULL")
_LISTED = ("status", "model", "quality", "aspect_ratio", "engine", "favourite", "hidden", "kept")


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
            for name in ("pictures", "favourite", "hidden", "kept", "removing")
        ),
    ):
        op.add_column("tasks", column)
    op.drop_index("task_inputs_by_file", "task_inputs")
    with op.batch_alter_table("task_inputs") as inputs:
        inputs.alter_column("file_id", new_column_name="source_id", type_=sa.String(60))
    op.create_index("task_inputs_by_source", "task_inputs", ["source_id"])
    _read_tasks(_create_search())
    op.drop_index("tasks_by_account", "tasks")
    op.create_index("tasks_by_account", "tasks", ["account_id", "created", "id", *_LISTED])
    op.create_index(
        "tasks_by_account_ended",
        "tasks",
        ["account_id", "finished", "id", "created", *_LISTED],
        sqlite_where=_ENDED,
        postgresql_where=_ENDED,
    )
    for name, column, mark in (("tasks_kept", "account_id", "kept"), ("tasks_being_removed", "id", "removing")):
        op.create_index(name, "tasks", [column], sqlite_where=sa.text(f"{mark} = 1"), postgresql_where=sa.text(mark))
    op.drop_index("tasks_with_result", "tasks")
    op.create_index(
        "tasks_with_result",
        "tasks",
        ["finished"],
        sqlite_where=sa.text(f"{_WITH_RESULT} kept = 0"),
        postgresql_where=sa.text(f"{_WITH_RESULT} NOT kept"),
    )


def _create_search() -> sa.Table:
    """What is searched, and its index: of SQLite's own kind, or of numbers."""
    search = op.create_table(
        "task_search",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("task_id", sa.String(60), sa.ForeignKey("tasks.id"), nullable=False, unique=True),
        sa.Column("account_id", sa.String(40), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("task_search_by_account", "task_search", ["account_id", "id"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE task_grams USING fts5"
            "(grams, content='', columnsize=0, detail=none, tokenize='trigram case_sensitive 1')"
        )
    else:
        op.create_table(
            "task_grams",
            sa.Column("rowid", sa.BigInteger, primary_key=True, autoincrement=False),
            sa.Column("grams", sa.ARRAY(sa.Integer), nullable=False),
        )
        op.create_index("task_grams_by_gram", "task_grams", ["grams"], postgresql_using="gin")
    return search


def _read_tasks(search: sa.Table) -> None:
    """Quality and ratio become columns, and what has ended can be searched."""
    tasks = sa.table(
        "tasks", sa.column("id", sa.String), sa.column("account_id", sa.String), sa.column("status", sa.String),
        sa.column("order", sa.JSON), sa.column("quality", sa.String), sa.column("aspect_ratio", sa.String),
    )  # fmt: skip
    connection, last, sqlite = op.get_bind(), "", op.get_bind().dialect.name == "sqlite"
    change = (
        sa.update(tasks)
        .where(tasks.c.id == sa.bindparam("task"))
        .values(quality=sa.bindparam("new_quality"), aspect_ratio=sa.bindparam("new_ratio"))
    )
    grams = sa.table("task_grams", sa.column("rowid"), sa.column("grams", sa.Text if sqlite else sa.ARRAY(sa.Integer)))
    numbers: defaultdict[int, int] = defaultdict(int)
    orders = sa.select(tasks.c.id, tasks.c.account_id, tasks.c.status, tasks.c.order).order_by(tasks.c.id).limit(_BITE)
    while rows := connection.execute(orders.where(tasks.c.id > last)).all():
        last = rows[-1].id
        connection.execute(
            change,
            [
                {"task": row.id, "new_quality": row.order["quality"], "new_ratio": row.order["aspect_ratio"]}
                for row in rows
            ],
        )
        ended = [_searched(row, numbers, sqlite) for row in rows if row.status not in _LIVE]
        if ended:
            connection.execute(sa.insert(search), ended)
            connection.execute(sa.insert(grams), [_indexed(row, sqlite) for row in ended])
    if not sqlite:
        op.execute("SELECT setval(pg_get_serial_sequence('task_search', 'id'), max(id)) FROM task_search")


def _searched(row: Any, numbers: defaultdict[int, int], sqlite: bool) -> dict[str, Any]:
    """Numbers as they are given: on SQLite an account has a range of its own, here of the checksum of its id."""
    first = zlib.crc32(row.account_id.encode()) * 2**31 if sqlite else 0
    numbers[first] += 1
    text = "\x1e".join((row.id, "", _normalised(row.order["prompt"][:2000]), "\x1f\x1f"))
    return {"id": first + numbers[first], "task_id": row.id, "account_id": row.account_id, "text": text}


def _normalised(text: str) -> str:
    if not text.isascii():
        text = text.encode(errors="replace").decode()
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(text.casefold().replace("\0", " ").split())


def _indexed(row: dict[str, Any], sqlite: bool) -> dict[str, Any]:
    """Every two characters and every one: as trigrams around a gap, or as numbers in which the account is."""
    text: str = row["text"]
    if sqlite:
        return {"rowid": row["id"], "grams": "\x1d" + "\x1d".join(text) + "\x1d"}
    account = zlib.crc32(row["account_id"].encode())
    grams: set[str] = {*text, *map("".join, pairwise(text))}
    return {"rowid": row["id"], "grams": [zlib.crc32(gram.encode(), account) - 2**31 for gram in grams]}
