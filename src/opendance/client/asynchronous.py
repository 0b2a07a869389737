"""The client for programs with an event loop: what `Client` does, awaited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import nullcontext
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal, Self, TypeVar, Unpack

import httpx
from httpx_sse import aconnect_sse

from opendance.client import calls
from opendance.client.calls import Call, VideoOptions
from opendance.client.connecting import (
    DOWNLOAD_TIMEOUT,
    answer_of,
    options_of,
    pause_before_again,
    picture_of,
    request_of,
)
from opendance.client.errors import ApiProblem, DownloadFailed, TaskCancelled, TaskFailed
from opendance.client.following import BREAKS, PATIENCE, POLL_EVERY, Following, NoStream, unreachable
from opendance.client.sync import OnProgress, check_download, link_of
from opendance.client.values import Credits, File, Price, Task

T = TypeVar("T")
OnChange = Callable[[Task], Awaitable[None]]
_OURS = "Opendance"


class AsyncClient:
    """Calls one server with one key. It is an asynchronous context manager; leaving it closes its connections.

    Arguments, methods and errors are those of `Client`; `on_change` is awaited.
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        timeout: float = 60.0,
        retries: int = 2,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._http = httpx.AsyncClient(**options_of(base_url, api_key, timeout), transport=transport)
        self._retries, self._tells_prices = retries, False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End its connections."""
        await self._http.aclose()

    # ── a video ──

    async def generate(
        self,
        prompt: str,
        *,
        to: str | PathLike[str] | None = None,
        key: str | None = None,
        on_change: OnChange | None = None,
        timeout: float | None = None,
        **options: Unpack[VideoOptions],
    ) -> Task:
        """Make a video, wait for it and save it; see `Client.generate`."""
        task = await self.start(prompt, key=key, **options)
        if on_change is not None:
            await on_change(task)
        return await self.wait(task.id, to=to, on_change=on_change, timeout=timeout)

    async def start(self, prompt: str, *, key: str | None = None, **options: Unpack[VideoOptions]) -> Task:
        """Begin a video, and do not wait for it; see `Client.start`."""
        flow = calls.start(prompt, options, key)
        answer: object = None
        while True:
            try:
                call = flow.send(answer)
            except StopIteration as end:
                return end.value
            answer = await self.send(call)

    async def wait(
        self,
        task_id: str,
        *,
        to: str | PathLike[str] | None = None,
        on_change: OnChange | None = None,
        timeout: float | None = None,
        streams: bool = True,
    ) -> Task:
        """A task that was begun before, once it is completed; see `Client.wait`."""
        task = Task(task_id, "pending")
        async for task in self.follow(task_id, timeout=timeout, streams=streams):
            if on_change is not None:
                await on_change(task)
        if task.status != "completed":
            raise TaskCancelled(task) if task.status == "cancelled" else TaskFailed(task)
        if to is not None:
            await self.download(task, Path(to))
        return task

    async def price(self, prompt: str, **options: Unpack[VideoOptions]) -> Price:
        """What a video would cost, and how its prompt is understood; see `Client.price`."""
        if not self._tells_prices:
            if (name := await self.send(calls.name_of_server())) != _OURS:
                raise ApiProblem(f"{name or 'this server'} tells no prices before a video is made", code="no_price")
            self._tells_prices = True
        return await self.send(calls.price(prompt, options))

    async def again(self, task_id: str, changes: Mapping[str, Any] | None = None, *, key: str | None = None) -> Task:
        """Begin the same video once more; see `Client.again`."""
        return await self.send(calls.again(task_id, changes or {}, key or calls.new_key()))

    # ── tasks ──

    async def create(self, request: Mapping[str, Any], *, key: str | None = None) -> Task:
        """Begin the video of a whole request; see `Client.create`."""
        return await self.send(calls.create(request, key or calls.new_key()))

    async def task(self, task_id: str) -> Task:
        """The task as it stands."""
        return await self.send(calls.read_task(task_id))

    async def tasks(self, *, page: int = 100, **filters: str | bool | int | None) -> AsyncIterator[Task]:
        """The account's tasks, newest first, page by page; see `Client.tasks`."""
        cursor: str | None = None
        while True:
            told = await self.send(calls.tasks(filters, page=page, cursor=cursor))
            for task in told.tasks:
                yield task
            if (cursor := told.next_cursor) is None:
                return

    async def cancel(self, task_id: str) -> Task:
        """Stop the task."""
        return await self.send(calls.cancel(task_id))

    async def follow(
        self,
        task_id: str,
        *,
        patience: float = PATIENCE,
        timeout: float | None = None,
        streams: bool = True,
        poll_every: float = POLL_EVERY,
    ) -> AsyncGenerator[Task]:
        """Every change of the task until it ends; see `Client.follow`."""
        state = Following(
            task_id,
            str(self._http.base_url),
            patience=patience,
            timeout=timeout,
            streams=streams,
            poll_every=poll_every,
        )
        while True:
            try:
                async for task in self._events(state) if state.streams else self._asked(state):
                    yield task
                    if task.has_ended:
                        return
                await asyncio.sleep(state.pause)
            except BREAKS as error:
                if pause := state.after(error):
                    await asyncio.sleep(pause)

    async def _asked(self, state: Following) -> AsyncGenerator[Task]:
        task = await self._once(calls.read_task(state.task_id))
        if not task.has_ended:
            state.heard("")
        yield task

    async def _events(self, state: Following) -> AsyncGenerator[Task]:
        headers = {"Last-Event-ID": state.last} if state.last else {}
        path, timeout = f"{calls.read_task(state.task_id).path}/events", httpx.Timeout(state.silence)
        async with aconnect_sse(self._http, "GET", path, headers=headers, timeout=timeout) as source:
            if source.response.status_code != 200:
                raise NoStream
            state.heard("")
            async for event in source.aiter_sse():
                state.heard(event.id)
                if event.data:  # else a sign of life
                    yield Task.read(event.json())

    # ── files, credits, callbacks ──

    async def upload(self, path: str | PathLike[str], *, name: str | None = None) -> File:
        """Upload a local file; see `Client.upload`."""
        return await self.send(calls.upload(Path(path), name))

    async def files(self, *, most: int = 100) -> list[File]:
        """The account's files, newest first."""
        return await self.send(calls.files(size=most))

    async def delete_file(self, file_id: str) -> None:
        """Delete a file."""
        await self.send(calls.delete_file(file_id))

    async def credits(self) -> Credits:
        """What the key and its account have."""
        return await self.send(calls.credits_left())

    async def callback_secret(self) -> str:
        """What signs the account's callbacks, for `webhooks.verify`."""
        return await self.send(calls.callback_secret())

    # ── results ──

    async def download(
        self, result: Task | str, target: str | PathLike[str], on_progress: OnProgress | None = None
    ) -> None:
        """Save what is behind a link of `results`; see `Client.download`."""
        path = Path(target)
        part = path.with_name(path.name + ".part")
        try:
            with part.open("wb") as out:
                await self.download_into(result, out, on_progress)
            part.replace(path)
        finally:
            if part.is_file():
                part.unlink()

    async def download_into(self, result: Task | str, out: BinaryIO, on_progress: OnProgress | None = None) -> None:
        """Write what is behind a link of `results` into an open file; see `Client.download_into`."""
        try:
            async with self._http.stream("GET", link_of(result), auth=None, timeout=DOWNLOAD_TIMEOUT) as response:
                check_download(response)
                async for chunk in response.aiter_bytes():
                    await asyncio.to_thread(out.write, chunk)
                    if on_progress is not None:
                        on_progress(len(chunk))
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise DownloadFailed(f"the result cannot be downloaded: {error}") from None

    async def picture(self, task_id: str, which: Literal["poster", "strip", "last-frame"] = "poster") -> bytes:
        """A picture of a completed task's video: WebP, the last frame PNG.

        Raises:
            ApiProblem: there is none.
        """
        try:
            response = await self._http.get(calls.picture_path(task_id, which))
        except httpx.RequestError as error:
            raise unreachable(str(self._http.base_url), error) from None
        return picture_of(response)

    # ── any call ──

    async def ask(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """The answer of any other call, as JSON; see `Client.ask`."""
        return await self.send(calls.any_call(method, path, **options))

    async def send(self, call: Call[T]) -> T:
        """The answer of a call; see `Client.send`."""
        attempt = 0
        while True:
            try:
                return await self._sent(call)
            except (httpx.RequestError, ApiProblem) as error:
                pause = pause_before_again(call, error, attempt) if attempt < self._retries else None
                if pause is None:
                    if isinstance(error, ApiProblem):
                        raise
                    raise unreachable(str(self._http.base_url), error) from None
            await asyncio.sleep(pause)
            attempt += 1

    async def _once(self, call: Call[T]) -> T:
        try:
            return await self._sent(call)
        except httpx.RequestError as error:
            raise unreachable(str(self._http.base_url), error) from None

    async def _sent(self, call: Call[T]) -> T:
        with nullcontext() if call.file is None else call.file.open("rb") as file:
            form: dict[str, Any] = (
                {} if call.file is None else {"files": {"file": (call.file_name or call.file.name, file)}}
            )
            response = await self._http.request(call.method, call.path, **request_of(call), **form)
        return call.read(answer_of(response))
