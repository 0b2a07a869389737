"""The task object, as the query, the event stream and the callback show it."""

from __future__ import annotations

from typing import Any

from opendance.api.links import result_link
from opendance.api.state import json_bytes
from opendance.storage import Storage
from opendance.store.database import Database
from opendance.store.tasks import TaskChange, TaskRecord


def task_json(task: TaskRecord, storage: Storage) -> bytes:
    """The task object as it goes over the wire, to whoever asks and to the callback: the same bytes."""
    return json_bytes(task_object(task, storage))


async def callback_body(task: TaskRecord, database: Database, storage: Storage) -> bytes:
    """What the receiver of a task's callback is told."""
    return task_json(task, storage)


def task_object(task: TaskRecord, storage: Storage) -> dict[str, Any]:
    """The task as JSON. Links in `results` lead to the address that the task was created at."""
    body: dict[str, Any] = {
        "created": int(task.created),
        "id": task.id,
        "model": f"{task.model}@{task.engine}" if task.substitute and task.status.terminal else task.model,
        "object": "video.generation.task",
        "progress": task.progress,
        "status": task.status.value,
        "task_info": {
            "can_cancel": not task.status.terminal,
            "estimated_time": task.estimated_time,
            "video_duration": task.order.duration,
        },
        "type": "video",
        "usage": {
            "billing_rule": "per_second",
            "credits_reserved": float(task.credits_reserved),
            "user_group": task.user_group,
        },
    }
    if task.credits_used is not None:
        body["usage"] |= {"credits_used": float(task.credits_used), "lines": task.price_lines or []}
    if task.engine is not None and task.status.terminal:
        body["engine"] = task.engine
    if task.stage is not None:
        body["stage"] = task.stage
    if (link := result_link(task, storage)) is not None:
        body["results"] = [link]
    if task.error_code is not None:
        body["error"] = {"code": task.error_code, "message": task.error_message}
    return body


def at_change(body: dict[str, Any], change: TaskChange) -> dict[str, Any]:
    """The task object as it was at an earlier, not terminal change."""
    earlier = {name: value for name, value in body.items() if name not in ("results", "error", "stage", "engine")}
    earlier["model"] = body["model"].partition("@")[0]
    earlier |= {"status": change.status.value, "progress": change.progress}
    earlier["usage"] = {name: value for name, value in body["usage"].items() if name not in ("credits_used", "lines")}
    earlier["task_info"] = {**body["task_info"], "can_cancel": not change.status.terminal}
    if change.stage is not None:
        earlier["stage"] = change.stage
    return earlier
