"""The client: create, follow, download. The same calls work against the hosted service."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import nullcontext
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal, Self, TypeVar, Unpack

import httpx
from httpx_sse import connect_sse

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
from opendance.client.values import Credits, File, Price, Task

T = TypeVar("T")
OnChange = Callable[[Task], None]
OnProgress = Callable[[int], None]
_OURS = "Opendance"


class Client:
    """Calls one server with one key. It is a context manager; leaving it closes its connections.

    Args:
        base_url: None for OPENDANCE_BASE_URL.
        api_key: None for OPENDANCE_API_KEY.
        timeout: s without an answer until a call is given up.
        retries: how often a call is sent again that failed for a reason that may pass; a creation goes by its key, so
            that none is paid twice.
        transport: what carries the requests; the network where none is given.

    Raises:
        ApiProblem: the address is none, or the key cannot be one.
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        timeout: float = 60.0,
        retries: int = 2,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._http = httpx.Client(**options_of(base_url, api_key, timeout), transport=transport)
        self._retries, self._tells_prices = retries, False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End its connections."""
        self._http.close()

    # ── a video ──

    def generate(
        self,
        prompt: str,
        *,
        to: str | PathLike[str] | None = None,
        key: str | None = None,
        on_change: OnChange | None = None,
        timeout: float | None = None,
        **options: Unpack[VideoOptions],
    ) -> Task:
        """Make a video, wait for it and save it; local files are uploaded first.

        Args:
            to: the file to write; None for none.
            key: of idempotency, for a program that may be ended and begun again: the same gives the same task.
            on_change: told the task at each change.
            timeout: s to wait for it; None for ever.
            options: see `VideoOptions`.

        Raises:
            TaskFailed, TaskCancelled: it was not made.
            StillRunning: the time is over, and the task goes on.
            ApiProblem: the request was refused, or the server is not reached.
            OSError: a local file cannot be read, or the video cannot be written.
        """
        task = self.start(prompt, key=key, **options)
        if on_change is not None:
            on_change(task)
        return self.wait(task.id, to=to, on_change=on_change, timeout=timeout)

    def start(self, prompt: str, *, key: str | None = None, **options: Unpack[VideoOptions]) -> Task:
        """Begin a video, and do not wait for it. Arguments and errors are those of `generate`."""
        flow = calls.start(prompt, options, key)
        answer: object = None
        while True:
            try:
                call = flow.send(answer)
            except StopIteration as end:
                return end.value
            answer = self.send(call)

    def wait(
        self,
        task_id: str,
        *,
        to: str | PathLike[str] | None = None,
        on_change: OnChange | None = None,
        timeout: float | None = None,
    ) -> Task:
        """A task that was begun before, once it is completed. Arguments and errors are those of `generate`."""
        task = Task(task_id, "pending")
        for task in self.follow(task_id, timeout=timeout):
            if on_change is not None:
                on_change(task)
        if task.status != "completed":
            raise TaskCancelled(task) if task.status == "cancelled" else TaskFailed(task)
        if to is not None:
            self.download(task, Path(to))
        return task

    def price(self, prompt: str, **options: Unpack[VideoOptions]) -> Price:
        """What a video would cost, and how its prompt is understood; nothing is made, and no file is sent.

        Raises:
            ApiProblem: the request would be refused, or the server tells no prices: the hosted service would make the
                video, so it is not asked.
        """
        if not self._tells_prices:
            if (name := self.send(calls.name_of_server())) != _OURS:
                raise ApiProblem(f"{name or 'this server'} tells no prices before a video is made", code="no_price")
            self._tells_prices = True
        return self.send(calls.price(prompt, options))

    def again(self, task_id: str, changes: Mapping[str, Any] | None = None, *, key: str | None = None) -> Task:
        """Begin the same video once more, with a new seed, but for these fields of the request; None takes one away."""
        return self.send(calls.again(task_id, changes or {}, key or calls.new_key()))

    # ── tasks ──

    def create(self, request: Mapping[str, Any], *, key: str | None = None) -> Task:
        """Begin the video of a whole request, as the API has it.

        Args:
            key: of idempotency: asked again with the same, the server gives the same task. None for a new one.

        Raises:
            ApiProblem: the request was refused.
        """
        return self.send(calls.create(request, key or calls.new_key()))

    def task(self, task_id: str) -> Task:
        """The task as it stands."""
        return self.send(calls.read_task(task_id))

    def tasks(self, *, page: int = 100, **filters: str | bool | int | None) -> Iterator[Task]:
        """The account's tasks, newest first, page by page.

        Args:
            page: tasks that are asked for at once.
            filters: as `GET /v1/tasks` has them: `status`, `model`, `search`, `tag`, …
        """
        cursor: str | None = None
        while True:
            told = self.send(calls.tasks(filters, page=page, cursor=cursor))
            yield from told.tasks
            if (cursor := told.next_cursor) is None:
                return

    def cancel(self, task_id: str) -> Task:
        """Stop the task."""
        return self.send(calls.cancel(task_id))

    def follow(
        self,
        task_id: str,
        *,
        patience: float = PATIENCE,
        timeout: float | None = None,
        streams: bool = True,
        poll_every: float = POLL_EVERY,
    ) -> Generator[Task]:
        """Every change of the task until it ends: by its event stream, or by asking where a server has none.

        Args:
            patience: s without any answer until the server counts as gone; one that restarts is back by then.
            timeout: s until the program waits no longer; None for ever.
            streams: whether the event stream is tried at all.
            poll_every: s between two questions where there is none.

        Raises:
            ServerGone: nobody answers any more.
            StillRunning: the time is over.
            ApiProblem: the server refuses to tell.
        """
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
                for task in self._events(state) if state.streams else self._asked(state):
                    yield task
                    if task.has_ended:
                        return
                time.sleep(state.pause)
            except BREAKS as error:
                if pause := state.after(error):
                    time.sleep(pause)

    def _asked(self, state: Following) -> Generator[Task]:
        task = self._once(calls.read_task(state.task_id))
        if not task.has_ended:
            state.heard("")
        yield task

    def _events(self, state: Following) -> Generator[Task]:
        headers = {"Last-Event-ID": state.last} if state.last else {}
        path, timeout = f"{calls.read_task(state.task_id).path}/events", httpx.Timeout(state.silence)
        with connect_sse(self._http, "GET", path, headers=headers, timeout=timeout) as source:
            if source.response.status_code != 200:
                raise NoStream
            state.heard("")
            for event in source.iter_sse():
                state.heard(event.id)
                if event.data:  # else a sign of life
                    yield Task.read(event.json())

    # ── files, credits, callbacks ──

    def upload(self, path: str | PathLike[str], *, name: str | None = None) -> File:
        """Upload a local file, to be named by its URL; it works for 72 hours.

        Raises:
            ApiProblem: the server refused it.
            OSError: it cannot be read.
        """
        return self.send(calls.upload(Path(path), name))

    def files(self, *, most: int = 100) -> list[File]:
        """The account's files, newest first."""
        return self.send(calls.files(size=most))

    def delete_file(self, file_id: str) -> None:
        """Delete a file."""
        self.send(calls.delete_file(file_id))

    def credits(self) -> Credits:
        """What the key and its account have."""
        return self.send(calls.credits_left())

    def callback_secret(self) -> str:
        """What signs the account's callbacks, for `webhooks.verify`."""
        return self.send(calls.callback_secret())

    # ── results ──

    def download(self, result: Task | str, target: str | PathLike[str], on_progress: OnProgress | None = None) -> None:
        """Save what is behind a link of `results`; the file appears only once it is whole.

        Args:
            result: a task that is completed, or a link.
            on_progress: told the bytes of each piece.

        Raises:
            DownloadFailed: it did not arrive whole, or the task has no video.
            OSError: it cannot be written.
        """
        path = Path(target)
        part = path.with_name(path.name + ".part")
        try:
            with part.open("wb") as out:
                self.download_into(result, out, on_progress)
            part.replace(path)
        finally:
            if part.is_file():
                part.unlink()

    def download_into(self, result: Task | str, out: BinaryIO, on_progress: OnProgress | None = None) -> None:
        """Write what is behind a link of `results` into an open file. Arguments and errors are those of `download`."""
        try:
            # The link permits by itself: the key is for nobody but the server, and a link may lead elsewhere.
            with self._http.stream("GET", link_of(result), auth=None, timeout=DOWNLOAD_TIMEOUT) as response:
                check_download(response)
                for chunk in response.iter_bytes():
                    out.write(chunk)
                    if on_progress is not None:
                        on_progress(len(chunk))
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise DownloadFailed(f"the result cannot be downloaded: {error}") from None

    def picture(self, task_id: str, which: Literal["poster", "strip", "last-frame"] = "poster") -> bytes:
        """A picture of a completed task's video: WebP, the last frame PNG.

        Raises:
            ApiProblem: there is none.
        """
        try:
            response = self._http.get(calls.picture_path(task_id, which))
        except httpx.RequestError as error:
            raise unreachable(str(self._http.base_url), error) from None
        return picture_of(response)

    # ── any call ──

    def ask(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """The answer of any other call, as JSON.

        Args:
            options: `params`, `json`, `headers`.

        Raises:
            ApiProblem: the request was refused.
        """
        return self.send(calls.any_call(method, path, **options))

    def send(self, call: Call[T]) -> T:
        """The answer of a call; sent again where what went wrong may pass and nothing can be paid twice.

        Raises:
            ApiProblem: it was refused, or there was no answer.
            OSError: its file cannot be read.
        """
        attempt = 0
        while True:
            try:
                return self._sent(call)
            except (httpx.RequestError, ApiProblem) as error:
                pause = pause_before_again(call, error, attempt) if attempt < self._retries else None
                if pause is None:
                    if isinstance(error, ApiProblem):
                        raise
                    raise unreachable(str(self._http.base_url), error) from None
            time.sleep(pause)
            attempt += 1

    def _once(self, call: Call[T]) -> T:
        """The answer of a call that is sent once; whoever follows a task is patient in a way of its own."""
        try:
            return self._sent(call)
        except httpx.RequestError as error:
            raise unreachable(str(self._http.base_url), error) from None

    def _sent(self, call: Call[T]) -> T:
        with nullcontext() if call.file is None else call.file.open("rb") as file:
            form: dict[str, Any] = (
                {} if call.file is None else {"files": {"file": (call.file_name or call.file.name, file)}}
            )
            response = self._http.request(call.method, call.path, **request_of(call), **form)
        return call.read(answer_of(response))


def link_of(result: Task | str) -> str:
    """The link to a result.

    Raises:
        DownloadFailed: the task has none.
    """
    if isinstance(result, str):
        return result
    if result.link is None:
        raise DownloadFailed(f"{result.id} is {result.status} and has no video", code="download")
    return result.link


def check_download(response: httpx.Response) -> None:
    """Whether what comes is the result.

    Raises:
        DownloadFailed: it is not.
    """
    if response.status_code != 200:
        raise DownloadFailed(
            f"the result cannot be downloaded: HTTP {response.status_code}",
            status=response.status_code,
            code="download",
        )
