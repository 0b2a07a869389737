"""`POST /v1/verify`: where a video comes from, as `opendance verify` tells it."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import UploadFile
from typing_extensions import TypedDict

from opendance.api.auth import CallerDependency, KeyedRoute
from opendance.api.downloads import has_video
from opendance.api.own import own_task
from opendance.api.reading import check_json, json_object, read_as
from opendance.api.responses import OF_CALLERS
from opendance.api.state import ServerState, state_of
from opendance.api.unified.errors import error_responses
from opendance.catalog import MAX_UPLOAD_BYTES
from opendance.errors import (
    InvalidRequest,
    InvalidTaskId,
    NotFound,
    RequestTooLarge,
    TaskError,
    TaskNotFound,
    UnsupportedMediaType,
)
from opendance.media.watermark import watermark_of
from opendance.store.database import Connection
from opendance.store.files import read_file
from opendance.store.keys import Caller
from opendance.store.listing import newest_ids

router = APIRouter(tags=["Results"], route_class=KeyedRoute, responses=error_responses(*OF_CALLERS))
_PIECE = 1 << 20
_MOST_BYTES = 2**30
_AT_ONCE = asyncio.Semaphore(2)
_FILE = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}
_NAMES = {"type": "object", "properties": {"task_id": {"type": "string"}, "file_id": {"type": "string"}}}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"multipart/form-data": {"schema": _FILE}, "application/json": {"schema": _NAMES}},
    }
}


class Verified(TypedDict):
    """Where a video comes from."""

    generated: Annotated[bool, Field(description="Whether its manifest, or a mark, says that this program made it.")]
    manifest: Annotated[
        dict[str, Any] | None, Field(description="What its C2PA manifest says; null where it has none.")
    ]
    marks: Annotated[dict[str, Any], Field(description="The invisible marks, and how sure they are.")]
    task_id: Annotated[str | None, Field(description="The task of yours whose mark it has.")]


class _Named(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    task_id: str | None = Field(default=None, max_length=200)
    file_id: str | None = Field(default=None, max_length=100)


@router.post(
    "/v1/verify",
    operation_id="verifyVideo",
    summary="Where a video comes from",
    responses=error_responses(
        InvalidRequest, InvalidTaskId, TaskNotFound, NotFound, RequestTooLarge, UnsupportedMediaType
    ),
    openapi_extra=_BODY,
)
async def verify_video(request: Request, caller: CallerDependency) -> Verified:
    """Of a file of a form (`file`), of a task's video (`task_id`), or of an upload (`file_id`)."""
    from opendance.provenance.verify import verify

    state = state_of(request)
    state.settings.work_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="verified-", dir=state.settings.work_dir) as folder:
        path = Path(folder, "video")
        await _bring(request, state, caller, path)
        async with _AT_ONCE:
            try:
                report = await verify(path)
            except TaskError as error:
                raise InvalidRequest(problem=f"file: {error.message}") from None
    number = report.marks["number"]
    async with state.database.read() as connection:
        task_id = None if number is None else await _marked_with(connection, caller.account_id, number)
    told = report.as_json()
    return {
        "generated": told["generated"],
        "manifest": told["manifest"],
        "marks": told["marks"],
        "task_id": task_id,
    }


async def _bring(request: Request, state: ServerState, caller: Caller, path: Path) -> None:
    """The video that is meant, at `path`."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_files=1, max_fields=4) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise InvalidRequest(problem="file: is required, as a file with a name")
            size = 0
            with path.open("wb") as out:
                while piece := await file.read(_PIECE):
                    size += len(piece)
                    if size > MAX_UPLOAD_BYTES:
                        raise InvalidRequest(problem=f"file: it is larger than {MAX_UPLOAD_BYTES >> 20} MB")
                    await asyncio.to_thread(out.write, piece)
        return
    check_json(request)
    named = read_as(_Named, json_object(await request.body()))
    if (named.task_id is None) == (named.file_id is None):
        raise InvalidRequest(problem="give a file in a form, or one of task_id and file_id")
    try:
        await state.storage.fetch(await _key(state, caller, named), path, max_bytes=_MOST_BYTES)
    except FileNotFoundError:
        raise NotFound(
            what="video", name=named.task_id or named.file_id or "", hint=": it is not kept any more"
        ) from None


async def _key(state: ServerState, caller: Caller, named: _Named) -> str:
    if named.task_id is not None:
        task = await own_task(state, caller, named.task_id)
        if not has_video(task):
            raise NotFound(what="video of task", name=task.id, hint=": there is none, or it is not kept any more")
        return task.result_key or ""
    async with state.database.read() as connection:
        file = await read_file(connection, caller.account_id, named.file_id or "")
    if file is None:
        raise NotFound(what="file", name=named.file_id or "", hint="")
    return file.key


async def _marked_with(connection: Connection, account_id: str, number: int) -> str | None:
    """The account's task whose videos have this number in their mark, of the newest ones."""
    ids = await newest_ids(connection, account_id, limit=20_000)
    return await asyncio.to_thread(lambda: next((each for each in ids if watermark_of(each) == number), None))
