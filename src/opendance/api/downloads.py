"""A task's video by the task's own address, with a name for people, and several in one archive."""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
import time
import zipfile
from collections.abc import AsyncGenerator, Sequence
from io import RawIOBase
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse

from opendance.api.auth import CallerDependency, KeyedRoute
from opendance.api.own import OwnTask
from opendance.api.responses import OF_CALLERS, Responses
from opendance.api.state import ServerState, base_url_of, state_of
from opendance.api.stored import stored_object
from opendance.api.unified.errors import error_responses
from opendance.catalog import RESULT_LINK_SECONDS
from opendance.errors import InvalidRequest, InvalidTaskId, NotFound, TaskNotFound
from opendance.store.listing import tasks_named
from opendance.store.tasks import TaskRecord
from opendance.task import Status, is_task_id

router = APIRouter(tags=["Results"], route_class=KeyedRoute, responses=error_responses(*OF_CALLERS))
_MOST = 100  # videos in one archive
_MOST_BYTES = 2**31
_PIECE = 1 << 20
_NO_NAME = re.compile(r"[^\w .-]+", re.UNICODE)
_LONGEST_TITLE = 60  # letters
_ARCHIVE: Responses = {200: {"description": "A ZIP archive", "content": {"application/zip": {}}}}


@router.get(
    "/v1/tasks/zip",
    operation_id="downloadTasks",
    summary="Download several videos",
    response_class=StreamingResponse,
    responses=_ARCHIVE | error_responses(InvalidRequest, NotFound),
)
async def read_archive(
    request: Request,
    caller: CallerDependency,
    ids: Annotated[str, Query(max_length=6_000, description=f"Ids of tasks, with commas between; at most {_MOST}.")],
) -> StreamingResponse:
    """A ZIP archive of the videos of your tasks that are there; others are left out."""
    state = state_of(request)
    asked = list(dict.fromkeys(each.strip() for each in ids.split(",") if each.strip()))
    if not 0 < len(asked) <= _MOST or not all(map(is_task_id, asked)):
        raise InvalidRequest(problem=f"ids: must be 1 to {_MOST} ids of tasks, with commas between")
    async with state.database.read() as connection:
        tasks = [task for task in await tasks_named(connection, caller.account_id, asked) if has_video(task)]
    if not tasks:
        raise NotFound(what="video", name=asked[0], hint=": none of these tasks has one that is kept")
    headers = {"Content-Disposition": 'attachment; filename="opendance.zip"', "X-Accel-Buffering": "no"}
    return StreamingResponse(_archive(state, tasks), media_type="application/zip", headers=headers)


@router.get(
    "/v1/tasks/{task_id}/result",
    operation_id="readTaskResult",
    summary="The video of a task",
    status_code=307,
    response_class=RedirectResponse,
    responses={
        200: {"description": "With `download`: the video", "content": {"video/mp4": {}}},
        307: {"description": "Follow `Location`: a link that works for 24 hours, and needs no key"},
        **error_responses(InvalidRequest, InvalidTaskId, TaskNotFound, NotFound),
    },
)
async def read_task_result(
    request: Request,
    task: OwnTask,
    download: Annotated[
        bool, Query(description="Answer the video itself, to be saved under a name for people.")
    ] = False,
) -> Response:
    """As long as the video is kept."""
    if not has_video(task):
        raise NotFound(what="video of task", name=task.id, hint=": there is none, or it is not kept any more")
    state, key = state_of(request), task.result_key or ""
    if download:
        return await stored_object(
            state,
            key,
            RESULT_LINK_SECONDS,
            media_type="video/mp4",
            disposition="attachment",
            filename=file_name_of(task),
        )
    link = await state.storage.presigned(key, RESULT_LINK_SECONDS)
    return RedirectResponse(link or state.links.result(base_url_of(request), key, made=time.time()), status_code=307)


def has_video(task: TaskRecord) -> bool:
    """Whether the task's video is there."""
    return task.status is Status.COMPLETED and task.result_key is not None and task.swept is None


def file_name_of(task: TaskRecord) -> str:
    """What the video is called on a disk: `2026-03-01-a-cat-walks-812.mp4`."""
    words = _NO_NAME.sub(" ", task.title or task.order.prompt[: 4 * _LONGEST_TITLE])
    title = "-".join(words.split())[:_LONGEST_TITLE].strip("-.") or "video"
    return f"{time.strftime('%Y-%m-%d', time.gmtime(task.created))}-{title}-{task.seed}.mp4"


class _Pieces(RawIOBase):
    """What an archive was written to and nobody has taken yet; it cannot be gone back in."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        """It is written to."""
        return True

    def write(self, piece: Any, /) -> int:
        """Keep a piece."""
        self._pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        """What was written since."""
        whole = b"".join(self._pieces)
        self._pieces.clear()
        return whole


async def _archive(state: ServerState, tasks: Sequence[TaskRecord]) -> AsyncGenerator[bytes]:
    """The archive piece by piece: at no time does more than a piece of a video lie in memory."""
    pieces = _Pieces()
    archive = zipfile.ZipFile(pieces, "w", zipfile.ZIP_STORED)  # videos are packed already
    used: set[str] = set()
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="archive-", dir=state.settings.work_dir))
    try:
        for task in tasks:
            try:
                path = state.storage.local_path(task.result_key or "")
                if path is None:
                    path = folder / "video.mp4"
                    await state.storage.fetch(task.result_key or "", path, max_bytes=_MOST_BYTES)
            except (FileNotFoundError, OSError):  # swept meanwhile
                continue
            name = file_name_of(task)
            name = name if name not in used else f"{task.id}.mp4"
            used.add(name)
            entry = zipfile.ZipInfo(name, time.gmtime(task.created)[:6])
            with path.open("rb") as video, archive.open(entry, "w", force_zip64=True) as inside:
                while piece := await asyncio.to_thread(video.read, _PIECE):
                    inside.write(piece)
                    yield pieces.taken()
            yield pieces.taken()
        archive.close()
        yield pieces.taken()
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
