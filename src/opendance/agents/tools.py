"""The tools that agents have. Their descriptions are what an agent knows of this service."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, ImageContent, TextContent, ToolAnnotations
from pydantic import Field

from opendance import __version__
from opendance.agents.asking import again, named_media, start, told
from opendance.client import ApiProblem, AsyncClient, StillRunning, Task

Clients = Callable[[Any], AbstractAsyncContextManager[AsyncClient]]
"""Gives the client of whoever calls a tool, told by the tool's context."""
_INSTRUCTIONS = (
    "Makes short videos with sound from text, pictures, videos and sounds. make_video begins one and waits for it; a "
    "video that takes longer goes on by itself, and wait_for_video tells when it is done: do not ask for it anew. The "
    "same request within 24 hours gives the same video, without a second payment; `number` 2, 3 … asks for another one "
    "of the same. look_at_price tells price and plan and makes nothing."
)
_WAIT = 45  # s that a tool waits by itself: many programs give one up after a minute
_POLL_EVERY = 0.5  # s, where there is no event stream
_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)

Prompt = Annotated[
    str,
    Field(
        description="What the video shows; English, Chinese, Korean or Japanese. Text in double quotes is spoken. "
        "Media are named by number: image 1, video 1, audio 1."
    ),
]
Images = Annotated[
    list[str] | None,
    Field(
        description="URLs, or paths of local files. One or two alone are the first and the last frame; more, or with "
        "videos or sounds, are references."
    ),
]
Others = Annotated[list[str] | None, Field(description="URLs, or paths of local files, as references.")]
Duration = Annotated[int, Field(ge=4, le=15, description="Seconds; it drives the price.")]
Quality = Annotated[str, Field(description="480p, 720p or 1080p.")]
Ratio = Annotated[str | None, Field(description="16:9, 9:16, 1:1, 4:3, 3:4, 21:9 or adaptive.")]
Tier = Annotated[str, Field(description="standard, fast or mini, which is the cheapest.")]
Number = Annotated[int, Field(ge=1, description="1; 2, 3 … for another video of the same request.")]
Seconds = Annotated[int, Field(ge=0, le=600, description="How long to wait.")]
TaskId = Annotated[str, Field(description="As make_video gave it.")]


@dataclass(frozen=True)
class _Order:
    """The arguments of a video, as the client takes them."""

    prompt: str
    options: dict[str, Any]


def make_server(clients: Clients, *, paths: bool, streams: bool) -> MCPServer[Any]:
    """The server, which any transport can run.

    Args:
        paths: whether callers may name files of this machine.
        streams: whether tasks are followed by their event stream; else they are asked for often, as it is near.
    """
    server: MCPServer[Any] = MCPServer(
        "opendance", title="Opendance", instructions=_INSTRUCTIONS, version=__version__, log_level="WARNING"
    )

    @asynccontextmanager
    async def asking(context: Any) -> AsyncGenerator[AsyncClient]:
        try:
            async with clients(context) as client:
                yield client
        except ApiProblem as problem:
            advice = "" if not problem.advice else f" ({problem.advice})"
            raise ToolError(f"{problem.message}{advice}") from None
        except OSError as problem:
            raise ToolError(f"{problem.filename}: cannot be read: {problem.strerror}") from None

    async def waited(client: AsyncClient, context: Context[Any, Any], task: Task, seconds: int) -> CallToolResult:
        """The task as it stands once it has ended, or the time is over."""
        try:
            async for now in client.follow(task.id, timeout=float(seconds), streams=streams, poll_every=_POLL_EVERY):
                task = now
                await context.report_progress(task.progress, 100, task.stage or task.status)
        except StillRunning:
            task = await client.task(task.id)
        return await _shown(client, task)

    async def order(
        client: AsyncClient,
        prompt: str,
        images: list[str] | None,
        videos: list[str] | None,
        audios: list[str] | None,
        **options: Any,
    ) -> _Order:
        media = {"images": images, "videos": videos, "audios": audios}
        links = {kind: await named_media(client, given, paths=paths) for kind, given in media.items() if given}
        return _Order(prompt, {**links, **{name: value for name, value in options.items() if value is not None}})

    @server.tool(title="Make a video", annotations=ToolAnnotations(read_only_hint=False, idempotent_hint=True))
    async def make_video(
        context: Context[Any, Any],
        prompt: Prompt,
        images: Images = None,
        videos: Others = None,
        audios: Others = None,
        duration: Duration = 5,
        quality: Quality = "720p",
        aspect_ratio: Ratio = None,
        tier: Tier = "standard",
        generate_audio: bool = True,
        seed: int | None = None,
        number: Number = 1,
        wait_seconds: Seconds = _WAIT,
    ) -> CallToolResult:
        """Make a video and wait for it. The same request within 24 hours gives the same video, paid once."""
        async with asking(context) as client:
            wanted = await order(
                client,
                prompt,
                images,
                videos,
                audios,
                duration=duration,
                quality=quality,
                aspect_ratio=aspect_ratio,
                tier=tier,
                generate_audio=generate_audio,
                seed=seed,
            )
            task = await start(client, wanted.prompt, wanted.options, number=number)
            return await waited(client, context, task, wait_seconds)

    @server.tool(title="Price and plan", annotations=_READS)
    async def look_at_price(
        context: Context[Any, Any],
        prompt: Prompt,
        images: Images = None,
        videos: Others = None,
        audios: Others = None,
        duration: Duration = 5,
        quality: Quality = "720p",
        aspect_ratio: Ratio = None,
        tier: Tier = "standard",
    ) -> CallToolResult:
        """What a video would cost, and how its prompt is understood: shots, camera, subjects. Makes nothing."""
        options: dict[str, Any] = {"duration": duration, "quality": quality, "aspect_ratio": aspect_ratio, "tier": tier}
        async with asking(context) as client:
            price = await client.price(prompt, images=images or [], videos=videos or [], audios=audios or [], **options)
        facts = {"credits": price.credits, "available": price.available, "is_sufficient": price.is_sufficient}
        return _said({**facts, "about_seconds": price.seconds, "plan": dict(price.plan)})

    @server.tool(title="Wait for a video", annotations=_READS)
    async def wait_for_video(
        context: Context[Any, Any], task_id: TaskId, wait_seconds: Seconds = _WAIT
    ) -> CallToolResult:
        """How a video stands, once it is done or the time is over; also gives a new link to one that is done."""
        async with asking(context) as client:
            return await waited(client, context, await client.task(task_id), wait_seconds)

    @server.tool(title="Own videos", annotations=_READS)
    async def list_videos(
        context: Context[Any, Any],
        status: Annotated[str | None, Field(description="pending, processing, completed, failed, cancelled.")] = None,
        search: Annotated[str | None, Field(description="A phrase of the prompt or the title.")] = None,
        most: Annotated[int, Field(ge=1, le=50)] = 10,
    ) -> CallToolResult:
        """The newest videos of the account."""
        found: list[dict[str, Any]] = []
        async with asking(context) as client:
            async for task in client.tasks(page=most, status=status, search=search):
                found.append(told(task))
                if len(found) == most:
                    break
        return _said({"videos": found})

    @server.tool(title="Cancel a video", annotations=ToolAnnotations(destructive_hint=True, idempotent_hint=True))
    async def cancel_video(context: Context[Any, Any], task_id: TaskId) -> CallToolResult:
        """Stop a video that waits or is made; it costs nothing then."""
        async with asking(context) as client:
            return _said(told(await client.cancel(task_id)))

    @server.tool(title="Make a video again", annotations=ToolAnnotations(read_only_hint=False, idempotent_hint=True))
    async def make_again(
        context: Context[Any, Any],
        task_id: TaskId,
        prompt: Annotated[str | None, Field(description="Another prompt.")] = None,
        duration: Annotated[int | None, Field(ge=4, le=15)] = None,
        quality: Annotated[str | None, Field(description="480p, 720p or 1080p.")] = None,
        seed: Annotated[int | None, Field(description="None for another video, the old one for the same.")] = None,
        number: Number = 1,
        wait_seconds: Seconds = _WAIT,
    ) -> CallToolResult:
        """The same request once more, with a new seed and what is given changed."""
        changes: dict[str, Any] = {"prompt": prompt, "duration": duration, "quality": quality}
        changes = {name: value for name, value in changes.items() if value is not None}
        changes |= {} if seed is None else {"model_params": {"seed": seed}}
        async with asking(context) as client:
            task = await again(client, task_id, changes, number=number)
            return await waited(client, context, task, wait_seconds)

    @server.tool(title="Upload a file", annotations=ToolAnnotations(read_only_hint=False, idempotent_hint=True))
    async def upload_file(
        context: Context[Any, Any],
        path: Annotated[str | None, Field(description="Of a local file, where the MCP server runs beside you.")] = None,
        base64_data: Annotated[str | None, Field(description="The file itself, where it does not.")] = None,
        name: Annotated[str | None, Field(max_length=120, description="File name for base64_data.")] = None,
    ) -> CallToolResult:
        """Upload a picture, a video or a sound for 72 hours; gives the URL to name it by."""
        async with asking(context) as client:
            if (path is None) == (base64_data is None):
                raise ToolError("give one of path and base64_data")
            if path is not None:
                [url] = await named_media(client, [path], paths=paths)
                return _said({"url": url})
            body = {"base64_data": base64_data} | ({} if name is None else {"file_name": name})
            answer = await client.ask("POST", "/api/v1/files/upload/base64", json=body)
            return _said({"url": answer["data"]["file_url"]})

    return server


async def _shown(client: AsyncClient, task: Task) -> CallToolResult:
    """A task with a picture of its video, where there is one."""
    result = _said(told(task))
    if task.status == "completed":
        try:
            picture = await client.picture(task.id)
        except ApiProblem:  # a server without pictures; the video is there all the same
            return result
        data = base64.b64encode(picture).decode()
        result.content.append(ImageContent(type="image", data=data, mime_type="image/webp"))
    result.is_error = task.status == "failed"
    return result


def _said(facts: dict[str, Any]) -> CallToolResult:
    text = json.dumps(facts, ensure_ascii=False, indent=1)
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=facts)
