"""The calls of the API as values: what is sent, how its answer is read, and whether it may be sent twice.

Both clients send these; neither knows a route.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Generic, TypedDict, TypeVar
from urllib.parse import quote

from opendance.client.values import Credits, File, Price, Task, TaskPage

T = TypeVar("T")
Media = str | PathLike[str]
"""A URL, or the path of a local file, which is uploaded."""
_KINDS = ("image", "video", "audio")
_PLACEHOLDER = "https://example.com/file"  # of a local file, where nothing is uploaded


class VideoOptions(TypedDict, total=False):
    """What a video is asked for with, beside its prompt. What is left out is as the server has it.

    Attributes:
        model: mode and tier; left out, the one for the media, of `tier`.
        tier: `standard`, `fast` or `mini`.
        images, videos, audios: URLs or local files, in the order in which the prompt numbers them.
        duration: s.
        quality: `480p`, `720p` or `1080p`.
        aspect_ratio: `16:9` and the like, or `adaptive`, which is the default with media.
        seed: the same seed gives the same video.
        simulate: of a test key: the fate that the task shall have.
        extra: further fields of the request, as they are.
    """

    model: str
    tier: str
    images: Sequence[Media]
    videos: Sequence[Media]
    audios: Sequence[Media]
    duration: int
    quality: str
    aspect_ratio: str
    generate_audio: bool
    content_filter: bool
    web_search: bool
    seed: int
    simulate: str
    callback_url: str
    extra: Mapping[str, Any]


@dataclass(frozen=True)
class Call(Generic[T]):
    """One call.

    Attributes:
        read: makes a value of its answer.
        file: sent as a form.
        file_name: that it is sent under; None for its own.
        once: whether sending it again changes nothing that sending it did not: then it is, after a failure.
    """

    method: str
    path: str
    read: Callable[[Mapping[str, Any]], T]
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    file: Path | None = None
    file_name: str | None = None
    once: bool = False


def _as_it_is(answer: Mapping[str, Any]) -> dict[str, Any]:
    return dict(answer)


def any_call(method: str, path: str, **options: Any) -> Call[dict[str, Any]]:
    """A call of another route; its answer as it is."""
    return Call(method, path, _as_it_is, once=method == "GET", **options)


def new_key() -> str:
    """A new idempotency key."""
    return secrets.token_hex(16)


def create(request: Mapping[str, Any], key: str) -> Call[Task]:
    """A new task.

    Args:
        key: of idempotency: sent again with the same, the server gives the same task.
    """
    headers = {"Idempotency-Key": key}
    return Call("POST", "/v1/videos/generations", Task.read, json=dict(request), headers=headers, once=True)


def again(task_id: str, changes: Mapping[str, Any], key: str) -> Call[Task]:
    """The same request once more, but for these fields."""
    headers = {"Idempotency-Key": key}
    return Call("POST", f"{_of(task_id)}/again", Task.read, json=dict(changes), headers=headers, once=True)


def read_task(task_id: str) -> Call[Task]:
    """A task as it stands."""
    return Call("GET", _of(task_id), Task.read, once=True)


def cancel(task_id: str) -> Call[Task]:
    """Stop a task."""
    return Call("POST", f"{_of(task_id)}/cancel", Task.read)


def tasks(filters: Mapping[str, Any], *, page: int, cursor: str | None) -> Call[TaskPage]:
    """A page of tasks."""
    asked = {name: _parameter(value) for name, value in filters.items() if value is not None}
    asked |= {"limit": page} | ({} if cursor is None else {"cursor": cursor})
    return Call("GET", "/v1/tasks", TaskPage.read, params=asked, once=True)


def upload(path: Path, name: str | None = None) -> Call[File]:
    """A local file to be named in requests."""
    route = "/api/v1/files/upload/stream"
    return Call("POST", route, lambda answer: File.read(answer.get("data") or {}), file=path, file_name=name)


def picture_path(task_id: str, which: str) -> str:
    """Where a picture of a task's video is."""
    return f"{_of(task_id)}/{which}"


def files(*, size: int) -> Call[list[File]]:
    """The account's files, newest first."""
    path, asked = "/api/v1/files/list", {"pageSize": size}
    return Call("GET", path, lambda a: [File.read(each) for each in a["data"]["files"]], params=asked, once=True)


def delete_file(file_id: str) -> Call[None]:
    """Delete a file."""
    return Call("DELETE", f"/api/v1/files/{quote(file_id, safe='')}", lambda _: None)


def credits_left() -> Call[Credits]:
    """What the key and its account have."""
    return Call("GET", "/v1/credits", Credits.read, once=True)


def callback_secret() -> Call[str]:
    """What signs the account's callbacks."""
    return Call("GET", "/v1/callbacks/secret", lambda answer: str(answer["secret"]), once=True)


def name_of_server() -> Call[str]:
    """What the server calls itself in its OpenAPI document."""

    def title(answer: Mapping[str, Any]) -> str:
        info: Mapping[str, Any] = answer.get("info") or {}
        return str(info.get("title", ""))

    return Call("GET", "/openapi.json", title, once=True)


def price(prompt: str, options: VideoOptions) -> Call[Price]:
    """What a video would cost; local files are not sent, and nothing is made."""
    links = {kind: [_named(each) for each in _given(options, kind)] for kind in _KINDS}
    body = video_request(prompt, options, links)
    return Call("POST", "/v1/videos/generations", Price.read, params={"dry_run": "true"}, json=body, once=True)


def start(prompt: str, options: VideoOptions, key: str | None) -> Generator[Call[Any], Any, Task]:
    """The calls of a new video in their order, local files first; each is sent its answer. Gives the task."""
    links: dict[str, list[str]] = {}
    for kind in _KINDS:
        links[kind] = []
        for each in _given(options, kind):
            if is_local(each):
                file: File = yield upload(Path(each))
                links[kind].append(file.url)
            else:
                links[kind].append(fspath(each))
    task: Task = yield create(video_request(prompt, options, links), key or new_key())
    return task


def _named(media: Media) -> str:
    """Its URL, or what stands for a file that is not uploaded."""
    return _PLACEHOLDER if is_local(media) else fspath(media)


def is_local(media: Media) -> bool:
    """Whether it is a file of this machine, and no URL."""
    return not (isinstance(media, str) and media.lower().startswith(("http://", "https://", "data:")))


def mode_for(images: int, videos: int, audios: int) -> str:
    """The mode for so many files: one or two pictures are frames, anything more are references."""
    if videos or audios or images > 2:
        return "reference-to-video"
    return "image-to-video" if images else "text-to-video"


def video_request(prompt: str, options: VideoOptions, links: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The body that asks for a video.

    Args:
        links: URLs of the media, by kind.
    """
    has_media = any(links.values())
    body: dict[str, Any] = {"model": options.get("model") or _model(options, links), "prompt": prompt}
    body |= {f"{kind}_urls": list(urls) for kind, urls in links.items() if urls}
    for name in ("duration", "quality", "aspect_ratio", "generate_audio", "content_filter", "callback_url"):
        if (value := options.get(name)) is not None:
            body[name] = value
    if has_media:
        body.setdefault("aspect_ratio", "adaptive")
    parameters = {name: options.get(name) for name in ("web_search", "seed", "simulate")}
    if told := {name: value for name, value in parameters.items() if value is not None}:
        body["model_params"] = told
    extra: Mapping[str, Any] = options.get("extra") or {}
    return {**body, **extra}


def _model(options: VideoOptions, links: Mapping[str, Sequence[str]]) -> str:
    tier = options.get("tier", "standard")
    mode = mode_for(*(len(links.get(kind, ())) for kind in _KINDS))
    return f"seedance-2.0-{'' if tier == 'standard' else tier + '-'}{mode}"


def _given(options: VideoOptions, kind: str) -> Sequence[Media]:
    media: Sequence[Media] = options.get(f"{kind}s") or ()  # pyright: ignore[reportAssignmentType]
    return media


def _of(task_id: str) -> str:
    return f"/v1/tasks/{quote(task_id, safe='')}"


def _parameter(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
