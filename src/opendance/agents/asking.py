"""What an agent asks for, as calls of the API: files by their content, and keys by what is asked for.

An agent repeats a call whose answer it did not get. Its key of idempotency is made of what it asks for, so that the
same within 24 hours is the same video, and nothing is paid twice; whoever wants another one says a number.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from opendance.client import ApiProblem, AsyncClient, Task, VideoOptions
from opendance.client.calls import is_local

_LOOKED_THROUGH = 100  # the newest files of an account, among which one is looked for that was uploaded before
_NOT_HERE = (
    "{path}: only files of the machine that the MCP server runs on have a path, and this one is not yours; give a URL, "
    "or upload_file with base64_data"
)


async def named_media(client: AsyncClient, media: Sequence[str], *, paths: bool) -> list[str]:
    """The URLs of media; local files are uploaded, those that were before are not uploaded again.

    Args:
        paths: whether the caller may name files of this machine.

    Raises:
        ApiProblem: a path is named and may not be, or the server refused the file.
        OSError: a file cannot be read.
    """
    return [await _uploaded(client, Path(each), paths=paths) if is_local(each) else each for each in media]


async def _uploaded(client: AsyncClient, path: Path, *, paths: bool) -> str:
    if not paths:
        raise ApiProblem(_NOT_HERE.format(path=path.name[:60]), code="no_paths")
    content = await asyncio.to_thread(path.read_bytes)
    name = f"{hashlib.sha256(content).hexdigest()[:32]}{path.suffix.lower()[:10]}"
    for file in await client.files(most=_LOOKED_THROUGH):
        if file.name == name and file.size == len(content):
            return file.url
    return (await client.upload(path, name=name)).url


def key_of(*asked: object) -> str:
    """The key of idempotency of what is asked for, 40 letters and digits."""
    said = json.dumps(asked, sort_keys=True, ensure_ascii=False, default=str)
    return f"mcp{hashlib.sha256(said.encode()).hexdigest()[:37]}"


async def start(
    client: AsyncClient, prompt: str, options: Mapping[str, Any], *, number: int, key: str | None = None
) -> Task:
    """Begin a video, or give the one that was begun for the same.

    Args:
        options: as `VideoOptions`, with URLs.
        number: another one of the same, where it is not 1.
    """
    given = cast(VideoOptions, dict(options))
    return await client.start(prompt, key=key or key_of("video", prompt, options, number), **given)


async def again(client: AsyncClient, task_id: str, changes: Mapping[str, Any], *, number: int) -> Task:
    """Begin a task once more, or give the one that was begun for the same."""
    return await client.again(task_id, changes, key=key_of("again", task_id, changes, number))


def told(task: Task) -> dict[str, Any]:
    """A task in the words for an agent."""
    facts: dict[str, Any] = {"task_id": task.id, "status": task.status, "progress": task.progress, "model": task.model}
    if task.stage is not None and not task.has_ended:
        facts["stage"] = task.stage
    if task.link is not None:
        facts["video"] = task.link
        facts["note"] = "the link works for 24 hours; wait_for_video gives a new one"
    if task.error is not None:
        facts["error"] = {"code": task.error.code, "message": task.error.message}
    if not task.has_ended:
        facts["note"] = "it goes on by itself: call wait_for_video with this task_id, do not ask for it anew"
        facts["about_seconds"] = math.ceil(task.estimated_time or 0)
    facts["credits"] = task.credits_used if task.has_ended else task.credits_reserved
    return facts | ({"sandbox": True} if task.sandbox else {})
