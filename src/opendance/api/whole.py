"""All that is known of one task, for its owner."""

from __future__ import annotations

from fastapi import Request

from opendance.api.state import ServerState, base_url_of, links_of, state_of
from opendance.api.unified.card import TaskCard
from opendance.api.unified.check import plan_object
from opendance.api.unified.details import DetailedVideoTask, EngineFailure, TaskInputObject, WholeVideoTask
from opendance.errors import LinkExpired
from opendance.links import Links, thumb_path
from opendance.order import Link
from opendance.pipeline.details import course_of
from opendance.pipeline.inputs import source_of, why_gone
from opendance.store.database import Connection
from opendance.store.files import read_file
from opendance.store.tasks import TaskRecord, get_task


async def whole_task(request: Request, task: TaskRecord, detailed: DetailedVideoTask, card: TaskCard) -> WholeVideoTask:
    """The task with its inputs, the course that it took, and the whole plan."""
    state = state_of(request)
    course = await course_of(state.database, task)
    async with state.database.read() as connection:
        at, links = base_url_of(request), links_of(request)
        inputs = [await _input(state, connection, task, link, links, at) for link in task.order.links]
    failures: list[EngineFailure] = [{"engine": each.engine, "code": each.code} for each in course.failures]
    return {
        **detailed,
        "revision": task.revision,
        "updated": task.updated,
        "card": card,
        "inputs": inputs,
        "stages": [{"name": each.name, "seconds": each.seconds, "finished": each.finished} for each in course.stages],
        "notes": list(course.notes),
        "failures": failures,
        "whole_plan": None if course.plan is None else plan_object(course.plan),
    }


async def _input(
    state: ServerState, connection: Connection, task: TaskRecord, link: Link, links: Links, base_url: str
) -> TaskInputObject:
    told: TaskInputObject = {
        "kind": link.kind,
        "number": link.number,
        "url": link.url,
        "place": link.place,
        "name": None,
        "file_id": None,
        "task_id": None,
        "gone": False,
        "thumb_url": None,
    }
    try:
        source = source_of(link.url, task, state.links)
    except LinkExpired:
        return told
    if source is None:
        return told
    if source.is_upload:
        file = await read_file(connection, task.account_id, source.id)
        told["file_id"], told["gone"] = source.id, file is None
        if file is not None:
            told["name"] = file.name
            if file.mime_type.startswith("image/"):
                told["thumb_url"] = links.upload(base_url, file.key, ends=file.expires)
            elif file.mime_type.startswith("video/"):
                told["thumb_url"] = thumb_path(file.id)
        return told
    owner = await get_task(connection, task.account_id, source.id)
    if owner is not None:
        told["task_id"] = owner.id
        told["gone"] = why_gone(owner, source) is not None
        has_pictures = owner.pictures or owner.swept is None
        told["thumb_url"] = f"/v1/tasks/{owner.id}/poster" if has_pictures else None
    return told
