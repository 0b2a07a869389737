"""What a task tells when it is asked for more than its state: `?include=request`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from opendance.api.unified.card import TaskCard
from opendance.api.unified.library import Labels
from opendance.api.unified.request import request_object
from opendance.api.unified.task import VideoTask
from opendance.pipeline.details import TaskDetails
from opendance.plan import Plan
from opendance.store.tasks import TaskRecord
from opendance.task import Status


class ShotSummary(TypedDict):
    """A shot in few words."""

    start: Annotated[float, Field(description="Seconds from the begin of the video.")]
    end: float
    setting: str
    hour: str
    weather: str
    size: str
    camera: str
    subjects: list[str]


class AssetRole(TypedDict):
    """What an asset is for."""

    kind: str
    number: int
    role: str


class PlanSummary(TypedDict):
    """What was understood of a prompt, in few words."""

    language: str
    aspect_ratio: str
    style: str
    mood: str
    shots: list[ShotSummary]
    dialogue: list[str]
    assets: list[AssetRole]


class TaskDetailsObject(TypedDict):
    """What a task gains with `include=request`."""

    request: Annotated[dict[str, Any], Field(description="The body that asks for it, with every default spelled out.")]
    seed: Annotated[
        int | None, Field(description="What the engine got; null where the engine that made the video takes none.")
    ]
    plan: Annotated[PlanSummary | None, Field(description="What was understood; null until the prompt was read.")]
    started: Annotated[int | None, Field(description="Unix seconds; null until then.")]
    finished: Annotated[int | None, Field(description="Unix seconds; null until then.")]
    links: Annotated[
        dict[str, str], Field(description="Routes that give something for the task as it stands, by what they give.")
    ]


class DetailedVideoTask(VideoTask, TaskDetailsObject, Labels):
    """A task as it stands, with what was asked for and understood, and what its account makes of it."""


class TaskInputObject(TypedDict):
    """A file that a task names."""

    kind: str
    number: int
    url: str
    place: Annotated[str, Field(description="Where it stands in the request.")]
    name: Annotated[str | None, Field(description="Of an upload.")]
    file_id: Annotated[str | None, Field(description="Of an upload.")]
    task_id: Annotated[str | None, Field(description="Of the task whose video or picture it is.")]
    gone: Annotated[bool, Field(description="Whether it was here, and is not any more.")]
    thumb_url: Annotated[str | None, Field(description="Of what is here: where a picture of it is.")]


class StageTime(TypedDict):
    """A step that has finished."""

    name: str
    seconds: float
    finished: float


class EngineFailure(TypedDict):
    """An engine that was tried and failed."""

    engine: str
    code: str


class WholeVideoTask(DetailedVideoTask):
    """A task with all that is known of it; only of one that is asked for by its id."""

    revision: int
    updated: float
    card: TaskCard
    inputs: list[TaskInputObject]
    stages: Annotated[list[StageTime], Field(description="In the order in which they finished.")]
    notes: Annotated[list[str], Field(description="What was done to the files.")]
    failures: list[EngineFailure]
    whole_plan: Annotated[
        dict[str, Any] | None, Field(description="As `POST /v1/videos/check` tells it; null until the prompt was read.")
    ]


def details_object(task: TaskRecord, details: TaskDetails, *, base_url: str) -> TaskDetailsObject:
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


def plan_summary(plan: Plan) -> PlanSummary:
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
