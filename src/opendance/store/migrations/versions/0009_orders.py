"""Tasks keep what is asked for in no wire's words, and which uploads they need; a task can wait for another task."""

from __future__ import annotations

import json
import re
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_BITE = 1000  # rows read at once
_KINDS = ("image", "video", "audio")
# Links of uploads as they were when this was written; a task that has not ended keeps the upload that it names.
_UPLOAD = re.compile(r"/api/v1/files/content/(file-[0-9a-f]{1,32})\.")
_LIVE = ("pending", "processing")
_AWAITING = sa.text("awaits IS NOT NULL")


def upgrade() -> None:
    op.add_column("tasks", sa.Column("awaits", sa.String(60)))
    op.create_index("tasks_awaiting", "tasks", ["awaits"], sqlite_where=_AWAITING, postgresql_where=_AWAITING)
    inputs = op.create_table(
        "task_inputs",
        sa.Column("task_id", sa.String(60), sa.ForeignKey("tasks.id"), primary_key=True),
        sa.Column("file_id", sa.String(40), primary_key=True),
    )
    op.create_index("task_inputs_by_file", "task_inputs", ["file_id"])
    tasks = sa.table("tasks", sa.column("id", sa.String), sa.column("status", sa.String), sa.column("request", sa.JSON))
    connection, last = op.get_bind(), ""
    change = sa.update(tasks).where(tasks.c.id == sa.bindparam("task")).values(request=sa.bindparam("order"))
    while True:
        rows = connection.execute(sa.select(tasks).where(tasks.c.id > last).order_by(tasks.c.id).limit(_BITE)).all()
        if not rows:
            break
        last = rows[-1].id
        connection.execute(change, [{"task": row.id, "order": _order(row.request)} for row in rows])
        needed = [
            {"task_id": row.id, "file_id": file_id}
            for row in rows
            if row.status in _LIVE
            for file_id in sorted(set(_UPLOAD.findall(json.dumps(row.request))))
        ]
        if needed:
            connection.execute(sa.insert(inputs), needed)
    op.execute('ALTER TABLE tasks RENAME COLUMN request TO "order"')  # in these words on both databases


def _order(request: dict[str, Any]) -> dict[str, Any]:
    """The order of a request of the unified API, as it was kept until now."""
    parameters: dict[str, Any] = request.get("model_params") or {}
    return {
        "model": request["model"],
        "prompt": request["prompt"],
        "links": [
            {"kind": kind, "number": number, "url": url, "place": f"{kind}_urls[{number - 1}]"}
            for kind in _KINDS
            for number, url in enumerate(request.get(f"{kind}_urls") or (), start=1)
        ],
        "duration": request.get("duration", 5),
        "quality": request.get("quality", "720p"),
        "aspect_ratio": request.get("aspect_ratio", "16:9"),
        "generate_audio": request.get("generate_audio", True),
        "content_filter": request.get("content_filter", True),
        "web_search": parameters.get("web_search", False),
        "seed": parameters.get("seed"),
        "callback_url": request.get("callback_url"),
    }
