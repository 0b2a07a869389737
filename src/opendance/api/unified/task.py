"""The task object, as the query, the event stream and the callback show it."""

from __future__ import annotations

import json
from typing import Any

from opendance.links import Links
from opendance.store.tasks import TaskChange, TaskRecord
from opendance.task import Status


def task_json(task: TaskRecord, links: Links) -> bytes:
    """The task object as it goes over the wire, to whoever asks and to the callback: the same bytes."""
    return json_bytes(task_object(task, links))


def json_bytes(body: dict[str, Any]) -> bytes:
    """JSON without spaces, in UTF-8."""
    return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def task_object(task: TaskRecord, links: Links) -> dict[str, Any]:
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
    if task.status is Status.COMPLETED and task.result_key is not None and task.finished is not None:
        link = task.result_link or links.result(task.base_url, task.result_key, made=task.finished)
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
