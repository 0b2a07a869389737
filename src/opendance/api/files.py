"""`/api/v1/files`: uploads, so that local files can be named in requests. Kept 72 hours."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Path, Query, Request, UploadFile
from fastapi.responses import FileResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from opendance.api.auth import CallerDependency, KeyedRoute
from opendance.api.base64_body import FileName, write_base64
from opendance.api.openapi import WITHOUT_KEY
from opendance.api.reading import check_json
from opendance.api.responses import OF_CALLERS
from opendance.api.results import OF_LINKS, object_answer
from opendance.api.state import Reading, base_url_of, state_of
from opendance.api.stored import RANGED, REDIRECTED
from opendance.api.unified.errors import ProblemObject, file_error_responses, problem_object
from opendance.catalog import MAX_NAME_LENGTH, MAX_UPLOAD_BYTES, MAX_URL_LENGTH, RESULT_LINK_SECONDS
from opendance.errors import (
    FileNotFound,
    FileQuotaExceeded,
    InvalidRequest,
    NotFound,
    NotReady,
    RequestTooLarge,
    UnsupportedMediaType,
)
from opendance.links import thumb_path
from opendance.media.formats import media_type_of_name
from opendance.pipeline.checking import media_problems
from opendance.pipeline.uploads import saved_as
from opendance.storage import UPLOADS
from opendance.store.files import (
    MOST_USES,
    FileFilter,
    FileRecord,
    count_files,
    count_uses,
    expiry,
    list_files,
    name_of_object,
    read_file,
)

router = APIRouter(tags=["Files"], route_class=KeyedRoute)
UPLOAD_ERRORS = file_error_responses(*OF_CALLERS, InvalidRequest, FileQuotaExceeded, RequestTooLarge)
_CHUNK = 1 << 20
_LONGEST = MAX_NAME_LENGTH
_ONE_FILE: Any = {"max_fields": 8, "max_files": 1, "max_part_size": 4 << 10}
_BASE64_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Base64Upload"}}},
    }
}


class UploadedFile(TypedDict):
    """A file that you uploaded."""

    file_id: str
    file_name: str
    original_name: str
    upload_path: str
    file_size: Annotated[int, Field(description="Bytes.")]
    mime_type: Annotated[str, Field(description="By its content.")]
    file_url: Annotated[str, Field(description="Pass it in `image_urls`, `video_urls` or `audio_urls`.")]
    download_url: str
    upload_time: Annotated[str, Field(description="ISO 8601, UTC.")]
    expires_at: Annotated[str, Field(description="ISO 8601, UTC: 72 hours later.")]
    thumb_url: Annotated[
        str | None,
        Field(description="Of a picture: where it is; of a video: the path of one of it; it wants a key."),
    ]


class MediaFacts(TypedDict):
    """What was measured of a file."""

    kind: str
    format: str
    width: int | None
    height: int | None
    seconds: float | None
    fps: float | None
    sound: Annotated[bool | None, Field(description="Of a video: whether it has sound.")]


class OwnFile(UploadedFile):
    """A file of the account, with what is known of it."""

    kept: Annotated[bool, Field(description="Whether it stays when its time is over.")]
    sha256: str | None
    media: Annotated[MediaFacts | None, Field(description="Null until a check of a request has measured it.")]
    problems: Annotated[list[ProblemObject], Field(description="Why no request may name it.")]
    used_by: Annotated[int, Field(description=f"How many tasks name it; {MOST_USES:,} stands for more, too.")]


class FilePage(TypedDict):
    """A page of files, newest first."""

    total: int
    files: list[OwnFile]


class FileQuotaData(TypedDict):
    """How many files an account may keep."""

    used_files: int
    max_files: int
    remain_files: int
    user_group: str


class DeletedFile(TypedDict):
    """The file that was deleted."""

    file_id: str
    deleted: bool


class _Envelope(TypedDict):
    """How every answer about files is wrapped; an error has `success` false and the usual `error` beside it."""

    success: bool
    code: Annotated[int, Field(description="The HTTP status.")]
    msg: str


class FileUploaded(_Envelope):
    """The answer to an upload."""

    data: UploadedFile


class FileChanged(_Envelope):
    """The answer to a change."""

    data: OwnFile


class FileChange(BaseModel):
    """What is to change of a file; what is not given stays."""

    model_config = ConfigDict(strict=True, extra="forbid")
    name: Annotated[str, Field(min_length=1, max_length=MAX_NAME_LENGTH)] | None = Field(
        default=None, description="A name of your own."
    )
    kept: bool | None = Field(
        default=None, description="Keep it when its time is over, within the room that the account's group has."
    )


class FileList(_Envelope):
    """The answer to a listing."""

    data: FilePage


class FileQuota(_Envelope):
    """The answer about the quota."""

    data: FileQuotaData


class FileDeleted(_Envelope):
    """The answer to a deletion."""

    data: DeletedFile


_GOOD: _Envelope = {"success": True, "code": 200, "msg": "ok"}


class UrlUpload(BaseModel):
    """A file somewhere else, to be fetched by the server."""

    model_config = ConfigDict(strict=True, extra="ignore")
    file_url: str = Field(max_length=MAX_URL_LENGTH, description="http(s) URL that the server can reach.")
    upload_path: FileName | None = Field(default=None, description="A folder name of your own, kept with the file.")
    file_name: FileName | None = Field(default=None, description="A name of your own.")


@router.post(
    "/api/v1/files/upload/base64",
    operation_id="uploadFileBase64",
    summary="Upload a file as base64",
    responses=UPLOAD_ERRORS | file_error_responses(UnsupportedMediaType),
    openapi_extra=_BASE64_BODY,
)
async def upload_base64(request: Request, caller: CallerDependency) -> FileUploaded:
    """Images (JPEG, PNG, GIF, WebP), any audio, any video. The body is at most 64 MB; use the stream for more."""
    uploads = state_of(request).uploads
    check_json(request)
    async with uploads.incoming(caller) as path:
        upload = await asyncio.to_thread(write_base64, await request.body(), path)
        kept = await uploads.keep(
            caller, path, name=None, original_name=upload.file_name or "", folder=upload.upload_path
        )
    return uploaded(request, kept)


@router.post(
    "/api/v1/files/upload/stream",
    operation_id="uploadFileStream",
    summary="Upload a file",
    responses=UPLOAD_ERRORS,
    form_limits=_ONE_FILE,
)
async def upload_stream(
    request: Request,
    caller: CallerDependency,
    file: Annotated[UploadFile, File(description="The file, at most 100 MB.")],
    upload_path: Annotated[str | None, Form(max_length=_LONGEST, description="A folder name of your own.")] = None,
    uploadPath: Annotated[str | None, Form(max_length=_LONGEST, include_in_schema=False)] = None,  # noqa: N803
    file_name: Annotated[str | None, Form(max_length=_LONGEST, description="A name of your own.")] = None,
    fileName: Annotated[str | None, Form(max_length=_LONGEST, include_in_schema=False)] = None,  # noqa: N803
) -> FileUploaded:
    """Multipart form. Images (JPEG, PNG, GIF, WebP), any audio, any video; at most 100 MB."""
    uploads = state_of(request).uploads
    async with uploads.incoming(caller) as path:
        size = 0
        with path.open("wb") as out:
            while chunk := await file.read(_CHUNK):
                size += len(chunk)
                if size > MAX_UPLOAD_BYTES:
                    raise InvalidRequest(problem=f"file: it is larger than {MAX_UPLOAD_BYTES >> 20} MB")
                await asyncio.to_thread(out.write, chunk)
        kept = await uploads.keep(
            caller,
            path,
            name=file_name or fileName,
            original_name=file.filename or "",
            folder=upload_path or uploadPath,
        )
    return uploaded(request, kept)


@router.post(
    "/api/v1/files/upload/url",
    operation_id="uploadFileUrl",
    summary="Upload a file from a URL",
    responses=UPLOAD_ERRORS,
)
async def upload_url(request: Request, caller: CallerDependency, body: UrlUpload) -> FileUploaded:
    """The server fetches it: public addresses only, at most 100 MB."""
    uploads = state_of(request).uploads
    async with uploads.incoming(caller) as path:
        original = await uploads.fetch(body.file_url, path, field="file_url")
        kept = await uploads.keep(caller, path, name=body.file_name, original_name=original, folder=body.upload_path)
    return uploaded(request, kept)


@router.get(
    "/api/v1/files/list",
    operation_id="listFiles",
    summary="List your files",
    responses=file_error_responses(*OF_CALLERS, InvalidRequest),
)
async def list_uploads(
    request: Request,
    caller: CallerDependency,
    connection: Reading,
    page: Annotated[int, Query(ge=1, le=1_000_000, description="From 1.")] = 1,
    page_size: Annotated[int, Query(alias="pageSize", ge=1, le=100, description="Files on a page.")] = 20,
    search: Annotated[
        str | None, Query(max_length=MAX_NAME_LENGTH, description="Only files with this in their name.")
    ] = None,
    kept: Annotated[bool | None, Query(description="Only files that are kept, or that are not.")] = None,
    sha256: Annotated[
        str | None, Query(pattern="^[0-9a-f]{64}$", description="Only files of this content: nothing is sent twice.")
    ] = None,
) -> FileList:
    """The files that have not ended, newest first."""
    which = FileFilter(search=search, kept=kept, sha256=sha256)
    total = await count_files(connection, caller.account_id, which)
    records = await list_files(connection, caller.account_id, which, offset=(page - 1) * page_size, limit=page_size)
    uses = await count_uses(connection, caller.account_id, [record.id for record in records])
    files = [_own(request, record, used_by=uses.get(record.id, 0)) for record in records]
    return {**_GOOD, "data": {"total": total, "files": files}}


@router.get(
    "/api/v1/files/quota",
    operation_id="readFileQuota",
    summary="How many files you may keep",
    responses=file_error_responses(*OF_CALLERS),
)
async def read_quota(caller: CallerDependency, connection: Reading) -> FileQuota:
    """Files are kept for 72 hours and then no longer counted."""
    used = await count_files(connection, caller.account_id)
    most = caller.group.max_files
    quota: FileQuotaData = {
        "used_files": used,
        "max_files": most,
        "remain_files": max(0, most - used),
        "user_group": caller.group.name,
    }
    return {**_GOOD, "data": quota}


@router.patch(
    "/api/v1/files/{file_id}",
    operation_id="changeFile",
    summary="Name or keep a file",
    responses=file_error_responses(*OF_CALLERS, InvalidRequest, FileNotFound, RequestTooLarge),
)
async def change_upload(
    request: Request, caller: CallerDependency, file_id: Annotated[str, Path(max_length=100)], body: FileChange
) -> FileChanged:
    """One that is kept does not end; one that is kept no longer has its usual time again."""
    state = state_of(request)
    record = await state.uploads.change(caller, file_id, name=body.name, kept=body.kept)
    state.changes.tell(caller.account_id)
    async with state.database.read() as connection:
        uses = await count_uses(connection, caller.account_id, [record.id])
    return {**_GOOD, "data": _own(request, record, used_by=uses.get(record.id, 0))}


@router.get(
    "/api/v1/files/{file_id}/thumb",
    operation_id="readFileThumb",
    summary="A picture of an uploaded video",
    status_code=307,
    response_class=RedirectResponse,
    responses={
        307: {"description": "Follow `Location`: a link to the picture that needs no key"},
        **file_error_responses(*OF_CALLERS, FileNotFound, NotFound, NotReady),
    },
)
async def read_thumb(
    request: Request, caller: CallerDependency, file_id: Annotated[str, Path(max_length=100)]
) -> RedirectResponse:
    """WebP of its first good frame, as long as the file is there. It is made when it is asked for first."""
    state = state_of(request)
    async with state.database.read() as connection:
        file = await read_file(connection, caller.account_id, file_id)
    if file is None:
        raise FileNotFound(file_id=file_id)
    key = await state.measurer.thumb(file)
    link = await state.storage.presigned(key, RESULT_LINK_SECONDS)
    own = state.links.upload(base_url_of(request), key, ends=time.time() + RESULT_LINK_SECONDS)
    return RedirectResponse(link or own, status_code=307)


@router.delete(
    "/api/v1/files/{file_id}",
    operation_id="deleteFile",
    summary="Delete a file",
    responses=file_error_responses(*OF_CALLERS, InvalidRequest, FileNotFound),
)
async def delete_upload(
    request: Request, caller: CallerDependency, file_id: Annotated[str, Path(max_length=100)]
) -> FileDeleted:
    """Tasks that have begun with it go on; its links end at once."""
    await state_of(request).uploads.remove(caller, file_id)
    state_of(request).changes.tell(caller.account_id)
    return {**_GOOD, "data": {"file_id": file_id, "deleted": True}}


@router.get(
    "/api/v1/files/content/{name}",
    operation_id="readFile",
    summary="Download an uploaded file",
    response_class=FileResponse,
    responses={200: {"description": "The file", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}}
    | RANGED
    | REDIRECTED
    | file_error_responses(*OF_LINKS),
    openapi_extra=WITHOUT_KEY,
)
@router.head("/api/v1/files/content/{name}", include_in_schema=False)
async def read_upload(
    request: Request,
    name: str,
    ends: Annotated[str, Query(max_length=20, description="Unix second when the link ends.")],
    signature: Annotated[str, Query(max_length=200, description="Made by this server.")],
    download: Annotated[bool, Query(description="As an attachment.")] = False,
) -> Response:
    """The file behind a `file_url`; no key is needed."""
    kind = media_type_of_name(name)
    # An upload is somebody's file under this server's name: browsers must not take it for a page.
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}
    how = "attachment" if download else "inline"
    key = UPLOADS + name
    state_of(request).links.check(key, ends, signature)  # before anything is looked up for it
    async with state_of(request).database.read() as connection:
        filename = await name_of_object(connection, key)
    filename = None if filename is None else saved_as(filename, key)
    return await object_answer(
        request, key, ends, signature, media_type=kind, disposition=how, filename=filename, headers=headers
    )


def uploaded(request: Request, record: FileRecord) -> FileUploaded:
    """The answer to an upload, and word of it to those who follow the account."""
    state_of(request).changes.tell(record.account_id)
    return {**_GOOD, "data": _view(request, record)}


def _own(request: Request, record: FileRecord, *, used_by: int) -> OwnFile:
    media = record.media
    facts: MediaFacts | None = None
    if media is not None:
        facts = {
            "kind": media["kind"],
            "format": media["format"],
            "width": media["width"],
            "height": media["height"],
            "seconds": media["seconds"],
            "fps": media["fps"],
            "sound": media["sound"],
        }
    return {
        **_view(request, record),
        "kept": record.kept,
        "sha256": record.sha256,
        "media": facts,
        "problems": [problem_object(problem) for problem in media_problems(None, "", media)],
        "used_by": used_by,
    }


def _thumb_of(record: FileRecord, link: str) -> str | None:
    if record.mime_type.startswith("image/"):
        return link
    if not record.mime_type.startswith("video/") or (record.media or {}).get("refused"):
        return None
    return thumb_path(record.id)


def _view(request: Request, record: FileRecord) -> UploadedFile:
    ends = max(record.expires, expiry(time.time())) if record.kept else record.expires
    link = state_of(request).links.upload(base_url_of(request), record.key, ends=ends)
    return {
        "file_id": record.id,
        "file_name": record.name,
        "original_name": record.original_name,
        "upload_path": record.upload_path,
        "file_size": record.size,
        "mime_type": record.mime_type,
        "file_url": link,
        "download_url": link + "&download=true",
        "upload_time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds"),
        "expires_at": datetime.fromtimestamp(record.expires, UTC).isoformat(timespec="seconds"),
        "thumb_url": _thumb_of(record, link),
    }
