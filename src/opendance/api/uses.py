"""Parts of a task's video as uploads, to be named in requests: a frame, the sound, the video itself."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict

from opendance.api.auth import CallerDependency, KeyedRoute
from opendance.api.downloads import file_name_of, has_video
from opendance.api.files import FileUploaded, uploaded
from opendance.api.own import OwnTask
from opendance.api.responses import OF_CALLERS
from opendance.api.state import ServerState, state_of
from opendance.api.unified.errors import error_responses
from opendance.errors import FileQuotaExceeded, InvalidRequest, InvalidTaskId, NotFound, RequestTooLarge, TaskNotFound
from opendance.media.pictures import frame_at, sound_of
from opendance.store.tasks import TaskRecord

router = APIRouter(tags=["Files"], route_class=KeyedRoute, responses=error_responses(*OF_CALLERS))
_ERRORS = error_responses(InvalidRequest, InvalidTaskId, TaskNotFound, NotFound, FileQuotaExceeded, RequestTooLarge)
_MOST_BYTES = 2**30


class Use(BaseModel):
    """Which part of a video."""

    model_config = ConfigDict(strict=True, extra="forbid")
    part: Literal["result", "sound"]


@router.post(
    "/v1/tasks/{task_id}/frame", operation_id="useFrame", summary="A frame of a video as an upload", responses=_ERRORS
)
async def use_frame(
    request: Request,
    caller: CallerDependency,
    task: OwnTask,
    at: Annotated[float, Query(ge=0, le=60, description="Seconds from the begin of the video.")] = 0.0,
) -> FileUploaded:
    """PNG of the frame that is shown then, at its full size. It counts as any other upload."""
    state = state_of(request)
    async with state.uploads.incoming(caller) as path, _video(state, task, path.parent) as video:
        content = await asyncio.to_thread(_frame, video, at)
        await asyncio.to_thread(path.write_bytes, content)
        name = f"{Path(file_name_of(task)).stem}-{at:.2f}s.png"
        kept = await state.uploads.keep(caller, path, name=name, original_name=name, folder=None)
    return uploaded(request, kept)


@router.post(
    "/v1/tasks/{task_id}/use",
    operation_id="useVideo",
    summary="A video, or its sound, as an upload",
    responses=_ERRORS,
)
async def use_video(request: Request, caller: CallerDependency, task: OwnTask, body: Use) -> FileUploaded:
    """The video stays where it is; what is made of it counts as any other upload."""
    state, name = state_of(request), file_name_of(task)
    async with state.uploads.incoming(caller) as path, _video(state, task, path.parent) as video:
        if body.part == "sound":
            name = f"{Path(name).stem}.wav"
            if not await asyncio.to_thread(_sound, video, path):
                raise InvalidRequest(problem=f"part: the video of task {task.id} has no sound")
        else:
            await asyncio.to_thread(shutil.copyfile, video, path)
        kept = await state.uploads.keep(caller, path, name=name, original_name=name, folder=None)
    return uploaded(request, kept)


@asynccontextmanager
async def _video(state: ServerState, task: TaskRecord, folder: Path) -> AsyncGenerator[Path]:
    """The task's video as a file.

    Raises:
        NotFound: there is none, or it is not kept any more.
    """
    gone = NotFound(what="video of task", name=task.id, hint=": there is none, or it is not kept any more")
    if not has_video(task):
        raise gone
    video = folder / "video.mp4"
    try:
        await state.storage.fetch(task.result_key or "", video, max_bytes=_MOST_BYTES)
    except FileNotFoundError:
        raise gone from None
    yield video


def _frame(video: Path, at: float) -> bytes:
    with video.open("rb") as clip:
        return frame_at(clip, at)


def _sound(video: Path, target: Path) -> bool:
    with video.open("rb") as clip:
        return sound_of(clip, target)
