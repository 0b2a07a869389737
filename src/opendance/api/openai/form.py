"""The body of `POST /v1/videos`, a form or JSON: its fields, and the files that it brings."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from opendance.api.base64_body import write_decoded
from opendance.api.data_urls import number_of, taken_out
from opendance.api.reading import check_json, json_object, read_aside
from opendance.catalog import MAX_REQUEST_BYTES
from opendance.errors import InvalidRequest
from opendance.media.formats import media_type
from opendance.order import Link
from opendance.plan import AssetKind

_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_MOST_FIELDS, _MOST_FILES = 100, 16
_HEAD = 64 << 10  # bytes that tell what a file is
# input_reference, input_references, input_reference[], image_reference …
_FILE_FIELD = re.compile(r"(input|image|video|audio)_references?(\[\d{0,3}\])?")
_OBJECT_FIELD = re.compile(r"(\w{1,60})\[(image_url|video_url|audio_url|url)\]")
_LIST_FIELD = re.compile(r"((?:image|video|audio)_urls)(?:\[\d{0,3}\])?")

Write = Callable[[Path], None]


@dataclass
class Sent:
    """What a request says and brings.

    Attributes:
        files: the files of a form, as links whose URL is a stand-in.
        writers: by the URL of a stand-in, what writes its file to a path, and the name that it had.
    """

    fields: dict[str, Any]
    files: list[Link] = field(default_factory=list[Link])
    writers: dict[str, tuple[Write, str]] = field(default_factory=dict[str, tuple[Write, str]])


@asynccontextmanager
async def sent_in(request: Request) -> AsyncGenerator[Sent]:
    """The body of a request; its files can be written until the block ends.

    Raises:
        UnsupportedMediaType: it is neither a form nor JSON.
        InvalidRequest: it is none of what it says, or is longer than any request can be.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in _FORMS:
        limits: Any = {"max_files": _MOST_FILES, "max_fields": _MOST_FIELDS, "max_part_size": MAX_REQUEST_BYTES}
        async with request.form(**limits) as form:
            yield await _of_form(form)
        return
    check_json(request)
    body = await request.body()
    rest, files = await read_aside(len(body), taken_out, body)
    if len(rest) > MAX_REQUEST_BYTES:
        raise InvalidRequest(problem=f"the body has {len(rest)} bytes beside its files; at most {MAX_REQUEST_BYTES}")
    sent = Sent(await read_aside(len(rest), json_object, rest))
    for number, file in enumerate(files):
        sent.writers[f"https://file-{number}.invalid/"] = (_decoding(file), "")
    assert all(number_of(url, files) is not None for url in sent.writers)
    yield sent


async def _of_form(form: FormData) -> Sent:
    sent = Sent({})
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            if _FILE_FIELD.fullmatch(name) is None:
                raise InvalidRequest(problem=f"{name[:60]}: takes no file; files go into input_reference")
            url = f"https://file-{len(sent.files)}.invalid/"
            sent.files.append(Link(await _kind_of(value), 0, url, name))
            sent.writers[url] = (_copying(value), (value.filename or "").replace("\\", "/").rpartition("/")[2])
        elif (match := _OBJECT_FIELD.fullmatch(name)) is not None:
            sent.fields.setdefault(match[1], {})
            if isinstance(sent.fields[match[1]], dict):
                sent.fields[match[1]][match[2]] = value
        elif (match := _LIST_FIELD.fullmatch(name)) is not None and not value.startswith("["):
            sent.fields.setdefault(match[1], [])
            if isinstance(sent.fields[match[1]], list):
                sent.fields[match[1]].append(value)
        else:
            sent.fields[name] = value
    return sent


async def _kind_of(file: UploadFile) -> AssetKind:
    head = await file.read(_HEAD)
    await file.seek(0)
    kind = media_type(head).partition("/")[0]
    return "video" if kind == "video" else "audio" if kind == "audio" else "image"


def _copying(file: UploadFile) -> Write:
    def write(path: Path) -> None:
        with path.open("wb") as out:
            shutil.copyfileobj(file.file, out)

    return write


def _decoding(file: memoryview) -> Write:
    def write(path: Path) -> None:
        with path.open("wb") as out:
            write_decoded(file, out, field="input_reference")

    return write
