"""Links to what tasks have made, for every wire."""

from __future__ import annotations

from opendance.catalog import RESULT_LINK_SECONDS
from opendance.fate import Kind
from opendance.links import Links
from opendance.store.tasks import TaskRecord
from opendance.task import Status


def result_link(task: TaskRecord, links: Links) -> str | None:
    """Where a completed task's video is, at the address that the task was created at; None while there is none."""
    if task.status is not Status.COMPLETED or task.result_key is None or task.finished is None:
        return None
    if task.order.fate is not None and task.order.fate.kind is Kind.LINK_ENDED:
        return links.result(task.base_url, task.result_key, made=task.finished - RESULT_LINK_SECONDS)
    return task.result_link or links.result(task.base_url, task.result_key, made=task.finished)
