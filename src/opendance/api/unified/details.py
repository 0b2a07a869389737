"""What a task tells when it is asked for more than its state: `?include=request`."""

from __future__ import annotations

from typing import Any

from opendance.api.unified.request import request_object
from opendance.pipeline.details import TaskDetails
from opendance.plan import Plan
from opendance.store.tasks import TaskRecord
from opendance.task import Status


def details_object(task: TaskRecord, details: TaskDetails, *, base_url: str) -> dict[str, Any]:
    """What the task object gains.

    Args:
        base_url: of the links.
    """
    return {
        "request": request_object(task.order),
        "seed": details.seed,
        "plan": None if details.plan is None else plan_summary(details.plan),
        "started": None if task.started is None else int(task.started),
        "finished": None if task.finished is None else int(task.finished),
        "links": _links(task, base_url),
    }


def plan_summary(plan: Plan) -> dict[str, Any]:
    """The plan in few words: what each shot shows, and what the assets are for."""
    return {
        "language": plan.language,
        "aspect_ratio": plan.aspect_ratio,
        "style": plan.style,
        "mood": plan.mood,
        "shots": [
            {
                "start": shot.start,
                "end": shot.end,
                "setting": shot.setting,
                "hour": shot.hour,
                "weather": shot.weather,
                "size": shot.size,
                "camera": shot.camera.move,
                "subjects": [subject.name for subject in shot.subjects],
            }
            for shot in plan.shots
        ],
        "dialogue": [line.text for line in plan.dialogue],
        "assets": [{"kind": use.kind, "number": use.number, "role": use.role} for use in plan.assets],
    }


def _links(task: TaskRecord, base_url: str) -> dict[str, str]:
    """Routes that give something for the task as it stands."""
    here = f"{base_url.rstrip('/')}/v1/tasks/{task.id}"
    links = {"self": here, "again": f"{here}/again"}
    if not task.status.terminal:
        return links | {"events": f"{here}/events", "cancel": f"{here}/cancel"}
    if task.status is Status.COMPLETED and (task.pictures or task.swept is None):
        links |= {name: f"{here}/{name.replace('_', '-')}" for name in ("poster", "strip", "last_frame")}
    return links
